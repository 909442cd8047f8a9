"""What models are told, word for word where it matters."""

from __future__ import annotations

import attrs
import pytest

from zimgpt.domain import memories
from zimgpt.domain.conversations import AnswerId, Turn
from zimgpt.domain.essays import prompting
from zimgpt.domain.essays.briefs import Brief, Level, Section, Style
from zimgpt.domain.prompts import NAMES, VERSION, told
from zimgpt.domain.questions import Kind, Message, prompt, size
from zimgpt.domain.texts import Language, say

BRIEF = Brief(level=Level.ZIMSEC_A, words=800, points=("dams", "rain"))
OUTLINE = (Section("Introduction"), Section("Rain", ("heavy",)), Section("Conclusion"))


def whole(messages: tuple[Message, ...]) -> str:
    """Everything that is said."""
    return "\n".join(message.content for message in messages)


def section(brief: Brief, **more: object) -> str:
    """What is told for the second section."""
    return whole(
        prompting.section("Why?", brief, OUTLINE, 1, "Before. ", 300, **more)  # type: ignore[arg-type]
    )


def test_the_version_is_that_of_the_files() -> None:
    """Every prompt of the version in use is there."""
    assert VERSION == "v1"
    assert "chat" in NAMES


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("level", Level)
def test_language_level_and_length_are_told(language: Language, level: Level) -> None:
    """Of an outline as of each section."""
    brief = attrs.evolve(BRIEF, language=language, level=level)
    name = {"en": "English", "sn": "Shona", "nd": "Ndebele"}[language]

    for text, words in (
        (whole(prompting.outline("Why?", brief)), 800),
        (section(brief), 300),
    ):
        assert f"in {name}" in text or f"in Zimbabwean {name}" in text
        assert prompting.READERS[level] in text
        assert f"about {words} words" in text
        assert "Why?" in text
        assert "- dams\n- rain" in text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("style", Style)
def test_nothing_is_to_be_invented(language: Language, style: Style) -> None:
    """No sources, no links; and what is uncertain is marked in the essay's language."""
    text = section(attrs.evolve(BRIEF, language=language, style=style))

    assert "Do not invent sources" in text
    assert "write no links" in text
    assert say(language, "essay.uncertain") in text
    cited = "Cite no sources." if style is Style.NONE else prompting_style(style)
    assert cited in text


def prompting_style(style: Style) -> str:
    """How a style is named."""
    return f"in {prompting.STYLES[style]} style"


@pytest.mark.parametrize("style", [Style.HARVARD, Style.APA, Style.MLA])
def test_references_are_those_of_the_essay(style: Style) -> None:
    """In its style, and none that it does not cite."""
    brief = attrs.evolve(BRIEF, style=style, language=Language.NDEBELE)
    text = whole(prompting.references(brief, "The essay."))

    assert prompting_style(style) in text
    assert "only works that the essay cites" in text
    assert "write no links" in text
    assert say(Language.NDEBELE, "essay.no_references") in text


def test_a_section_knows_its_place() -> None:
    """The outline, its own points and the end of what is before it."""
    text = section(BRIEF)

    assert "## Introduction\n\n## Rain\n- heavy\n\n## Conclusion" in text
    assert 'Write the section "Rain" now, in about 300 words.\n- heavy' in text
    assert "Before. " in text
    assert 'Go on with the section "Rain"' in section(BRIEF, begins=False)


def test_only_the_end_of_what_is_written_goes_along() -> None:
    """So that the last section of a long essay costs no more than the second."""
    long = "A sentence of six words only. " * 1_000

    assert len(prompting.tail(long).encode()) <= prompting.TAIL
    assert prompting.tail(long).startswith(("A", "sentence", "of", "six", "words"))
    assert prompting.tail("Short.") == "Short."


def test_an_essay_without_a_brief_is_told_as_ever() -> None:
    """Its sources are not to be invented either."""
    system, asked = prompt(Kind.ESSAY, "Why?", ())

    assert asked == Message("user", "Why?")
    assert "Do not invent sources; mark claims that are uncertain." in system.content


def test_a_memory_is_asked_for_with_what_it_knew() -> None:
    """The earlier one and the turns since, each clipped."""
    turns = (Turn(AnswerId("a"), "I am Rudo.", "Hello Rudo." + "x" * 9_999),)
    system, asked = memories.asked("They live in Gweru.", turns, 3_000)

    assert "every name, number, date and place" in system.content
    assert "at most 200 words" in system.content
    assert "They live in Gweru." in asked.content
    assert "The person: I am Rudo." in asked.content
    assert size((asked,)) < 1_000


def test_a_memory_goes_with_the_instructions() -> None:
    """Before the turns that are told word for word."""
    system, *_ = prompt(Kind.CHAT, "Who am I?", (), "They are Rudo.")

    assert system.content.endswith("in short:\nThey are Rudo.")


def test_a_place_that_is_not_filled_is_noticed() -> None:
    """A prompt never goes out with a hole in it."""
    with pytest.raises(KeyError):
        told("outline", words=5)
