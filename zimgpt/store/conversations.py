"""Conversations as their owner sees them again; every statement names the owner."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.questions import Kind, TurnReplaced
from zimgpt.flows.ports import ConversationInfo, TurnInfo
from zimgpt.store.pool import Pool, Row

# A deleted conversation or answer still marks a place in its owner's list.
PLACE: Final = """
select updated_at from conversations where id = %(before)s and user_id = %(user)s
"""

LIST: Final = """
select c.id, c.kind, c.title, c.updated_at
  from conversations c
 where c.user_id = %(user)s and c.deleted_at is null and c.channel <> 'api'
       {after} {search}
 order by c.updated_at desc, c.id desc
 limit %(limit)s
"""

AFTER: Final = "and (c.updated_at, c.id) < (%(place)s, %(before)s::uuid)"

SEARCH: Final = """
   and (c.title ilike %(pattern)s
        or exists (
          select from answers a join questions q on q.answer_id = a.id
           where a.conversation_id = c.id and a.user_id = c.user_id
             and a.replaced_by is null
             and (q.text ilike %(pattern)s or a.text ilike %(pattern)s)))
"""

OWNED: Final = """
select 1 from conversations
 where id = %(conversation)s and user_id = %(user)s and deleted_at is null
"""

INFO: Final = """
select c.id, c.kind, c.title, c.updated_at, m.text
  from conversations c left join memories m on m.conversation_id = c.id
 where c.id = %(conversation)s and c.user_id = %(user)s and c.deleted_at is null
"""

TURN_PLACE: Final = """
select created_at, replaced_by is distinct from %(replaced_by)s from answers
 where id = %(turn)s and conversation_id = %(conversation)s and user_id = %(user)s
"""

# The text of an answer that is still being written is in its chunks.
TURNS: Final = """
select a.id, q.text, {text},
       a.state, a.finish_reason, coalesce(r.settled, 0), a.created_at, q.replaces
  from answers a
  join questions q on q.answer_id = a.id
  left join reservations r on r.answer_id = a.id
 where a.conversation_id = %(conversation)s and a.user_id = %(user)s
   and a.replaced_by is not distinct from %(replaced_by)s {before} {after}
 order by a.created_at desc, a.id desc
 limit %(limit)s
"""

TEXT: Final = """coalesce(a.text, (
         select string_agg(k.text_part, '' order by k.seq)
           from answer_chunks k
          where k.answer_id = a.id and k.epoch = a.epoch), '')"""

BEFORE: Final = "and (a.created_at, a.id) < (%(until)s, %(before)s::uuid)"

SINCE: Final = "and (a.created_at, a.id) > (%(since)s, %(after)s::uuid)"

RENAME: Final = """
update conversations set title = %(title)s
 where id = %(conversation)s and user_id = %(user)s and deleted_at is null
returning id
"""

DELETE: Final = """
with gone as (
  update conversations set deleted_at = now()
   where id = %(conversation)s and user_id = %(user)s and deleted_at is null
  returning id)
select a.id
  from gone g
  left join answers a
    on a.conversation_id = g.id and a.state in ('queued', 'streaming')
"""


def _pattern(search: str) -> str:
    """A LIKE pattern that finds exactly this text, wherever it stands."""
    for special in ("\\", "%", "_"):
        search = search.replace(special, "\\" + special)
    return f"%{search}%"


def _turn(row: Row) -> TurnInfo:
    answer, question, text, state, finish, cost, asked_at, replaces = row
    return TurnInfo(
        answer=AnswerId(answer),
        question=question,
        text=text,
        state=State(state),
        finish=None if finish is None else Finish(finish),
        cost=Tokens(cost),
        asked_at=asked_at,
        replaces=replaces,
    )


@attrs.frozen
class PgConversations:
    """``flows.ports.Conversations`` in PostgreSQL."""

    _pool: Pool

    async def list(
        self, user: UserId, *, search: str, before: ConversationId | None, limit: int
    ) -> tuple[ConversationInfo, ...]:
        """Latest first; ``search`` looks in titles, questions and answers."""
        params = {
            "user": user,
            "pattern": _pattern(search),
            "before": before,
            "place": None,
            "limit": limit,
        }
        if before is not None:
            params["place"] = await self._place(PLACE, params)
        sql = LIST.format(
            after=AFTER if before is not None else "",
            search=SEARCH if search else "",
        )
        rows = await self._pool.query(sql, params)
        return tuple(
            ConversationInfo(ConversationId(id_), Kind(kind), title, updated_at)
            for id_, kind, title, updated_at in rows
        )

    async def turns(
        self,
        user: UserId,
        conversation: ConversationId,
        *,
        before: AnswerId | None,
        limit: int,
        replaced_by: AnswerId | None = None,
        after: AnswerId | None = None,
        texts: bool = True,
    ) -> tuple[TurnInfo, ...]:
        """Latest turns before one and after another, oldest first."""
        params = {
            "user": user,
            "conversation": conversation,
            "before": before,
            "after": after,
            "limit": limit,
            "replaced_by": replaced_by,
        }
        if not await self._pool.query(OWNED, params):
            raise NotFound
        bounds = await self._bounds(params, before, after)
        sql = TURNS.format(
            text=TEXT if texts else "''",
            before="" if before is None else BEFORE,
            after="" if after is None else SINCE,
        )
        rows = await self._pool.query(sql, params | bounds)
        return tuple(_turn(row) for row in reversed(rows))

    async def info(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[ConversationInfo, str | None]:
        """Its line in the list, and its memory, if there is one."""
        params = {"user": user, "conversation": conversation}
        for id_, kind, title, updated_at, memory in await self._pool.query(
            INFO, params
        ):
            line = ConversationInfo(ConversationId(id_), Kind(kind), title, updated_at)
            return line, memory
        raise NotFound

    async def rename(
        self, user: UserId, conversation: ConversationId, title: str
    ) -> None:
        """Gives it another title."""
        params = {"user": user, "conversation": conversation, "title": title}
        if not await self._pool.query(RENAME, params):
            raise NotFound

    async def delete(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[AnswerId, ...]:
        """Hides it at once; returns the answers that are still being written."""
        params = {"user": user, "conversation": conversation}
        rows = await self._pool.query(DELETE, params)
        if not rows:
            raise NotFound
        return tuple(AnswerId(answer) for (answer,) in rows if answer is not None)

    async def _bounds(
        self,
        params: dict[str, object],
        before: AnswerId | None,
        after: AnswerId | None,
    ) -> dict[str, object]:
        """Between when and when turns were asked; raises NotFound, and TurnReplaced
        where ``after`` is listed no more."""
        bounds: dict[str, object] = {}
        if before is not None:
            bounds["until"], _ = await self._turn(params | {"turn": before})
        if after is not None:
            bounds["since"], gone = await self._turn(params | {"turn": after})
            if gone:
                raise TurnReplaced
        return bounds

    async def _turn(self, params: dict[str, object]) -> tuple[object, bool]:
        """When a turn was asked, and whether it is none of those that are listed."""
        for place, gone in await self._pool.query(TURN_PLACE, params):
            return place, gone
        raise NotFound

    async def _place(self, sql: str, params: dict[str, object]) -> object:
        for (place,) in await self._pool.query(sql, params):
            return place
        raise NotFound
