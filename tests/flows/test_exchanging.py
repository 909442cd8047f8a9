"""Frames and calls between nodes."""

from __future__ import annotations

import pytest
from twisted.logger import LogEvent

from tests.fakes.memory import LEASE, Database, MemoryBroker
from tests.fakes.results import result_of
from tests.fakes.room import Notes, Room, followed, joined
from zimgpt.domain.accounts import SessionId, UserId
from zimgpt.domain.answers import Finish
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.following import STALE
from zimgpt.wire import frames


@pytest.fixture
def writers() -> Room:
    """The node that writes."""
    return Room()


@pytest.fixture
def readers(writers: Room) -> Room:
    """Another node with the same database and broker."""
    return Room(writers.db, "there", writers.broker)


def carry(*rooms: Room) -> int:
    """Delivers what nodes have sent one another; returns how many messages."""
    by_name = {room.name: room for room in rooms}
    broker: MemoryBroker = rooms[0].broker
    count = 0
    while broker.sent:
        node, body = broker.sent.pop(0)
        by_name[node].exchange.heard(body)
        count += 1
    return count


def test_an_answer_is_read_live_where_it_was_asked(
    writers: Room, readers: Room
) -> None:
    """The node that took a question shows its answer while another writes it."""
    answer, notes = writers.ask(origin="there"), Notes()
    joined(readers, answer, notes)
    writers.begin(answer)
    for text in ("Rain ", "falls "):
        writers.source().say(text)
        writers.tick()
        carry(writers, readers)
    writers.source().end()
    carry(writers, readers)

    assert notes.told == [
        ((1, 1), "Rain "),
        ((1, 2), "falls "),
        ("ended", Finish.STOP),
    ]
    assert "read" not in writers.db.calls


def test_an_answer_can_be_followed_from_any_node(writers: Room, readers: Room) -> None:
    """Who reconnects to another node gets what is stored, and then live frames."""
    answer, source = writers.written("Rain ")
    notes = Notes()
    followed(readers, answer, notes)
    carry(writers, readers)

    source.say("falls ")
    writers.tick()
    carry(writers, readers)

    assert notes.told == [("at", 1, 0), ((1, 1), "Rain "), ((1, 2), "falls ")]


def test_a_tick_is_one_message_for_a_node(writers: Room, readers: Room) -> None:
    """However many answers it follows, a node gets one message a tick."""
    answers = [writers.ask(origin="there") for _ in range(10)]
    for answer in answers:
        writers.begin(answer)
        writers.source().say("Rain ")
    writers.clock.advance(0)

    [(node, body)] = writers.broker.sent

    assert node == "there"
    message = frames.decode(body)
    assert isinstance(message, frames.Frames)
    assert {piece[0] for piece in message.pieces} == set(answers)


def test_one_node_alone_sends_nothing(writers: Room) -> None:
    """On one node no frame passes the broker."""
    answer, source = writers.written("Rain ")
    followed(writers, answer, Notes())
    source.end()

    assert writers.broker.sent == []


def test_nobody_is_sent_what_nobody_follows_any_more(
    writers: Room, readers: Room
) -> None:
    """A node that has unfollowed an answer gets no more of it."""
    answer, source = writers.written("Rain ")
    writers.exchange.heard(frames.encode(frames.Follow(answer, "there")))
    writers.exchange.heard(frames.encode(frames.Unfollow(answer, "there")))

    source.say("falls ")
    source.end()

    assert writers.broker.sent == []


def test_a_node_whose_readers_have_gone_says_so(writers: Room, readers: Room) -> None:
    """What nobody reads there any more is sent once more and never again."""
    answer, source = writers.written("Rain ")
    writers.exchange.add(answer, "there")

    source.say("falls ")
    writers.tick()
    [(node, said)] = writers.broker.sent
    writers.broker.sent.clear()
    readers.exchange.heard(said)
    told = writers.broker.sent.copy()
    carry(writers, readers)
    source.say("on dry fields.")
    writers.tick()

    assert node == "there"
    assert told == [("here", frames.encode(frames.Unfollow(answer, "there")))]
    assert writers.broker.sent == []


def test_nodes_are_told_in_the_order_in_which_they_asked(writers: Room) -> None:
    """The same events have the same effects, in whatever process they happen."""
    nodes = [f"node {number}" for number in (5, 2, 9, 0, 7, 1, 8, 3, 6, 4)]
    writers.broker.living.update(nodes)
    answer, source = writers.written("Rain ")
    for node in nodes:
        writers.exchange.heard(frames.encode(frames.Follow(answer, node)))

    source.say("falls ")
    writers.tick()

    assert [node for node, _ in writers.broker.sent] == nodes


def test_who_follows_too_late_is_not_remembered(writers: Room, readers: Room) -> None:
    """Nodes that ask for an answer which is not written here leave nothing behind."""
    answer, source = writers.written("Rain.")
    source.end()

    writers.exchange.heard(frames.encode(frames.Follow(answer, "there")))

    assert writers.exchange._followers == {}


@pytest.mark.parametrize("end", ["plain", "lost", "superseded", "unheard"])
def test_nothing_is_remembered_of_an_answer_that_is_not_written_here_any_more(
    writers: Room, readers: Room, end: str
) -> None:
    """However an attempt ends, a node that runs for months does not grow."""
    answer = writers.ask(origin="there")
    writers.begin(answer)
    line = writers.db.lines[answer]
    if end == "lost":
        line.owner = "there"
        result_of(writers.answering.renew())
    elif end == "superseded":
        line.epoch = 2
        writers.source().end()
    else:
        writers.db.unheard += ["finish"] * (end == "unheard")
        writers.source().end()
        writers.tick(0.5)

    assert writers.exchange._followers == {}


def test_a_later_attempt_on_the_same_node_keeps_its_followers(
    writers: Room, readers: Room
) -> None:
    """Losing the earlier attempt does not cut off those who follow the answer."""
    answer, notes = writers.ask(origin="there"), Notes()
    joined(readers, answer, notes)
    writers.begin(answer)
    writers.clock.advance(LEASE)
    writers.begin(answer)

    writers.source().say("Rain.")
    writers.clock.advance(0)
    carry(writers, readers)

    assert notes.told == [("reset", 2), ((2, 1), "Rain.")]


def test_a_node_that_is_gone_is_sent_nothing_more(writers: Room) -> None:
    """Frames for a dead node cost one failed message."""
    answer, other = writers.ask(origin="dead"), writers.ask(origin="dead")
    for one in (answer, other):
        writers.begin(one)
        writers.source().say("Rain ")
    writers.clock.advance(0)
    writers.broker.living.add("dead")

    for source in writers.models.sources:
        source.say("falls ")
    writers.tick()

    assert writers.broker.sent == []


def test_frames_that_the_broker_lost_are_read_from_what_is_stored(
    writers: Room, readers: Room
) -> None:
    """A broker without memory costs a reader some seconds, and no text."""
    answer, notes = writers.ask(origin="there"), Notes()
    joined(readers, answer, notes)
    writers.begin(answer)
    writers.broker.refuses = True
    writers.source().say("Rain ")
    writers.clock.advance(0)
    writers.source().say("falls.")
    writers.source().end()
    writers.broker.refuses = False

    readers.clock.advance(STALE)
    result_of(readers.audience.look_up())

    assert notes.told == [((1, 2), "Rain falls."), ("ended", Finish.STOP)]


def test_a_quiet_writer_is_asked_again(writers: Room, readers: Room) -> None:
    """A writer that forgot its followers, or a new one, is asked for its frames."""
    answer, source = writers.written("Rain ")
    notes = Notes()
    followed(readers, answer, notes)
    writers.broker.sent.clear()  # the message was lost
    readers.clock.advance(STALE)
    result_of(readers.audience.look_up())
    carry(writers, readers)

    source.say("falls ")
    writers.tick()
    carry(writers, readers)

    assert notes.told[-1] == ((1, 2), "falls ")


def test_a_stop_reaches_the_node_that_writes(writers: Room, readers: Room) -> None:
    """Whichever node a person is connected to, stop stops."""
    answer, source = writers.written("Rain ")

    readers.exchange.stop(answer, "here")
    carry(writers, readers)

    assert source.ended.called
    assert writers.db.lines[answer].finish is Finish.STOPPED


def test_a_stop_on_the_writing_node_itself_needs_no_message(writers: Room) -> None:
    """The near way is taken."""
    answer, source = writers.written("Rain ")

    writers.exchange.stop(answer, "here")

    assert source.ended.called
    assert writers.broker.sent == []


def test_a_stop_of_what_nobody_writes_yet_is_left_to_the_claim(writers: Room) -> None:
    """The stop is stored; whoever claims the job will see it."""
    writers.exchange.stop(writers.ask(), "")

    assert writers.broker.sent == []


def test_revoked_sessions_are_closed_here_and_told_to_all(
    writers: Room, readers: Room
) -> None:
    """Signing out everywhere reaches every node's sockets."""
    writers.exchange.sessions_ended([SessionId("s1")])
    [body] = writers.broker.told
    readers.exchange.heard(body)

    assert writers.sessions_ended == [[SessionId("s1")]]
    assert readers.sessions_ended == [(SessionId("s1"),)]


def test_a_broker_that_is_away_closes_the_sockets_that_are_here(writers: Room) -> None:
    """What can be done at once is; the rest is found by the recheck."""
    writers.broker.refuses = True

    writers.exchange.sessions_ended([SessionId("s1")])

    assert writers.sessions_ended == [[SessionId("s1")]]


def test_a_broker_that_breaks_is_logged_and_harms_no_answer(
    writers: Room, tidy: list[LogEvent]
) -> None:
    """A fault of the broker's adapter is written down."""
    writers.broker.broken = True
    writers.exchange.sessions_ended([SessionId("s1")])

    assert len(tidy) == 1
    tidy.clear()


def test_messages_that_are_not_understood_are_dropped(writers: Room) -> None:
    """Nonsense, and news that this node has no use for, change nothing."""
    writers.exchange.heard(b"\xc1")
    writers.exchange.heard(frames.encode(frames.Wallet(UserId(1))))
    writers.exchange.heard(frames.encode(frames.Stop(AnswerId("nobody's"))))

    assert writers.broker.sent == []


def test_a_reader_survives_the_death_of_the_writing_node() -> None:
    """Another node begins again; the reader is told, and gets the new text live."""
    db, broker = Database(), MemoryBroker()
    dying, heir, readers = (Room(db, name, broker) for name in ("a", "b", "there"))
    answer, notes = dying.ask(origin="there"), Notes()
    joined(readers, answer, notes)
    dying.begin(answer)
    dying.source().say("Once ")
    dying.clock.advance(0)
    carry(dying, heir, readers)
    broker.living.discard("a")
    db.clock.advance(LEASE)

    heir.begin(answer)
    heir.source().say("Long ago.")
    heir.source().end()
    carry(heir, readers)

    assert notes.told == [
        ((1, 1), "Once "),
        ("reset", 2),
        ((2, 1), "Long ago."),
        ("ended", Finish.STOP),
    ]


def test_news_of_a_balance_reach_every_other_node(writers: Room, readers: Room) -> None:
    """A node without anybody to tell them to drops them."""
    heard: list[UserId] = []
    readers.exchange.on_wallet = heard.append

    writers.exchange.wallet_changed(UserId(7))
    [body] = writers.broker.told
    readers.exchange.heard(body)
    writers.exchange.heard(body)

    assert heard == [7]
