"""``/api/v1/conversations``: finding conversations again."""

from __future__ import annotations

from datetime import datetime

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain.answers import Finish, State, sentence
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language
from zimgpt.flows import conversing
from zimgpt.flows.conversing import PAGE, Conversing
from zimgpt.flows.ports import ConversationInfo, TurnInfo
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.languages import language
from zimgpt.inbound.replies import nothing, reply
from zimgpt.inbound.rooms import room, whole


class ListQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``before`` is the last conversation of the page before."""

    search: str = ""
    before: str | None = None
    limit: int = PAGE


class TurnsQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``before`` is the first answer of the page after, ``after`` one that the reader
    has; ``replaced_by`` asks for the turns whose place an answer took. Without
    ``texts`` the words of answers are left out."""

    before: str | None = None
    limit: int = PAGE
    replaced_by: str | None = None
    after: str | None = None
    texts: bool = True


class Title(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A conversation's new name."""

    title: str


class Renamed(msgspec.Struct, frozen=True):
    """The name as it is kept."""

    id: str
    title: str


class ConversationLine(msgspec.Struct, frozen=True):
    """One conversation in the list."""

    id: str
    kind: Kind
    title: str
    updated_at: datetime


class ConversationList(msgspec.Struct, frozen=True):
    """A page, latest first."""

    conversations: list[ConversationLine]


class TurnLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question and what has been answered to it."""

    answer: str
    question: str
    text: str
    state: State
    cost: int
    asked_at: datetime
    finish: Finish | None = None
    note: str | None = None
    replaces: str | None = None


class TurnList(msgspec.Struct, frozen=True):
    """A page, oldest first."""

    turns: list[TurnLine]


class Whole(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conversation with all of its turns, oldest first."""

    id: str
    kind: Kind
    title: str
    updated_at: datetime
    turns: list[TurnLine]
    memory: str | None = None


TITLE = msgspec.json.Decoder(Title)


@attrs.frozen
class ConversationRoutes:
    """Routes of conversations."""

    _conversing: Conversing
    _identity: Identity
    router = room()

    @router.route("/api/v1/conversations", methods=["GET"])
    @whole
    async def list(self, request: Request) -> bytes:
        """A page of the asker's conversations."""
        session = await self._identity.session(request)
        asked = bodies.query(request, ListQuery)
        found = await self._conversing.list(
            session.user,
            search=asked.search,
            before=_conversation(asked.before),
            limit=asked.limit,
        )
        return reply(request, ConversationList([_line(one) for one in found]))

    @router.route("/api/v1/conversations/<conversation>/turns", methods=["GET"])
    @whole
    async def turns(self, request: Request, conversation: str) -> bytes:
        """A page of one conversation."""
        session = await self._identity.session(request)
        asked = bodies.query(request, TurnsQuery)
        found = await self._conversing.turns(
            session.user,
            ConversationId(bodies.identifier(conversation)),
            before=_answer(asked.before),
            limit=asked.limit,
            replaced_by=_answer(asked.replaced_by),
            after=_answer(asked.after),
            texts=asked.texts,
        )
        tongue = language(request)
        return reply(request, TurnList([_turn(one, tongue) for one in found]))

    @router.route("/api/v1/conversations/<conversation>", methods=["GET"])
    @whole
    async def keep(self, request: Request, conversation: str) -> bytes:
        """All of one conversation, to be kept elsewhere."""
        session = await self._identity.session(request)
        kept = ConversationId(bodies.identifier(conversation))
        found = await self._conversing.whole(session.user, kept)
        return reply(request, _whole(found, language(request)))

    @router.route("/api/v1/conversations/<conversation>", methods=["PATCH"])
    @whole
    async def rename(self, request: Request, conversation: str) -> bytes:
        """Another title."""
        session = await self._identity.session(request)
        wanted = bodies.read(request, TITLE)
        renamed = ConversationId(bodies.identifier(conversation))
        title = await self._conversing.rename(session.user, renamed, wanted.title)
        return reply(request, Renamed(renamed, title))

    @router.route("/api/v1/conversations/<conversation>", methods=["DELETE"])
    @whole
    async def delete(self, request: Request, conversation: str) -> bytes:
        """Hidden at once, erased soon after."""
        session = await self._identity.session(request)
        deleted = ConversationId(bodies.identifier(conversation))
        await self._conversing.delete(session.user, deleted)
        return nothing(request)


def _conversation(text: str | None) -> ConversationId | None:
    return None if text is None else ConversationId(bodies.identifier(text))


def _answer(text: str | None) -> AnswerId | None:
    return None if text is None else AnswerId(bodies.identifier(text))


def _line(one: ConversationInfo) -> ConversationLine:
    return ConversationLine(one.id, one.kind, one.title, one.updated_at)


def _whole(one: conversing.Whole, tongue: Language) -> Whole:
    return Whole(
        id=one.info.id,
        kind=one.info.kind,
        title=one.info.title,
        updated_at=one.info.updated_at,
        turns=[_turn(turn, tongue) for turn in one.turns],
        memory=one.memory,
    )


def _turn(one: TurnInfo, tongue: Language) -> TurnLine:
    return TurnLine(
        answer=one.answer,
        question=one.question,
        text=one.text,
        state=one.state,
        cost=one.cost,
        asked_at=one.asked_at,
        finish=one.finish,
        note=None if one.finish is None else sentence(one.state, one.finish, tongue),
        replaces=one.replaces,
    )
