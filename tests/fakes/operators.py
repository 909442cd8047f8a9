"""Operators in memory, as the port promises them."""

from __future__ import annotations

from datetime import datetime

import attrs

from tests.fakes.people import NOON
from zimgpt.domain.accounts import SessionId, lock_after
from zimgpt.domain.operators import ABSOLUTE, CODE_WITHIN, IDLE, Operator, OperatorId
from zimgpt.flows.ports.operators import Proving, Tried


@attrs.define
class Kept:
    """One operator."""

    id: OperatorId
    name: str
    password_hash: str
    secret: str
    step: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    disabled: bool = False


@attrs.define
class Sitting:
    """One session."""

    id: SessionId
    operator: Kept
    client: str
    expires: datetime
    seen: datetime
    proved: bool = False


@attrs.define
class MemoryOperators:
    """``Operators`` by name, and sessions by digest."""

    now: datetime = NOON
    people: dict[str, Kept] = attrs.Factory(dict)
    sessions: dict[bytes, Sitting] = attrs.Factory(dict)

    def add(self, name: str, password_hash: str, secret: str) -> Kept:
        """Somebody new."""
        kept = Kept(OperatorId(len(self.people) + 1), name, password_hash, secret)
        self.people[name] = kept
        return kept

    async def attempt(self, name: str) -> Tried | None:
        """Counts a try."""
        kept = self.people.get(name)
        if kept is None or kept.disabled:
            return None
        return Tried(kept.id, kept.password_hash, self._tried(kept))

    async def forgive(self, operator: OperatorId) -> None:
        """Takes back one count."""
        [kept] = [one for one in self.people.values() if one.id == operator]
        kept.failures, kept.locked_until = max(kept.failures - 1, 0), None

    async def begin(
        self, session: SessionId, operator: OperatorId, digest: bytes, client: str
    ) -> None:
        """A session that waits."""
        [kept] = [one for one in self.people.values() if one.id == operator]
        self.sessions[digest] = Sitting(
            session, kept, client, self.now + CODE_WITHIN, self.now
        )

    async def proving(self, digest: bytes) -> Proving | None:
        """The session that waits."""
        one = self.sessions.get(digest)
        if one is None or one.proved or not self._open(one):
            return None
        kept = one.operator
        locked = self._tried(kept)
        return Proving(one.id, kept.id, kept.name, kept.secret, locked, self.now)

    async def prove(self, session: SessionId, step: int, digest: bytes) -> bool:
        """Opens it."""
        for old, one in list(self.sessions.items()):
            if one.id == session and not one.proved and self._open(one):
                kept = one.operator
                if kept.step >= step:
                    return False
                kept.step, kept.failures, kept.locked_until = step, 0, None
                del self.sessions[old]
                one.proved, one.seen, one.expires = True, self.now, self.now + ABSOLUTE
                self.sessions[digest] = one
                return True
        return False

    async def find(self, digest: bytes) -> Operator | None:
        """Whose it is."""
        one = self.sessions.get(digest)
        if one is None or not one.proved or not self._open(one):
            return None
        if self.now - one.seen >= IDLE:
            return None
        one.seen = self.now
        return Operator(one.id, one.operator.id, one.operator.name)

    async def end(self, digest: bytes) -> None:
        """Forgets it."""
        self.sessions.pop(digest, None)

    def _open(self, one: Sitting) -> bool:
        return one.expires > self.now and not one.operator.disabled

    def _tried(self, kept: Kept) -> bool:
        """Whether it is locked; counts unless it is."""
        locked = kept.locked_until is not None and kept.locked_until > self.now
        if not locked:
            kept.failures += 1
            kept.locked_until = lock_after(kept.failures, self.now)
        return locked
