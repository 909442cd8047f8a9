"""Keys of programs as rows; every statement of an owner names the owner."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.api_keys import MOST, ApiKey, Grant, KeyId, TooManyKeys
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens, Usage
from zimgpt.flows.ports.api_keys import Spent
from zimgpt.store.pool import Pool, Row

MAKE: Final = """
select make_api_key(%(id)s, %(user)s, %(name)s, %(digest)s, %(hint)s, %(budget)s,
                    %(per_minute)s, %(most)s)
"""

KEYS: Final = """
select k.id, k.user_id, k.hint, k.name, k.budget, k.per_minute, k.taken, k.created_at,
       k.used_at
  from api_keys k join users u on u.id = k.user_id
 where k.revoked_at is null and u.closed_at is null
"""
LIST: Final = f"{KEYS} and k.user_id = %(user)s order by k.created_at, k.id"
FIND: Final = f"{KEYS} and k.digest = %(digest)s"

CHANGE: Final = """
update api_keys set name = %(name)s, budget = %(budget)s, per_minute = %(per_minute)s
 where id = %(id)s and user_id = %(user)s and revoked_at is null returning id
"""

REVOKE: Final = """
update api_keys set revoked_at = now()
 where id = %(id)s and user_id = %(user)s and revoked_at is null returning id
"""

# The official SDKs wait for ten minutes before they send a request again.
ALIKE: Final = """
select q.client_id
  from api_uses u
  join questions q on q.answer_id = u.answer_id
  join answers a on a.id = u.answer_id
 where u.key_id = %(key)s and u.fingerprint = %(fingerprint)s
   and u.at > now() - interval '15 minutes' and a.state <> 'failed'
 order by u.at desc limit 1
"""

SPENT: Final = """
select prompt_tokens, completion_tokens, usage_source
  from answers where id = %(answer)s and user_id = %(user)s
"""


@attrs.frozen
class PgApiKeys:
    """``flows.ports.api_keys.ApiKeys`` in PostgreSQL."""

    _pool: Pool

    async def make(
        self, key: KeyId, user: UserId, grant: Grant, digest: bytes, hint: str
    ) -> None:
        """A new key, unless there are too many."""
        params = {"digest": digest, "hint": hint, "most": MOST}
        [(outcome,)] = await self._pool.query(MAKE, params | _named(key, user, grant))
        if outcome == "too_many":
            raise TooManyKeys

    async def list(self, user: UserId) -> tuple[ApiKey, ...]:
        """A person's live keys, oldest first."""
        return tuple(map(_key, await self._pool.query(LIST, {"user": user})))

    async def change(self, user: UserId, key: KeyId, grant: Grant) -> bool:
        """Another name, budget or rate."""
        return bool(await self._pool.query(CHANGE, _named(key, user, grant)))

    async def revoke(self, user: UserId, key: KeyId) -> bool:
        """From now on nobody asks with it."""
        return bool(await self._pool.query(REVOKE, {"id": key, "user": user}))

    async def find(self, digest: bytes) -> ApiKey | None:
        """The live key with this digest."""
        rows = await self._pool.query(FIND, {"digest": digest})
        return _key(rows[0]) if rows else None

    async def use(self, digest: bytes) -> float | None:
        """Counts a request on all nodes together."""
        [(wait,)] = await self._pool.query("select use_api_key(%s)", (digest,))
        return None if wait is None else float(wait)

    async def alike(self, key: KeyId, fingerprint: bytes) -> str | None:
        """The client id of what was asked with the same bytes."""
        rows = await self._pool.query(ALIKE, {"key": key, "fingerprint": fingerprint})
        return rows[0][0] if rows else None

    async def spent(self, user: UserId, answer: AnswerId) -> Spent:
        """What an answer took."""
        for prompt, completion, source in await self._pool.query(
            SPENT, {"user": user, "answer": answer}
        ):
            if prompt is None:
                return Spent(None)
            return Spent(Usage(prompt, completion, source == "estimated"))
        raise NotFound


def _named(key: KeyId, user: UserId, grant: Grant) -> dict[str, object]:
    return {"id": key, "user": user, **attrs.asdict(grant)}


def _key(row: Row) -> ApiKey:
    key, user, hint, name, budget, per_minute, taken, created_at, used_at = row
    return ApiKey(
        id=KeyId(key),
        user=UserId(user),
        hint=hint,
        grant=Grant(name=name, budget=budget, per_minute=per_minute),
        taken=Tokens(taken),
        created_at=created_at,
        used_at=used_at,
    )
