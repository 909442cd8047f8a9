"""One client's end of ``zimgpt.v1``."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import LogEvent

from tests.fakes.buying import Shop
from tests.fakes.listener import Listener, Wire
from tests.fakes.memory import ANN, BEN
from tests.fakes.people import MemoryAccounts
from tests.fakes.results import result_of
from tests.fakes.room import Room
from zimgpt.domain.accounts import Session, SessionId, UserId, Wallet
from zimgpt.domain.answers import Finish
from zimgpt.domain.conversations import AnswerId, Begun
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups import Currency
from zimgpt.flows.asking import Asking
from zimgpt.flows.desk import Desk
from zimgpt.flows.topping_up import Wish
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.link import MOST_AT_ONCE, Link
from zimgpt.inbound.outgoing import LONG, SLOW_EVERY

NOBODYS = "00000000-0000-4000-8000-ffffffffffff"
PHONE = Phone("+263771234567")


class Socket:
    """A connected client of a node on memory."""

    def __init__(self, room: Room, user: UserId = ANN) -> None:
        self.room = room
        self.listener = Listener()
        self.wire = Wire(self.listener)
        accounts = MemoryAccounts()
        result_of(accounts.open(PHONE, "", Tokens(5_000)))
        numbers = count(1)
        asking = Asking(
            room.questions,
            ("model",),
            1_000,
            room.name,
            lambda: f"00000000-0000-4000-a000-{next(numbers):012}",
            lambda _: None,
        )
        self.desk = Desk(
            asking, room.audience, room.exchange, room.questions, room.answers, accounts
        )
        session = Session(SessionId("s"), user, PHONE)
        self.link = Link(
            room.clock, self.desk, session, self.wire, Gate(room.clock.seconds)
        )

    def say(self, **request: object) -> list[dict[str, Any]]:
        """Sends a request; returns what came back at once."""
        self.link.heard(json.dumps(request).encode())
        return self.wire.frames()

    def read(self, answer: AnswerId, epoch: int = 0, seq: int = 0) -> Any:  # noqa: ANN401
        """Reads an answer."""
        return self.say(type="read", answer=answer, epoch=epoch, seq=seq)

    def heard(self) -> list[dict[str, Any]]:
        """What came since."""
        return self.wire.frames()


@pytest.fixture
def room() -> Room:
    """A node on memory."""
    return Room()


@pytest.fixture
def socket(room: Room) -> Socket:
    """A client."""
    return Socket(room)


# ---- asking


def test_a_client_is_greeted_with_its_balances(socket: Socket) -> None:
    """Who connects knows at once what there is to spend."""
    socket.link.opened()

    assert socket.heard() == [{"type": "balance", "available": 5_000, "held": 0}]


def test_an_essay_by_a_brief_tells_how_many_words_it_has(
    room: Room, socket: Socket
) -> None:
    """One answer to its reader, in however many sections; a bad brief is refused with
    a sentence."""
    outline = [{"heading": "One"}, {"heading": "Two"}]
    brief = {"level": "university", "words": 100, "outline": outline}
    ask = {"type": "ask", "id": "e", "kind": "essay", "text": "Rain?"}
    [refused] = socket.say(**ask, brief=brief | {"words": 5})
    [accepted] = socket.say(**ask, brief=brief)
    room.begin(AnswerId(accepted["answer"]))
    for _ in outline:
        room.source().say("It rains a lot, and then it rains a lot more. " * 5)
        room.tick()
        room.source().end()
        room.tick()

    *texts, done = socket.heard()

    assert refused["code"] == "brief_invalid"
    assert "".join(one["t"] for one in texts).startswith("## One\n\nIt rains")
    assert (done["type"], done["finish"]) == ("done", "stop")
    assert 90 <= done["words"] <= 110


def test_a_turn_is_replaced_and_every_device_told(room: Room, socket: Socket) -> None:
    """On any node; while its answer is written another is refused."""
    other = Socket(Room(room.db, "there", room.broker))
    socket.room.exchange.on_replaced = lambda _, turn: socket.link.replaced(turn)
    other.room.exchange.on_replaced = lambda _, turn: other.link.replaced(turn)
    [first] = socket.say(type="ask", id="q1", text="Why?")
    talk = {"conversation": first["conversation"], "replaces": first["answer"]}
    [early] = socket.say(type="ask", id="q2", text="How?", **talk)
    room.begin(AnswerId(first["answer"]))
    room.source().say("So.")
    room.source().end()
    socket.heard()

    told, accepted = socket.say(type="ask", id="q3", text="How?", **talk)
    for body in room.broker.told:
        other.room.exchange.heard(body)
    room.begin(AnswerId(accepted["answer"]))
    [late] = socket.say(type="ask", id="q4", text="When?", **talk)

    assert early["code"] == "turn_open"
    assert told == {
        "type": "replaced",
        "conversation": first["conversation"],
        "answer": first["answer"],
        "by": accepted["answer"],
    }
    assert other.heard() == [told]
    assert late["code"] == "turn_open"


def test_a_question_is_told_to_the_other_devices(room: Room, socket: Socket) -> None:
    """On any node, once; who asked hears of its own answer alone."""
    here, there = Socket(room), Socket(Room(room.db, "there", room.broker))

    def told_here(_: UserId, turn: Begun) -> None:
        for one in (socket, here):
            one.link.begun(turn)

    room.exchange.on_begun = told_here
    there.room.exchange.on_begun = lambda _, turn: there.link.begun(turn)

    [accepted] = socket.say(type="ask", id="q1", text="Why?")
    [again] = socket.say(type="ask", id="q1", text="Why?")
    for body in room.broker.told:
        there.room.exchange.heard(body)

    assert (accepted["type"], again["type"]) == ("accepted", "accepted")
    told = {
        "type": "asked",
        "conversation": accepted["conversation"],
        "answer": accepted["answer"],
    }
    assert (here.heard(), there.heard()) == ([told], [told])
    assert len(json.dumps(told)) < 150


def test_a_refused_question_is_told_to_nobody(room: Room, socket: Socket) -> None:
    """There is nothing to be read."""
    other = Socket(room)
    room.exchange.on_begun = lambda _, turn: other.link.begun(turn)

    socket.say(type="ask", id="q1", text=" ")
    socket.say(type="ask", id="q1", text="Why?")
    socket.say(type="ask", id="q1", text="How?")

    assert [frame["type"] for frame in other.heard()] == ["asked"]


def test_a_question_is_accepted_and_answered(room: Room, socket: Socket) -> None:
    """The whole conversation, in as few bytes as it takes."""
    [accepted] = socket.say(type="ask", id="q1", text="Why?", max_tokens=100)
    answer = AnswerId(accepted["answer"])
    room.begin(answer)
    for text in ("Because ", "of ", "rain."):
        room.source().say(text)
        room.tick()
    room.source().end()

    line = room.db.lines[answer]
    assert accepted == {
        "type": "accepted",
        "id": "q1",
        "answer": answer,
        "a": 1,
        "e": 1,
        "conversation": line.conversation,
        "max_tokens": 100,
        "hold": line.new.terms.hold,
        "balance": 100_000 - line.new.terms.hold,
    }
    assert socket.heard() == [
        {"a": 1, "t": "Because "},
        {"t": "of "},
        {"t": "rain."},
        {
            "type": "done",
            "a": 1,
            "cost": line.settled,
            "balance": room.db.balances[ANN],
            "finish": "stop",
        },
    ]


def test_a_question_that_fails_says_so_and_that_it_was_free(
    room: Room, socket: Socket
) -> None:
    """Nobody is left without a word."""
    [accepted] = socket.say(type="ask", id="q1", text="Why?")
    room.db.fail(room.db.lines[accepted["answer"]], Finish.EXPIRED)
    room.audience.heal(accepted["answer"])

    [failed] = socket.heard()
    assert failed == {
        "type": "failed",
        "a": 1,
        "reason": "expired",
        "message": (
            "Your question waited too long. You were not charged; please ask again."
        ),
        "refunded": accepted["hold"],
        "balance": 100_000,
    }


def test_a_stopped_answer_comes_with_a_sentence(room: Room, socket: Socket) -> None:
    """What a person did is what they are told."""
    [accepted] = socket.say(type="ask", id="q1", text="Why?")
    room.begin(accepted["answer"])
    room.source().say("Because")
    room.tick()
    socket.heard()

    [done] = socket.say(type="stop", answer=accepted["answer"])

    assert (done["type"], done["finish"]) == ("done", "stopped")
    assert done["note"] == "You stopped this answer. You paid for what was written."


def test_a_repeated_question_begins_again_under_a_new_number(
    room: Room, socket: Socket
) -> None:
    """A client that is not sure whether it was heard asks again, and loses nothing."""
    [first] = socket.say(type="ask", id="q1", text="Why?")
    room.begin(first["answer"])
    room.source().say("Because ")
    room.tick()
    socket.heard()

    accepted, text = socket.say(type="ask", id="q1", text="Why?")
    room.source().say("of rain.")
    room.tick()

    assert (accepted["answer"], accepted["a"], accepted["e"]) == (
        first["answer"],
        2,
        1,
    )
    assert text == {"a": 2, "t": "Because "}
    assert socket.heard() == [{"t": "of rain."}]


def test_a_repeated_question_tells_the_attempt_that_it_is_at(
    room: Room, socket: Socket
) -> None:
    """A client that asks again after a crash knows its true place."""
    [first] = socket.say(type="ask", id="q1", text="Why?")
    line = room.db.lines[first["answer"]]
    line.epoch, line.last_seq, line.texts[2, 1] = 2, 1, "Because "
    socket.link.closed()
    again = Socket(room)
    again.desk, again.link._desk = socket.desk, socket.desk

    told = again.say(type="ask", id="q1", text="Why?")

    assert told[1:] == [{"type": "reset", "a": 1, "e": 2}, {"a": 1, "t": "Because "}]


def test_a_conversation_goes_on(room: Room, socket: Socket) -> None:
    """The conversation that ``accepted`` named can be asked in."""
    [first] = socket.say(type="ask", id="q1", text="Why?")

    accepted = socket.say(
        type="ask", id="q2", text="And?", conversation=NOBODYS, kind="chat"
    )

    assert accepted == [
        {
            "type": "error",
            "code": "not_found",
            "message": "There is no such conversation.",
            "id": "q2",
        }
    ]
    assert first["conversation"]


# ---- refusals


@pytest.mark.parametrize(
    ("request_", "code", "name"),
    [
        ({"type": "ask", "id": "q", "text": " "}, "question_empty", "q"),
        (
            {"type": "ask", "id": "q", "text": "x", "conversation": "c"},
            "not_found",
            "q",
        ),
        ({"type": "read", "answer": NOBODYS}, "not_found", NOBODYS),
        ({"type": "read", "answer": "x"}, "not_found", "x"),
        ({"type": "stop", "answer": NOBODYS}, "not_found", NOBODYS),
        ({"type": "stop", "answer": "x"}, "not_found", "x"),
        ({"type": "fly"}, "bad_request", None),
    ],
)
def test_a_refused_request_is_told_by_its_name(
    socket: Socket, request_: dict[str, str], code: str, name: str | None
) -> None:
    """A client knows which of its requests was refused, and the socket stays open."""
    [error] = socket.say(**request_)

    assert (error["type"], error["code"], error.get("id")) == ("error", code, name)
    assert socket.say(type="ping") == [{"type": "pong"}]


def test_a_database_that_is_away_is_told(room: Room, socket: Socket) -> None:
    """A client knows that it may try again."""
    room.db.away = True

    [error] = socket.say(type="ask", id="q1", text="Why?")

    assert (error["code"], error["id"]) == ("unavailable", "q1")


def test_a_fault_is_told_and_written_down(
    room: Room, socket: Socket, tidy: list[LogEvent]
) -> None:
    """Never a traceback to a client, never silence, and nothing left behind."""
    answer, _ = room.written("Rain")
    room.db.broken.add("read")

    [error] = socket.read(answer)

    assert (error["code"], error["id"]) == ("internal", answer)
    assert room.audience.followed == 0
    assert socket.link._following == {}
    assert len(tidy) == 1
    tidy.clear()


def test_a_fault_in_the_middle_of_an_answer_is_told(
    room: Room, socket: Socket, monkeypatch: pytest.MonkeyPatch, tidy: list[LogEvent]
) -> None:
    """A client that has been told where its text begins hears that none comes."""
    answer, _ = room.written("Rain")

    def broken(*_: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(socket.link, "text", broken)

    reading, error = socket.read(answer)

    assert reading["type"] == "reading"
    assert (error["code"], error["id"]) == ("internal", answer)
    assert room.audience.followed == 0
    assert len(tidy) == 1
    tidy.clear()


def test_too_many_requests_at_once_are_refused_by_name(
    room: Room, socket: Socket
) -> None:
    """One client cannot queue up work without bound; the rest is answered."""
    answer, _ = room.written("Rain")
    gates = [room.db.hold_reply("read") for _ in range(MOST_AT_ONCE)]
    for _ in gates:
        assert socket.read(answer) == []

    [error] = socket.read(answer)
    for gate in gates:
        gate.callback(None)

    assert (error["code"], error["id"]) == ("too_fast", answer)
    assert socket.heard()[-1]["t"] == "Rain"
    assert socket.read(answer)


# ---- reading


def test_reading_goes_on_from_the_clients_place(room: Room, socket: Socket) -> None:
    """After a break exactly the rest is sent."""
    answer, source = room.written("One ", "two ", "three ")

    told = socket.read(answer, 1, 1)
    source.say("four ")
    room.tick()

    assert told == [
        {"type": "reading", "answer": answer, "a": 1, "e": 1, "s": 1},
        {"a": 1, "s": 3, "t": "two three "},
    ]
    assert socket.heard() == [{"t": "four "}]


def test_answers_side_by_side_name_themselves_only_when_they_change(
    room: Room, socket: Socket
) -> None:
    """The frame that is paid for leaves out what the client knows."""
    first, one = room.written()
    second, two = room.written()
    socket.read(first)
    socket.read(second)
    for source, text in ((one, "a"), (one, "b"), (two, "c"), (two, "d"), (one, "e")):
        source.say(text)
        room.tick()

    assert socket.heard() == [
        {"a": 1, "t": "a"},
        {"t": "b"},
        {"a": 2, "t": "c"},
        {"t": "d"},
        {"a": 1, "t": "e"},
    ]


def test_a_reset_voids_the_text(room: Room, socket: Socket) -> None:
    """The client forgets what another attempt had written."""
    answer, _ = room.written("Once ")
    socket.read(answer)
    line = room.db.lines[answer]
    line.epoch, line.last_seq, line.texts[2, 1] = 2, 1, "Long "
    room.audience.heal(answer)

    assert socket.heard() == [{"type": "reset", "a": 1, "e": 2}, {"t": "Long "}]


def test_reading_twice_is_reading_once(room: Room, socket: Socket) -> None:
    """Nothing more comes under the old number."""
    answer, source = room.written("One ")
    socket.read(answer)
    socket.wire.deliver()

    told = socket.read(answer, 1, 1)
    source.say("two ")
    room.tick()

    assert told == [{"type": "reading", "answer": answer, "a": 2, "e": 1, "s": 1}]
    assert socket.heard() == [{"a": 2, "t": "two "}]


def test_reading_twice_before_the_first_reply_is_reading_once(
    room: Room, socket: Socket
) -> None:
    """An impatient client is not told of a subscription that is over."""
    answer, _ = room.written("One ")
    gate: Deferred[None] = room.db.hold_reply("read")
    socket.read(answer)

    told = socket.read(answer)
    gate.callback(None)

    assert [frame.get("a") for frame in told] == [2, 2]
    assert socket.heard() == []


def test_a_place_that_the_client_has_left_meanwhile_is_the_beginning(
    room: Room, socket: Socket
) -> None:
    """Frames that cross a second ``read`` on their way are not mixed with it."""
    answer, source = room.written("One ")
    socket.read(answer)
    socket.wire.deliver()
    source.say("two ")
    room.tick()  # on its way

    socket.read(answer, 1, 1)
    source.say("three")
    room.tick()
    socket.wire.deliver()

    assert socket.listener.texts[answer].text == "One two three"
    assert socket.listener.texts[answer].at == (1, 3)


def test_a_read_that_crosses_the_end_is_not_mixed_with_it(
    room: Room, socket: Socket
) -> None:
    """Also when the last frames are on their way."""
    answer, source = room.written("One ")
    socket.read(answer)
    socket.wire.deliver()
    source.say("two.")
    source.end()

    socket.read(answer, 1, 1)
    socket.wire.deliver()

    assert socket.listener.texts[answer].text == "One two."
    assert socket.listener.texts[answer].ended


def test_a_second_read_that_is_refused_changes_nothing(
    room: Room, socket: Socket
) -> None:
    """What was followed goes on where it was, under its number."""
    answer, source = room.written("One ")
    socket.read(answer)
    socket.wire.deliver()
    room.db.away = True
    [error] = socket.read(answer, 1, 1)
    room.db.away = False
    source.say("two ")
    room.tick()

    assert (error["code"], error["id"]) == ("unavailable", answer)
    assert socket.heard() == [{"t": "two "}]


def test_a_second_read_that_is_refused_loses_no_gathered_text(
    room: Room, socket: Socket
) -> None:
    """Nor does the data saver lose what it had gathered, nor the end."""
    answer, source = room.written("One ")
    socket.read(answer)
    socket.say(type="pace", slow=True)
    source.say("two ")
    room.tick()
    request = room.db.hold_request("read")
    socket.read(answer, 1, 1)
    source.end()
    room.db.away = True
    request.callback(None)
    room.db.away = False
    room.clock.advance(3)
    result_of(room.audience.look_up())

    error, text, done = socket.heard()
    assert error["code"] == "unavailable"
    assert text == {"t": "two "}
    assert (done["type"], done["a"]) == ("done", 1)


def test_a_read_that_another_has_replaced_is_not_refused(
    room: Room, socket: Socket
) -> None:
    """Of two reads of one answer, the later one's reply counts."""
    answer, _ = room.written("One ")
    request = room.db.hold_request("read")
    socket.read(answer)

    told = socket.read(answer)
    room.db.away = True
    request.callback(None)

    assert [frame.get("a") for frame in told] == [2, 2]
    assert socket.heard() == []


def test_a_repeated_question_waits_for_a_database_that_is_away(
    room: Room, socket: Socket
) -> None:
    """Once a question is accepted again, its text comes, sooner or later."""
    [first] = socket.say(type="ask", id="q1", text="Why?")
    room.begin(first["answer"])
    room.source().say("Because ")
    room.tick()
    socket.heard()
    room.db.unheard.append("read")
    [accepted] = socket.say(type="ask", id="q1", text="Why?")

    room.source().say("of rain.")
    room.tick()

    assert accepted["type"] == "accepted"
    assert socket.heard() == [{"a": 2, "s": 2, "t": "Because of rain."}]


def test_nobody_reads_anothers_answer(room: Room) -> None:
    """A foreign answer is one that does not exist."""
    answer, _ = room.written("One ")

    [error] = Socket(room, BEN).read(answer)

    assert error["code"] == "not_found"


# ---- slow clients


def test_a_client_that_does_not_keep_up_gets_the_rest_later(
    room: Room, socket: Socket
) -> None:
    """A full socket is sent no text; when it clears, everything comes in one frame."""
    answer, source = room.written("One ")
    socket.read(answer)
    socket.wire.clear = False
    for text in ("two ", "three "):
        source.say(text)
        room.tick()
    assert socket.heard() == []

    socket.wire.clear = True
    socket.link.cleared()

    assert socket.heard() == [{"s": 3, "t": "two three "}]


def test_a_client_that_is_gone_leaves_nothing(room: Room, socket: Socket) -> None:
    """Its answers go on without it."""
    answer, source = room.written("One ")
    socket.read(answer)
    socket.link.closed()
    source.say("two.")
    source.end()

    assert room.audience.followed == 0
    assert room.db.lines[answer].text == "One two."
    assert socket.heard() == []


@pytest.mark.parametrize("call", ["ask", "read"])
def test_a_client_that_goes_while_it_is_served_leaves_nothing(
    room: Room, socket: Socket, call: str
) -> None:
    """A question that was committed is answered, for whoever comes back."""
    gate = room.db.hold_reply(call)
    if call == "ask":
        socket.say(type="ask", id="q1", text="Why?")
    else:
        socket.read(room.written("One ")[0])

    socket.link.closed()
    gate.callback(None)

    assert room.audience.followed == 0
    assert socket.heard() == []
    assert len(room.db.lines) == 1


# ---- the data saver


def test_the_data_saver_gathers_text(room: Room, socket: Socket) -> None:
    """Text comes once a second, in one frame an answer."""
    answer, source = room.written("One ")
    socket.read(answer)
    socket.say(type="pace", slow=True)
    for text in ("two ", "three ", "four "):
        source.say(text)
        room.tick()
    assert socket.heard() == []

    room.clock.advance(SLOW_EVERY)

    assert socket.heard() == [{"s": 4, "t": "two three four "}]


def test_the_data_saver_sends_a_long_stretch_at_once(
    room: Room, socket: Socket
) -> None:
    """What fills a frame already need not wait for more."""
    answer, _ = room.written("x" * LONG)
    socket.say(type="pace", slow=True)

    told = socket.read(answer)

    assert told[1] == {"a": 1, "t": "x" * LONG}


def test_the_data_saver_puts_no_end_before_its_text(room: Room, socket: Socket) -> None:
    """An end does not wait, and takes along what was gathered."""
    answer, source = room.written("One ")
    socket.say(type="pace", slow=True)
    socket.read(answer)
    source.say("two.")
    source.end()

    text, done = socket.heard()
    assert text == {"a": 1, "s": 2, "t": "One two."}
    assert done["type"] == "done"
    assert room.idle()


def test_the_data_saver_forgets_what_a_reset_voids(room: Room, socket: Socket) -> None:
    """Nobody pays for text that is void before it is sent."""
    answer, _ = room.written("Once ")
    socket.say(type="pace", slow=True)
    socket.read(answer)
    line = room.db.lines[answer]
    line.epoch, line.last_seq, line.texts[2, 1] = 2, 1, "Long "
    room.audience.heal(answer)
    room.clock.advance(SLOW_EVERY)

    assert socket.heard() == [
        {"type": "reset", "a": 1, "e": 2},
        {"a": 1, "t": "Long "},
    ]


def test_the_data_saver_forgets_what_a_second_read_voids(
    room: Room, socket: Socket
) -> None:
    """Gathered text of an old number is not sent under any."""
    answer, _ = room.written("One ")
    socket.say(type="pace", slow=True)
    socket.read(answer)

    socket.read(answer)
    room.clock.advance(SLOW_EVERY)
    socket.wire.deliver()

    assert socket.heard() == [{"a": 2, "t": "One "}]
    assert socket.listener.texts[answer].text == "One "


def test_turning_the_data_saver_off_sends_what_was_gathered(
    room: Room, socket: Socket
) -> None:
    """From then on, text comes as it is stored."""
    answer, source = room.written("One ")
    socket.say(type="pace", slow=True)
    socket.read(answer)

    told = socket.say(type="pace", slow=False)
    source.say("two ")
    room.tick()

    assert told == [{"a": 1, "t": "One "}]
    assert socket.heard() == [{"t": "two "}]


def test_turning_the_data_saver_off_when_it_is_off_changes_nothing(
    socket: Socket,
) -> None:
    """Requests may be repeated."""
    assert socket.say(type="pace", slow=False) == []


def test_a_goodbye_takes_along_what_was_gathered(room: Room, socket: Socket) -> None:
    """A planned restart costs no text."""
    answer, _ = room.written("One ")
    socket.say(type="pace", slow=True)
    socket.read(answer)

    socket.link.bye(3)

    assert socket.heard() == [{"a": 1, "t": "One "}, {"type": "bye", "retry": 3}]


def test_the_data_saver_leaves_no_timer_behind(room: Room, socket: Socket) -> None:
    """A socket that closes is gone altogether."""
    answer, source = room.written("One ")
    socket.say(type="pace", slow=True)
    socket.read(answer)

    socket.link.closed()
    source.end()

    assert room.idle()


def test_news_of_payments_and_balances(room: Room) -> None:
    """Are told as they come, between everything else."""
    shop = Shop()
    phone = Phone("+263772345678")
    wish = Wish(client_id="p1", package="taste", currency=Currency.USD, phone=phone)
    kept = result_of(shop.topping_up.start(ANN, wish))
    socket = Socket(room)

    socket.link.payment(kept)
    socket.link.wallet(Wallet(Tokens(-5), Tokens(0)))

    payment, balance = socket.heard()
    assert (payment["type"], payment["state"]) == ("payment", "waiting")
    assert payment["phone"] == "077 *** 5678"
    assert balance == {"type": "balance", "available": -5, "held": 0}
