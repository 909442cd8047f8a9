"""Sections as models write them, and the course of an essay."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zimgpt.domain.essays import counting, plans
from zimgpt.domain.essays.briefs import Brief, Level, Section, Style
from zimgpt.domain.essays.courses import FAILURES, Course
from zimgpt.domain.essays.passages import Passage
from zimgpt.domain.essays.sources import headed, unlinked
from zimgpt.domain.ledger import Usage
from zimgpt.domain.texts import Language

BRIEF = Brief(level=Level.ZIMSEC_A, words=1_000)
OUTLINE = tuple(
    Section(name) for name in ("Introduction", "Rain", "Rock", "Conclusion")
)
SAID = "Rain falls. It falls on hard ground! Does it sink in? No… it runs off.\n\nSo. "


def fed(passage: Passage, text: str, size: int) -> str:
    """What comes through of a text that comes in parts."""
    parts = (text[at : at + size] for at in range(0, len(text), size))
    return "".join(passage.feed(part) for part in parts) + passage.end(whole=True)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_text_passes_by_the_sentence(size: int) -> None:
    """However it comes, nothing is lost or doubled, and its words are counted."""
    passage = Passage("Rain", 1000, 1000)

    assert fed(passage, SAID + "The end", size) == SAID + "The end"
    assert passage.words == counting.words(SAID) + 2


def test_half_a_sentence_is_dropped() -> None:
    """When the model breaks off; what stays ends with a sentence."""
    passage = Passage("Rain", 100, 100)

    assert passage.feed("It rains. It pou") == "It rains. "
    assert passage.end(whole=False) == ""


def test_enough_is_enough() -> None:
    """It ends with the sentence that reaches its share, and takes no more."""
    passage = Passage("Rain", 4, 100)

    assert passage.feed("One two three. Four five. Six seven. ") == (
        "One two three. Four five. "
    )
    assert passage.full
    assert passage.feed("Eight. ") == ""
    assert passage.end(whole=True) == ""


def test_the_most_is_never_exceeded() -> None:
    """A sentence that would is left out."""
    passage = Passage("Rain", 10, 6)

    assert passage.feed("One two three. Four five six seven. ") == "One two three. "
    assert passage.full
    assert passage.words == 3


@pytest.mark.parametrize(
    "begin", ["## Rain\n\n", "**Rain**\n", "Rain\n", "Rain:\n\n", "\n\n", "# Essay\n"]
)
def test_a_heading_is_not_repeated(begin: str) -> None:
    """Models like to begin with it; ours is there already."""
    assert fed(Passage("Rain", 99, 99), begin + "It rains. ", 4) == "It rains. "


def test_headings_within_a_section_are_below_it() -> None:
    """So that the outline stays what it was, and they are not counted."""
    passage = Passage("Rain", 99, 99)

    text = "It rains.\n\n## Why so\n\nClouds.\n**And then**\nSun."
    assert fed(passage, text, 9) == (
        "It rains.\n\n### Why so\n\n\nClouds.\n### And then\n\nSun."
    )
    assert passage.words == 4


def test_a_paragraph_that_looks_like_a_heading_is_none() -> None:
    """A small model marks a whole paragraph: its words are words."""
    passage = Passage("Rain", 999, 999)
    long = "It rains a lot. " * 20

    assert fed(passage, f"Yes.\n# {long}\n", 7).strip() == f"Yes.\n{long}".strip()
    assert passage.words == 1 + 80


def test_names_do_not_end_sentences() -> None:
    """Nor do initials and usual abbreviations."""
    passage = Passage("Rain", 99, 99)

    assert passage.feed("As Dr. J. Moyo et al. say, e.g. on p. 4") == ""


def test_a_sentence_without_end_goes_in_parts() -> None:
    """A model that forgets full stops does not seem to hang."""
    passage = Passage("Rain", 9_999, 9_999)

    assert len(passage.feed("rain " * 400)) > 1_000


@given(
    st.text(max_size=300) | st.text("ab #*.\n", max_size=300),
    st.integers(1, 40),
    st.integers(1, 40),
)
@example("0000.\n #0", 2, 2)
def test_no_section_is_longer_than_it_may_be(text: str, enough: int, most: int) -> None:
    """Whatever comes."""
    passage = Passage("Rain", enough, most)

    shown = fed(passage, text, 5)

    assert passage.words <= most
    assert counting.words(shown) == passage.words


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "See [the ministry](https://gov.example/x?y=1) now. ",
            "See the ministry now. ",
        ),
        ("See https://made.up/page, p. 3. ", "See  p. 3. "),
        ("Moyo (2019) Rain. doi:10.1/abc.\n", "Moyo (2019) Rain. \n"),
        ("Moyo. Available at: www.made.up/x ", "Moyo.  "),
        ("No links: 10.5 mm (see p. 3). ", "No links: 10.5 mm (see p. 3). "),
    ],
)
def test_links_are_taken_out(text: str, left: str) -> None:
    """Models invent them."""
    assert unlinked(text) == left


def test_headings_and_references_are_not_counted() -> None:
    """As a teacher counts."""
    text = "## Rain\n\nIt rains - a lot.\n\n" + headed(Language.SHONA) + "Moyo (2019)."

    assert counting.of_essay(text, Language.SHONA) == 4


# ---- the course of an essay


def course(brief: Brief = BRIEF) -> Course:
    """One that has just begun."""
    return Course(
        brief, OUTLINE, plans.limits("Rivers", attrs.evolve(brief, outline=OUTLINE))
    )


@pytest.mark.parametrize("percent", [50, 60, 80, 100, 115, 125])
def test_the_length_is_held(percent: int) -> None:
    """Whether the model always writes too little or too much, within a tenth."""
    essay = course()
    while (task := essay.next()) is not None:
        words = min(task.words * percent // 100, task.enough + 20, task.most)
        essay.wrote(words, Usage(0, words), ended=True)

    assert essay.done
    assert 900 <= essay.words <= 1_100


def test_sections_make_up_for_those_before() -> None:
    """A long one takes from what follows, and the whole has its length."""
    essay = course()
    first = essay.next()
    assert first is not None
    essay.wrote(first.most, Usage(0, 1), ended=True)
    second = essay.next()
    assert second is not None

    usual = plans.shares(OUTLINE, 1_000)
    assert first.words == usual[0]
    assert second.at == 1
    assert second.words < usual[1]


def test_a_section_that_breaks_off_goes_on() -> None:
    """With what is missing of it, and it costs no answer of those that are planned."""
    essay = course()
    first = essay.next()
    assert first is not None
    calls = essay.left.calls
    essay.wrote(60, Usage(0, 80), ended=False)
    again = essay.next()
    assert again is not None

    assert (again.at, again.begins, again.words) == (0, False, first.words - 60)
    assert essay.left.calls == calls


def test_what_brings_nothing_is_given_up() -> None:
    """After three answers in a row without a word worth having."""
    essay = course()
    for _ in range(FAILURES):
        assert essay.next() is not None
        essay.wrote(0, Usage(0, 0), ended=False)

    assert essay.next() is None
    assert not essay.done


@given(
    st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=80), st.booleans()
)
def test_every_course_ends(answers: list[tuple[int, bool]], cites: bool) -> None:
    """And takes no more answers and model tokens than its hold covers."""
    brief = attrs.evolve(BRIEF, style=Style.APA if cites else Style.NONE)
    essay = course(brief)
    limits = essay.left
    asked = written = 0
    for words, ended in [*answers, *[(0, True)] * 40]:
        if (task := essay.next()) is None:
            break
        words = min(words, task.most)
        used = min(2 * words, task.max_tokens)
        asked, written = asked + ended, written + used
        essay.wrote(words, Usage(0, used), ended=ended)

    assert essay.next() is None
    assert essay.words <= 1_100
    assert asked <= limits.calls - cites
    assert written <= limits.completion
