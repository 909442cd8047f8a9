"""Answers as their owners read them: from any point, at any time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.questions import Kind
from zimgpt.flows.ports import End, Piece, Progress, Reading
from zimgpt.store.pool import Pool, Row

# Text after the reader's place; all of it when the epoch is another one. One
# statement is one snapshot, so text, state and cost belong together.
READ = """
    select a.conversation_id, q.kind, q.text, a.epoch, a.last_seq, a.state,
           a.finish_reason, r.settled, r.amount, w.balance,
           a.words, a.memory, coalesce(j.lease_owner, ''),
           (select json_agg(json_build_array(c.seq, c.text_part) order by c.seq)
              from answer_chunks c
             where c.answer_id = a.id and c.epoch = a.epoch
               and c.seq > case when a.epoch = %(epoch)s then %(seq)s else 0 end),
           a.ends, case when a.ends is not null then a.text end,
           case when a.epoch = %(epoch)s then %(seq)s else 0 end
      from answers a
      join conversations v on v.id = a.conversation_id and v.deleted_at is null
      join questions q on q.answer_id = a.id
      join reservations r on r.answer_id = a.id
      join accounts w on w.user_id = a.user_id and w.kind = 'available'
      join jobs j on j.kind = q.kind and j.ref = a.id::text
     where a.id = %(answer)s and a.user_id = %(user)s
"""

PROGRESS = """
    select a.id, a.epoch, a.last_seq, a.finished_at is not null,
           coalesce(j.lease_owner, '')
      from answers a join jobs j on j.kind in ('essay', 'chat') and j.ref = a.id::text
     where a.id = any (%s::uuid[])
"""


@attrs.frozen
class PgAnswers:
    """``ports.Answers`` on PostgreSQL."""

    _pool: Pool

    async def read(
        self, user: UserId, answer: AnswerId, epoch: int, seq: int
    ) -> Reading:
        """The answer's state and its text after ``(epoch, seq)``."""
        params = {"user": user, "answer": answer, "epoch": epoch, "seq": seq}
        rows = await self._pool.query(READ, params)
        if not rows:
            raise NotFound("There is no such answer.")
        return _reading(answer, rows[0])

    async def progress(self, answers: Collection[AnswerId]) -> tuple[Progress, ...]:
        """Where each of these stands."""
        rows = await self._pool.query(PROGRESS, (list(answers),))
        return tuple(Progress(*row) for row in rows)


def _reading(answer: AnswerId, row: Row) -> Reading:
    conversation, kind, question, epoch, last_seq, state, *more = row
    *ending, writer, chunks, ends, text, seq = more
    if ends is not None:
        chunks = _cut(text or "", ends, seq)
    return Reading(
        answer=answer,
        conversation=ConversationId(conversation),
        kind=Kind(kind),
        question=question,
        epoch=epoch,
        last_seq=last_seq,
        state=State(state),
        writer=writer,
        pieces=tuple(Piece(answer, epoch, seq, text) for seq, text in chunks or ()),
        end=_end(answer, epoch, last_seq, State(state), *ending),
    )


def _cut(text: str, ends: Sequence[int], after: int) -> list[tuple[int, str]]:
    """The pieces that a text was once made of, each with its seq, after one of them."""
    begins = [0, *ends]
    return [
        (seq, text[begins[seq - 1] : ends[seq - 1]])
        for seq in range(after + 1, len(ends) + 1)
    ]


def _end(
    answer: AnswerId,
    epoch: int,
    last_seq: int,
    state: State,
    finish: str | None,
    settled: int | None,
    hold: int,
    available: int,
    words: int | None,
    memory: int | None,
) -> End | None:
    if finish is None or settled is None:
        return None
    return End(
        answer=answer,
        epoch=epoch,
        last_seq=last_seq,
        state=state,
        finish=Finish(finish),
        cost=Tokens(settled),
        hold=Tokens(hold),
        available=Tokens(available),
        words=words,
        memory=None if memory is None else Tokens(memory),
    )
