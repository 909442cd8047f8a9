"""What people have chosen, in PostgreSQL."""

from __future__ import annotations

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language
from zimgpt.flows.ports.preferences import Preferences
from zimgpt.store.pool import Pool

READ = """
    select u.answer_language, c.id is not null, c.phone
      from users u
      left join lateral (
        select id, phone from whatsapp_contacts
         where user_id = u.id
         order by heard_at desc nulls last, id desc limit 1) c on true
     where u.id = %(user)s
"""

CHOOSE = "update users set answer_language = %(language)s where id = %(user)s"


@attrs.frozen
class PgPreferences:
    """``flows.ports.preferences.Chosen`` on PostgreSQL."""

    _pool: Pool

    async def read(self, user: UserId) -> Preferences:
        """Of the contacts that share the wallet, the one that was heard last."""
        [(language, whatsapp, phone)] = await self._pool.query(READ, {"user": user})
        return Preferences(
            answer_language=None if language is None else Language(language),
            whatsapp=whatsapp,
            whatsapp_number=None if phone is None else Phone(phone),
        )

    async def answer_in(self, user: UserId, language: Language | None) -> None:
        """Keeps the choice."""
        params = {"user": user, "language": None if language is None else str(language)}
        await self._pool.query(CHOOSE, params)
