"""Questions of programs: asked once, and read along as they are answered."""

from __future__ import annotations

from hashlib import sha256

import attrs
import pytest

from tests.fakes.keys import MemoryKeys
from tests.fakes.people import NOON
from tests.fakes.results import result_of
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.api_keys import ApiKey, Grant, KeyId
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import BadRequest
from zimgpt.domain.ledger import Tokens, Usage
from zimgpt.domain.questions import Kind, Message
from zimgpt.flows.asking import Accepted, Question
from zimgpt.flows.completing import (
    CHANNEL,
    LONGEST_KEY,
    Along,
    BegunAnew,
    Completing,
    Leaving,
    Unanswered,
    Wanted,
)
from zimgpt.flows.ports import End, Piece, Reading
from zimgpt.wire import prompts

# ruff: noqa: ARG002 - there is one answer, whoever asks

ANSWER = AnswerId("0000000a-0000-4000-8000-000000000001")
CHAT = ConversationId("0000000c-0000-4000-8000-000000000001")
KEY = ApiKey(
    id=KeyId("k1"),
    user=UserId(1),
    hint="wxyz",
    grant=Grant(name="helper"),
    taken=Tokens(0),
    created_at=NOON,
    used_at=None,
)
MESSAGES = (Message("system", "Be brief."), Message("user", "Why?"))
BODY = b'{"model":"zimgpt"}'


@attrs.define
class Desk:
    """``tracing.Takes`` and ``completing.Reads``."""

    asked: list[tuple[UserId, Question, str]] = attrs.Factory(list)
    readings: list[Reading] = attrs.Factory(list)
    places: list[tuple[int, int]] = attrs.Factory(list)
    hurried: bool = False

    async def ask(self, user: UserId, question: Question, channel: str) -> Accepted:
        """Accepts."""
        self.asked.append((user, question, channel))
        return Accepted(
            ANSWER, CHAT, 64, Tokens(9), Tokens(1), lowered=False, fresh=True
        )

    async def read(
        self, user: UserId, answer: AnswerId, *, epoch: int, seq: int, wait: float
    ) -> Reading:
        """The next that there is."""
        self.places.append((epoch, seq))
        return self.readings.pop(0)


@attrs.define
class Door:
    """The flow, and what it works on."""

    desk: Desk = attrs.Factory(Desk)
    keys: MemoryKeys = attrs.Factory(MemoryKeys)

    @property
    def completing(self) -> Completing:
        """It."""
        return Completing(self.desk, self.keys, self.desk, lambda: "fresh")

    def ask(self, wanted: Wanted) -> str:
        """Asks; under which id."""
        work = self.completing.ask(KEY, wanted, MESSAGES, 50)
        assert result_of(work).answer == ANSWER
        return self.desk.asked[-1][1].client_id

    def along(self) -> Along:
        """A reader at the beginning."""
        return self.completing.reading(KEY, ANSWER)


@pytest.fixture
def door() -> Door:
    """Nothing was asked yet."""
    return Door()


def reading(
    *texts: str, epoch: int = 1, first: int = 1, end: End | None = None
) -> Reading:
    """An answer with these pieces."""
    return Reading(
        answer=ANSWER,
        conversation=CHAT,
        kind=Kind.CHAT,
        question="Why?",
        epoch=epoch,
        last_seq=first + len(texts) - 1,
        state=State.STREAMING if end is None else end.state,
        writer="here",
        pieces=tuple(
            Piece(ANSWER, epoch, seq, text) for seq, text in enumerate(texts, first)
        ),
        end=end,
    )


def ended(finish: Finish = Finish.STOP, state: State = State.COMPLETE) -> End:
    """How it ended."""
    return End(
        answer=ANSWER,
        epoch=1,
        last_seq=2,
        state=state,
        finish=finish,
        cost=Tokens(9),
        hold=Tokens(9),
        available=Tokens(1),
    )


# ---- asking


def test_a_question_is_asked_for_the_keys_owner(door: Door) -> None:
    """With its own messages, and the fingerprint of its request."""
    door.ask(Wanted(BODY))

    [(user, question, channel)] = door.desk.asked
    assert (user, channel) == (1, CHANNEL)
    assert (question.kind, question.max_tokens) == (Kind.CHAT, 50)
    assert prompts.restored(question.text) == MESSAGES
    assert question.program is not None
    assert question.program.key == KEY
    assert question.program.fingerprint == sha256(BODY).digest()


def test_without_a_key_of_idempotency_each_request_is_a_question(door: Door) -> None:
    """The same words twice are asked twice."""
    assert door.ask(Wanted(BODY)) == "api fresh"


def test_the_same_idempotency_is_the_same_question(door: Door) -> None:
    """For one key; what stands in it is nobody's to read."""
    first, again = (door.ask(Wanted(BODY, "order 7")) for _ in range(2))
    other = door.ask(Wanted(BODY, "order 8"))

    assert first == again != other
    assert "order" not in first
    assert len(first) == 64


@pytest.mark.parametrize("idempotency", ["", "x" * (LONGEST_KEY + 1)])
def test_an_idempotency_that_cannot_be_is_refused(door: Door, idempotency: str) -> None:
    """Before anything is asked."""
    with pytest.raises(BadRequest):
        door.ask(Wanted(BODY, idempotency))
    assert door.desk.asked == []


def test_what_a_library_sends_again_is_found(door: Door) -> None:
    """By its bytes; one that was never heard is asked."""
    door.keys.asked[sha256(BODY).digest()] = "api first"

    assert door.ask(Wanted(BODY, again=True)) == "api first"
    assert door.ask(Wanted(b"other", again=True)) == "api fresh"
    assert door.ask(Wanted(BODY)) == "api fresh"


@pytest.mark.parametrize("usage", [None, Usage(3, 4)])
def test_what_an_answer_took_is_told(door: Door, usage: Usage | None) -> None:
    """Nothing, if it was free."""
    door.keys.usage = usage

    assert result_of(door.completing.usage(KEY, ANSWER)) == usage


# ---- reading along


def test_an_answer_is_read_from_place_to_place(door: Door) -> None:
    """Each piece once, up to the end."""
    door.desk.readings = [
        reading("Be", "cause "),
        reading("cause ", "it ", first=2),
        reading(first=4),
        reading("rains.", first=4, end=ended(Finish.LENGTH)),
    ]
    along = door.along()
    before = along.finish

    told = [result_of(along.more()) for _ in range(4)]

    assert told == ["Because ", "it ", "", "rains."]
    assert door.desk.places == [(0, 0), (1, 2), (1, 3), (1, 3)]
    assert (before, along.finish) == (Finish.STOP, Finish.LENGTH)


def test_what_was_read_may_be_void(door: Door) -> None:
    """A program cannot take back what it was sent; it is told to ask again."""
    door.desk.readings = [reading("Be"), reading("So", epoch=2)]
    along = door.along()
    result_of(along.more())

    with pytest.raises(BegunAnew):
        result_of(along.more())


def test_a_new_attempt_before_the_first_word_is_no_matter(door: Door) -> None:
    """Nothing was read of the other."""
    door.desk.readings = [reading(), reading("So", epoch=2)]
    along = door.along()

    assert [result_of(along.more()) for _ in range(2)] == ["", "So"]


def test_a_question_that_cannot_be_answered_is_a_refusal(door: Door) -> None:
    """With the reason; it cost nothing."""
    door.desk.readings = [reading(end=ended(Finish.BUSY, State.FAILED))]

    with pytest.raises(Unanswered, match="busy"):
        result_of(door.along().more())


def test_a_node_that_ends_lets_its_readers_go(door: Door) -> None:
    """With what there is still to read, and not before."""
    door.desk.hurried = True
    door.desk.readings = [reading("Be"), reading(first=2), reading(end=ended())]
    along = door.along()

    assert result_of(along.more()) == "Be"
    with pytest.raises(Leaving):
        result_of(along.more())
    assert result_of(door.along().more()) == ""
