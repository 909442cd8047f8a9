"""Phrases that browsers show and people send, as rows; both secrets by digest alone."""

from __future__ import annotations

from datetime import timedelta

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.phones import Phone
from zimgpt.flows.ports.contacts import ContactId
from zimgpt.flows.proving import Purpose, Stand, Standing
from zimgpt.store.pool import Pool

BEGIN = """
    select begin_proof(%(id)s, %(phrase)s, %(purpose)s, %(user)s, %(secret)s,
                       %(lives)s, %(most)s, %(most_each)s)
"""


@attrs.frozen
class PgProofs:
    """``proving.Proofs`` on PostgreSQL."""

    _pool: Pool
    _most: int = 10_000
    """Phrases that may wait at the same time; with 2**40 of them, guessing one takes
    a hundred million messages."""
    _most_each: int = 5

    async def begin(
        self,
        id: str,
        phrase: str,
        secret: bytes,
        purpose: Purpose,
        user: UserId | None,
        lives: timedelta,
    ) -> bool:
        """False if too many wait already."""
        params = {
            "id": id,
            "phrase": phrase,
            "purpose": str(purpose),
            "user": user,
            "secret": secret,
            "lives": lives,
            "most": self._most,
            "most_each": self._most_each,
        }
        [(begun,)] = await self._pool.query(BEGIN, params)
        return bool(begun)

    async def look(self, id: str, secret: bytes, *, use: bool) -> Standing | None:
        """Where it stands; None for another browser's."""
        rows = await self._pool.query(
            "select state, purpose, user_id, phone from look_at_proof(%s, %s, %s)",
            (id, secret, use),
        )
        for state, purpose, user, phone in rows:
            return Standing(
                Stand(state),
                Purpose(purpose),
                None if user is None else UserId(user),
                None if phone is None else Phone(phone),
            )
        return None

    async def lock(self, contact: ContactId) -> UserId | None:
        """Ends what waits for a contact; whose sessions are to end."""
        [(user,)] = await self._pool.query("select lock_contact(%s)", (contact,))
        return None if user is None else UserId(user)
