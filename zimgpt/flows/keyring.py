"""Keys of programs: made, changed and revoked by their owners."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from math import ceil

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.api_keys import (
    PREFIX,
    SHOWN,
    ApiKey,
    Grant,
    KeyId,
    KeyTooFast,
    WrongKey,
    checked,
)
from zimgpt.domain.errors import NotFound
from zimgpt.flows.ports import NewId
from zimgpt.flows.ports.api_keys import ApiKeys


@attrs.frozen
class Keyring:
    """All keys; a secret is told once, when it is made."""

    _keys: ApiKeys
    _new_id: NewId
    _new_secret: Callable[[], bytes]

    async def make(self, user: UserId, grant: Grant) -> tuple[ApiKey, str]:
        """A new key and its secret; raises BadRequest, TooManyKeys."""
        grant = checked(grant)
        key = KeyId(self._new_id())
        words = urlsafe_b64encode(self._new_secret()).rstrip(b"=").decode()
        secret = PREFIX + words
        await self._keys.make(key, user, grant, digest(secret), secret[-SHOWN:])
        return await self._one(user, key), secret

    async def list(self, user: UserId) -> tuple[ApiKey, ...]:
        """A person's live keys, oldest first."""
        return await self._keys.list(user)

    async def change(self, user: UserId, key: KeyId, grant: Grant) -> ApiKey:
        """The key with another name, budget and rate; raises NotFound, BadRequest."""
        if not await self._keys.change(user, key, checked(grant)):
            raise NotFound
        return await self._one(user, key)

    async def revoke(self, user: UserId, key: KeyId) -> None:
        """Ends a key at once; what it asked goes on. Raises NotFound."""
        if not await self._keys.revoke(user, key):
            raise NotFound

    async def known(self, secret: str) -> ApiKey:
        """The key with this secret; raises WrongKey."""
        key = await self._keys.find(digest(secret))
        if key is None:
            raise WrongKey
        return key

    async def used(self, secret: str) -> ApiKey:
        """The same for a request that counts; raises WrongKey, KeyTooFast."""
        wait = await self._keys.use(digest(secret))
        if wait is None:
            raise WrongKey
        if wait > 0:
            raise KeyTooFast(retry=max(ceil(wait), 1))
        return await self.known(secret)

    async def _one(self, user: UserId, key: KeyId) -> ApiKey:
        for one in await self._keys.list(user):
            if one.id == key:
                return one
        raise NotFound


def digest(secret: str) -> bytes:
    """What is kept of a secret of 256 random bits: no slow hash is needed for those."""
    return sha256(secret.encode()).digest()
