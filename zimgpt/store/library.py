"""What was written, for documents."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.essays.briefs import Level
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language
from zimgpt.flows.ports.documents import Written
from zimgpt.store.pool import Pool, Row

WRITTEN: Final = """
select q.kind, q.text, coalesce(a.text, ''), a.state, a.created_at,
       q.brief ->> 'level', a.words, q.brief ->> 'language'
  from answers a
  join questions q on q.answer_id = a.id
  join conversations c on c.id = a.conversation_id and c.deleted_at is null
"""

ANSWER: Final = f"{WRITTEN} where a.id = %(answer)s and a.user_id = %(user)s"
DELIVERED: Final = f"{WRITTEN} where a.id = %(answer)s"
TURNS: Final = f"""{WRITTEN}
 where a.conversation_id = %(conversation)s and a.user_id = %(user)s
   and a.replaced_by is null
 order by a.created_at, a.id
"""
TITLE: Final = """
select title from conversations
 where id = %(conversation)s and user_id = %(user)s and deleted_at is null
"""


def _written(row: Row) -> Written:
    kind, question, text, state, asked_at, level, words, language = row
    return Written(
        kind=Kind(kind),
        question=question,
        text=text,
        state=State(state),
        asked_at=asked_at,
        level=None if level is None else Level(level),
        words=words,
        language=None if language is None else Language(language),
    )


@attrs.frozen
class PgLibrary:
    """``flows.ports.documents.Library`` in PostgreSQL."""

    _pool: Pool

    async def answer(self, user: UserId, answer: AnswerId) -> Written:
        """An answer of theirs."""
        return await self._one(ANSWER, {"answer": answer, "user": user})

    async def delivered(self, answer: AnswerId) -> Written:
        """An answer that is on its way to its asker."""
        return await self._one(DELIVERED, {"answer": answer})

    async def conversation(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[str, tuple[Written, ...]]:
        """Its title and all its turns, oldest first."""
        params = {"conversation": conversation, "user": user}
        for (title,) in await self._pool.query(TITLE, params):
            rows = await self._pool.query(TURNS, params)
            return title, tuple(map(_written, rows))
        raise NotFound

    async def _one(self, sql: str, params: dict[str, object]) -> Written:
        for row in await self._pool.query(sql, params):
            return _written(row)
        raise NotFound
