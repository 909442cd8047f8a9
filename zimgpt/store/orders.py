"""Essays as they were ordered."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.ordering import Order
from zimgpt.store.pool import Pool
from zimgpt.wire.essays import restored

ORDER: Final = """
    select a.conversation_id, q.text, q.brief::text, a.state, coalesce(a.text, ''),
           a.words, a.prompts, coalesce(r.settled, 0)
      from answers a
      join conversations c on c.id = a.conversation_id and c.deleted_at is null
      join questions q on q.answer_id = a.id
      join reservations r on r.answer_id = a.id
     where a.id = %(answer)s and a.user_id = %(user)s and q.brief is not null
"""


@attrs.frozen
class PgOrders:
    """``ordering.Orders`` on PostgreSQL."""

    _pool: Pool

    async def order(self, user: UserId, answer: AnswerId) -> Order:
        """An order of theirs."""
        rows = await self._pool.query(ORDER, {"user": user, "answer": answer})
        for conversation, topic, brief, state, text, words, prompts, cost in rows:
            return Order(
                answer=answer,
                conversation=ConversationId(conversation),
                topic=topic,
                brief=restored(brief),
                state=State(state),
                text=text,
                words=words,
                prompts=prompts,
                cost=Tokens(cost),
            )
        raise NotFound("There is no such essay.")
