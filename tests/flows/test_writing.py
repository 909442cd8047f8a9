"""Text from models: stored before it is shown, all streams in one statement."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import LogEvent

from tests.fakes.memory import ScriptedSource
from tests.fakes.results import result_of
from tests.fakes.room import TICK, Notes, Room, joined
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.ledger import Usage
from zimgpt.flows.drafts import LONGEST


@pytest.fixture
def room() -> Room:
    """A node on memory."""
    return Room()


def test_text_is_shown_only_after_it_is_stored(room: Room) -> None:
    """Nothing is on a screen that a crash could take back."""
    answer, notes = room.ask(), Notes()
    joined(room, answer, notes)
    room.begin(answer)
    on_its_way = room.db.hold_request("append")
    room.source().say("Rain ")
    room.clock.advance(0)
    assert notes.told == []

    on_its_way.callback(None)

    assert room.db.lines[answer].text == "Rain "
    assert notes.told == [((1, 1), "Rain ")]


def test_the_first_piece_does_not_wait_for_a_tick(room: Room) -> None:
    """Who has just asked sees the first words at once."""
    answer, source = room.written()

    source.say("Rain ")
    room.clock.advance(0)

    assert room.clock.seconds() == 0
    assert room.db.lines[answer].texts == {(1, 1): "Rain "}


def test_a_first_piece_during_a_store_is_stored_right_after_it(room: Room) -> None:
    """A slow commit of other answers costs a first piece that commit, not a tick."""
    _, first = room.written()
    second, source = room.written()
    on_its_way = room.db.hold_request("append")
    first.say("one")
    room.clock.advance(0)
    source.say("two")
    room.clock.advance(0)
    assert room.db.lines[second].text == ""

    on_its_way.callback(None)
    room.clock.advance(0)

    assert room.clock.seconds() == 0
    assert room.db.lines[second].text == "two"


def test_a_model_that_has_only_said_who_it_is_is_left_to_go_on(room: Room) -> None:
    """An event without text does not use up the hurry of the first piece."""
    answer, source = room.written()
    source.sink.ready()
    assert not source.paused

    source.say("Rain")
    room.clock.advance(0)

    assert room.db.lines[answer].text == "Rain"


def test_nothing_is_expected_of_a_stream_that_has_not_opened(room: Room) -> None:
    """A sink that is called too early does not break."""
    answer = room.ask()
    room.models.at_once = False
    room.begin(answer)
    draft = next(iter(room.answering._attempts.values())).draft

    draft.ready()
    draft.resume()

    assert not draft.begun


def test_between_ticks_streams_are_left_alone(room: Room) -> None:
    """A tick's text of one answer is one piece, however many events it came in."""
    answer, source = room.written("Rain ")
    for word in ("falls ", "on ", "Gwanda."):
        source.say(word)
    room.clock.advance(0)
    assert room.db.lines[answer].text == "Rain "

    room.tick()

    assert room.db.lines[answer].texts == {(1, 1): "Rain ", (1, 2): "falls on Gwanda."}


def test_a_stream_that_was_read_rests_until_the_tick(room: Room) -> None:
    """The second read of a tick is put off: one a tick is what streams cost."""
    _, source = room.written("Rain ")
    source.say("falls ")
    assert source.paused

    room.tick()
    assert not source.paused
    source.say("on ")
    assert source.paused


def test_all_streams_of_a_tick_are_one_statement(room: Room) -> None:
    """The database has one commit a tick, not one a stream."""
    sources = [room.written("start ")[1] for _ in range(20)]
    room.db.calls.clear()

    for source in sources:
        source.say("more ")
    room.tick()

    assert room.db.calls == ["append"]
    assert all(one.text == "start more " for one in room.db.lines.values())


def test_streams_are_stored_in_the_order_in_which_they_spoke(room: Room) -> None:
    """The same events have the same effects, whatever addresses objects have."""
    notes, sources = Notes(), []
    for _ in range(16):
        joined(room, room.written()[0], notes)
        sources.append(room.source())
    order = [5, 11, 0, 15, 3, 8, 1, 14, 7, 2, 12, 9, 4, 13, 6, 10]

    for number in order:
        sources[number].say(f"{number} ")
    room.tick()

    assert [text for _, text in notes.told] == [f"{number} " for number in order]


def test_a_tick_without_text_costs_no_statement(room: Room) -> None:
    """Models that think cost the database nothing."""
    _, source = room.written("Rain ")
    source.say("falls ")
    room.tick()
    room.db.calls.clear()

    for _ in range(5):
        room.tick()

    assert room.db.calls == []
    assert source.resumed == 2


def test_while_the_database_is_slow_models_wait(room: Room) -> None:
    """Memory does not fill with text that cannot be stored."""
    answer, source = room.written("Rain ")
    room.db.hold_request("append")
    source.say("falls ")
    room.tick()
    source.say("on ")
    assert source.paused

    for _ in range(10):
        room.tick()

    assert source.paused
    assert room.db.lines[answer].text == "Rain "


def test_text_waits_for_a_database_that_is_away(room: Room) -> None:
    """Text is neither lost nor doubled by a database that goes and comes."""
    answer, source = room.written("Rain ")
    notes = Notes()
    joined(room, answer, notes).seq = 1
    room.db.away = True
    source.say("falls ")
    for _ in range(30):
        room.tick()
    assert notes.told == []

    room.db.away = False
    for _ in range(5):
        room.tick()
    source.say("today.")
    room.tick()

    assert notes.told == [((1, 2), "falls "), ((1, 3), "today.")]


def test_a_commit_whose_reply_is_lost_is_not_doubled(room: Room) -> None:
    """A piece has its number: storing it again finds it there."""
    answer, source = room.written("Rain ")
    notes = Notes()
    joined(room, answer, notes).seq = 1
    room.db.unheard.append("append")

    source.say("falls ")
    room.tick()
    room.tick(0.5)

    assert room.db.lines[answer].texts == {(1, 1): "Rain ", (1, 2): "falls "}
    assert notes.told == [((1, 2), "falls ")]


def test_the_last_text_the_price_and_the_end_are_one_commit(room: Room) -> None:
    """Nothing but a whole end can be seen."""
    answer, source = room.written("Rain ")
    notes = Notes()
    joined(room, answer, notes).seq = 1
    room.db.calls.clear()

    source.say("falls.")
    source.end(usage=Usage(20, 10))

    line = room.db.lines[answer]
    assert room.db.calls == ["finish"]
    assert (line.text, line.settled, line.state) == ("Rain falls.", 30, State.COMPLETE)
    assert line.model == "model"
    assert notes.told == [((1, 2), "falls."), ("ended", Finish.STOP)]


def test_an_end_without_new_text_shows_only_the_end(room: Room) -> None:
    """No empty frame is paid for."""
    answer, source = room.written("Rain.")
    notes = Notes()
    joined(room, answer, notes).seq = 1

    source.end()

    assert notes.told == [("ended", Finish.STOP)]


def test_an_end_waits_for_a_store_that_is_under_way(room: Room) -> None:
    """The last text never overtakes the one before it."""
    answer, source = room.written("Rain ")
    notes = Notes()
    joined(room, answer, notes).seq = 1
    on_its_way = room.db.hold_request("append")
    source.say("falls ")
    room.tick()
    source.say("on Gwanda.")
    source.end()
    assert not room.db.lines[answer].state.ended

    on_its_way.callback(None)

    assert room.db.lines[answer].text == "Rain falls on Gwanda."
    assert notes.told == [
        ((1, 2), "falls "),
        ((1, 3), "on Gwanda."),
        ("ended", Finish.STOP),
    ]


def test_two_ends_wait_for_the_same_store(room: Room) -> None:
    """Several answers that end at once do not wait for one another."""
    first, one = room.written("a")
    second, two = room.written("b")
    on_its_way = room.db.hold_request("append")
    one.say("c")
    room.tick()
    one.end()
    two.end()

    on_its_way.callback(None)

    assert [room.db.lines[each].text for each in (first, second)] == ["ac", "b"]
    assert all(each.state.ended for each in room.db.lines.values())


def test_an_end_waits_for_a_database_that_is_away(room: Room) -> None:
    """An answer is settled when the database is back, and once."""
    answer, source = room.written("Rain.")
    notes = Notes()
    joined(room, answer, notes).seq = 1
    room.db.away = True
    source.end(usage=Usage(20, 10))
    room.tick(2)
    assert notes.told == []

    room.db.away = False
    room.tick(0.5)

    assert room.db.lines[answer].settled == 30
    assert notes.told == [("ended", Finish.STOP)]


def test_an_end_whose_reply_is_lost_is_found_by_its_readers(room: Room) -> None:
    """The end is told from what is stored, and charged once."""
    answer, source = room.written("Rain ")
    notes = Notes()
    joined(room, answer, notes).seq = 1
    room.db.unheard.append("finish")

    source.say("falls.")
    source.end(usage=Usage(20, 10))
    room.tick(0.5)

    assert room.db.lines[answer].settled == 30
    assert notes.told == [((1, 2), "falls."), ("ended", Finish.STOP)]
    assert room.writer.drafting == 0


def _taken_over(room: Room, source: ScriptedSource, answer: str) -> None:
    line = next(one for one in room.db.lines.values() if one.new.answer == answer)
    line.epoch, line.last_seq, line.owner = 2, 0, "there"
    assert not source.ended.called


def test_a_superseded_draft_ends_at_its_next_piece(room: Room) -> None:
    """A writer whose lease ran out shows nothing more, and its model is stopped."""
    answer, source = room.written("Rain ")
    notes = Notes()
    joined(room, answer, notes).seq = 1
    _taken_over(room, source, answer)

    source.say("falls ")
    room.tick()

    assert source.ended.called
    assert room.writer.drafting == 0
    assert notes.told == [("reset", 2)]
    assert room.db.lines[answer].settled is None


def test_a_draft_superseded_while_its_end_waits_writes_no_end(room: Room) -> None:
    """Only the present attempt settles."""
    answer, source = room.written("Rain ")
    on_its_way = room.db.hold_request("append")
    source.say("falls ")
    room.tick()
    source.end()
    room.db.lines[answer].epoch = 2
    room.db.lines[answer].last_seq = 0

    on_its_way.callback(None)

    assert room.db.calls.count("finish") == 0
    assert not room.db.lines[answer].state.ended
    assert room.answering.running == 0


def test_a_draft_superseded_at_its_end_leaves_the_answer_alone(room: Room) -> None:
    """The later attempt's text is what counts."""
    answer, source = room.written("Rain.")
    notes = Notes()
    joined(room, answer, notes).seq = 1
    _taken_over(room, source, answer)

    source.end()

    assert not room.db.lines[answer].state.ended
    assert notes.told == [("reset", 2)]
    assert room.idle()


def test_an_attempt_lost_during_its_last_commit_still_tells_the_end(room: Room) -> None:
    """What was committed is what happened, whoever thinks the lease is gone."""
    answer, source = room.written("Rain.")
    notes = Notes()
    joined(room, answer, notes).seq = 1
    reply = room.db.hold_reply("finish")
    source.end()
    [attempt] = room.answering._attempts.values()
    room.db.away = True  # readers cannot look it up
    room.writer.lost(attempt.draft)
    room.db.away = False

    reply.callback(None)

    assert notes.told == [("ended", Finish.STOP)]
    assert room.idle()


def test_lost_drafts_do_not_insist(room: Room) -> None:
    """A node that has given everything away leaves no timer that keeps it alive."""
    _, source = room.written("Rain ")
    room.db.away = True
    source.say("falls ")
    room.tick()
    for attempt in tuple(room.answering._attempts.values()):
        room.writer.lost(attempt.draft)

    room.tick(0.5)

    assert room.idle()
    assert room.answering.running == 0


def test_text_that_cannot_be_stored_ends_its_own_answer_only(
    room: Room, tidy: list[LogEvent]
) -> None:
    """One model's nonsense does not stop the other answers of the node."""
    good, one = room.written("Rain ")
    bad, two = room.written("Sun ")
    one.say("falls")
    two.say("sh\x00ines")

    room.tick()

    assert room.db.lines[good].text == "Rain falls"
    assert room.db.lines[bad].text == "Sun "
    assert two.ended.called
    assert not one.ended.called
    assert len(tidy) == 2
    tidy.clear()


def test_a_stream_that_breaks_when_read_ends_its_own_answer_only(
    room: Room, tidy: list[LogEvent]
) -> None:
    """One stream's trouble does not lose the text of the others."""
    good, one = room.written("Rain ")
    bad, two = room.written("Sun ")
    one.say("falls")
    two.say("\ud800")  # a source promises never to give this

    room.tick()

    assert room.db.lines[good].text == "Rain falls"
    assert room.db.lines[bad].text == "Sun "
    assert two.ended.called
    assert len(tidy) == 1
    tidy.clear()


def test_a_break_after_a_commit_does_not_stop_the_writer(
    room: Room, tidy: list[LogEvent]
) -> None:
    """Whatever goes wrong in one round, there is a next."""

    class Broken:
        def show(self, *_: object) -> None:
            raise ZeroDivisionError

        def wanted(self, *_: object) -> None: ...

        def forget(self, *_: object) -> None: ...

    answer, source = room.written("Rain ")
    room.audience.outlet = Broken()
    source.say("falls ")
    room.tick()
    room.audience.outlet = None

    source.say("today")
    room.tick()

    assert room.db.lines[answer].text == "Rain falls today"
    assert len(tidy) == 1
    tidy.clear()


def test_no_timer_is_left_when_nothing_is_written(room: Room) -> None:
    """An idle node sleeps."""
    _, source = room.written("Rain.")
    source.end()

    assert room.idle()


def test_ticks_begin_again_with_the_next_answer(room: Room) -> None:
    """After a rest the node writes as before."""
    _, first = room.written("one")
    first.end()
    assert room.idle()

    second, source = room.written("two")
    source.say(" more")
    room.tick()

    assert room.db.lines[second].text == "two more"


def test_an_attempt_that_is_lost_twice_is_lost_once(room: Room) -> None:
    """A late discovery of what is known already changes nothing."""
    answer, _ = room.written("Rain ")
    [attempt] = room.answering._attempts.values()

    room.writer.lost(attempt.draft)
    room.writer.discard(attempt.draft)

    assert room.writer.drafting == 0
    assert room.db.lines[answer].settled is None


def test_a_burst_of_reads_parks_a_stream_once(room: Room) -> None:
    """However many events one read brings, the tick has one stream to wake."""
    _, source = room.written("Rain ")

    for _ in range(1_000):
        source.sink.ready()
    room.tick()

    assert source.resumed == 2


def test_memory_of_text_is_let_go_with_its_answer(room: Room) -> None:
    """A finished answer keeps no hold of its model's stream."""
    _, source = room.written("Rain.")
    [attempt] = room.answering._attempts.values()

    source.end()

    assert attempt.draft._source is None


def test_a_store_that_is_held_holds_nothing_else_up(room: Room) -> None:
    """Answers may begin, and first pieces come, while a commit is under way."""
    _, source = room.written("one")
    gate: Deferred[None] = room.db.hold_request("append")
    source.say("more")
    room.tick()
    later = [room.written() for _ in range(3)]
    for _, each in later:
        each.say("first")
    room.clock.advance(TICK / 10)

    gate.callback(None)
    room.clock.advance(0)

    assert all(room.db.lines[answer].text == "first" for answer, _ in later)


# ---- pieces that fit a frame


def test_a_flood_of_text_is_stored_in_pieces_that_fit_a_frame(room: Room) -> None:
    """What comes in one breath is several pieces, shown in order."""
    answer, notes = room.ask(), Notes()
    joined(room, answer, notes)
    room.begin(answer)
    flood = "".join(chr(0x1F600 + n % 50) for n in range(3 * LONGEST + 5))

    room.source().say(flood)
    room.clock.pump([TICK] * 5)

    assert [place for place, _ in notes.told] == [(1, 1), (1, 2), (1, 3), (1, 4)]
    assert max(len(str(text)) for _, text in notes.told) == LONGEST
    assert "".join(str(text) for _, text in notes.told) == flood
    assert room.db.lines[answer].text == flood


def test_a_flood_at_the_very_end_is_stored_in_pieces_too(room: Room) -> None:
    """The last of them is stored with the settlement, the others before it."""
    answer, notes = room.ask(), Notes()
    joined(room, answer, notes)
    job = room.begin(answer)
    source = room.source()
    source.say("Rain ")
    room.clock.advance(0)
    flood = "x" * (2 * LONGEST + 1)

    source.say(flood)
    source.end()
    room.clock.pump([TICK] * 5)

    line = room.db.lines[answer]
    assert result_of(job) is not None
    assert [len(line.texts[1, seq]) for seq in (1, 2, 3, 4)] == [5, LONGEST, LONGEST, 1]
    assert line.text == "Rain " + flood
    *texts, ended = notes.told
    assert "".join(str(text) for _, text in texts) == line.text
    assert ended == ("ended", Finish.STOP)
    assert line.state is State.COMPLETE
