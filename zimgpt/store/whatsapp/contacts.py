"""People on WhatsApp, and their dialogues step by step."""

from __future__ import annotations

import json

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.ports import Ticket
from zimgpt.flows.ports.contacts import (
    Account,
    Arrival,
    Contact,
    ContactId,
    LaneKind,
    Outgoing,
    Step,
)
from zimgpt.store.pool import Pool
from zimgpt.wire.messages import to_json
from zimgpt.wire.whatsapp.people import Person

CONTACT = """
    select c.phone, c.bsuid, c.user_id, c.language, c.dialogue,
           c.greeted_at is not null, c.opted_out_at is not null,
           coalesce(c.excused_at > clock_timestamp() - interval '1 hour', false),
           c.web_told is false,
           c.heard_at, c.heard_wamid,
           coalesce(c.heard_at + interval '24 hours' - clock_timestamp(), interval '0'),
           (select o.answer_id::text from whatsapp_outgoing o
              join answers a on a.id = o.answer_id and a.finished_at is null
             where o.contact_id = c.id and o.message is null
               and o.state in ('waiting', 'held') limit 1)
      from whatsapp_contacts c where c.id = %s
"""

ARRIVALS = """
    select id, dedup_key, body, sent_at,
           clock_timestamp() - coalesce(sent_at, received_at),
           clock_timestamp() - received_at
      from inbox where contact_id = %s and outcome is null
     order by sent_at, id limit 100
"""

TAKE = """
    select taken, job_id, outbox_id
      from take_step(%(contact)s, %(arrivals)s::bigint[], %(outcome)s, %(ref)s,
                     %(dialogue)s, %(language)s, %(greeted)s, %(opted_out)s,
                     %(excused)s, %(web_told)s, %(says)s, %(reply_to)s, %(origin)s)
"""


@attrs.frozen
class PgContacts:
    """``ports.Contacts`` on PostgreSQL."""

    _pool: Pool

    async def contact(self, contact: ContactId) -> Contact:
        """Where they stand."""
        rows = await self._pool.query(CONTACT, (contact,))
        if not rows:
            raise NotFound("There is no such contact.")
        phone, bsuid, user, language, dialogue, *flags = rows[0]
        greeted, opted_out, excused, untold, *rest = flags
        heard_at, wamid, open_for, waiting = rest
        return Contact(
            id=contact,
            person=Person(phone.removeprefix("+") if phone else None, bsuid),
            user=user,
            language=language,
            dialogue=dialogue,
            greeted=greeted,
            opted_out=opted_out,
            excused=excused,
            web_untold=untold,
            heard_at=heard_at,
            heard_wamid=wamid,
            open_for=open_for,
            waiting_answer=AnswerId(waiting) if waiting else None,
        )

    async def arrivals(self, contact: ContactId) -> tuple[Arrival, ...]:
        """What nobody has dealt with, in the order in which it was sent."""
        rows = await self._pool.query(ARRIVALS, (contact,))
        return tuple(
            Arrival(id, key, bytes(raw), *times) for id, key, raw, *times in rows
        )

    async def account(self, contact: ContactId, welcome: Tokens) -> Account:
        """Their account, made if there is none."""
        [(user, made, known)] = await self._pool.query(
            "select account, made, known from whatsapp_account(%s, %s)",
            (contact, welcome),
        )
        return Account(user, made, known)

    async def take(self, step: Step, origin: str) -> tuple[Ticket, ...] | None:
        """Arrivals, dialogue and messages in one commit."""
        params = {
            "contact": step.contact,
            "arrivals": list(step.arrivals),
            "outcome": step.outcome,
            "ref": step.ref,
            "dialogue": None if step.dialogue is None else json.dumps(step.dialogue),
            "language": step.language,
            "greeted": step.greeted,
            "opted_out": step.opted_out,
            "excused": step.excused,
            "web_told": step.web_told,
            "says": outgoing(step.says),
            "reply_to": step.reply_to,
            "origin": origin,
        }
        (taken, _, _), *woken = await self._pool.query(TAKE, params)
        if not taken:
            return None
        return tuple(Ticket(job, origin, outbox) for _, job, outbox in woken)

    async def wake(
        self, kind: LaneKind, contact: ContactId, origin: str
    ) -> Ticket | None:
        """Makes a lane look at what there is to do."""
        rows = await self._pool.query(
            "select job_id, outbox_id from wake_lane(%s, %s, %s, gen_random_uuid())",
            (str(kind), contact, origin),
        )
        return Ticket(rows[0][0], origin, rows[0][1]) if rows else None

    async def void_password(self, user: UserId) -> None:
        """Nobody signs in by it any more."""
        await self._pool.query("select void_password(%s)", (user,))

    async def prove(self, phrase: str, contact: ContactId) -> tuple[str, str | None]:
        """Whether the phrase was one of ours that is still good."""
        [(outcome, purpose)] = await self._pool.query(
            "select outcome, purpose from prove_phone(%s, %s)", (phrase, contact)
        )
        return outcome, purpose


def outgoing(says: tuple[Outgoing, ...]) -> str:
    """Messages as the functions of the schema take them."""
    rows = [
        {
            "id": one.id,
            "message": None if one.message is None else to_json(one.message),
            "answer": one.answer,
        }
        for one in says
    ]
    return json.dumps(rows)
