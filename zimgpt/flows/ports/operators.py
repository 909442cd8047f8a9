"""Operators of the admin pages, and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs

from zimgpt.domain.accounts import SessionId
from zimgpt.domain.operators import Operator, OperatorId


@attrs.frozen
class Tried:
    """What a password is checked against."""

    id: OperatorId
    password_hash: str = attrs.field(repr=False)
    locked: bool
    """Passwords and codes are refused for now, right or wrong."""


@attrs.frozen
class Proving:
    """A session that waits for its code, and what the code is checked against."""

    session: SessionId
    id: OperatorId
    name: str
    secret: str = attrs.field(repr=False)
    locked: bool
    now: datetime
    """By the store's clock, which codes go by: nodes' clocks differ."""


class Operators(Protocol):
    """A session is known by the SHA-256 of its token alone."""

    async def attempt(self, name: str) -> Tried | None:
        """None for an unknown name, or one that is disabled. Unless locked, this counts
        as a wrong password until ``forgive`` or ``prove`` is called."""
        ...

    async def forgive(self, operator: OperatorId) -> None:
        """Takes back one count."""
        ...

    async def begin(
        self, session: SessionId, operator: OperatorId, digest: bytes, client: str
    ) -> None:
        """A session that waits for its code, for the domain's while."""
        ...

    async def proving(self, digest: bytes) -> Proving | None:
        """The session that waits; None if there is none. Counts as ``attempt`` does.
        Raises CodesUnreadable."""
        ...

    async def prove(self, session: SessionId, step: int, digest: bytes) -> bool:
        """Opens it under another token; forgets wrong tries, and notes who signed in.
        False if the code of this step or a later one was taken before."""
        ...

    async def find(self, digest: bytes) -> Operator | None:
        """Whose proved, live session it is; notes that it was seen."""
        ...

    async def end(self, digest: bytes) -> None:
        """Ends a session, whatever its state."""
        ...
