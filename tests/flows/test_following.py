"""Readers of an answer: live from memory, any gap from what is stored."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import LogEvent

from tests.fakes.memory import BEN
from tests.fakes.results import result_of
from tests.fakes.room import Notes, Room, followed, joined, subscribed
from zimgpt.domain.answers import Finish
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.flows.following import STALE
from zimgpt.flows.ports import Piece
from zimgpt.flows.subscriptions import GROUP, groups


@pytest.fixture
def room() -> Room:
    """A node on memory."""
    return Room()


@pytest.fixture
def notes() -> Notes:
    """A reader."""
    return Notes()


def store(room: Room, answer: AnswerId, *texts: str) -> None:
    """Pieces stored by somebody else, without a word to anybody here."""
    line = room.db.lines[answer]
    line.epoch = max(line.epoch, 1)
    for text in texts:
        line.last_seq += 1
        line.texts[line.epoch, line.last_seq] = text


def piece(answer: AnswerId, seq: int, text: str, epoch: int = 1) -> Piece:
    """A live frame."""
    return Piece(answer, epoch, seq, text)


def again(room: Room, answer: AnswerId) -> None:
    """Another attempt begins elsewhere."""
    line = room.db.lines[answer]
    line.epoch, line.last_seq = line.epoch + 1, 0


# ---- joining


def test_a_reader_gets_what_is_stored_and_then_what_comes(
    room: Room, notes: Notes
) -> None:
    """Wherever a reader joins, it sees the whole text once."""
    answer, source = room.written("One ", "two ")

    followed(room, answer, notes)
    source.say("three.")
    room.tick()

    assert notes.told == [("at", 1, 0), ((1, 2), "One two "), ((1, 3), "three.")]


def test_a_reader_goes_on_from_its_place(room: Room, notes: Notes) -> None:
    """After a break, exactly the rest is sent."""
    answer, _ = room.written("One ", "two ", "three ")

    followed(room, answer, notes, epoch=1, seq=2)

    assert notes.told == [("at", 1, 2), ((1, 3), "three ")]


@pytest.mark.parametrize(("epoch", "seq"), [(1, 9), (7, 1), (0, 2)])
def test_a_place_that_does_not_exist_is_the_beginning(
    room: Room, notes: Notes, epoch: int, seq: int
) -> None:
    """A reader that is somewhere else altogether gets the whole text."""
    answer, _ = room.written("One ", "two ")

    followed(room, answer, notes, epoch, seq)

    assert notes.told == [("at", 1, 0), ((1, 2), "One two ")]


def test_a_reader_may_wait_for_an_answer_that_nobody_has_begun(
    room: Room, notes: Notes
) -> None:
    """A question in the queue is followed like any other, and told of no reset."""
    answer = room.ask()
    followed(room, answer, notes)

    room.begin(answer)
    room.source().say("One.")
    room.source().end()

    assert notes.told == [("at", 1, 0), ((1, 1), "One."), ("ended", Finish.STOP)]


def test_an_answer_that_has_ended_is_told_whole(room: Room, notes: Notes) -> None:
    """Old answers are read like new ones, and nobody waits at them."""
    answer, source = room.written("One ")
    source.say("two.")
    source.end()

    followed(room, answer, notes)

    assert notes.told == [("at", 1, 0), ((1, 2), "One two."), ("ended", Finish.STOP)]
    assert room.audience.followed == 0


def test_an_answer_that_expired_before_it_began_ends(room: Room, notes: Notes) -> None:
    """Who waits at a question that nobody took is told so."""
    answer = room.ask()
    joined(room, answer, notes)
    room.db.fail(room.db.lines[answer], Finish.EXPIRED)

    room.audience.heal(answer)

    assert notes.told == [("ended", Finish.EXPIRED)]


def test_frames_that_come_while_the_stored_text_is_read_are_not_lost(
    room: Room, notes: Notes
) -> None:
    """Joining in the middle of a tick neither loses nor doubles text."""
    answer, source = room.written("One ")
    reply = room.db.hold_reply("read")
    followed(room, answer, notes)
    source.say("two ")
    room.tick()
    source.say("three ")
    room.tick()
    assert notes.told == []

    reply.callback(None)

    assert notes.told == [("at", 1, 0), ((1, 1), "One "), ((1, 3), "two three ")]


def test_an_end_that_comes_while_the_stored_text_is_read_is_told(
    room: Room, notes: Notes
) -> None:
    """The end is told after the text before it, and once."""
    answer, source = room.written("One ")
    reply = room.db.hold_reply("read")
    followed(room, answer, notes)
    source.say("two.")
    source.end()

    reply.callback(None)

    assert notes.told == [
        ("at", 1, 0),
        ((1, 1), "One "),
        ((1, 2), "two."),
        ("ended", Finish.STOP),
    ]


def test_an_end_that_was_read_already_is_not_told_twice(
    room: Room, notes: Notes
) -> None:
    """A reading that has the end needs no second look."""
    answer, source = room.written("One ")
    request = room.db.hold_request("read")
    followed(room, answer, notes)
    source.end()

    request.callback(None)

    assert notes.told == [("at", 1, 0), ((1, 1), "One "), ("ended", Finish.STOP)]
    assert room.db.calls.count("read") == 1


def test_an_answer_that_fails_while_it_is_joined_ends_after_its_beginning(
    room: Room, notes: Notes
) -> None:
    """A reader knows what has ended: its place is announced first."""
    room.models.at_once = False
    answer = room.ask()
    room.begin(answer)
    reply = room.db.hold_reply("read")
    followed(room, answer, notes)
    room.answering.stop(answer)

    reply.callback(None)

    assert notes.told == [("at", 1, 0), ("ended", Finish.STOPPED)]


def test_what_is_healed_while_it_is_read_is_read_again(
    room: Room, notes: Notes
) -> None:
    """An end that nobody announces is found, however late the reading before it."""
    answer, _ = room.written("One.")
    reply = room.db.hold_reply("read")
    followed(room, answer, notes)
    room.db.fail(room.db.lines[answer], Finish.EXPIRED)
    room.audience.heal(answer)

    reply.callback(None)

    assert notes.told[-1] == ("ended", Finish.EXPIRED)


def test_nobody_reads_anothers_answer(room: Room, notes: Notes) -> None:
    """A foreign answer is one that does not exist."""
    answer, _ = room.written("One ")
    subscription = subscribed(room, answer, notes, BEN)

    with pytest.raises(NotFound):
        result_of(room.audience.follow(subscription, 0, 0, lambda _: None))

    assert (notes.told, room.audience.followed) == ([], 0)


def test_who_cannot_be_served_now_is_told_so(room: Room, notes: Notes) -> None:
    """A database that is away leaves no half-joined reader."""
    answer, _ = room.written("One ")
    room.db.away = True

    with pytest.raises(Unavailable):
        result_of(
            room.audience.follow(subscribed(room, answer, notes), 0, 0, print),
        )

    assert room.audience.followed == 0


def test_who_leaves_while_joining_hears_nothing(room: Room, notes: Notes) -> None:
    """Nothing is announced to a reader that has gone."""
    answer, _ = room.written("One ")
    reply = room.db.hold_reply("read")
    subscription = followed(room, answer, notes)
    room.audience.leave(subscription)

    reply.callback(None)

    assert notes.told == []
    assert room.audience.followed == 0


def test_leaving_twice_is_leaving(room: Room, notes: Notes) -> None:
    """A socket that closes after its answer has ended is no trouble."""
    answer, source = room.written("One ")
    first = followed(room, answer, notes)
    second = followed(room, answer, Notes())

    room.audience.leave(first)
    room.audience.leave(first)
    assert room.audience.followed == 1
    room.audience.leave(second)

    assert room.audience.followed == 0
    source.end()
    assert room.db.lines[answer].finish is Finish.STOP


def test_two_readers_at_different_places_each_get_their_rest(room: Room) -> None:
    """Two devices of one person do not disturb each other."""
    early, late = Notes(), Notes()
    answer, source = room.written("One ", "two ", "three ")
    followed(room, answer, early, epoch=1, seq=1)
    followed(room, answer, late, epoch=1, seq=3)

    source.say("four")
    source.end()

    assert early.told[1:] == [
        ((1, 3), "two three "),
        ((1, 4), "four"),
        ("ended", Finish.STOP),
    ]
    assert late.told[1:] == [((1, 4), "four"), ("ended", Finish.STOP)]


# ---- gaps


def test_a_gap_is_read_from_what_is_stored(room: Room, notes: Notes) -> None:
    """A frame that was lost on its way costs a reading, not text."""
    answer = room.ask()
    joined(room, answer, notes)
    store(room, answer, "One ", "two ", "three ")

    room.audience.hear([piece(answer, 1, "One "), piece(answer, 3, "three ")], [])

    assert notes.told == [((1, 1), "One "), ((1, 3), "two three ")]


def test_a_frame_that_comes_twice_is_shown_once(room: Room, notes: Notes) -> None:
    """Node messages may be repeated or late."""
    answer = room.ask()
    joined(room, answer, notes)
    store(room, answer, "One ", "two ")

    room.audience.hear([piece(answer, 1, "One "), piece(answer, 2, "two ")], [])
    room.audience.hear([piece(answer, 1, "One ")], [])

    assert notes.told == [((1, 1), "One "), ((1, 2), "two ")]


def test_frames_while_mending_are_seen_by_a_second_look(
    room: Room, notes: Notes
) -> None:
    """What comes during a reading is read after it."""
    answer = room.ask()
    joined(room, answer, notes)
    store(room, answer, "One ", "two ")
    reply = room.db.hold_reply("read")
    room.audience.hear([piece(answer, 2, "two ")], [])
    store(room, answer, "three ")
    room.audience.hear([piece(answer, 3, "three ")], [])
    room.audience.heal(answer)

    reply.callback(None)

    assert notes.told == [((1, 2), "One two "), ((1, 3), "three ")]
    assert room.db.calls.count("read") == 2


def test_an_end_before_the_last_text_waits_for_it(room: Room, notes: Notes) -> None:
    """Frames out of order do not cut an answer short."""
    answer, source = room.written()
    joined(room, answer, notes)
    room.audience, heard = room.audience, room.audience.hear
    kept = []
    room.audience.hear = lambda *frames: kept.append(frames)  # type: ignore[method-assign]
    source.say("One ")
    room.clock.advance(0)
    source.say("two.")
    source.end()
    del room.audience.hear

    for pieces, ends in reversed(kept):
        heard((), ends)
        heard(pieces, ())

    assert notes.told == [((1, 2), "One two."), ("ended", Finish.STOP)]


def test_a_reading_that_fails_is_tried_again_at_the_next_frame(
    room: Room, notes: Notes
) -> None:
    """A database that was away does not leave a reader standing."""
    answer = room.ask()
    joined(room, answer, notes)
    store(room, answer, "One ", "two ")
    room.db.away = True
    room.audience.hear([piece(answer, 2, "two ")], [])
    room.db.away = False

    store(room, answer, "three ")
    room.audience.hear([piece(answer, 3, "three ")], [])

    assert notes.told == [((1, 3), "One two three ")]


def test_a_reading_that_breaks_is_logged_and_tried_again(
    room: Room, notes: Notes, tidy: list[LogEvent]
) -> None:
    """A fault is written down, and costs the reader no text."""
    answer = room.ask()
    joined(room, answer, notes)
    store(room, answer, "One ", "two ")
    room.db.broken.add("read")
    room.audience.hear([piece(answer, 2, "two ")], [])
    room.db.broken.clear()

    room.clock.advance(STALE)
    result_of(room.audience.look_up())

    assert notes.told == [((1, 2), "One two ")]
    assert len(tidy) == 1
    tidy.clear()


def test_readers_of_a_deleted_answer_are_let_go(room: Room, notes: Notes) -> None:
    """What is deleted is not read on."""
    answer = room.ask()
    joined(room, answer, notes)
    del room.db.lines[answer]

    room.audience.heal(answer)

    assert (notes.told, room.audience.followed) == ([], 0)


def test_who_leaves_during_a_reading_is_shown_nothing(room: Room, notes: Notes) -> None:
    """A late reading finds nobody."""
    answer = room.ask()
    subscription = joined(room, answer, notes)
    store(room, answer, "One ", "two ")
    reply = room.db.hold_reply("read")
    room.audience.hear([piece(answer, 2, "two ")], [])
    room.audience.leave(subscription)

    reply.callback(None)

    assert notes.told == []


def test_a_database_that_lost_its_last_moments_is_believed(
    room: Room, notes: Notes
) -> None:
    """After a failover a reader may know more than is stored: it begins again."""
    answer, _ = room.written("One ", "two ", "three ")
    followed(room, answer, notes)
    line = room.db.lines[answer]
    del line.texts[1, 3]
    line.last_seq = 2
    room.db.fail(line, Finish.EXPIRED)

    room.audience.heal(answer)

    assert notes.told[1:] == [
        ((1, 3), "One two three "),
        ("reset", 1),
        ((1, 2), "One two "),
        ("ended", Finish.EXPIRED),
    ]


# ---- another epoch


def test_a_new_attempt_resets_what_was_shown(room: Room, notes: Notes) -> None:
    """Text of two attempts is never mixed."""
    answer, _ = room.written("Once ")
    followed(room, answer, notes)

    room.audience.hear([piece(answer, 1, "Long ", 2), piece(answer, 2, "ago ", 2)], [])

    assert notes.told[1:] == [
        ((1, 1), "Once "),
        ("reset", 2),
        ((2, 1), "Long "),
        ((2, 2), "ago "),
    ]


def test_a_new_attempt_is_told_even_before_any_text(room: Room, notes: Notes) -> None:
    """A reader always knows its epoch, so that it can go on from there elsewhere."""
    answer = room.ask()
    joined(room, answer, notes)

    room.audience.hear([piece(answer, 1, "Long ", 2)], [])

    assert notes.told == [("reset", 2), ((2, 1), "Long ")]


def test_a_new_attempt_is_noticed_in_its_middle(room: Room, notes: Notes) -> None:
    """A reader that missed the beginning of an epoch gets it from what is stored."""
    answer, _ = room.written("Once ")
    followed(room, answer, notes)
    again(room, answer)
    store(room, answer, "Long ", "ago ")

    room.audience.hear([piece(answer, 2, "ago ", 2)], [])

    assert notes.told[2:] == [("reset", 2), ((2, 2), "Long ago ")]


def test_frames_of_an_earlier_attempt_are_ignored(room: Room, notes: Notes) -> None:
    """A node that does not know yet that it is dead disturbs nobody."""
    answer, _ = room.written("Once ")
    followed(room, answer, notes)
    again(room, answer)
    store(room, answer, "Long ")
    room.audience.hear([piece(answer, 1, "Long ", 2)], [])

    room.audience.hear([piece(answer, 2, "upon "), piece(answer, 9, "time ")], [])

    assert notes.text_so_far == "Long "


# ---- slow readers


def test_a_reader_that_is_slow_gets_the_rest_when_it_can(
    room: Room, notes: Notes
) -> None:
    """What a slow reader missed comes at once, in one frame, and nothing twice."""
    answer, source = room.written("One ")
    subscription = followed(room, answer, notes)
    notes.clear = False
    for text in ("two ", "three ", "four "):
        source.say(text)
        room.tick()
    assert len(notes.told) == 2

    notes.clear = True
    room.audience.resume(subscription)
    source.say("five")
    room.tick()

    assert notes.told[2:] == [((1, 4), "two three four "), ((1, 5), "five")]


def test_a_slow_reader_costs_no_readings(room: Room, notes: Notes) -> None:
    """A socket that stands still is not looked after again and again."""
    answer, source = room.written("One ")
    followed(room, answer, notes)
    notes.clear = False
    source.say("two ")
    room.tick()
    room.db.calls.clear()

    for _ in range(10):
        room.clock.advance(STALE)
        result_of(room.audience.look_up())
        room.audience.heal(answer)
    source.end()

    assert "read" not in room.db.calls


def test_a_reader_that_keeps_up_has_nothing_to_resume(room: Room, notes: Notes) -> None:
    """A socket that clears costs a reading only if it was behind."""
    answer, _ = room.written("One ")
    subscription = followed(room, answer, notes)
    room.db.calls.clear()

    room.audience.resume(subscription)

    assert room.db.calls == []


def test_the_end_of_an_answer_waits_for_a_slow_reader(room: Room, notes: Notes) -> None:
    """Who comes back from a tunnel finds the text and then the end."""
    answer, source = room.written("One ")
    subscription = followed(room, answer, notes)
    notes.clear = False
    source.say("two.")
    source.end()
    assert len(notes.told) == 2

    notes.clear = True
    room.audience.resume(subscription)

    assert notes.told[2:] == [((1, 2), "two."), ("ended", Finish.STOP)]


def test_a_reader_may_pause_in_the_middle_of_catching_up(room: Room) -> None:
    """A long answer goes out as fast as its reader takes it."""

    class Sips(Notes):
        def text(self, *news: object) -> bool:
            taken = super().text(*news)  # type: ignore[arg-type]
            self.clear = False
            return taken

    parts = ["a" * GROUP, "b" * GROUP, "c" * GROUP]
    answer, source = room.written(*parts)
    notes = Sips()
    subscription = followed(room, answer, notes)
    assert notes.text_so_far == parts[0]

    source.say("d")
    source.end()
    for _ in range(4):
        notes.clear = True
        room.audience.resume(subscription)

    assert notes.text_so_far == "".join([*parts, "d"])
    assert notes.told[-1] == ("ended", Finish.STOP)


def test_a_reader_that_clears_while_the_database_is_away_is_not_forgotten(
    room: Room, notes: Notes
) -> None:
    """Two troubles at once do not leave a reader standing."""
    answer, source = room.written("One ")
    subscription = followed(room, answer, notes)
    notes.clear = False
    source.say("two ")
    room.tick()
    notes.clear = True
    room.db.away = True
    room.audience.resume(subscription)
    room.db.away = False

    source.say("three ")
    room.tick()

    assert notes.text_so_far == "One two three "


def test_a_reader_that_clears_during_a_reading_is_served_by_it(
    room: Room, notes: Notes
) -> None:
    """Being slow for a moment while the database is read costs nothing."""
    answer, source = room.written("One ")
    reply = room.db.hold_reply("read")
    subscription = followed(room, answer, notes)
    notes.clear = False
    source.say("two ")
    room.tick()
    notes.clear = True
    room.audience.resume(subscription)

    reply.callback(None)

    assert notes.text_so_far == "One two "


def test_a_reader_that_breaks_is_alone_with_it(
    room: Room, notes: Notes, tidy: list[LogEvent]
) -> None:
    """One reader's fault costs the others nothing."""
    answer, source = room.written("One ")
    broken = Notes()
    followed(room, answer, broken)
    followed(room, answer, notes)
    broken.broken = True

    source.say("two ")
    room.tick()
    source.say("three ")
    source.end()

    assert notes.text_so_far == "One two three "
    assert len(tidy) == 1
    tidy.clear()


def test_a_reader_that_another_sends_away_is_told_nothing(
    room: Room, notes: Notes
) -> None:
    """Whoever leaves, leaves at once, even between two frames of one message."""
    answer, source = room.written("One ")

    class Sends(Notes):
        def text(self, *_: object) -> bool:
            room.audience.leave(later)
            return True

    joined(room, answer, Sends()).seq = 1
    later = joined(room, answer, notes)
    later.seq = 1

    source.say("two ")
    room.tick()

    assert notes.told == []


# ---- answers that have gone quiet


def test_a_quiet_answer_that_was_written_elsewhere_is_looked_up(
    room: Room, notes: Notes
) -> None:
    """Frames that were all lost are noticed within seconds."""
    answer = room.ask()
    joined(room, answer, notes)
    store(room, answer, "One ", "two ")

    room.clock.advance(STALE)
    result_of(room.audience.look_up())

    assert notes.told == [((1, 2), "One two ")]


def test_an_end_that_was_lost_is_looked_up(room: Room, notes: Notes) -> None:
    """Nobody waits for ever at an answer that has ended."""
    answer, _ = room.written("One.")
    followed(room, answer, notes)
    room.db.fail(room.db.lines[answer], Finish.EXPIRED)

    room.clock.advance(STALE)
    result_of(room.audience.look_up())

    assert notes.told[-1] == ("ended", Finish.EXPIRED)


def test_answers_that_are_heard_are_not_looked_up(room: Room, notes: Notes) -> None:
    """A lively node asks the database nothing."""
    answer, source = room.written("One ")
    followed(room, answer, notes)
    room.clock.advance(STALE - 0.5)
    source.say("two ")
    room.tick()
    room.clock.advance(0.5)
    room.db.calls.clear()

    result_of(room.audience.look_up())

    assert room.db.calls == []


def test_a_quiet_answer_with_nothing_new_is_left_alone(
    room: Room, notes: Notes
) -> None:
    """A model that thinks for long costs one small question a second."""
    answer, _ = room.written("One ")
    followed(room, answer, notes)
    room.db.calls.clear()

    room.clock.advance(STALE)
    result_of(room.audience.look_up())

    assert room.db.calls == ["progress"]


def test_a_node_without_others_heals_by_itself(room: Room, notes: Notes) -> None:
    """Answers that are abandoned need nobody else to be told."""
    room.audience.outlet = None
    answer = room.ask()
    joined(room, answer, notes)
    store(room, answer, "One ")

    room.audience.abandoned(answer)

    assert notes.told == [((1, 1), "One ")]


def test_stored_text_is_grouped_to_frames_of_bounded_size() -> None:
    """A long catch-up is few frames, none of which is too large to send."""
    answer = AnswerId("a")
    pieces = [piece(answer, seq, "x" * 3_000) for seq in range(1, 6)]

    grouped = list(groups(pieces))

    assert [(seq, len(text)) for seq, text in grouped] == [
        (2, 6_000),
        (4, 6_000),
        (5, 3_000),
    ]
    assert list(groups([])) == []


def test_a_single_large_piece_is_its_own_group() -> None:
    """What was stored as one piece is shown as one: it has one place."""
    answer = AnswerId("a")

    grouped = groups([piece(answer, 1, "x" * (GROUP + 1)), piece(answer, 2, "y")])

    assert [(seq, len(text)) for seq, text in grouped] == [(1, GROUP + 1), (2, 1)]


def test_many_frames_during_a_reading_cost_one_more_reading(
    room: Room, notes: Notes
) -> None:
    """A slow database is not asked more often because it is slow."""
    answer, source = room.written("0")
    gate: Deferred[None] = room.db.hold_reply("read")
    followed(room, answer, notes)
    for number in range(1, 20):
        source.say(str(number % 10))
        room.tick()

    gate.callback(None)

    assert room.db.calls.count("read") == 2
    assert len(notes.text_so_far) == 20
