"""What people read in the web app: whole in each language, and nothing too much."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
LANGUAGES = ("en", "sn", "nd")
KEY = re.compile(r'"([a-z_]+(?:\.[a-z_]+)+)"')
VALUE = re.compile(r"\{\w+\}")


def catalogue(language: str) -> dict[str, str]:
    """Texts by key; a key that is there twice is an error."""

    def once(pairs: list[tuple[str, str]]) -> dict[str, str]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    text = (WEB / "texts" / f"{language}.json").read_text("utf-8")
    found: dict[str, str] = json.loads(text, object_pairs_hook=once)
    return found


def used() -> set[str]:
    """Keys that stand in the sources; each is written out where it is used."""
    return {
        key
        for folder in ("pages", "parts", "lib")
        for path in (WEB / folder).rglob("*.ts*")
        for key in KEY.findall(path.read_text("utf-8"))
    }


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_no_language_lacks_a_text(language: str) -> None:
    """All have the same keys, in the same order, with the same values in them."""
    english, other = catalogue("en"), catalogue(language)

    assert [*other] == [*english]
    for key, text in english.items():
        assert sorted(VALUE.findall(other[key])) == sorted(VALUE.findall(text)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_has_plurals_or_blanks(language: str) -> None:
    """``Tokens: 5``, never ``5 token(s)``."""
    for key, text in catalogue(language).items():
        assert text.strip() == text != "", key
        assert "(s)" not in text, key


def test_no_text_is_left_over() -> None:
    """Each is used somewhere."""
    assert set(catalogue("en")) - used() == set()


def test_other_languages_are_not_english() -> None:
    """A text that was copied and not translated shows; names alone are the same."""
    english = catalogue("en")
    for language in LANGUAGES[1:]:
        other = catalogue(language)
        same = {key for key, text in english.items() if other[key] == text}
        assert same <= {"account.whatsapp"}, language
