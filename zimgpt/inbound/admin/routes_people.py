"""``/admin/api/users``: people and their ledgers, and what is done to them."""

from __future__ import annotations

from typing import Annotated

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.ports.back_office import By, People
from zimgpt.inbound import bodies
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.replies import PAGE, WHY, Key, Reason, TokenCount, told
from zimgpt.inbound.rooms import room, whole


class Search(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Digits of a number, as people say it: the 0 at the front is no part of it. Those
    who came before the person of this id."""

    digits: Annotated[str, msgspec.Meta(max_length=40)] = ""
    before: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | None = None


class MovesQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Moves before this ``version``."""

    before: int | None = None


class Gift(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Tokens to be given; ``key`` is the form's own: twice sent is once given."""

    tokens: TokenCount
    key: Key
    reason: Reason


GIFT = msgspec.json.Decoder(Gift)


@attrs.frozen
class PeopleRoutes:
    """Routes of people."""

    _people: People
    _identity: AdminIdentity
    router = room()

    @router.route("/admin/api/users", methods=["GET"])
    @whole
    async def search(self, request: Request) -> bytes:
        """Some people."""
        await self._identity.operator(request)
        asked = bodies.query(request, Search)
        digits = "".join(filter(str.isdigit, asked.digits)).lstrip("0")
        before = None if asked.before is None else UserId(asked.before)
        page = await self._people.search(digits, before, PAGE)
        return told(request, {"users": page})

    @router.route("/admin/api/users/<user>", methods=["GET"])
    @whole
    async def shown(self, request: Request, user: str) -> bytes:
        """One of them."""
        await self._identity.operator(request)
        return told(request, await self._people.shown(_id(user)))

    @router.route("/admin/api/users/<user>/moves", methods=["GET"])
    @whole
    async def moves(self, request: Request, user: str) -> bytes:
        """A page of their ledger."""
        await self._identity.operator(request)
        asked = bodies.query(request, MovesQuery)
        page = await self._people.moves(_id(user), asked.before, PAGE)
        return told(request, {"moves": page})

    @router.route("/admin/api/users/<user>/number", methods=["POST"])
    @whole
    async def number(self, request: Request, user: str) -> bytes:
        """Their whole number."""
        by = await self._by(request)
        return told(request, {"phone": await self._people.number(_id(user), by)})

    @router.route("/admin/api/users/<user>/grant", methods=["POST"])
    @whole
    async def grant(self, request: Request, user: str) -> bytes:
        """Gives them tokens."""
        operator = await self._identity.operator(request)
        gift = bodies.read(request, GIFT)
        by = By(operator.name, gift.reason)
        tokens = Tokens(gift.tokens)
        return told(request, await self._people.grant(_id(user), tokens, gift.key, by))

    @router.route("/admin/api/users/<user>/ban", methods=["POST"])
    @whole
    async def ban(self, request: Request, user: str) -> bytes:
        """Shuts them out."""
        by = await self._by(request)
        return told(request, {"changed": await self._people.ban(_id(user), by)})

    @router.route("/admin/api/users/<user>/unban", methods=["POST"])
    @whole
    async def unban(self, request: Request, user: str) -> bytes:
        """Lets them in again."""
        by = await self._by(request)
        return told(request, {"changed": await self._people.unban(_id(user), by)})

    async def _by(self, request: Request) -> By:
        operator = await self._identity.operator(request)
        return By(operator.name, bodies.read(request, WHY).reason)


def _id(user: str) -> UserId:
    if not user.isascii() or not user.isdigit() or len(user) > 18:
        raise NotFound
    return UserId(int(user))
