"""Accounts, sessions and passwords in memory, as the ports promise them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import attrs
from twisted.internet.defer import Deferred

from zimgpt.domain.accounts import Session, SessionId, UserId, Wallet, lock_after
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.flows.ports import Credentials, PasswordsBusy, SessionInfo

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@attrs.define
class Person:
    """One account."""

    user: UserId
    password_hash: str | None
    balance: Tokens
    failures: int = 0
    locked_until: datetime | None = None


@attrs.define
class MemoryAccounts:
    """People by their numbers."""

    people: dict[Phone, Person] = attrs.Factory(dict)
    now: datetime = NOON
    welcomed: set[Phone] = attrs.Factory(set)
    sessions: MemorySessions | None = None

    async def open(
        self, phone: Phone, password_hash: str, welcome: Tokens
    ) -> UserId | None:
        """The new account; None if the number has one."""
        if phone in self.people:
            return None
        user = UserId(len(self.people) + 1)
        gift = Tokens(0) if phone in self.welcomed else welcome
        self.welcomed.add(phone)
        self.people[phone] = Person(user, password_hash, gift)
        return user

    async def attempt(self, phone: Phone) -> Credentials | None:
        """Counts a try."""
        person = self.people.get(phone)
        if person is None:
            return None
        locked = person.locked_until is not None and person.locked_until > self.now
        if not locked:
            person.failures += 1
            person.locked_until = lock_after(person.failures, self.now)
        return Credentials(person.user, person.password_hash, locked)

    async def forgive(self, user: UserId) -> None:
        """Takes back one count."""
        person = self._person(user)
        person.failures = max(person.failures - 1, 0)
        person.locked_until = None

    async def succeeded(self, user: UserId, password_hash: str | None) -> None:
        """Forgets wrong passwords."""
        person = self._person(user)
        person.failures, person.locked_until = 0, None
        person.password_hash = password_hash or person.password_hash

    async def wallet(self, user: UserId) -> Wallet:
        """The balances."""
        return Wallet(self._person(user).balance, Tokens(0))

    async def close(self, user: UserId) -> tuple[SessionId, ...]:
        """Forgets a person and ends their sessions."""
        self.people = {
            phone: person
            for phone, person in self.people.items()
            if person.user != user
        }
        return () if self.sessions is None else self.sessions.end_all(user)

    def _person(self, user: UserId) -> Person:
        [person] = [one for one in self.people.values() if one.user == user]
        return person


@attrs.define
class MemorySessions:
    """Sessions by the digests of their tokens."""

    accounts: MemoryAccounts
    rows: dict[bytes, tuple[Session, str]] = attrs.Factory(dict)

    def __attrs_post_init__(self) -> None:
        """An account's sessions end with it."""
        self.accounts.sessions = self

    async def open(
        self, session: SessionId, user: UserId, digest: bytes, client: str
    ) -> None:
        """Begins a session."""
        [phone] = [p for p, one in self.accounts.people.items() if one.user == user]
        self.rows[digest] = (Session(session, user, phone), client)

    async def find(self, digest: bytes) -> Session | None:
        """The session of a token."""
        return self.rows[digest][0] if digest in self.rows else None

    async def list(self, user: UserId) -> tuple[SessionInfo, ...]:
        """A person's sessions, latest first."""
        mine = [
            (session.id, client)
            for session, client in self.rows.values()
            if session.user == user
        ]
        return tuple(
            SessionInfo(one, client, NOON, NOON + timedelta(seconds=at))
            for at, (one, client) in reversed([*enumerate(mine)])
        )

    async def revoke(self, user: UserId, session: SessionId) -> bool:
        """Ends one."""
        for digest, (one, _) in self.rows.items():
            if one.user == user and one.id == session:
                del self.rows[digest]
                return True
        return False

    async def revoke_all(self, user: UserId) -> tuple[SessionId, ...]:
        """Ends every one of a person's."""
        return self.end_all(user)

    def end_all(self, user: UserId) -> tuple[SessionId, ...]:
        """The same, at once."""
        ended = {d: one for d, (one, _) in self.rows.items() if one.user == user}
        for digest in ended:
            del self.rows[digest]
        return tuple(one.id for one in ended.values())

    async def live(self, sessions: Collection[SessionId]) -> frozenset[SessionId]:
        """Which of these have not ended."""
        return frozenset(
            one.id for one, _ in self.rows.values() if one.id in set(sessions)
        )


@attrs.define
class PlainPasswords:
    """Hashes that are no secret and take no time, unless they wait for ``gate``."""

    version: int = 1
    busy: set[str] = attrs.Factory(set)
    """What there is no room for: hash, verify."""
    gate: Deferred[None] | None = None
    verified: list[str | None] = attrs.Factory(list)
    """What it was asked to compare with."""

    async def hash(self, password: str) -> str:
        """The password, marked."""
        if "hash" in self.busy:
            raise PasswordsBusy
        return f"v{self.version}:{password}"

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it matches."""
        if "verify" in self.busy:
            raise PasswordsBusy
        if self.gate is not None:
            opened: Deferred[None] = Deferred()
            self.gate.addCallback(opened.callback)
            await opened
        self.verified.append(password_hash)
        return password_hash is not None and password_hash[3:] == password

    def outdated(self, password_hash: str) -> bool:
        """Whether it has another mark than today's."""
        return not password_hash.startswith(f"v{self.version}:")
