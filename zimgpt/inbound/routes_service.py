"""``/healthz``, ``/api/v1/prices`` and ``/api/v1/about``: what anybody may know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain import usual
from zimgpt.domain.ledger import Price
from zimgpt.inbound.replies import reply
from zimgpt.inbound.rooms import room, whole


@attrs.frozen
class Offer:
    """A model that can be asked, as people are told of it."""

    label: str
    price: Price


class Offers(Protocol):
    """Knows what can be asked."""

    async def offers(self) -> Sequence[Offer]:
        """Models in the order in which they are tried."""
        ...


class Healthy(msgspec.Struct, frozen=True):
    """This process answers."""

    ok: bool


class ModelPrice(msgspec.Struct, frozen=True):
    """Thousandths of one of our tokens for each of the model's, and in whole tokens
    what a usual question and an essay of 800 words cost."""

    model: str
    label: str
    prompt_millis: int
    completion_millis: int
    question: int
    essay: int


class Prices(msgspec.Struct, frozen=True):
    """All of them."""

    models: list[ModelPrice]


class About(msgspec.Struct, frozen=True):
    """What there is at this server; ``whatsapp``: numbers can be proved by it."""

    whatsapp: bool


@attrs.frozen
class ServiceRoutes:
    """Routes that need no session."""

    _offers: Offers
    _whatsapp: bool = False
    router = room()

    @router.route("/healthz", methods=["GET"])
    def healthz(self, request: Request) -> bytes:
        """Whether the reactor turns; nothing is asked of the database."""
        return reply(request, Healthy(ok=True))

    @router.route("/api/v1/about", methods=["GET"])
    def about(self, request: Request) -> bytes:
        """What a page can offer here."""
        return reply(request, About(whatsapp=self._whatsapp))

    @router.route("/api/v1/prices", methods=["GET"])
    @whole
    async def prices(self, request: Request) -> bytes:
        """What models cost."""
        models = [
            ModelPrice(
                one.price.model,
                one.label,
                one.price.prompt_millis,
                one.price.completion_millis,
                usual.question(one.price),
                usual.essay(one.price),
            )
            for one in await self._offers.offers()
        ]
        return reply(request, Prices(models))
