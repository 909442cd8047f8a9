"""``/api/v1/keys``: keys with which a person's programs ask at ``/v1``."""

from __future__ import annotations

from datetime import datetime

import attrs
import msgspec
from msgspec import UNSET, UnsetType
from twisted.web.server import Request

from zimgpt.domain.api_keys import USUAL_PER_MINUTE, ApiKey, Grant, KeyId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.keyring import Keyring
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.replies import nothing, reply
from zimgpt.inbound.rooms import room, whole


class KeyWish(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A key to be made; ``budget`` is tokens in its life, null for no own limit."""

    name: str
    budget: int | None = None
    per_minute: int = USUAL_PER_MINUTE


class KeyChange(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What shall be otherwise; what is left out stays."""

    name: str | UnsetType = UNSET
    budget: int | UnsetType | None = UNSET
    per_minute: int | UnsetType = UNSET


class Key(msgspec.Struct, frozen=True):
    """A key as its owner sees it again: ``hint`` is its end, ``taken`` what its answers
    have cost and hold now."""

    id: str
    name: str
    hint: str
    budget: int | None
    taken: int
    per_minute: int
    created_at: datetime
    used_at: datetime | None


class NewKey(msgspec.Struct, frozen=True):
    """A key that was just made; ``secret`` is told this once."""

    key: Key
    secret: str


class KeyList(msgspec.Struct, frozen=True):
    """All live keys, oldest first."""

    keys: list[Key]


WISH = msgspec.json.Decoder(KeyWish)
CHANGE = msgspec.json.Decoder(KeyChange)


@attrs.frozen
class KeyRoutes:
    """Routes of keys; a key itself opens none of them."""

    _keyring: Keyring
    _identity: Identity
    router = room()

    @router.route("/api/v1/keys", methods=["GET"])
    @whole
    async def keys(self, request: Request) -> bytes:
        """The asker's keys."""
        session = await self._identity.session(request)
        return reply(
            request, KeyList(list(map(_key, await self._keyring.list(session.user))))
        )

    @router.route("/api/v1/keys", methods=["POST"])
    @whole
    async def make_key(self, request: Request) -> bytes:
        """A new key, told once."""
        session = await self._identity.session(request)
        wish = bodies.read(request, WISH)
        grant = Grant(
            name=wish.name, budget=_tokens(wish.budget), per_minute=wish.per_minute
        )
        key, secret = await self._keyring.make(session.user, grant)
        return reply(request, NewKey(_key(key), secret), status=201)

    @router.route("/api/v1/keys/<key>", methods=["PATCH"])
    @whole
    async def change_key(self, request: Request, key: str) -> bytes:
        """Another name, budget or rate."""
        session = await self._identity.session(request)
        change = bodies.read(request, CHANGE)
        wanted = KeyId(bodies.identifier(key))
        for one in await self._keyring.list(session.user):
            if one.id == wanted:
                grant = _changed(one.grant, change)
                changed = await self._keyring.change(session.user, wanted, grant)
                return reply(request, _key(changed))
        raise NotFound

    @router.route("/api/v1/keys/<key>", methods=["DELETE"])
    @whole
    async def revoke_key(self, request: Request, key: str) -> bytes:
        """Ends a key."""
        session = await self._identity.session(request)
        await self._keyring.revoke(session.user, KeyId(bodies.identifier(key)))
        return nothing(request)


def _changed(grant: Grant, change: KeyChange) -> Grant:
    budget = change.budget
    return Grant(
        name=grant.name if change.name is UNSET else change.name,
        budget=grant.budget if budget is UNSET else _tokens(budget),
        per_minute=grant.per_minute
        if change.per_minute is UNSET
        else change.per_minute,
    )


def _tokens(budget: int | None) -> Tokens | None:
    return None if budget is None else Tokens(budget)


def _key(key: ApiKey) -> Key:
    return Key(
        id=key.id,
        name=key.grant.name,
        hint=key.hint,
        budget=key.grant.budget,
        taken=key.taken,
        per_minute=key.grant.per_minute,
        created_at=key.created_at,
        used_at=key.used_at,
    )
