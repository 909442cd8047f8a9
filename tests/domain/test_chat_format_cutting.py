"""Long answers in parts: whole, in order, and never too long for a messenger."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.chat_format import Lengthy, Parts, fitted, formatted, parts
from zimgpt.domain.chat_format.cutting import LIMIT
from zimgpt.domain.chat_format.graphemes import border, units

FAMILY = "👩🏾‍👩🏾‍👧🏾‍👦🏾"
FLAG = "🇿🇼"
TEXTS = st.lists(
    st.sampled_from(
        [
            "Great Zimbabwe",
            "was built. ",
            " ",
            "\n",
            "\n\n",
            FAMILY,
            FLAG,
            "e\u0301",
            "𝒙",
            " *bold words* ",
            " _leaning_ ",
            "각",
            "- item\n",
            "supercalifragilistic" * 3,
        ]
    ),
    max_size=120,
).map("".join)
MARK = re.compile(r"\n\n\((\d+)/(\d+)\)\Z")


def unmarked(texts: tuple[str, ...]) -> str:
    """All parts without their numbers and without fences that were opened again."""
    joined = "\ue100".join(MARK.sub("", text) for text in texts)
    return joined.replace("\n```\ue100```\n", "\n").replace("\ue100", "")


def tight(text: str) -> str:
    """Text without what may be left out at a cut."""
    return re.sub(r"\s", "", text)


def essay(length: int) -> str:
    """Paragraphs of numbered sentences, at least so long."""
    sentences = [f"Sentence {n} of the essay says something." for n in range(length)]
    found = ""
    for start in range(0, length, 6):
        found += " ".join(sentences[start : start + 6]) + "\n\n"
        if len(found) >= length:
            break
    return found.strip()


def test_a_short_answer_is_one_message_without_a_number() -> None:
    """(1/1) helps nobody."""
    assert parts("Yes.") == ("Yes.",)
    assert parts("x" * LIMIT) == ("x" * LIMIT,)


def test_one_sign_too_many_makes_two_parts() -> None:
    """The limit counts UTF-16 units, so an emoji is two."""
    assert len(parts("x" * (LIMIT + 1))) == 2
    assert len(parts("😀" * (LIMIT // 2))) == 1
    assert len(parts("😀" * (LIMIT // 2) + "x")) == 2


def test_a_twenty_thousand_sign_answer_arrives_whole_and_in_order() -> None:
    """Every sentence is there, numbered parts in their order, none too long."""
    text = essay(20_000)

    shown = parts(text)

    assert tight(unmarked(shown)) == tight(text)
    assert all(units(part) <= LIMIT for part in shown)
    assert [MARK.search(part)[0].strip() for part in shown] == [  # type: ignore[index]
        f"({number}/{len(shown)})" for number in range(1, len(shown) + 1)
    ]
    assert len(shown) == 5


def test_parts_end_at_paragraphs() -> None:
    """A reader pauses where the writer did."""
    for part in parts(essay(20_000))[:-1]:
        assert MARK.sub("", part).endswith("something.")
        assert (int(re.findall(r"Sentence (\d+)", part)[-1]) + 1) % 6 == 0


def test_without_paragraphs_parts_end_at_sentences_then_words() -> None:
    """The next best pause is taken."""
    sentences = "It rained. " * 1_000
    words = "maize " * 2_000

    assert all(MARK.sub("", part).endswith("rained.") for part in parts(sentences))
    assert all(MARK.sub("", part).endswith("maize") for part in parts(words))


@given(TEXTS, st.integers(60, 300))
def test_parts_are_short_enough_and_whole(text: str, limit: int) -> None:
    """Any text, any limit: nothing too long, nothing lost, nothing changed places."""
    shown = parts(text, limit)

    assert all(units(part) <= limit for part in shown)
    assert tight(unmarked(shown)) == tight(text)


@given(TEXTS, st.integers(80, 300))
def test_no_sign_and_no_mark_is_cut_in_two(text: str, limit: int) -> None:
    """A family stays together, a flag stays a flag, and bold words stay bold."""
    pieces = [MARK.sub("", part) for part in parts(text, limit)]

    for piece in pieces:
        assert not re.match("[\u0301\u200d\ufe0f\U0001f3fb-\U0001f3ff]", piece)
        assert piece.count("🇿") == piece.count("🇼")
        assert "\ud800" not in piece
        assert not piece.endswith("\u200d")
        assert piece.count(FAMILY) * 4 == len(re.findall("[👩👧👦]", piece))
    assert sum(piece.count("*bold words*") for piece in pieces) == text.count(
        "*bold words*"
    )


@given(st.integers(1, 400), st.integers(80, 200))
def test_a_code_block_is_a_code_block_in_every_part(lines: int, limit: int) -> None:
    """A fence that a cut would leave open is closed, and opened again."""
    code = "\n".join(f"line {number}" for number in range(lines))
    text = f"Look:\n\n```\n{code}\n```\n\nDone."

    shown = parts(text, limit)

    assert all(part.count("```") % 2 == 0 for part in shown)
    assert all(units(part) <= limit for part in shown)
    assert re.findall(r"line \d+", unmarked(shown)) == code.split("\n")


def test_three_parts_are_sent_and_four_are_a_document() -> None:
    """Few long messages; more than three become the first and a file."""
    three, four = essay(11_000), essay(14_000)

    sent, filed = fitted(three, "_Cost: 5_"), fitted(four, "_Cost: 5_")

    assert isinstance(sent, Parts)
    assert len(sent.texts) == 3
    assert sent.texts[-1].endswith("_Cost: 5_\n\n(3/3)")
    assert isinstance(filed, Lengthy)
    assert filed.first.startswith("Sentence 0 of")
    assert filed.first.endswith("something.\n\n…\n_Cost: 5_")
    assert units(filed.first) <= LIMIT


def test_the_first_part_of_a_document_may_end_in_code() -> None:
    """Its fence is closed before what is said of its cost."""
    filed = fitted("```\n" + "x = 1\n" * 3_000 + "```", "_Cost: 5_")

    assert isinstance(filed, Lengthy)
    assert filed.first.count("```") == 2
    assert units(filed.first) <= LIMIT


def test_an_answer_of_marks_and_formulas_is_formatted_and_cut() -> None:
    """Formatting comes first, so that what is cut is what is sent."""
    markdown = "\n\n".join(
        f"## Part {number}\n\nThe **area** is $\\pi r^{{{number}}}$."
        for number in range(400)
    )

    shown = parts(formatted(markdown))

    assert all(units(part) <= LIMIT for part in shown)
    assert [int(n) for n in re.findall(r"\*Part (\d+)\*", "".join(shown))] == list(
        range(400)
    )


@pytest.mark.parametrize(
    ("text", "borders"),
    [
        ("ab", [0, 1, 2]),
        ("e\u0301x", [0, 2, 3]),
        (FLAG + FLAG, [0, 2, 4]),
        (FAMILY, [0, len(FAMILY)]),
        ("\r\n", [0, 2]),
        ("\u1100\u1161\u11a8", [0, 3]),
        ("각\u11a8", [0, 2]),
        ("❤\ufe0fx", [0, 2, 3]),
        ("\n\u0301", [0, 1, 2]),
    ],
)
def test_borders_of_signs(text: str, borders: list[int]) -> None:
    """What a reader sees as one is one."""
    assert [n for n in range(len(text) + 1) if border(text, n)] == borders


def test_one_endless_sign_is_cut_all_the_same() -> None:
    """A letter with ten thousand accents must not hold up the rest."""
    shown = parts("e" + "\u0301" * 10_000 + " end")

    assert all(units(part) <= LIMIT for part in shown)
    assert tight(unmarked(shown)) == "e" + "\u0301" * 10_000 + "end"
