"""The catalogues: whole, alike, and short enough for a messenger."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import zimgpt
from zimgpt.domain.chat_format.graphemes import units
from zimgpt.domain.dialogue import words
from zimgpt.domain.texts import CATALOGUES, Language, count, say

ENGLISH = CATALOGUES[Language.ENGLISH]
SOURCES = [
    path
    for path in Path(zimgpt.__file__).parent.rglob("*.py")
    if "texts" not in path.parts
]
KEY = re.compile(r"[a-z_]+(\.[a-z_]+)*")
NO_COMMANDS = {"PIN", "PDF", "GPT"}

LIMITS = (
    (r"menu\.\w+\.title|essay\.length\.row|essay\.level\.[oaug]", 24),
    (r".*\.more", 72),
    (r"button\..*|.*\.label|.*\.yes|buy\.open_web", 20),
    (r"menu\.footer|steps\.way|steps\.waiting", 60),
    (r"welcome", 900),
    (r"help\.body", 1024),
)


def placeholders(text: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def strings(source: Path) -> Iterator[str]:
    """Every string of a module."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def calls() -> Iterator[tuple[str, set[str]]]:
    """Every ``say`` with its key written out, and the values it gives."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id != "say" or len(node.args) < 2:
                continue
            key = node.args[1]
            if isinstance(key, ast.Constant):
                yield str(key.value), {str(word.arg) for word in node.keywords}


@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_text(language: Language) -> None:
    """Nobody reads a gap: keys and placeholders are those of English."""
    catalogue = CATALOGUES[language]

    assert list(catalogue) == list(ENGLISH)
    assert {key: placeholders(text) for key, text in catalogue.items()} == {
        key: placeholders(text) for key, text in ENGLISH.items()
    }
    assert [key for key, text in catalogue.items() if text != text.strip()] == []
    assert [key for key, text in catalogue.items() if not text] == []


@pytest.mark.parametrize("language", [Language.SHONA, Language.NDEBELE])
def test_no_text_was_left_in_english(language: Language) -> None:
    """What is the same in two languages is the same word in both."""
    same = {key for key in ENGLISH if CATALOGUES[language][key] == ENGLISH[key]}

    assert same == {f"essay.level.{one}" for one in ("o", "a", "co", "ca")}


def test_every_text_is_used_and_every_used_text_exists() -> None:
    """The catalogue and the program name the same keys."""
    written = {text for source in SOURCES for text in strings(source)}
    asked = {key for key, _ in calls()}

    assert set(ENGLISH) - written == set()
    assert asked - set(ENGLISH) == set()


def test_every_call_gives_just_the_placeholders_of_its_text() -> None:
    """No sentence is shown with a hole, and no value is worked out for nothing."""
    wrong = [
        (key, given) for key, given in calls() if placeholders(ENGLISH[key]) != given
    ]

    assert wrong == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("keys", "most"), LIMITS)
def test_titles_are_short_enough(language: Language, keys: str, most: int) -> None:
    """A messenger refuses a menu in which one title is too long."""
    chosen = {
        key: say(language, key, **dict.fromkeys(placeholders(text), 9_999_999))
        for key, text in CATALOGUES[language].items()
        if re.fullmatch(keys, key)
    }

    assert chosen
    assert {key: text for key, text in chosen.items() if units(text) > most} == {}


def understood(word: str) -> bool:
    """As a command, or where something is made of several lines."""
    return (
        words.intent(word) is not None
        or words.edit(f"{word} 2") is not None
        or words.skip(word)
    )


@pytest.mark.parametrize("language", Language)
def test_every_command_that_is_told_is_understood(language: Language) -> None:
    """Whoever types a word that we wrote in capitals gets what we said it does."""
    told = {
        word
        for text in CATALOGUES[language].values()
        for word in re.findall(r"[A-Z]{3,}", text)
    } - NO_COMMANDS

    assert told
    assert {word for word in told if not understood(word)} == set()


@pytest.mark.parametrize("language", Language)
def test_a_text_tells_the_same_commands_in_every_language(language: Language) -> None:
    """A translation sends nobody to another command than the English does."""

    def told(text: str) -> list[str]:
        found = re.findall(r"[A-Z]{3,}", text)
        return sorted(str(words.intent(w)) for w in found if w not in NO_COMMANDS)

    for key, text in CATALOGUES[language].items():
        assert told(text) == told(ENGLISH[key]), key


@pytest.mark.parametrize("language", Language)
def test_catalogues_are_flat_json_of_texts(language: Language) -> None:
    """The web app's build reads the same files: no nesting, no key twice."""
    path = Path(zimgpt.__file__).parent / "domain" / "texts" / f"{language}.json"

    pairs = json.loads(path.read_text("utf-8"), object_pairs_hook=list)

    assert len({key for key, _ in pairs}) == len(pairs)
    assert all(KEY.fullmatch(key) and isinstance(text, str) for key, text in pairs)


@pytest.mark.parametrize("language", Language)
def test_marks_for_bold_stand_where_they_work(language: Language) -> None:
    """A mark against a letter would be read as a star."""
    marks = r"(?<![\w*-])\*[^*\s][^*\n]*\*(?!\w)|(?<![\w_-])_[^_\n]+_(?!\w)"
    for key, text in CATALOGUES[language].items():
        prose = re.sub(r"\{\w+\}", "", text)
        assert not re.search("[*_]", re.sub(marks, "", prose)), key


def test_numbers_are_shown_with_their_thousands() -> None:
    """12500 is hard to read in a hurry."""
    assert count(12_500) == "12,500"
    assert say(Language.ENGLISH, "balance.body", tokens=12_500) == "Tokens: 12,500"


def test_braces_in_a_value_stay_braces() -> None:
    """A topic of a person is never taken for one of our placeholders."""
    shown = say(Language.ENGLISH, "answer.late", time="14:05", question="{tokens}?")

    assert shown == "You asked at 14:05: “{tokens}?”"
