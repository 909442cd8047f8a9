"""Reading an answer by long polls."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import LogEvent

from tests.fakes.memory import ANN, BEN
from tests.fakes.results import begun, result_of
from tests.fakes.room import Room
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.flows.polling import Polling
from zimgpt.flows.ports import Reading

WAIT = 25.0


@pytest.fixture
def room() -> Room:
    """A node on memory."""
    return Room()


def poll(
    room: Room, answer: AnswerId, *, epoch: int = 0, seq: int = 0, wait: float = WAIT
) -> Deferred[Reading]:
    """A poll that is under way."""
    polling = Polling(room.clock, room.answers, room.audience)
    return begun(polling.read(ANN, answer, epoch=epoch, seq=seq, wait=wait))


def text(reading: Reading) -> str:
    """What a reading brings."""
    return "".join(piece.text for piece in reading.pieces)


def test_what_is_there_is_told_at_once(room: Room) -> None:
    """A poll for text that exists does not wait."""
    answer, _ = room.written("One ", "two ")

    reading = result_of(poll(room, answer, epoch=1, seq=1))

    assert text(reading) == "two "
    assert room.audience.followed == 0


def test_a_poll_without_patience_does_not_join_anybody(room: Room) -> None:
    """A glance at an answer costs one reading, whatever there is."""
    answer, _ = room.written()
    room.db.calls.clear()

    reading = result_of(poll(room, answer, wait=0))

    assert text(reading) == ""
    assert room.db.calls == ["read"]


def test_a_poll_waits_for_text(room: Room) -> None:
    """Text wakes whoever waits, as soon as it is stored."""
    answer, source = room.written("One ")
    polled = poll(room, answer, epoch=1, seq=1)
    source.say("two ")
    room.tick()

    assert text(result_of(polled)) == "two "
    assert room.audience.followed == 0


def test_a_poll_waits_for_an_answer_that_nobody_has_begun(room: Room) -> None:
    """A question in the queue is no news, in whatever epoch its asker thinks it is."""
    answer = room.ask()
    polled = poll(room, answer, epoch=1)
    assert not polled.called
    room.begin(answer)
    room.source().say("One.")
    room.clock.advance(0)

    assert text(result_of(polled)) == "One."


def test_a_poll_ends_with_the_answer(room: Room) -> None:
    """The end is news, too."""
    answer, source = room.written("One.")
    polled = poll(room, answer, epoch=1, seq=1)
    source.end()

    assert result_of(polled).end is not None


def test_an_answer_that_has_ended_is_not_waited_for(room: Room) -> None:
    """Nothing more will come."""
    answer, source = room.written("One.")
    source.end()

    assert result_of(poll(room, answer, epoch=1, seq=1)).end is not None


def test_a_poll_gives_up_in_time(room: Room) -> None:
    """Proxies and phones do not like silence: nothing is told as nothing."""
    answer, _ = room.written("One ")
    polled = poll(room, answer, epoch=1, seq=1)
    room.clock.advance(WAIT)

    assert text(result_of(polled)) == ""
    assert room.audience.followed == 0


def test_another_epoch_is_news(room: Room) -> None:
    """A reader whose text is void hears so at once."""
    answer, _ = room.written("Once ")
    line = room.db.lines[answer]
    line.epoch, line.last_seq = 2, 0

    assert result_of(poll(room, answer, epoch=1, seq=1)).epoch == 2


def test_another_epoch_wakes_who_waits(room: Room) -> None:
    """A reset is news, even before it brings text."""
    answer, _ = room.written("Once ")
    polled = poll(room, answer, epoch=1, seq=1)
    line = room.db.lines[answer]
    line.epoch, line.last_seq = 2, 0
    room.audience.heal(answer)

    assert result_of(polled).epoch == 2


def test_a_poll_that_is_given_up_leaves_nothing(room: Room) -> None:
    """A client that hangs up costs no timer and no subscription."""
    answer, source = room.written("One ")
    polled = poll(room, answer, epoch=1, seq=1)
    polled.cancel()

    with pytest.raises(CancelledError):
        result_of(polled)

    assert room.audience.followed == 0
    source.end()
    assert room.idle()


def test_a_poll_that_is_given_up_while_reading_leaves_nothing(room: Room) -> None:
    """Hanging up during the first reading is no different."""
    answer, _ = room.written("One ")
    room.db.hold_reply("read")
    polled = poll(room, answer)
    polled.cancel()

    with pytest.raises(CancelledError):
        result_of(polled)

    assert room.audience.followed == 0


def test_anothers_answer_cannot_be_waited_for(room: Room) -> None:
    """A foreign answer is one that does not exist."""
    answer, _ = room.written("One ")
    polling = Polling(room.clock, room.answers, room.audience)

    with pytest.raises(NotFound):
        result_of(polling.read(BEN, answer, epoch=0, seq=0, wait=WAIT))

    assert room.audience.followed == 0


def test_a_fault_leaves_nothing(room: Room) -> None:
    """Whatever goes wrong, nobody stays joined."""
    answer, _ = room.written("One ")
    room.db.broken.add("read")
    with pytest.raises(ZeroDivisionError):
        result_of(poll(room, answer))

    assert room.audience.followed == 0


def test_a_database_that_goes_away_meanwhile_is_told(room: Room) -> None:
    """Who was woken and cannot be told what for, tries again."""
    answer, source = room.written("One ")
    polled = poll(room, answer, epoch=1, seq=1)
    room.db.unheard.append("read")
    source.say("two ")
    room.tick()

    with pytest.raises(Unavailable):
        result_of(polled)


def test_several_polls_of_one_answer_are_all_woken(
    room: Room, tidy: list[LogEvent]
) -> None:
    """Two devices that wait at one answer both hear of it."""
    answer, source = room.written("One ")
    polls = [poll(room, answer, epoch=1, seq=1) for _ in range(3)]
    source.say("two ")
    room.tick()

    assert [text(result_of(polled)) for polled in polls] == ["two "] * 3
    assert tidy == []


def test_a_reset_with_text_wakes_once(room: Room) -> None:
    """A new epoch and its first text come together, and are one piece of news."""
    answer, _ = room.written("Once ")
    polled = poll(room, answer, epoch=1, seq=1)
    line = room.db.lines[answer]
    line.epoch, line.last_seq = 2, 1
    line.texts[2, 1] = "Long "
    room.audience.heal(answer)

    assert text(result_of(polled)) == "Long "


def test_news_upon_news_wakes_once(room: Room) -> None:
    """A reading that is slow to come is not asked for twice."""
    answer, source = room.written("One ")
    polled = poll(room, answer, epoch=1, seq=1)
    reply = room.db.hold_reply("read")
    for word in ("two ", "three "):
        source.say(word)
        room.tick()
    source.end()
    assert not polled.called

    reply.callback(None)

    assert text(result_of(polled)) == "two "


def test_a_node_that_ends_keeps_nobody_waiting(room: Room) -> None:
    """Whoever waits, or comes to wait, is told what there is."""
    answer, _ = room.written("One ")
    polling = Polling(room.clock, room.answers, room.audience)
    waiting = begun(polling.read(ANN, answer, epoch=1, seq=1, wait=WAIT))

    polling.hurry()
    late = begun(polling.read(ANN, answer, epoch=1, seq=1, wait=WAIT))

    assert [text(result_of(one)) for one in (waiting, late)] == ["", ""]
    assert room.audience.followed == 0
