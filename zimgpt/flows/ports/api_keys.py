"""Keys of programs, and what they asked."""

from __future__ import annotations

from typing import Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.api_keys import ApiKey, Grant, KeyId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.ledger import Usage


@attrs.frozen
class Spent:
    """Model tokens of an answer that has ended; nothing for one that was free."""

    usage: Usage | None


class ApiKeys(Protocol):
    """Keys; one is known by its SHA-256 alone."""

    async def make(
        self, key: KeyId, user: UserId, grant: Grant, digest: bytes, hint: str
    ) -> None:
        """Raises TooManyKeys."""
        ...

    async def list(self, user: UserId) -> tuple[ApiKey, ...]:
        """A person's live keys, oldest first."""
        ...

    async def change(self, user: UserId, key: KeyId, grant: Grant) -> bool:
        """False if it is not theirs or was revoked."""
        ...

    async def revoke(self, user: UserId, key: KeyId) -> bool:
        """False if it is not theirs or was revoked before."""
        ...

    async def find(self, digest: bytes) -> ApiKey | None:
        """The live key with this digest, of an account that is open."""
        ...

    async def use(self, digest: bytes) -> float | None:
        """Counts a request. The seconds until it may be made, 0 for now; None if there
        is no such key."""
        ...

    async def alike(self, key: KeyId, fingerprint: bytes) -> str | None:
        """The client id of the latest question of the last quarter of an hour that came
        by this key with these bytes, and has not failed."""
        ...

    async def spent(self, user: UserId, answer: AnswerId) -> Spent:
        """What an answer took; raises NotFound for what is not theirs."""
        ...
