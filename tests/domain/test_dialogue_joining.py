"""Short messages sent one after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.dialogue import joined
from zimgpt.domain.dialogue.joining import MOST_MESSAGES, MOST_SIGNS
from zimgpt.domain.heard import Chose, Heard, MediaKind, Said, Sent

VOICE = Sent(MediaKind.VOICE, "1", "audio/ogg", "")
TAP = Chose("z1:go:menu", "Menu")


def test_words_after_words_are_one_question() -> None:
    """Three lines cost as much as one."""
    assert joined([Said("I have a question"), Said("what is"), Said("osmosis")]) == (
        Said("I have a question\nwhat is\nosmosis"),
    )


def test_a_command_between_questions_stays_a_command() -> None:
    """STOP is heard, whatever was typed around it."""
    heard = [Said("a b"), Said("c d"), Said("Stop"), Said("e f"), Said("g h")]

    assert joined(heard) == (Said("a b\nc d"), Said("Stop"), Said("e f\ng h"))


def test_answers_and_phrases_stay_alone() -> None:
    """A number, a language, a phrase, a voucher and a month mean what they say."""
    alone = (
        "2",
        "Shona",
        "ZIM-7K3M9QPA",
        "zv 0123 4567 89ab cdef",
        "statement 2026-10",
    )
    heard = [*map(Said, alone), Said("why"), Said("so")]

    assert joined(heard) == (*heard[:5], Said("why\nso"))


def test_taps_and_files_are_never_joined() -> None:
    """They keep their place among the words."""
    heard: list[Heard] = [Said("a b"), VOICE, Said("c d"), TAP, TAP, Said("e f")]

    assert joined(heard) == tuple(heard)


def test_a_question_grows_to_its_limits_and_no_further() -> None:
    """Beyond them the next question begins."""
    many = [Said(f"line {number} of it") for number in range(MOST_MESSAGES + 1)]
    long = [Said("x" * 1_500)] * 3

    assert len(joined(many)) == 2
    assert [len(s.text) for s in joined(long) if isinstance(s, Said)] == [3_001, 1_500]


def test_a_message_that_is_too_long_by_itself_is_kept_whole() -> None:
    """Whether it can be asked is decided elsewhere."""
    assert joined([Said("x" * 9_000)]) == (Said("x" * 9_000),)


@given(
    st.lists(
        st.sampled_from(["why", "menu", "2", "because of rain", "x" * 3_999]).map(Said)
        | st.sampled_from([TAP, VOICE]),
        max_size=40,
    )
)
def test_nothing_is_lost_or_moved(heard: list[Heard]) -> None:
    """Joining changes only where messages end, and joining again changes nothing
    that a limit did not part."""
    after = joined(heard)

    def lines(messages: tuple[Heard, ...] | list[Heard]) -> list[object]:
        return [
            line
            for one in messages
            for line in (one.text.split("\n") if isinstance(one, Said) else [one])
        ]

    assert lines(after) == lines(heard)
    assert all(len(s.text) <= MOST_SIGNS for s in after if isinstance(s, Said))
