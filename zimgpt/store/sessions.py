"""Signed-in browsers and programs as rows; a token is known by its digest alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

import attrs

from zimgpt.domain.accounts import ABSOLUTE, IDLE, Session, SessionId, UserId
from zimgpt.domain.phones import Phone
from zimgpt.flows.ports import SessionInfo
from zimgpt.store.pool import Pool

NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly it is known when a session was last seen: not a write a request."""

LIVE: Final = "s.expires_at > now() and s.seen_at > now() - %(idle)s"

OPEN = """
insert into sessions (id, user_id, token_digest, client, expires_at)
values (%(id)s, %(user)s, %(digest)s, %(client)s, now() + %(absolute)s)
"""

FIND = f"""
with found as (
  select s.id, s.user_id, coalesce(u.phone_e164, '') as phone, s.seen_at
    from sessions s join users u on u.id = s.user_id
   where s.token_digest = %(digest)s and {LIVE}),
noted as (
  update sessions t set seen_at = now()
    from found f
   where t.id = f.id and f.seen_at < now() - %(every)s)
select id, user_id, phone from found
"""  # noqa: S608

LIST = f"""
select s.id, s.client, s.created_at, s.seen_at
  from sessions s
 where s.user_id = %(user)s and {LIVE}
 order by s.seen_at desc, s.created_at desc, s.id
"""  # noqa: S608

REVOKE = """
delete from sessions where id = %(id)s and user_id = %(user)s returning id
"""

REVOKE_ALL = "delete from sessions where user_id = %(user)s returning id"

ALIVE = f"select s.id from sessions s where s.id = any(%(ids)s::uuid[]) and {LIVE}"  # noqa: S608


@attrs.frozen
class PgSessions:
    """``flows.ports.Sessions`` in PostgreSQL."""

    _pool: Pool

    async def open(
        self, session: SessionId, user: UserId, digest: bytes, client: str
    ) -> None:
        """Begins a session of the domain's absolute lifetime."""
        await self._pool.query(
            OPEN,
            {
                "id": session,
                "user": user,
                "digest": digest,
                "client": client,
                "absolute": ABSOLUTE,
            },
        )

    async def find(self, digest: bytes) -> Session | None:
        """The live session of a token; notes that it was seen."""
        rows = await self._pool.query(
            FIND, {"digest": digest, "idle": IDLE, "every": NOTED_EVERY}
        )
        for session, user, phone in rows:
            return Session(SessionId(session), UserId(user), Phone(phone))
        return None

    async def list(self, user: UserId) -> tuple[SessionInfo, ...]:
        """A person's live sessions, latest first."""
        rows = await self._pool.query(LIST, {"user": user, "idle": IDLE})
        return tuple(
            SessionInfo(SessionId(session), client, created_at, seen_at)
            for session, client, created_at, seen_at in rows
        )

    async def revoke(self, user: UserId, session: SessionId) -> bool:
        """Ends one; False if it is not theirs or has ended."""
        return bool(await self._pool.query(REVOKE, {"id": session, "user": user}))

    async def revoke_all(self, user: UserId) -> tuple[SessionId, ...]:
        """Ends every one of them."""
        rows = await self._pool.query(REVOKE_ALL, {"user": user})
        return tuple(SessionId(session) for (session,) in rows)

    async def live(self, sessions: Collection[SessionId]) -> frozenset[SessionId]:
        """Which of these have not ended."""
        params = {"ids": [*sessions], "idle": IDLE}
        rows = await self._pool.query(ALIVE, params)
        return frozenset(SessionId(session) for (session,) in rows)
