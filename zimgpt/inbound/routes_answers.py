"""``/api/v1/answers``: asking without a websocket, and reading by long polls."""

from __future__ import annotations

from typing import Annotated, Final, Protocol

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish, State, lowered_note, sentence
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language
from zimgpt.flows import asking
from zimgpt.flows.ports import Reading
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.languages import language
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.replies import nothing, reply
from zimgpt.inbound.rooms import room, whole
from zimgpt.wire.essays import Brief, understood

CHANNEL: Final = "web"
LONGEST_WAIT: Final = 25
"""Seconds: proxies and phones give up on silence after about 30."""


class Asking(Protocol):
    """Takes questions."""

    async def ask(
        self, user: UserId, question: asking.Question, channel: str
    ) -> asking.Accepted:
        """Commits a question; raises a Refusal that changed nothing otherwise."""
        ...

    async def stop(self, user: UserId, answer: AnswerId) -> object:
        """Asks for an end; raises NotFound for what is not theirs."""
        ...


class Following(Protocol):
    """Reads answers while they are written."""

    async def read(
        self, user: UserId, answer: AnswerId, *, epoch: int, seq: int, wait: float
    ) -> Reading:
        """What comes after a position, as soon as there is something: more text, an
        end or another epoch; at the latest after ``wait`` seconds, then perhaps
        nothing. Raises NotFound for what is not theirs."""
        ...


class Question(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A question; ``id`` is the client's own, and makes repeats harmless."""

    id: str
    text: str
    kind: Kind = Kind.CHAT
    conversation: str | None = None
    max_tokens: int | None = None
    brief: Brief | None = None
    replaces: str | None = None


class Accepted(msgspec.Struct, frozen=True, omit_defaults=True):
    """The question is committed and its price held."""

    id: str
    answer: str
    conversation: str
    max_tokens: int
    hold: int
    balance: int
    note: str | None = None


Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class Position(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the reader has, and how many seconds it will wait for more."""

    epoch: Count = 0
    seq: Count = 0
    wait: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_WAIT)] = 0.0


class More(msgspec.Struct, frozen=True, omit_defaults=True):
    """What comes after the reader's position; ``reset`` voids what it has."""

    answer: str
    conversation: str
    epoch: int
    seq: int
    reset: bool
    text: str
    state: State
    cost: int | None = None
    balance: int | None = None
    finish: Finish | None = None
    note: str | None = None
    words: int | None = None
    memory: int | None = None


QUESTION = msgspec.json.Decoder(Question)


@attrs.frozen
class AnswerRoutes:
    """Routes of questions and their answers."""

    _asking: Asking
    _following: Following
    _identity: Identity
    _gate: Gate
    router = room()

    @router.route("/api/v1/answers", methods=["POST"])
    @whole
    async def ask(self, request: Request) -> bytes:
        """Accepts a question."""
        session = await self._identity.session(request)
        asked = bodies.read(request, QUESTION)
        self._gate.question(session.user)
        taken = await self._asking.ask(session.user, _question(asked), CHANNEL)
        request.setHeader(b"Location", f"/api/v1/answers/{taken.answer}".encode())
        return reply(request, _accepted(asked.id, taken, language(request)), status=202)

    @router.route("/api/v1/answers/<answer>", methods=["GET"])
    @whole
    async def read(self, request: Request, answer: str) -> bytes:
        """The answer after the reader's position, waiting for more if asked to."""
        session = await self._identity.session(request)
        position = bodies.query(request, Position)
        reading = await self._following.read(
            session.user,
            AnswerId(bodies.identifier(answer)),
            epoch=position.epoch,
            seq=position.seq,
            wait=position.wait,
        )
        return reply(request, _more(position, reading, language(request)))

    @router.route("/api/v1/answers/<answer>/stop", methods=["POST"])
    @whole
    async def stop(self, request: Request, answer: str) -> bytes:
        """Asks for an early end; what was written is paid for."""
        session = await self._identity.session(request)
        await self._asking.stop(session.user, AnswerId(bodies.identifier(answer)))
        return nothing(request)


def _question(asked: Question) -> asking.Question:
    return asking.Question(
        client_id=asked.id,
        kind=asked.kind,
        text=asked.text,
        conversation=None
        if asked.conversation is None
        else ConversationId(bodies.identifier(asked.conversation)),
        max_tokens=asked.max_tokens,
        brief=None if asked.brief is None else understood(asked.brief),
        replaces=None
        if asked.replaces is None
        else AnswerId(bodies.identifier(asked.replaces)),
    )


def _accepted(client_id: str, taken: asking.Accepted, tongue: Language) -> Accepted:
    return Accepted(
        id=client_id,
        answer=taken.answer,
        conversation=taken.conversation,
        max_tokens=taken.max_tokens,
        hold=taken.hold,
        balance=taken.available,
        note=lowered_note(taken.max_tokens, tongue) if taken.lowered else None,
    )


def _more(position: Position, reading: Reading, tongue: Language) -> More:
    # Another attempt writes it, or the reader's place never was: from the start.
    again = reading.epoch != position.epoch or (
        bool(reading.pieces) and reading.pieces[0].seq <= position.seq
    )
    held = 0 if again else position.seq
    end = reading.end
    return More(
        answer=reading.answer,
        conversation=reading.conversation,
        epoch=reading.epoch,
        seq=reading.pieces[-1].seq if reading.pieces else held,
        reset=again and position.seq > 0,
        text="".join(piece.text for piece in reading.pieces),
        state=reading.state,
        cost=None if end is None else end.cost,
        balance=None if end is None else end.available,
        finish=None if end is None else end.finish,
        note=None if end is None else sentence(end.state, end.finish, tongue),
        words=None if end is None else end.words,
        memory=None if end is None else end.memory,
    )
