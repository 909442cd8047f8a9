"""Jobs from their claim to the end of their answer."""

from __future__ import annotations

import attrs
import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import LogEvent, LogLevel, capturedLogs

from tests.fakes.memory import LEASE, MOST_ATTEMPTS, asked
from tests.fakes.results import begun, result_of
from tests.fakes.room import Notes, Room, followed, joined
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import Unavailable
from zimgpt.domain.ledger import Price, Usage
from zimgpt.domain.questions import Message
from zimgpt.flows.answering import RETRY
from zimgpt.flows.ports import ModelBusy, ModelUnreachable


@pytest.fixture
def room() -> Room:
    """A node on memory."""
    return Room()


def outcome(room: Room, answer: AnswerId) -> tuple[State, Finish | None, int | None]:
    """How an answer ended and what it cost."""
    line = room.db.lines[answer]
    return line.state, line.finish, line.settled


def test_an_answer_is_written_settled_and_done(room: Room) -> None:
    """The plain path: the model's own count is what is charged."""
    answer = room.ask()
    job = room.begin(answer)
    room.source().say("Rain falls.")
    room.source().end(usage=Usage(20, 30))

    assert result_of(job) is True
    assert outcome(room, answer) == (State.COMPLETE, Finish.STOP, 50)
    assert room.db.lines[answer].text == "Rain falls."
    assert room.answering.running == 0


def test_the_model_is_asked_for_no_more_than_is_held(room: Room) -> None:
    """The hold covers what the model may write."""
    answer = room.ask()

    room.begin(answer)

    [(messages, most)] = room.models.asked
    assert most == room.db.lines[answer].new.terms.max_tokens
    assert messages[-1] == Message("user", "Question 1?")


def test_a_chat_remembers_the_turns_that_were_priced(room: Room) -> None:
    """The model is told the earlier turns from the window's first on."""
    first, source = room.written("Tom.")
    source.end()
    second = room.ask()
    line = room.db.lines[second]
    line.conversation = ConversationId("c1")
    line.new = attrs.evolve(line.new, window_from=first)

    room.begin(second)

    messages, _ = room.models.asked[-1]
    assert [one.content for one in messages[1:]] == [
        "Question 1?",
        "Tom.",
        "Question 2?",
    ]


def test_a_job_that_is_taken_or_done_is_left_alone(room: Room) -> None:
    """A job offered twice is answered once."""
    answer = room.ask()
    room.begin(answer)

    result_of(room.begin(answer))
    room.source().end(usage=Usage(1, 1))
    result_of(room.begin(answer))

    assert len(room.models.asked) == 1


def test_the_nodes_that_wait_for_an_answer_are_noted(room: Room) -> None:
    """The node that took a question gets the frames without asking."""
    room.broker.living.add("there")
    answer = room.ask(origin="there")

    room.begin(answer)
    room.source().say("One")
    room.clock.advance(0)

    assert [node for node, _ in room.broker.sent] == ["there"]


def test_an_answer_without_a_usage_frame_is_estimated_in_the_askers_favour(
    room: Room,
) -> None:
    """A model that does not count costs less, never more."""
    answer = room.ask()
    room.begin(answer)
    room.source().say("x" * 400)
    room.source().end()

    line = room.db.lines[answer]
    assert line.usage == Usage(15, 100, estimated=True)
    assert line.settled == 115


@pytest.mark.parametrize("usage", [Usage(20, 10**6), Usage(10**6, 2)])
def test_a_use_that_cannot_be_is_an_alarm(room: Room, usage: Usage) -> None:
    """An estimate is charged, and the operator is told which answer it was."""
    answer = room.ask()
    room.begin(answer)
    room.source().say("x" * 400)
    with capturedLogs() as events:
        room.source().end(usage=usage)

    assert room.db.lines[answer].settled == 115
    [alarm] = [e for e in events if e["log_level"] is LogLevel.error]
    assert (alarm["model"], alarm["answer"]) == (room.models.name, answer)


def test_a_model_without_a_price_of_its_own_costs_the_dearest(room: Room) -> None:
    """A name that changed after the hold is charged within the hold."""
    room.db.prices = (Price("a", 1_000, 1_000), Price("b", 2_000, 1_000))
    room.models.name = "c"
    answer = room.ask()
    room.begin(answer)
    room.source().say("Rain.")
    room.source().end(usage=Usage(20, 10))

    assert room.db.lines[answer].settled == 50


@pytest.mark.parametrize(
    ("trouble", "finish"),
    [
        (ModelBusy("full"), Finish.BUSY),
        (ModelUnreachable("gone"), Finish.UNREACHABLE),
    ],
)
def test_a_model_that_refuses_costs_nothing(
    room: Room, trouble: Exception, finish: Finish
) -> None:
    """Failure before the first piece is free, and told as what it is."""
    room.models.trouble = trouble
    answer, notes = room.ask(), Notes()
    joined(room, answer, notes)

    result_of(room.begin(answer))

    assert outcome(room, answer) == (State.FAILED, finish, 0)
    assert notes.told == [("ended", finish)]


# ---- stopping


def test_a_stop_before_the_job_is_taken_is_free(room: Room) -> None:
    """A question stopped in the queue never reaches a model."""
    answer = room.ask()
    room.db.lines[answer].stop_requested = True

    result_of(room.begin(answer))

    assert room.models.asked == []
    assert outcome(room, answer) == (State.FAILED, Finish.STOPPED, 0)


def test_a_stop_while_the_job_is_being_taken_is_kept(room: Room) -> None:
    """No moment is too early for a stop."""
    answer = room.ask()
    reply = room.db.hold_reply("claim")
    job = room.begin(answer)
    assert room.answering.running == 1

    room.answering.stop(answer)
    reply.callback(None)

    assert result_of(job) is True
    assert room.models.asked == []
    assert outcome(room, answer) == (State.FAILED, Finish.STOPPED, 0)


def test_a_stop_while_another_job_is_being_taken_is_not_kept_for_ever(
    room: Room,
) -> None:
    """What was remembered for a claim is forgotten with it."""
    first, second = room.ask(), room.ask()
    reply = room.db.hold_reply("claim")
    room.begin(first)
    room.answering.stop(second)
    reply.callback(None)

    room.begin(second)

    assert len(room.models.asked) == 2
    assert not room.db.lines[second].state.ended


def test_a_stop_outlasts_the_claims_of_other_jobs(room: Room) -> None:
    """A stop is kept until the last claim that it may be about has its reply."""
    first, second = room.ask(), room.ask()
    replies = [room.db.hold_reply("claim") for _ in range(2)]
    room.begin(first)
    room.begin(second)
    room.answering.stop(second)

    for reply in replies:
        reply.callback(None)

    assert len(room.models.asked) == 1
    assert room.db.lines[second].finish is Finish.STOPPED


def test_a_stop_while_the_prompt_is_read_asks_no_model(room: Room) -> None:
    """What need not be paid for is not begun."""
    answer = room.ask()
    reply = room.db.hold_reply("remembered")
    job = room.begin(answer)

    room.answering.stop(answer)
    reply.callback(None)

    assert result_of(job) is True
    assert room.models.asked == []
    assert outcome(room, answer) == (State.FAILED, Finish.STOPPED, 0)


def test_a_stop_before_the_model_has_opened_is_free(room: Room) -> None:
    """Nobody waits for a model that is not wanted any more."""
    room.models.at_once = False
    answer = room.ask()
    job = room.begin(answer)

    room.answering.stop(answer)

    assert result_of(job) is True
    assert outcome(room, answer) == (State.FAILED, Finish.STOPPED, 0)


def test_a_stop_after_the_model_has_opened_and_before_its_text_is_free(
    room: Room,
) -> None:
    """A model that thinks is hung up on at once."""
    answer = room.ask()
    job = room.begin(answer)

    room.answering.stop(answer)

    assert result_of(job) is True
    assert room.source().ended.called
    assert outcome(room, answer) == (State.FAILED, Finish.STOPPED, 0)


def test_a_stop_in_the_middle_pays_for_what_was_written(room: Room) -> None:
    """The text stays, and is charged as far as it came."""
    answer, source = room.written("x" * 400)
    notes = Notes()
    followed(room, answer, notes)
    source.say("y" * 40)

    room.answering.stop(answer)

    assert outcome(room, answer) == (State.INTERRUPTED, Finish.STOPPED, 125)
    assert room.db.lines[answer].text == "x" * 400 + "y" * 40
    assert notes.told[-1] == ("ended", Finish.STOPPED)


def test_a_stop_after_the_end_changes_nothing(room: Room) -> None:
    """A stop that crosses the end is harmless."""
    answer, source = room.written("Rain.")
    source.end(usage=Usage(20, 2))

    room.answering.stop(answer)

    assert outcome(room, answer) == (State.COMPLETE, Finish.STOP, 22)


def test_a_stop_during_the_last_commit_changes_nothing(room: Room) -> None:
    """An answer that has said all is complete, stopped or not."""
    answer, source = room.written("Rain.")
    request = room.db.hold_request("finish")
    source.end(usage=Usage(20, 2))

    room.answering.stop(answer)
    request.callback(None)

    assert outcome(room, answer) == (State.COMPLETE, Finish.STOP, 22)


def test_stopping_twice_is_stopping(room: Room) -> None:
    """An impatient second press does no harm."""
    room.models.at_once = False
    answer = room.ask()
    request = room.db.hold_request("finish")
    job = room.begin(answer)
    room.answering.stop(answer)
    room.answering.stop(answer)

    request.callback(None)

    assert result_of(job) is True
    assert outcome(room, answer) == (State.FAILED, Finish.STOPPED, 0)


def test_a_stop_ends_only_its_own_answer(room: Room) -> None:
    """The other answers of the node go on."""
    first, one = room.written("Rain")
    second, two = room.written("Sun")

    room.answering.stop(first)

    assert one.ended.called
    assert not two.ended.called
    assert not room.db.lines[second].state.ended


def test_a_model_that_opens_although_it_was_stopped_is_hung_up_on(room: Room) -> None:
    """A stop cannot be outrun by a model that was just answering."""
    answer, _ = room.written()
    [attempt] = room.answering._attempts.values()
    attempt.draft.stopped = True

    attempt.draft.opened(room.source())

    assert room.source().ended.called
    assert outcome(room, answer) == (State.FAILED, Finish.STOPPED, 0)


def test_a_refusal_that_follows_a_stop_is_told_as_the_stop(room: Room) -> None:
    """Who pressed stop is not told that the model is broken."""
    room.models.at_once = False
    answer = room.ask()
    job = room.begin(answer)
    [attempt] = room.answering._attempts.values()
    attempt.draft.abort()
    room.models.trouble = ModelUnreachable("hung up")

    room.models.waiting[0].callback(None)

    assert result_of(job) is True
    assert outcome(room, answer) == (State.FAILED, Finish.STOPPED, 0)


# ---- trouble


def test_a_database_that_is_away_leaves_a_job_with_the_broker(room: Room) -> None:
    """A job that could not be claimed is not acknowledged."""
    answer = room.ask()
    room.db.away = True

    with pytest.raises(Unavailable):
        result_of(room.begin(answer))

    assert room.answering.running == 0


def test_a_prompt_waits_for_a_database_that_is_away(room: Room) -> None:
    """A short outage costs a claimed answer half a second, not its lease."""
    request = room.db.hold_request("remembered")
    room.begin(room.ask())
    room.db.away = True
    request.callback(None)
    assert room.models.asked == []

    room.db.away = False
    room.tick(0.5)

    assert len(room.models.asked) == 1


def test_a_model_that_breaks_is_tried_again(room: Room, tidy: list[LogEvent]) -> None:
    """A fault of ours costs the asker a moment, and nothing else."""
    room.models.trouble = ZeroDivisionError("oh")
    answer = room.ask()
    result_of(room.begin(answer))
    line = room.db.lines[answer]
    assert (line.job_state, line.last_error) == ("queued", "ZeroDivisionError: oh")

    room.models.trouble = None
    room.clock.advance(RETRY.total_seconds())
    room.begin(answer)
    room.source().say("Rain.")
    room.source().end(usage=Usage(20, 2))

    assert outcome(room, answer) == (State.COMPLETE, Finish.STOP, 22)
    assert len(tidy) == 1
    tidy.clear()


def test_a_model_that_breaks_in_the_middle_begins_again(
    room: Room, tidy: list[LogEvent]
) -> None:
    """What was shown is void, and is not charged."""
    answer, source = room.written("Rain ")
    notes = Notes()
    followed(room, answer, notes)
    source.ended.errback(ZeroDivisionError("oh"))
    room.clock.advance(RETRY.total_seconds())

    room.begin(answer)
    room.source().say("Sun.")
    room.source().end(usage=Usage(20, 2))

    assert notes.told[2:] == [("reset", 2), ((2, 1), "Sun."), ("ended", Finish.STOP)]
    assert outcome(room, answer) == (State.COMPLETE, Finish.STOP, 22)
    assert len(tidy) == 1
    tidy.clear()


def test_after_the_last_attempt_the_asker_is_told_and_not_charged(
    room: Room, tidy: list[LogEvent]
) -> None:
    """Nobody waits at a question that nobody will answer."""
    room.models.trouble = ZeroDivisionError("oh")
    answer, notes = room.ask(), Notes()
    followed(room, answer, notes)

    for _ in range(MOST_ATTEMPTS):
        result_of(room.begin(answer))
        room.clock.advance(RETRY.total_seconds())

    assert outcome(room, answer) == (State.FAILED, Finish.GAVE_UP, 0)
    assert notes.told[-1] == ("ended", Finish.GAVE_UP)
    assert len(tidy) == MOST_ATTEMPTS
    tidy.clear()


def test_a_broken_job_is_given_back_when_the_database_is_there_again(
    room: Room, tidy: list[LogEvent]
) -> None:
    """Two troubles at once do not cost the asker a whole lease."""
    answer, source = room.written("Rain ")
    room.db.away = True
    source.ended.errback(ZeroDivisionError("oh"))

    room.db.away = False
    room.tick(0.5)

    assert room.db.lines[answer].job_state == "queued"
    assert room.idle()
    tidy.clear()


def test_a_job_that_cannot_be_given_back_is_offered_again(
    room: Room, tidy: list[LogEvent]
) -> None:
    """A fault upon a fault is the broker's to repeat, and leaves nothing open here."""
    answer = room.ask()
    room.db.broken.add("retry")
    room.models.trouble = ZeroDivisionError("oh")

    with pytest.raises(ZeroDivisionError):
        result_of(room.begin(answer))

    assert (room.answering.running, room.writer.drafting) == (0, 0)
    assert room.idle()
    tidy.clear()


def test_a_cancelling_that_nobody_asked_for_is_a_fault(
    room: Room, tidy: list[LogEvent]
) -> None:
    """A stream that is torn down by accident is not taken for the asker's stop."""
    room.models.trouble = CancelledError()
    answer = room.ask()

    result_of(room.begin(answer))

    assert room.db.lines[answer].job_state == "queued"
    assert len(tidy) == 1
    tidy.clear()


# ---- leases


def test_leases_are_kept_while_a_model_writes(room: Room) -> None:
    """A long answer is not taken away from the node that writes it."""
    answer, _ = room.written("Rain ")

    for _ in range(9):
        room.clock.advance(LEASE / 3)
        result_of(room.answering.renew())

    assert room.db.lines[answer].lease_until == room.clock.seconds() + LEASE


def test_an_idle_node_renews_nothing(room: Room) -> None:
    """No job, no statement."""
    result_of(room.answering.renew())

    assert room.db.calls == []


def test_a_renewal_that_is_missed_is_made_up_for(room: Room) -> None:
    """A database that is away for a moment costs no lease."""
    _, source = room.written("Rain ")
    room.db.away = True
    result_of(room.answering.renew())
    room.db.away = False

    result_of(room.answering.renew())

    assert not source.ended.called


def test_an_attempt_whose_lease_is_gone_stops(room: Room) -> None:
    """Two nodes do not write one answer, and only one is paid for."""
    answer, source = room.written("Rain ")
    room.db.lines[answer].owner = "there"

    result_of(room.answering.renew())

    assert source.ended.called
    assert room.db.lines[answer].settled is None
    assert (room.answering.running, room.writer.drafting) == (0, 0)


def test_a_job_that_ended_during_a_renewal_is_not_lost(room: Room) -> None:
    """A late reply about leases does not touch what came after."""
    answer, source = room.written("Rain ")
    reply = room.db.hold_reply("renew")
    renewing = begun(room.answering.renew())
    room.db.lines[answer].owner = "there"
    source.end(usage=Usage(1, 1))

    reply.callback(None)

    assert result_of(renewing) is None
    assert room.answering.running == 0


def test_a_renewal_that_is_about_an_earlier_attempt_is_ignored(room: Room) -> None:
    """The lease that ran out is not that of the attempt which began since."""
    answer, source = room.written("Rain ")
    line = room.db.lines[answer]
    line.lease_until = room.clock.seconds()
    reply = room.db.hold_reply("renew")
    renewing = begun(room.answering.renew())
    room.begin(answer)  # the broker has offered it again
    assert source.ended.called

    reply.callback(None)
    result_of(renewing)
    room.source().say("Sun.")
    room.source().end(usage=Usage(20, 2))

    assert (line.text, line.settled) == ("Sun.", 22)


def test_a_job_that_comes_back_to_the_same_node_replaces_its_earlier_attempt(
    room: Room,
) -> None:
    """After a lost lease the later attempt alone is written, kept and renewed."""
    answer, first = room.written("Once ")
    notes = Notes()
    followed(room, answer, notes)
    room.clock.advance(LEASE)
    room.begin(answer)
    first.say("upon")
    room.source().say("Long ")
    room.tick()

    result_of(room.answering.renew())

    assert room.answering.running == 1
    assert room.db.lines[answer].lease_until == room.clock.seconds() + LEASE
    assert notes.told[2:] == [("reset", 2), ((2, 1), "Long ")]


def test_a_later_attempt_survives_the_late_end_of_an_earlier_one(room: Room) -> None:
    """Whichever of two attempts ends last, the later one is still known here."""
    answer = room.ask()
    gate = room.db.hold_request("remembered")
    earlier = room.begin(answer)
    room.clock.advance(LEASE)
    room.begin(answer)
    gate.callback(None)
    assert result_of(earlier) is True

    room.answering.stop(answer)

    assert outcome(room, answer) == (State.FAILED, Finish.STOPPED, 0)


# ---- going away


def test_a_node_that_gives_up_hands_everything_over(room: Room) -> None:
    """Other nodes go on at once; nothing is charged for what they begin again."""
    answer, source = room.written("Rain ")
    waiting = room.ask()
    room.models.at_once = False
    room.begin(waiting)

    result_of(room.answering.give_up())

    assert source.ended.called
    assert {line.job_state for line in room.db.lines.values()} == {"queued"}
    assert room.db.lines[answer].settled is None
    assert (room.answering.running, room.writer.drafting) == (0, 0)
    assert room.idle()


def test_a_job_that_is_taken_too_late_is_handed_over(room: Room) -> None:
    """A claim that crosses the giving up is given back, too."""
    answer = room.ask()
    reply = room.db.hold_reply("claim")
    job = room.begin(answer)
    result_of(room.answering.give_up())
    room.db.lines[answer].job_state, room.db.lines[answer].owner = "running", "here"

    reply.callback(None)

    assert result_of(job) is False
    assert room.db.lines[answer].job_state == "queued"
    assert room.models.asked == []


def test_giving_up_does_not_undo_an_end_that_is_being_committed(room: Room) -> None:
    """An answer that has ended is settled, whatever happens to its node."""
    answer, source = room.written("Rain.")
    request: Deferred[None] = room.db.hold_request("finish")
    source.end(usage=Usage(20, 2))
    result_of(room.answering.give_up())

    request.callback(None)

    assert outcome(room, answer) == (State.COMPLETE, Finish.STOP, 22)
    assert room.answering.running == 0


def test_giving_up_ends_waits_for_a_database_that_is_away(room: Room) -> None:
    """A node is not kept alive by a database that it cannot reach."""
    answer = room.ask()
    request = room.db.hold_request("remembered")
    job = room.begin(answer)
    room.db.away = True
    request.callback(None)

    with pytest.raises(Unavailable):
        result_of(room.answering.give_up())
    room.tick(0.5)

    assert result_of(job) is True
    assert room.idle()


def test_questions_of_many_people_do_not_mix(room: Room) -> None:
    """Each answer gets its own model's text."""
    pairs = []
    for number in range(50, 60):
        new = asked(room.db, number)
        room.begin(new.answer)
        pairs.append((new.answer, room.source()))

    for number, (_, source) in enumerate(pairs):
        source.say(f"Answer {number}")
        source.end(usage=Usage(1, 1))

    assert [room.db.lines[answer].text for answer, _ in pairs] == [
        f"Answer {number}" for number in range(10)
    ]
