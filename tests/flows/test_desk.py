"""What a client may ask of the program."""

from __future__ import annotations

from itertools import count

import pytest

from tests.fakes.memory import ANN, BEN
from tests.fakes.people import MemoryAccounts
from tests.fakes.results import result_of
from tests.fakes.room import Notes, Room, subscribed
from zimgpt.domain.accounts import Wallet
from zimgpt.domain.answers import Finish
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.questions import Kind
from zimgpt.flows.asking import Asking, Question
from zimgpt.flows.desk import Desk


@pytest.fixture
def room() -> Room:
    """A node on memory."""
    return Room()


@pytest.fixture
def desk(room: Room) -> Desk:
    """Its desk."""
    numbers = count(1)
    asking = Asking(
        room.questions,
        ("model",),
        1_000,
        "here",
        lambda: f"00000000-0000-4000-a000-{next(numbers):012}",
        lambda _: None,
    )
    accounts = MemoryAccounts()
    result_of(accounts.open(Phone("+263771234567"), "", Tokens(5_000)))
    return Desk(
        asking, room.audience, room.exchange, room.questions, room.answers, accounts
    )


def test_a_question_is_asked_and_its_answer_followed(room: Room, desk: Desk) -> None:
    """From the question to the end of the answer through one door."""
    notes = Notes()
    accepted = result_of(desk.ask(ANN, Question("q", Kind.CHAT, "Why?"), "web"))
    desk.join(subscribed(room, accepted.answer, notes))

    room.begin(accepted.answer)
    room.source().say("Because.")
    room.source().end()

    assert notes.told == [((1, 1), "Because."), ("ended", Finish.STOP)]


def test_an_answer_is_followed_resumed_and_left(room: Room, desk: Desk) -> None:
    """A reader comes, pauses, goes on and leaves; the answer goes on without it."""
    answer, source = room.written("One ")
    notes = Notes()
    subscription = subscribed(room, answer, notes)
    result_of(desk.follow(subscription, 1, 1, lambda _: None))
    notes.clear = False
    source.say("two ")
    room.tick()
    notes.clear = True
    desk.resume(subscription)
    desk.leave(subscription)

    source.say("three")
    source.end()

    assert notes.told == [((1, 2), "two ")]
    assert room.db.lines[answer].text == "One two three"


def test_an_answer_is_stopped_by_its_owner(room: Room, desk: Desk) -> None:
    """Stop reaches the writer, and is stored."""
    answer, source = room.written("One ")

    result_of(desk.stop(ANN, answer))

    assert source.ended.called
    assert room.db.lines[answer].finish is Finish.STOPPED


def test_an_answer_in_the_queue_is_stopped_before_it_begins(
    room: Room, desk: Desk
) -> None:
    """A stop is not lost because nobody writes yet."""
    answer = room.ask()

    result_of(desk.stop(ANN, answer))
    room.begin(answer)

    assert room.models.asked == []
    assert room.db.lines[answer].finish is Finish.STOPPED


def test_an_answer_that_has_ended_is_left_as_it_is(room: Room, desk: Desk) -> None:
    """A late stop is no error."""
    answer, source = room.written("One.")
    source.end()

    result_of(desk.stop(ANN, answer))

    assert room.db.lines[answer].finish is Finish.STOP


def test_nobody_stops_anothers_answer(room: Room, desk: Desk) -> None:
    """A foreign answer is one that does not exist."""
    answer, source = room.written("One ")

    with pytest.raises(NotFound):
        result_of(desk.stop(BEN, answer))

    assert not source.ended.called


def test_the_balances_are_told(desk: Desk) -> None:
    """A person can see what there is."""
    assert result_of(desk.wallet(ANN)) == Wallet(Tokens(5_000), Tokens(0))
