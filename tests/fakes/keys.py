"""Keys of programs in memory."""

from __future__ import annotations

import attrs

from tests.fakes.people import NOON
from zimgpt.domain.accounts import UserId
from zimgpt.domain.api_keys import MOST, ApiKey, Grant, KeyId, TooManyKeys
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.ledger import Tokens, Usage
from zimgpt.flows.ports.api_keys import Spent


@attrs.define
class MemoryKeys:
    """``ApiKeys`` whose keys have asked nothing, unless the test says otherwise."""

    live: dict[KeyId, tuple[bytes, ApiKey]] = attrs.Factory(dict)
    asked: dict[bytes, str] = attrs.Factory(dict)
    """Questions by the fingerprints of their requests."""
    usage: Usage | None = None
    wait: float = 0.0

    async def make(
        self, key: KeyId, user: UserId, grant: Grant, digest: bytes, hint: str
    ) -> None:
        """Keeps one."""
        if len(await self.list(user)) == MOST:
            raise TooManyKeys
        made = ApiKey(
            id=key,
            user=user,
            hint=hint,
            grant=grant,
            taken=Tokens(0),
            created_at=NOON,
            used_at=None,
        )
        self.live[key] = (digest, made)

    async def list(self, user: UserId) -> tuple[ApiKey, ...]:
        """In the order in which they were made."""
        return tuple(one for _, one in self.live.values() if one.user == user)

    async def change(self, user: UserId, key: KeyId, grant: Grant) -> bool:
        """Theirs alone."""
        if key not in {one.id for one in await self.list(user)}:
            return False
        digest, one = self.live[key]
        self.live[key] = (digest, attrs.evolve(one, grant=grant))
        return True

    async def revoke(self, user: UserId, key: KeyId) -> bool:
        """Theirs alone."""
        if key not in {one.id for one in await self.list(user)}:
            return False
        del self.live[key]
        return True

    async def find(self, digest: bytes) -> ApiKey | None:
        """By its digest."""
        return next((one for kept, one in self.live.values() if kept == digest), None)

    async def use(self, digest: bytes) -> float | None:
        """As often as one likes, unless it must wait."""
        return None if await self.find(digest) is None else self.wait

    async def alike(
        self,
        key: KeyId,  # noqa: ARG002 - there is one
        fingerprint: bytes,
    ) -> str | None:
        """What was asked by the same request."""
        return self.asked.get(fingerprint)

    async def spent(self, user: UserId, answer: AnswerId) -> Spent:  # noqa: ARG002
        """The same for every answer."""
        return Spent(self.usage)
