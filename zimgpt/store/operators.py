"""Operators of the admin pages: tries are counted, codes taken once, sessions found."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs

from zimgpt.domain.accounts import SessionId, lock_after
from zimgpt.domain.operators import ABSOLUTE, CODE_WITHIN, IDLE, Operator, OperatorId
from zimgpt.flows.ports.operators import Proving, Tried
from zimgpt.store.pool import Pool, Tx
from zimgpt.store.sealing import Sealing

NOTED_EVERY: Final = timedelta(seconds=30)

TRY: Final = (
    "select id, password_hash, failures, locked, now from operator_to_try(%(name)s)"
)
PROVING: Final = (
    "select session, id, name, totp_secret, failures, locked, now"
    "  from operator_to_prove(%(digest)s)"
)
COUNT: Final = "select count_operator_try(%(operator)s, %(failures)s, %(until)s)"
FORGIVE: Final = "select forgive_operator(%(operator)s)"
BEGIN: Final = (
    "select begin_operator_session("
    "%(id)s, %(operator)s, %(digest)s, %(client)s, %(lasts)s)"
)
PROVE: Final = "select prove_operator(%(id)s, %(step)s, %(digest)s, %(lasts)s)"
FIND: Final = (
    "select session, id, name from operator_session(%(digest)s, %(idle)s, %(every)s)"
)
END: Final = "select end_operator_session(%(digest)s)"


@attrs.frozen
class PgOperators:
    """``flows.ports.operators.Operators`` in PostgreSQL."""

    _pool: Pool
    _sealing: Sealing = attrs.Factory(Sealing)

    async def attempt(self, name: str) -> Tried | None:
        """Reads and counts under the row's lock, so that no two tries count as one."""

        async def work(tx: Tx) -> Tried | None:
            for id, known, failures, locked, now in await tx.query(TRY, {"name": name}):
                if not locked:
                    until = lock_after(failures + 1, now)
                    await _count(tx, id, failures + 1, until)
                return Tried(OperatorId(id), known, locked)
            return None

        return await self._pool.transact(work)

    async def forgive(self, operator: OperatorId) -> None:
        """Takes back one count; who was let in to try was not locked out."""
        await self._pool.query(FORGIVE, {"operator": operator})

    async def begin(
        self, session: SessionId, operator: OperatorId, digest: bytes, client: str
    ) -> None:
        """A session that waits for its code."""
        values = {"id": session, "operator": operator, "client": client}
        await self._pool.query(
            BEGIN, {**values, "digest": digest, "lasts": CODE_WITHIN}
        )

    async def proving(self, digest: bytes) -> Proving | None:
        """Reads and counts, as ``attempt`` does; raises CodesUnreadable."""

        async def work(tx: Tx) -> Proving | None:
            rows = await tx.query(PROVING, {"digest": digest})
            for session, id, name, kept, failures, locked, now in rows:
                secret = self._sealing.opened(name, kept)
                if not locked:
                    until = lock_after(failures + 1, now)
                    await _count(tx, id, failures + 1, until)
                return Proving(
                    SessionId(session), OperatorId(id), name, secret, locked, now
                )
            return None

        return await self._pool.transact(work)

    async def prove(self, session: SessionId, step: int, digest: bytes) -> bool:
        """Takes the code and opens the session in one commit."""
        values = {"id": session, "step": step, "digest": digest, "lasts": ABSOLUTE}
        [(proved,)] = await self._pool.query(PROVE, values)
        return bool(proved)

    async def find(self, digest: bytes) -> Operator | None:
        """Whose live session it is."""
        values = {"digest": digest, "idle": IDLE, "every": NOTED_EVERY}
        for session, id, name in await self._pool.query(FIND, values):
            return Operator(SessionId(session), OperatorId(id), name)
        return None

    async def end(self, digest: bytes) -> None:
        """Ends a session."""
        await self._pool.query(END, {"digest": digest})


async def _count(tx: Tx, operator: int, failures: int, until: object) -> None:
    await tx.query(COUNT, {"operator": operator, "failures": failures, "until": until})
