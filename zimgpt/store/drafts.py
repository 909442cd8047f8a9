"""Answers being written: attempts under a lease, text as it comes, and the end."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

import attrs

from zimgpt.domain.answers import Ending
from zimgpt.domain.conversations import (
    AnswerId,
    ConversationId,
    Remembered,
    Turn,
)
from zimgpt.domain.ledger import Price, Tokens
from zimgpt.domain.prompts import VERSION
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language
from zimgpt.flows.ports import Claim, Ended, Piece
from zimgpt.store.pool import Pool
from zimgpt.store.questions import REMEMBERED as MOST_TURNS
from zimgpt.wire import prompts
from zimgpt.wire.essays import restored

CLAIM = """
    select attempt, answer_id, user_id, kind, question, conversation_id, window_from,
           prices, prompt_estimate, max_tokens, hold, stop_requested, origin,
           (select json_build_array(q.brief::text, q.fold, q.raw, u.answer_language)
              from questions q join users u on u.id = q.user_id
             where q.answer_id = c.answer_id)
      from claim_job(%s, %s, %s, %s) c
"""

# The window is what was priced: from its first turn up to this question. What the
# memory lacks of the turns before it comes along where that was priced, too.
REMEMBERED = """
    with this as (
      select conversation_id, created_at, id from answers where id = %(answer)s),
    first as (
      select created_at, id from answers where id = %(window_from)s),
    memory as (
      select m.text, covered.created_at, covered.id
        from this join memories m on m.conversation_id = this.conversation_id
        join answers covered on covered.id = m.covers),
    kept as (
      select 'turn' as part, a.created_at, a.id, q.text as question, a.text as reply
        from this cross join first
        join answers a on a.conversation_id = this.conversation_id
        join questions q on q.answer_id = a.id
       where a.text is not null and a.replaced_by is null
         and (a.created_at, a.id) >= (first.created_at, first.id)
         and (a.created_at, a.id) < (this.created_at, this.id)),
    beyond as (
      select 'beyond', a.created_at, a.id, q.text, a.text
        from this
        join answers a on a.conversation_id = this.conversation_id
        join questions q on q.answer_id = a.id
        left join first on true
        left join memory on true
       where %(fold)s and a.text is not null and a.replaced_by is null
         and (a.created_at, a.id) < (coalesce(first.created_at, this.created_at),
                                     coalesce(first.id, this.id))
         and (memory.id is null
              or (a.created_at, a.id) > (memory.created_at, memory.id))
       order by a.created_at desc, a.id desc limit %(most)s)
    select 'memory' as part, null as created_at, null as id, text, '' from memory
    union all select * from kept
    union all select * from beyond
    order by created_at nulls first, id
"""

REMEMBER = "select remember(%s, %s, %s, %s, %s)"

# Whole arrays as one literal each: hundreds of single ones are slow to write and read.
APPEND = """
    select append_chunks(%s::uuid[], %s::int[], %s::int[],
                         array(select json_array_elements_text(%s)))
"""

FINISH = """
    select charged, available, last_seq
      from finish_with(
        %(words)s, %(memory)s, %(prompts)s,
        %(answer)s, %(epoch)s, %(text)s, %(state)s, %(finish)s, %(job_state)s,
        %(model)s, %(prompt)s, %(completion)s, %(source)s, %(cost)s)
"""


@attrs.frozen
class PgJobs:
    """``ports.Jobs``: leases of ``lease``; a claim makes the hold last ``hold``."""

    _pool: Pool
    _lease: timedelta
    _hold: timedelta

    async def claim(self, job: str, worker: str) -> Claim | None:
        """Takes a job for one attempt."""
        [row] = await self._pool.query(CLAIM, (job, worker, self._lease, self._hold))
        if row[0] is None:
            return None
        attempt, answer, user, kind, question, conversation, window, *rest = row
        prices, estimate, max_tokens, hold, stop_requested, origin, more = rest
        brief, fold, raw, language = more
        return Claim(
            job=job,
            attempt=attempt,
            answer=answer,
            user=user,
            kind=Kind(kind),
            question=question,
            conversation=ConversationId(conversation),
            window_from=window,
            prices=tuple(Price(**price) for price in prices),
            prompt_estimate=estimate,
            max_tokens=max_tokens,
            hold=hold,
            stop_requested=stop_requested,
            origin=origin,
            brief=None if brief is None else restored(brief),
            fold=fold,
            messages=prompts.restored(question) if raw else None,
            language=None if language is None else Language(language),
        )

    async def renew(self, worker: str, jobs: Collection[str]) -> frozenset[str]:
        """Prolongs the leases that are still this worker's."""
        rows = await self._pool.query(
            "select renew_leases(%s, %s::uuid[], %s)", (worker, list(jobs), self._lease)
        )
        return frozenset(job for (job,) in rows)

    async def retry(self, job: str, worker: str, error: str, delay: timedelta) -> bool:
        """Back to the queue after an attempt that broke."""
        [(again,)] = await self._pool.query(
            "select retry_job(%s, %s, %s, %s)", (job, worker, error, delay)
        )
        return bool(again)

    async def release(self, worker: str) -> int:
        """Back to the queue with everything an earlier life of this worker had."""
        return len(await self._pool.query("select release_leases(%s)", (worker,)))


@attrs.frozen
class PgDrafts:
    """``ports.Drafts`` on PostgreSQL."""

    _pool: Pool

    async def remembered(self, claim: Claim) -> Remembered:
        """The window and the memory; a question without either costs no query."""
        if claim.window_from is None and not claim.fold:
            return Remembered()
        params = {
            "answer": claim.answer,
            "window_from": claim.window_from,
            "fold": claim.fold,
            "most": MOST_TURNS,
        }
        rows = await self._pool.query(REMEMBERED, params)
        found: dict[str, list[Turn]] = {"memory": [], "turn": [], "beyond": []}
        for part, _, answer, question, reply in rows:
            found[part].append(Turn(answer, question, reply))
        return Remembered(
            turns=tuple(found["turn"]),
            memory=found["memory"][0].question if found["memory"] else None,
            beyond=tuple(found["beyond"]),
        )

    async def remember(
        self, claim: Claim, covers: AnswerId, text: str, prompts: str
    ) -> bool:
        """Keeps a memory."""
        params = (claim.answer, claim.attempt, covers, text, prompts)
        [(kept,)] = await self._pool.query(REMEMBER, params)
        return bool(kept)

    async def append(self, pieces: Sequence[Piece]) -> frozenset[AnswerId]:
        """One statement for every stream of the node."""
        rows = await self._pool.query(
            APPEND,
            (
                _array(piece.answer for piece in pieces),
                _array(piece.epoch for piece in pieces),
                _array(piece.seq for piece in pieces),
                json.dumps([piece.text for piece in pieces], ensure_ascii=False),
            ),
        )
        return frozenset(answer for (answer,) in rows)

    async def finish(
        self, answer: AnswerId, epoch: int, text: str, ending: Ending, model: str
    ) -> Ended | None:
        """Ends an answer; one that was superseded is left alone."""
        usage = ending.usage
        params = {
            "answer": answer,
            "epoch": epoch,
            "text": text,
            "state": str(ending.state),
            "finish": str(ending.finish),
            "job_state": "done",
            "model": model or None,
            "prompt": usage.prompt if usage else None,
            "completion": usage.completion if usage else None,
            "source": _source(ending),
            "cost": ending.cost,
            "words": ending.words,
            "memory": ending.memory,
            "prompts": VERSION,
        }
        [(charged, available, last_seq)] = await self._pool.query(FINISH, params)
        if charged is None:
            return None
        return Ended(Tokens(charged), Tokens(available), last_seq)


def _array(plain: Iterable[object]) -> str:
    """PostgreSQL's literal for an array of ids or numbers, which need no quoting."""
    return f"{{{','.join(map(str, plain))}}}"


def _source(ending: Ending) -> str | None:
    if ending.usage is None:
        return None
    return "estimated" if ending.usage.estimated else "upstream"
