"""People as rows: number, password hash and its failures, wallet."""

from __future__ import annotations

import attrs

from zimgpt.domain.accounts import SessionId, UserId, Wallet, lock_after
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.flows.ports import Credentials
from zimgpt.store.pool import Pool, Tx

OPEN = "select open_account(%(phone)s, %(hash)s, %(welcome)s)"

LOCK = """
select id, password_hash, failures, coalesce(locked_until > clock_timestamp(), false),
       clock_timestamp()
  from users
 where phone_e164 = %(phone)s
   for update
"""

COUNT = """
update users
   set failures = %(failures)s, locked_until = %(until)s
 where id = %(user)s
"""

FORGIVE = """
update users
   set failures = greatest(failures - 1, 0), locked_until = null
 where id = %(user)s
"""

SUCCEEDED = """
update users
   set failures = 0, locked_until = null,
       password_hash = coalesce(%(hash)s, password_hash)
 where id = %(user)s
   and (failures > 0 or locked_until is not null or %(hash)s is not null)
"""

WALLET = """
select coalesce(sum(balance) filter (where kind = 'available'), 0)::bigint,
       coalesce(sum(balance) filter (where kind = 'held'), 0)::bigint
  from accounts
 where user_id = %(user)s
"""

CLOSE = "select close_account(%(user)s)"


@attrs.frozen
class PgAccounts:
    """``flows.ports.Accounts`` in PostgreSQL."""

    _pool: Pool

    async def open(
        self, phone: Phone, password_hash: str, welcome: Tokens
    ) -> UserId | None:
        """The new account with its welcome grant; None if the number has one."""
        params = {"phone": phone, "hash": password_hash, "welcome": welcome}
        [(user,)] = await self._pool.query(OPEN, params)
        return None if user is None else UserId(user)

    async def attempt(self, phone: Phone) -> Credentials | None:
        """Reads and counts under the row's lock, so that no two tries count as one.

        The lock's times are all the database's: nodes' clocks differ, and jump.
        """

        async def work(tx: Tx) -> Credentials | None:
            rows = await tx.query(LOCK, {"phone": phone})
            if not rows:
                return None
            [(user, password_hash, failures, locked, now)] = rows
            if not locked:
                until = lock_after(failures + 1, now)
                count = {"user": user, "failures": failures + 1, "until": until}
                await tx.query(COUNT, count)
            return Credentials(UserId(user), password_hash, locked)

        return await self._pool.transact(work)

    async def forgive(self, user: UserId) -> None:
        """Takes back one count; who was let in to try was not locked out."""
        await self._pool.query(FORGIVE, {"user": user})

    async def succeeded(self, user: UserId, password_hash: str | None) -> None:
        """Forgets wrong passwords; stores a hash if given."""
        await self._pool.query(SUCCEEDED, {"user": user, "hash": password_hash})

    async def wallet(self, user: UserId) -> Wallet:
        """The balances."""
        [(available, held)] = await self._pool.query(WALLET, {"user": user})
        return Wallet(Tokens(available), Tokens(held))

    async def close(self, user: UserId) -> tuple[SessionId, ...]:
        """Ends an account; the sessions that ended with it."""
        rows = await self._pool.query(CLOSE, {"user": user})
        return tuple(SessionId(session) for (session,) in rows)
