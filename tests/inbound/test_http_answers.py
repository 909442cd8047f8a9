"""Asking and reading over HTTP."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.logger import LogEvent
from twisted.python.failure import Failure

from tests.inbound.house import ANSWER, CONVERSATION, ME, NOTHING, House
from zimgpt.domain.answers import Finish, State, lowered_note, sentence
from zimgpt.domain.errors import Refusal, Unavailable
from zimgpt.domain.ledger import InsufficientTokens, NoPrice, Tokens
from zimgpt.domain.questions import Kind, QuestionDiffers, QuestionTooLong
from zimgpt.domain.texts import Language
from zimgpt.flows.asking import Question
from zimgpt.flows.ports import End, Piece, Reading

ASK = "/api/v1/answers"
ONE = f"{ASK}/{ANSWER}"

WRITING = Reading(
    answer=ANSWER,
    conversation=CONVERSATION,
    kind=Kind.CHAT,
    question="Sadza?",
    epoch=1,
    last_seq=4,
    state=State.STREAMING,
    writer="node",
    pieces=(Piece(ANSWER, 1, 3, "Eh"), Piece(ANSWER, 1, 4, "e.")),
    end=None,
)
ENDED = attrs.evolve(
    WRITING,
    state=State.INTERRUPTED,
    end=End(
        answer=ANSWER,
        epoch=1,
        last_seq=4,
        state=State.INTERRUPTED,
        finish=Finish.STOPPED,
        cost=Tokens(9),
        hold=Tokens(1100),
        available=Tokens(4991),
    ),
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Nobody has asked yet."""
    return House(str(tmp_path))


def test_a_question_is_accepted(house: House) -> None:
    """202 with the answer's id, where it will be, and what is held for it."""
    answer = house.person().ask("POST", ASK, json={"id": "q1", "text": "Sadza?"})

    assert answer.status == 202
    assert answer.header("Location") == ONE
    assert answer.json == {
        "id": "q1",
        "answer": ANSWER,
        "conversation": CONVERSATION,
        "max_tokens": 1024,
        "hold": 1100,
        "balance": 3900,
    }
    assert house.desk.asked == [(ME, Question("q1", Kind.CHAT, "Sadza?"), "web")]


def test_everything_that_can_be_asked_for(house: House) -> None:
    """Kind, conversation and length reach the desk; the
    sentence on its length reaches the asker."""
    house.desk.lowered = True

    answer = house.person().ask(
        "POST",
        ASK,
        json={
            "id": "q1",
            "kind": "essay",
            "text": "Great Zimbabwe",
            "conversation": CONVERSATION.upper(),
            "max_tokens": 200,
        },
    )

    assert "about 768 words" in answer.json["note"]
    [(_, question, _)] = house.desk.asked
    assert question == Question(
        "q1", Kind.ESSAY, "Great Zimbabwe", CONVERSATION, max_tokens=200
    )


@pytest.mark.parametrize(
    ("refusal", "status", "code", "retry"),
    [
        (InsufficientTokens(), 402, "insufficient_tokens", None),
        (QuestionDiffers(), 409, "id_reused", None),
        (QuestionTooLong(), 400, "question_too_long", None),
        (NoPrice(), 503, "no_price", "5"),
        (Unavailable(), 503, "unavailable", "5"),
    ],
)
def test_refusals_of_the_desk(
    house: House, refusal: Refusal, status: int, code: str, retry: str | None
) -> None:
    """Each has its status, and its sentence is passed on."""
    house.desk.refusal = refusal

    answer = house.person().ask("POST", ASK, json={"id": "q1", "text": "Sadza?"})

    assert (answer.status, answer.code) == (status, code)
    assert answer.json["error"]["message"] == refusal.message
    assert answer.header("Retry-After") == retry


def test_a_conversation_that_cannot_be(house: House) -> None:
    """404 before anybody is asked."""
    answer = house.person().ask(
        "POST", ASK, json={"id": "q1", "text": "Sadza?", "conversation": "x"}
    )

    assert (answer.status, answer.code) == (404, "not_found")
    assert house.desk.asked == []


def test_reading_from_the_start(house: House) -> None:
    """All there is, and the position after it."""
    house.desk.reading = WRITING

    answer = house.person().ask("GET", ONE)

    assert answer.status == 200
    assert answer.json == {
        "answer": ANSWER,
        "conversation": CONVERSATION,
        "epoch": 1,
        "seq": 4,
        "reset": False,
        "text": "Ehe.",
        "state": "streaming",
    }
    assert house.desk.positions == [{"user": ME, "epoch": 0, "seq": 0, "wait": 0.0}]


def test_reading_the_end(house: House) -> None:
    """What it cost, what is left and why it ended."""
    house.desk.reading = ENDED

    answer = house.person().ask("GET", f"{ONE}?epoch=1&seq=2&wait=25")

    assert answer.json == {
        "answer": ANSWER,
        "conversation": CONVERSATION,
        "epoch": 1,
        "seq": 4,
        "reset": False,
        "text": "Ehe.",
        "state": "interrupted",
        "cost": 9,
        "balance": 4991,
        "finish": "stopped",
        "note": sentence(State.INTERRUPTED, Finish.STOPPED),
    }
    assert house.desk.positions == [{"user": ME, "epoch": 1, "seq": 2, "wait": 25.0}]


def test_nothing_new_keeps_the_position(house: House) -> None:
    """A poll that waited in vain is repeated from the same place."""
    house.desk.reading = attrs.evolve(WRITING, pieces=())

    answer = house.person().ask("GET", f"{ONE}?epoch=1&seq=4&wait=0.5")

    assert (answer.json["seq"], answer.json["text"]) == (4, "")


@pytest.mark.parametrize(("pieces", "seq"), [((), 0), (WRITING.pieces, 4)])
def test_another_epoch_voids_what_was_read(
    house: House, pieces: tuple[Piece, ...], seq: int
) -> None:
    """A re-run begins again: the reader is told to forget."""
    house.desk.reading = attrs.evolve(WRITING, epoch=2, pieces=pieces)

    answer = house.person().ask("GET", f"{ONE}?epoch=1&seq=9")

    assert answer.json["reset"] is True
    assert (answer.json["epoch"], answer.json["seq"]) == (2, seq)


def test_a_place_that_never_was_voids_what_was_read(house: House) -> None:
    """Who claims to be further than the text gets it from the start, and is told."""
    house.desk.reading = WRITING

    answer = house.person().ask("GET", f"{ONE}?epoch=1&seq=9")

    assert (answer.json["reset"], answer.json["seq"]) == (True, 4)


def test_who_has_read_nothing_need_not_forget(house: House) -> None:
    """The first text of a first reader is no reset."""
    house.desk.reading = WRITING

    assert house.person().ask("GET", f"{ONE}?epoch=0&seq=0").json["reset"] is False


@pytest.mark.parametrize(
    "query",
    [
        "wait=25.1",
        "wait=-1",
        "wait=nan",
        "wait=inf",
        "wait=1e400",
        "seq=-1",
        "seq=x",
        "epoch=2147483648",
        "a=1",
        "seq=1&seq=1",
    ],
)
def test_positions_that_cannot_be(house: House, query: str) -> None:
    """400."""
    house.desk.reading = WRITING

    answer = house.person().ask("GET", f"{ONE}?{query}")

    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize("answer", [NOTHING, "nonsense"])
def test_what_is_not_ones_own(house: House, answer: str) -> None:
    """404, to read and to stop."""
    person = house.person()

    read = person.ask("GET", f"{ASK}/{answer}")
    stop = person.ask("POST", f"{ASK}/{answer}/stop")

    assert (read.status, read.code) == (stop.status, stop.code) == (404, "not_found")


def test_stopping(house: House) -> None:
    """204: the end will come in what is read."""
    answer = house.person().ask("POST", f"{ONE}/stop")

    assert (answer.status, answer.body) == (204, b"")
    assert house.desk.stopped == [(ME, ANSWER)]


def test_a_long_poll_waits(house: House) -> None:
    """The response comes when there is something to read."""
    waiting: Deferred[Reading] = Deferred()
    house.desk.reading = waiting
    connection = house.person().begin("GET", f"{ONE}?wait=25")
    assert connection.answers() == []

    waiting.callback(WRITING)

    assert connection.answer().json["text"] == "Ehe."


@pytest.mark.parametrize("late", [WRITING, Failure(Unavailable())])
def test_a_reader_that_hangs_up(house: House, late: Reading | Failure) -> None:
    """What was begun is not cancelled; its result is dropped without noise."""
    cancelled: list[object] = []
    waiting: Deferred[Reading] = Deferred(cancelled.append)
    house.desk.reading = waiting
    connection = house.person().begin("GET", f"{ONE}?wait=25")

    connection.channel.connectionLost(Failure(ConnectionDone()))
    waiting.callback(late)  # a Failure is taken, too

    assert cancelled == []
    assert connection.answers() == []


def test_trouble_after_the_asker_has_gone_is_logged(
    house: House, tidy: list[LogEvent]
) -> None:
    """Nobody is there to be told, but it is not lost."""
    waiting: Deferred[Reading] = Deferred()
    house.desk.reading = waiting
    connection = house.person().begin("GET", f"{ONE}?wait=25")

    connection.channel.connectionLost(Failure(ConnectionDone()))
    waiting.errback(ZeroDivisionError())

    assert [event["log_failure"].type for event in tidy] == [ZeroDivisionError]
    tidy.clear()


def test_a_sentence_is_in_the_askers_language(house: House) -> None:
    """As their browser says which they read."""
    house.desk.lowered = True
    body = {"id": "q1", "text": "Isitshwala?"}

    answer = house.person().ask(
        "POST", ASK, json=body, headers={"Accept-Language": "nd-ZW,nd;q=0.9,en"}
    )

    assert answer.json["note"] == lowered_note(1024, Language.NDEBELE)
