"""What operators say in the web app, and what the banned hear."""

from __future__ import annotations

import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.accounts import Banned
from zimgpt.store.notices import PgNotices
from zimgpt.store.pool import Pool

BEGIN = """
    select begin_broadcast(%s, '{"en": {"type": "text", "body": "Hello"}}', %s, %s,
                           %s::interval, 'w', 'r')
"""


async def test_what_is_shown(pool: Pool, owner: Clerk) -> None:
    """What is for the web and not over, the latest first."""
    owner.rows(BEGIN, "first", True, True, "1 hour")
    owner.rows(BEGIN, "elsewhere", True, False, "1 hour")
    owner.rows(BEGIN, "over", False, True, "-1 hour")
    owner.rows(BEGIN, "second", False, True, "1 hour")

    shown = await PgNotices(pool).shown()

    assert [id for id, _, _ in shown] == ["second", "first"]
    assert shown[0][1] == {"en": "Hello"}


async def test_the_banned_are_told_so(pool: Pool, owner: Clerk) -> None:
    """Whatever they were about to do is refused in a sentence for them."""
    user = owner.person(10)
    owner.rows("select ban_user(%s, 'w', 'r')", user)

    with pytest.raises(Banned, match="closed"):
        await pool.query(
            "insert into sessions (id, user_id, token_digest, client, expires_at)"
            " values (gen_random_uuid(), %s, %s, 'web', now())",
            (user, b"0" * 32),
        )
