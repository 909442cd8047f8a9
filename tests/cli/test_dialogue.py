"""One question from a client's side, across any number of sockets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zimgpt.cli.dialogue import Dialogue, Outcome

ANSWER = "0194f0c0-7b1e-4c3a-9d55-0a1b2c3d4e5f"
ACCEPTED = {"type": "accepted", "answer": ANSWER, "a": 1, "e": 1}
DONE = {"type": "done", "a": 1, "cost": 30, "balance": 970, "finish": "stop"}


class Terminal:
    """A dialogue and what it shows."""

    def __init__(self) -> None:
        self.shown: list[str | None] = []
        self.dialogue = Dialogue({"id": "q1", "text": "Why?"}, self.shown.append)

    def opening(self) -> dict[str, Any]:
        """What is sent on a new socket."""
        opening: dict[str, Any] = json.loads(self.dialogue.opening())
        return opening

    def hear(self, *messages: dict[str, object]) -> None:
        """Messages of the server."""
        for message in messages:
            self.dialogue.heard(json.dumps(message).encode())


@pytest.fixture
def terminal() -> Terminal:
    """A new one."""
    return Terminal()


def test_a_question_is_asked_until_it_is_accepted(terminal: Terminal) -> None:
    """A socket that breaks too early costs nothing: the same id is asked again."""
    ask = {"type": "ask", "id": "q1", "text": "Why?"}
    assert terminal.opening() == ask
    assert terminal.opening() == ask

    terminal.hear(ACCEPTED)

    assert terminal.opening() == {
        "type": "read",
        "answer": ANSWER,
        "epoch": 1,
        "seq": 0,
    }


def test_an_answer_is_shown_as_it_comes_and_told_whole(terminal: Terminal) -> None:
    """What is printed and what is returned is the same text."""
    terminal.hear(
        {"type": "balance", "available": 1_000, "held": 0},
        ACCEPTED,
        {"a": 1, "t": "Because "},
        {"t": "of rain."},
        DONE,
    )

    assert terminal.shown == ["Because ", "of rain."]
    assert terminal.dialogue.outcome == Outcome(
        "Because of rain.", "stop", 30, 970, None, refused=False, answer=ANSWER
    )


def test_a_new_socket_reads_on(terminal: Terminal) -> None:
    """Positions are those of the last frame, said or counted."""
    terminal.hear(ACCEPTED, {"a": 1, "s": 4, "t": "Because "}, {"t": "of "})
    assert terminal.opening()["seq"] == 5
    assert terminal.dialogue.place == (ANSWER, 1, 5)

    terminal.hear(
        {"type": "reading", "answer": ANSWER, "a": 1, "e": 1, "s": 5},
        {"a": 1, "t": "rain."},
        DONE,
    )

    assert terminal.dialogue.outcome is not None
    assert terminal.dialogue.outcome.text == "Because of rain."


@pytest.mark.parametrize(
    "again",
    [
        {"type": "reading", "answer": ANSWER, "a": 1, "e": 2, "s": 0},
        {"type": "reset", "a": 1, "e": 2},
    ],
)
def test_text_that_is_void_is_not_told(
    terminal: Terminal, again: dict[str, object]
) -> None:
    """An answer that begins again is shown to begin again."""
    terminal.hear(ACCEPTED, {"a": 1, "t": "Once "}, again, {"t": "Long ago."}, DONE)

    assert terminal.shown == ["Once ", None, "Long ago."]
    assert terminal.dialogue.outcome is not None
    assert terminal.dialogue.outcome.text == "Long ago."
    assert terminal.dialogue.place == (ANSWER, 2, 1)


def test_a_reset_before_any_text_shows_nothing(terminal: Terminal) -> None:
    """There is nothing to take back."""
    terminal.hear(ACCEPTED, {"type": "reset", "a": 1, "e": 2})

    assert terminal.shown == []


def test_the_note_of_an_end_is_told(terminal: Terminal) -> None:
    """Whoever reads the terminal knows why an answer is short."""
    terminal.hear(ACCEPTED, DONE | {"finish": "length", "note": "It is long."})

    assert terminal.dialogue.outcome is not None
    assert terminal.dialogue.outcome.note == "It is long."


def test_a_failure_is_told_with_its_sentence(terminal: Terminal) -> None:
    """No answer is not an empty answer."""
    failed = {"type": "failed", "a": 1, "reason": "busy", "message": "It is busy."}

    terminal.hear(ACCEPTED, failed | {"refunded": 500, "balance": 1_000})

    assert terminal.dialogue.outcome == Outcome(
        "", "busy", 0, 1_000, "It is busy.", refused=True, answer=ANSWER
    )


def test_a_refusal_is_told_with_its_sentence(terminal: Terminal) -> None:
    """A question that was not accepted is over."""
    terminal.hear({"type": "error", "code": "not_found", "message": "No such one."})

    assert terminal.dialogue.outcome == Outcome(
        "", "not_found", 0, None, "No such one.", refused=True
    )


@pytest.mark.parametrize("code", ["unavailable", "too_fast", "too_many_answers"])
def test_a_question_is_repeated_until_there_is_room_for_it(
    terminal: Terminal, code: str
) -> None:
    """What a later try mends is tried later, when the server says if it does."""
    refusal = {"type": "error", "code": code, "message": "Not now.", "retry": 7}

    for _ in range(3):
        terminal.opening()
        terminal.hear(refusal)
        assert terminal.dialogue.outcome is None
        assert (terminal.dialogue.postponed, terminal.dialogue.retry) == (True, 7)

    assert terminal.opening()["type"] == "ask"
    assert terminal.dialogue.retry is None


def test_a_server_that_broke_is_tried_once_more(terminal: Terminal) -> None:
    """A question that breaks it each time is not asked for ever."""
    broke: dict[str, object] = {
        "type": "error",
        "code": "internal",
        "message": "It broke.",
    }

    terminal.hear(broke)
    assert terminal.dialogue.postponed
    terminal.opening()
    terminal.hear(broke)

    assert terminal.dialogue.outcome is not None
    assert terminal.dialogue.outcome.finish == "internal"


def test_a_server_that_goes_says_when_to_come_back(terminal: Terminal) -> None:
    """``bye`` ends nothing: what comes until the socket closes is still shown."""
    terminal.hear(ACCEPTED, {"type": "bye", "retry": 4}, {"a": 1, "t": "Because."})

    assert terminal.dialogue.retry == 4
    assert terminal.shown == ["Because."]
    assert not terminal.dialogue.postponed


def test_the_conversation_is_told(terminal: Terminal) -> None:
    """Who wants to go on with it knows its id, and the answer's."""
    terminal.hear(ACCEPTED | {"conversation": "c"}, DONE)

    assert terminal.dialogue.outcome is not None
    assert terminal.dialogue.outcome.conversation == "c"
    assert terminal.dialogue.outcome.answer == ANSWER


def test_an_accepted_answer_outlasts_a_database_that_is_away(
    terminal: Terminal,
) -> None:
    """What is paid for is read, however often that takes."""
    terminal.hear(
        ACCEPTED, {"type": "error", "code": "unavailable", "message": "Not now."}
    )
    assert terminal.dialogue.outcome is None
    assert terminal.dialogue.postponed

    terminal.opening()

    assert not terminal.dialogue.postponed
