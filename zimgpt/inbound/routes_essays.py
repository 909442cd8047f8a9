"""``/api/v1/essays``: what an essay costs, and what was ordered."""

from __future__ import annotations

from typing import Protocol

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.essays import briefs
from zimgpt.domain.essays.quotes import Quote
from zimgpt.flows.ordering import Order
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.replies import reply
from zimgpt.inbound.rooms import room, whole
from zimgpt.wire.essays import Brief, Section, shape, shapes, understood


class Ordering(Protocol):
    """Prices and shows orders."""

    async def quote(self, user: UserId, topic: str, brief: briefs.Brief) -> Quote:
        """What this step of the essay costs; raises a Refusal for a bad brief."""
        ...

    async def look(self, user: UserId, answer: AnswerId) -> Order:
        """An order; raises NotFound for what is not theirs."""
        ...


class Draft(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An essay that may be ordered: its topic or exam question, and its brief."""

    text: str
    brief: Brief


class Priced(msgspec.Struct, frozen=True):
    """What it costs; amounts in tokens."""

    most: int
    usual: int
    page: int
    balance: int
    enough: bool
    covered: int
    words: int
    pages: int


class Essay(msgspec.Struct, frozen=True, omit_defaults=True):
    """An order, and how far it is."""

    answer: str
    conversation: str
    text: str
    brief: Brief
    outline: list[Section]
    state: State
    cost: int
    words: int | None = None
    prompts: str | None = None


DRAFT = msgspec.json.Decoder(Draft)


@attrs.frozen
class EssayRoutes:
    """Routes of essays."""

    _ordering: Ordering
    _identity: Identity
    router = room()

    @router.route("/api/v1/essays/price", methods=["POST"])
    @whole
    async def price(self, request: Request) -> bytes:
        """What an essay, or its outline, would cost; nothing is ordered."""
        session = await self._identity.session(request)
        draft = bodies.read(request, DRAFT)
        brief = understood(draft.brief)
        quote = await self._ordering.quote(session.user, draft.text, brief)
        return reply(request, _priced(brief, quote))

    @router.route("/api/v1/essays/<answer>", methods=["GET"])
    @whole
    async def essay(self, request: Request, answer: str) -> bytes:
        """What was ordered, with the outline as sections."""
        session = await self._identity.session(request)
        wanted = AnswerId(bodies.identifier(answer))
        return reply(request, _essay(await self._ordering.look(session.user, wanted)))


def _priced(brief: briefs.Brief, quote: Quote) -> Priced:
    return Priced(
        most=quote.most,
        usual=quote.usual,
        page=quote.page,
        balance=quote.balance,
        enough=quote.enough,
        covered=quote.covered,
        words=brief.words,
        pages=brief.pages,
    )


def _essay(order: Order) -> Essay:
    return Essay(
        answer=order.answer,
        conversation=order.conversation,
        text=order.topic,
        brief=shape(order.brief),
        outline=shapes(order.outline),
        state=order.state,
        cost=order.cost,
        words=order.words,
        prompts=order.prompts,
    )
