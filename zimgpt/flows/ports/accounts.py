"""People, their sessions and their passwords."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import attrs

from zimgpt.domain.accounts import Session, SessionId, UserId, Wallet
from zimgpt.domain.errors import Refusal
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone


@attrs.frozen
class Credentials:
    """What signing in is checked against."""

    user: UserId
    password_hash: str | None
    """None for a person who has never chosen a password."""
    locked: bool
    """Passwords are refused for now, right or wrong."""


@attrs.frozen
class SessionInfo:
    """One line of the list of sessions that a person sees."""

    id: SessionId
    client: str
    created_at: datetime
    seen_at: datetime


class Wallets(Protocol):
    """Knows balances."""

    async def wallet(self, user: UserId) -> Wallet:
        """What is there to spend, and what is set aside; raises Unavailable."""
        ...


class Accounts(Wallets, Protocol):
    """People, and what signing in remembers of them."""

    async def open(
        self, phone: Phone, password_hash: str, welcome: Tokens
    ) -> UserId | None:
        """The new account with its welcome grant; None if the number has one."""
        ...

    async def attempt(self, phone: Phone) -> Credentials | None:
        """What a password is checked against; None for an unknown number.

        A lock lasts by the store's clock, not by any node's. Unless passwords are
        refused for now, this counts as a wrong one until ``succeeded`` or ``forgive``
        is called: tries made at the same moment are counted, too.
        """
        ...

    async def forgive(self, user: UserId) -> None:
        """Takes back one count: the password was not looked at."""
        ...

    async def succeeded(self, user: UserId, password_hash: str | None) -> None:
        """Forgets wrong passwords; stores a hash if given: one with newer parameters,
        or of a new password."""
        ...

    async def close(self, user: UserId) -> tuple[SessionId, ...]:
        """Ends an account, its sessions and its conversations; nothing for one that
        has ended. The sessions that ended with it; the ledger stays."""
        ...


class Sessions(Protocol):
    """Signed-in browsers and programs; a token is known by its SHA-256 alone."""

    async def open(
        self, session: SessionId, user: UserId, digest: bytes, client: str
    ) -> None:
        """Begins a session of the domain's absolute lifetime."""
        ...

    async def find(self, digest: bytes) -> Session | None:
        """The live session of a token; notes that it was seen."""
        ...

    async def list(self, user: UserId) -> tuple[SessionInfo, ...]:
        """A person's live sessions, latest first."""
        ...

    async def revoke(self, user: UserId, session: SessionId) -> bool:
        """Ends one; False if it is not theirs or has ended."""
        ...

    async def revoke_all(self, user: UserId) -> tuple[SessionId, ...]:
        """Ends every one of them."""
        ...

    async def live(self, sessions: Collection[SessionId]) -> frozenset[SessionId]:
        """Which of these have not ended."""
        ...


class PasswordsBusy(Refusal):
    """Too many people are signing in just now. Please try again in a few seconds."""

    code = "busy"


class Passwords(Protocol):
    """Slow hashes, computed off the reactor's thread, a bounded number at once."""

    async def hash(self, password: str) -> str:
        """A new hash; raises PasswordsBusy when the queue is full."""
        ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it matches. None takes as long and never matches."""
        ...

    def outdated(self, password_hash: str) -> bool:
        """Whether it was made with older parameters than today's."""
        ...
