"""What people are sent on WhatsApp, from being thought of to being read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import attrs

from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.ports.contacts import ContactId, Outgoing
from zimgpt.flows.ports.post import Finished, Letter
from zimgpt.flows.ports.topups import Kept
from zimgpt.store import payment_rows as rows
from zimgpt.store.pool import Pool
from zimgpt.store.whatsapp.contacts import outgoing
from zimgpt.wire.essays import restored
from zimgpt.wire.messages import from_json
from zimgpt.wire.whatsapp.troubles import Fate

# What one must wait for: its own time; a pause of the person; the arrival of the one
# before it, for a while, because the order of two under way is nobody's promise; and
# the messenger's rate for one person, a message every six seconds after the first five.
LETTERS = """
    select o.id::text, o.message, o.answer_id::text, o.reply_to, o.state, o.attempts,
           greatest(
             o.due_at, c.paused_until,
             (select p.sent_at + interval '8 s' from whatsapp_outgoing p
               where p.contact_id = c.id and p.state = 'sent'
                 and p.sent_at > clock_timestamp() - interval '8 s'
               order by p.sent_at desc limit 1),
             (select p.sent_at + interval '30 s' from whatsapp_outgoing p
               where p.contact_id = c.id
                 and p.sent_at > clock_timestamp() - interval '30 s'
               order by p.sent_at desc offset 4 limit 1)) - clock_timestamp(),
           o.payment_id::text
      from whatsapp_outgoing o
      join whatsapp_contacts c on c.id = o.contact_id
      left join answers a on a.id = o.answer_id
     where o.contact_id = %s and o.state in ('waiting', 'sending', 'unknown')
       and (o.message is not null or o.payment_id is not null
            or a.finished_at is not null)
     order by o.place limit 100
"""

FINISHED = """
    select a.id::text, a.user_id, q.kind, q.text, coalesce(a.text, ''), a.model,
           a.state, a.finish_reason, coalesce(r.settled, 0),
           coalesce((select n.tokens from readings n
                      where n.key = q.client_id and not n.refunded), 0), w.balance,
           coalesce(i.sent_at, a.created_at),
           clock_timestamp() - coalesce(i.sent_at, a.created_at), q.brief::text
      from whatsapp_outgoing o
      join answers a on a.id = o.answer_id
      join questions q on q.answer_id = a.id
      join reservations r on r.answer_id = a.id
      join accounts w on w.user_id = a.user_id and w.kind = 'available'
      left join inbox i on i.source = 'whatsapp' and i.dedup_key = 'm:' || o.reply_to
     where o.id = %s and a.finished_at is not null
"""


# One snapshot: every change that is to be told of has a row, so what is read with a
# later row in sight is told of by that one.
NEWS = f"""
    {rows.SELECT}
      join whatsapp_outgoing o on o.payment_id = p.id
     where o.id = %(letter)s
       and not exists (
         select from whatsapp_outgoing l
          where l.payment_id = o.payment_id and l.contact_id = o.contact_id
            and l.place > o.place)
"""


@attrs.frozen
class PgPost:
    """``ports.Post`` for the business number ``phone_id``."""

    _pool: Pool
    _phone_id: str

    async def letters(self, contact: ContactId) -> tuple[Letter, ...]:
        """What can be sent or put into parts, in order."""
        found = await self._pool.query(LETTERS, (contact,))
        return tuple(
            Letter(
                id=id,
                message=None if message is None else from_json(message),
                answer=AnswerId(answer) if answer else None,
                reply_to=reply_to,
                state=state,
                attempts=attempts,
                wait=wait,
                payment=payment,
            )
            for id, message, answer, reply_to, state, attempts, wait, payment in found
        )

    async def finished(self, letter: str) -> Finished:
        """What an ended answer has to tell."""
        found = await self._pool.query(FINISHED, (letter,))
        if not found:
            raise NotFound("There is no such answer.")
        answer, user, kind, question, text, model, *rest = found[0]
        state, finish, cost, read, available, asked_at, late, brief = rest
        return Finished(
            answer=AnswerId(answer),
            user=user,
            kind=kind,
            question=question,
            text=text,
            model=model,
            state=state,
            finish=finish,
            cost=Tokens(cost),
            read=Tokens(read),
            available=Tokens(available),
            asked_at=asked_at,
            late=late,
            brief=None if brief is None else restored(brief),
        )

    async def news(self, letter: str) -> Kept | None:
        """The payment that is told of."""
        found = await self._pool.query(NEWS, {"letter": letter})
        return rows.kept(found[0]) if found else None

    async def parts(self, letter: str, says: Sequence[Outgoing]) -> bool:
        """An answer's row becomes its messages, once."""
        [(done,)] = await self._pool.query(
            "select put_into_parts(%s, %s)", (letter, outgoing(tuple(says)))
        )
        return bool(done)

    async def begin(self, letter: str) -> bool:
        """Committed before the messenger is called."""
        [(begun,)] = await self._pool.query("select begin_send(%s)", (letter,))
        return bool(begun)

    async def sent(self, letter: str, wamid: str) -> None:
        """Its state moves forward only: news may have been quicker."""
        await self._pool.query(
            "select note_status(%s, %s, 'sent', clock_timestamp(), null, null, null,"
            " null, null, null, null)",
            (letter, wamid),
        )

    async def trouble(
        self, letter: str, fate: Fate, wait: timedelta, code: int | None, why: str
    ) -> Tokens:
        """Tried again, held, or ended, and what was given back for that."""
        [(tokens,)] = await self._pool.query(
            "select fail_send(%s, %s, %s, %s, %s)", (letter, code, why, str(fate), wait)
        )
        return Tokens(tokens)

    async def pause_contact(self, contact: ContactId, wait: timedelta | None) -> None:
        """Slows down with one person, or no longer."""
        await self._pool.query("select pause_contact(%s, %s)", (contact, wait))

    async def pause_number(self, wait: timedelta | None, reason: str) -> None:
        """Stops all sending."""
        await self._pool.query(
            "select pause_number(%s, %s, %s)", (self._phone_id, wait, reason)
        )

    async def paused(self) -> timedelta | None:
        """How long all sending is stopped."""
        found = await self._pool.query(
            "select stopped_at is not null,"
            " greatest(paused_until - clock_timestamp(), interval '0')"
            " from whatsapp_numbers where phone_id = %s",
            (self._phone_id,),
        )
        if not found:
            return timedelta(0)
        stopped, wait = found[0]
        return None if stopped else wait or timedelta(0)
