"""Proofs of numbers in memory."""

from __future__ import annotations

from datetime import timedelta

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.phones import Phone
from zimgpt.flows.proving import Purpose, Stand, Standing


@attrs.define
class Kept:
    """One of them."""

    phrase: str
    secret: bytes
    standing: Standing


@attrs.define
class MemoryProofs:
    """``proving.Proofs``; ``say`` plays the person who sends a phrase."""

    most: int = 100
    kept: dict[str, Kept] = attrs.Factory(dict)

    async def begin(
        self,
        id: str,
        phrase: str,
        secret: bytes,
        purpose: Purpose,
        user: UserId | None,
        lives: timedelta,  # noqa: ARG002 - time does not pass here
    ) -> bool:
        """False if there are too many."""
        if len(self.kept) >= self.most:
            return False
        standing = Standing(Stand.WAITING, purpose, user)
        self.kept[id] = Kept(phrase, secret, standing)
        return True

    async def look(self, id: str, secret: bytes, *, use: bool) -> Standing | None:
        """Where it stands."""
        kept = self.kept.get(id)
        if kept is None or kept.secret != secret:
            return None
        found = kept.standing
        if use and found.stand is Stand.PROVED:
            kept.standing = attrs.evolve(found, stand=Stand.OVER)
        return found

    def say(self, id: str, user: UserId, phone: Phone | None) -> None:
        """The phrase comes from this person's phone."""
        kept = self.kept[id]
        kept.standing = Standing(Stand.PROVED, kept.standing.purpose, user, phone)

    def end(self, id: str) -> None:
        """Its time is over."""
        kept = self.kept[id]
        kept.standing = attrs.evolve(kept.standing, stand=Stand.OVER)
