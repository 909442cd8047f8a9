"""Questions on their way in: pricing them, committing them, stopping them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import attrs
import msgspec

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId, ConversationId, Turn
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Price, Tokens
from zimgpt.domain.texts import Language
from zimgpt.flows.ports import Asked, NewQuestion, Prospect
from zimgpt.store.pool import Pool
from zimgpt.wire.essays import stored

REMEMBERED = 40
"""Turns that are looked at for a window; more never fit one."""

# The price in force of each of these models.
PRICES = """
    select distinct on (model) model, prompt_millis, completion_millis from prices
     where model = any (%(models)s) and valid_from <= now()
     order by model, valid_from desc, id desc
"""

# What a question replaces, with all that came after it, is not remembered for it.
PROSPECT = f"""
    with place as (
      select r.created_at, r.id from answers r
       where r.id = first_replaced(%(replaces)s) and r.user_id = %(user)s),
    memory as (
      select m.text, m.covers, covered.created_at
        from memories m join answers covered on covered.id = m.covers
       where m.conversation_id = %(conversation)s
         and not exists (
           select from place p
            where (covered.created_at, covered.id) >= (p.created_at, p.id)))
    select w.balance,
           (select json_agg(p) from ({PRICES}) p),
           (select m.text from memory m),
           (select json_agg(t order by t.at, t.answer)
              from (select a.created_at as at, a.id as answer, q.text as question,
                           a.text as reply
                      from answers a join questions q on q.answer_id = a.id
                     where a.conversation_id = %(conversation)s and a.user_id = %(user)s
                       and a.text is not null and a.replaced_by is null
                       and a.created_at >= coalesce(
                         (select m.created_at from memory m), '-infinity')
                       and a.id is distinct from (select m.covers from memory m)
                       and not exists (
                         select from place p
                          where (a.created_at, a.id) >= (p.created_at, p.id))
                     order by a.created_at desc, a.id desc limit %(limit)s) t),
           %(conversation)s::uuid is null
             or exists (select from conversations c
                         where c.id = %(conversation)s and c.user_id = %(user)s
                           and c.kind = 'chat' and c.deleted_at is null),
           (select u.answer_language from users u where u.id = %(user)s)
      from accounts w where w.user_id = %(user)s and w.kind = 'available'
"""  # noqa: S608 - both parts are constants

ASK = """
    select outcome, answer_id, conversation_id, job_id, outbox_id, max_tokens, lowered,
           hold, available
      from ask_instead(
        %(replaces)s, %(brief)s, %(fold)s,
        %(most)s, %(user)s, %(client_id)s, %(kind)s, %(channel)s, %(text)s,
        %(conversation)s, %(new_conversation)s, %(title)s,
        %(answer)s, %(job)s, %(origin)s,
        %(prompt_estimate)s, %(max_tokens)s, %(lowered)s, %(window_from)s,
        %(prices)s, %(hold)s, %(ttl)s)
"""

ASK_BY_KEY = """
    select outcome, answer_id, conversation_id, job_id, outbox_id, max_tokens, lowered,
           hold, available
      from ask_by_key(
        %(key)s, %(fingerprint)s,
        %(most)s, %(user)s, %(client_id)s, %(kind)s, %(channel)s, %(text)s,
        %(new_conversation)s, %(title)s, %(answer)s, %(job)s, %(origin)s,
        %(prompt_estimate)s, %(max_tokens)s, %(lowered)s,
        %(prices)s, %(hold)s, %(ttl)s)
"""


@attrs.frozen
class PgQuestions:
    """``ports.Questions`` on PostgreSQL; holds live for ``hold`` unless renewed, and
    no more than ``most`` answers of a person are under way at a time."""

    _pool: Pool
    _hold: timedelta
    _most: int = 2**31 - 1

    async def prospect(
        self,
        user: UserId,
        conversation: ConversationId | None,
        models: Sequence[str],
        replaces: AnswerId | None = None,
    ) -> Prospect:
        """Balance, prices and latest turns in one statement."""
        params = {
            "user": user,
            "conversation": conversation,
            "models": list(models),
            "replaces": replaces,
            "limit": REMEMBERED,
        }
        [row] = await self._pool.query(PROSPECT, params)
        available, prices, memory, turns, known, language = row
        if not known:
            raise NotFound("There is no such conversation.")
        return Prospect(
            available=Tokens(available),
            prices=tuple(Price(**row) for row in prices or ()),
            turns=tuple(turn(row) for row in turns or ()),
            memory=memory,
            language=None if language is None else Language(language),
        )

    async def ask(self, question: NewQuestion) -> Asked:
        """Commits the question with its hold, job and outbox row, or says why not."""
        params = attrs.asdict(question, recurse=False)
        terms, use = params.pop("terms"), params.pop("use")
        params |= {
            "kind": str(question.kind),
            "max_tokens": terms.max_tokens,
            "lowered": terms.lowered,
            "hold": terms.hold,
            "brief": None if question.brief is None else stored(question.brief),
            "prices": to_json([attrs.asdict(price) for price in question.prices]),
            "ttl": self._hold,
            "most": self._most,
        }
        if use is not None:
            params |= {"key": use.key, "fingerprint": use.fingerprint}
        sql = ASK if use is None else ASK_BY_KEY
        [row] = await self._pool.query(sql, params)
        return Asked(*row)

    async def stop(self, user: UserId, answer: AnswerId) -> str | None:
        """The node that writes it, '' if none does yet, None if there is nothing."""
        rows = await self._pool.query("select request_stop(%s, %s)", (answer, user))
        return rows[0][0] if rows else None


def to_json(value: object) -> str:
    """A value for a jsonb parameter."""
    return msgspec.json.encode(value).decode()


def turn(row: Mapping[str, Any]) -> Turn:
    """A remembered turn from a JSON row with its answer, question and reply."""
    return Turn(AnswerId(row["answer"]), row["question"], row["reply"])
