"""``/admin/api/prices``, ``costs``, ``packages`` and ``rates``: what is sold, and for
how much; each change is a new version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import attrs
import msgspec
from msgspec import Meta
from twisted.web.server import Request

from zimgpt.domain.ledger import Price
from zimgpt.domain.settable import (
    MOST_CENTS,
    MOST_MICROS,
    MOST_MILLIS,
    MOST_TOKENS,
    PACKAGE,
)
from zimgpt.flows.ports.back_office import By
from zimgpt.flows.ports.shop import Catalogue
from zimgpt.inbound import bodies
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.replies import WHY, Reason, told
from zimgpt.inbound.rooms import room, whole

Model = Annotated[str, Meta(min_length=1, max_length=200)]
Micros = Annotated[int, Meta(ge=0, le=MOST_MICROS)]
Cents = Annotated[int, Meta(ge=1, le=MOST_CENTS)]


class NewPrice(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Thousandths of one of our tokens for one of the model's."""

    model: Model
    prompt: Annotated[int, Meta(ge=0, le=MOST_MILLIS)]
    completion: Annotated[int, Meta(ge=1, le=MOST_MILLIS)]
    reason: Reason


class NewCost(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Millionths of a dollar for a million tokens."""

    model: Model
    prompt: Micros
    completion: Micros
    reason: Reason


class NewPackage(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What it has and costs from now on."""

    package: Annotated[str, Meta(pattern=f"^{PACKAGE.pattern}$")]
    tokens: Annotated[int, Meta(ge=1, le=MOST_TOKENS)]
    cents: Cents
    reason: Reason


class NewRate(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """ZiG cents for a dollar; ``sure`` though it is far from the last one."""

    cents: Cents
    reason: Reason
    sure: bool = False


PRICE = msgspec.json.Decoder(NewPrice)
COST = msgspec.json.Decoder(NewCost)
PACKAGED = msgspec.json.Decoder(NewPackage)
RATE = msgspec.json.Decoder(NewRate)


@attrs.frozen
class ShopRoutes:
    """Routes of what is sold; ``models`` are those that are configured."""

    _catalogue: Catalogue
    _models: Sequence[str]
    _identity: AdminIdentity
    router = room()

    @router.route("/admin/api/prices", methods=["GET"])
    @whole
    async def prices(self, request: Request) -> bytes:
        """What models cost people and us, now and before."""
        await self._identity.operator(request)
        rows = await self._catalogue.prices()
        return told(request, {"models": self._models, **rows})

    @router.route("/admin/api/prices", methods=["POST"])
    @whole
    async def set_price(self, request: Request) -> bytes:
        """A model's price from now on."""
        operator = await self._identity.operator(request)
        new = bodies.read(request, PRICE)
        price = Price(new.model, new.prompt, new.completion)
        await self._catalogue.set_price(price, By(operator.name, new.reason))
        return told(request, attrs.asdict(price))

    @router.route("/admin/api/costs", methods=["POST"])
    @whole
    async def set_cost(self, request: Request) -> bytes:
        """What it costs us from now on."""
        operator = await self._identity.operator(request)
        new = bodies.read(request, COST)
        by = By(operator.name, new.reason)
        row = await self._catalogue.set_cost(new.model, new.prompt, new.completion, by)
        return told(request, row)

    @router.route("/admin/api/packages", methods=["GET"])
    @whole
    async def packages(self, request: Request) -> bytes:
        """What is sold, now and before, and the rates of ZiG."""
        await self._identity.operator(request)
        return told(request, await self._catalogue.packages())

    @router.route("/admin/api/packages", methods=["POST"])
    @whole
    async def set_package(self, request: Request) -> bytes:
        """A package from now on, new or changed."""
        operator = await self._identity.operator(request)
        new = bodies.read(request, PACKAGED)
        by = By(operator.name, new.reason)
        row = await self._catalogue.set_package(new.package, new.tokens, new.cents, by)
        return told(request, row)

    @router.route("/admin/api/packages/<package>/withdraw", methods=["POST"])
    @whole
    async def withdraw(self, request: Request, package: str) -> bytes:
        """Sells one no more."""
        operator = await self._identity.operator(request)
        by = By(operator.name, bodies.read(request, WHY).reason)
        return told(request, await self._catalogue.withdraw(package, by))

    @router.route("/admin/api/rates", methods=["POST"])
    @whole
    async def set_rate(self, request: Request) -> bytes:
        """How much ZiG a dollar is from now on."""
        operator = await self._identity.operator(request)
        new = bodies.read(request, RATE)
        by = By(operator.name, new.reason)
        return told(request, await self._catalogue.set_rate(new.cents, new.sure, by))
