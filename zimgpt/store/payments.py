"""Payments as rows: read whole, decided on elsewhere, written if nobody was quicker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.packages import Package, Rate
from zimgpt.domain.topups.states import stage
from zimgpt.flows.ports.topups import (
    Catalogue,
    Decision,
    Evidence,
    Heard,
    Kept,
    NewPayment,
    Opening,
    PaymentId,
)
from zimgpt.store import payment_rows as rows
from zimgpt.store.pool import Params, Pool

PACKAGES: Final = """
select package, version, tokens, cents
  from (select distinct on (package) * from packages
         where valid_from <= clock_timestamp()
         order by package, version desc) latest
 where offered order by cents, package
"""
RATE: Final = """
select version, cents_per_dollar from rates
 where currency = 'ZWG' and valid_from <= clock_timestamp()
 order by valid_from desc, version desc limit 1
"""
OPEN: Final = """
select outcome, id from open_payment(
  %(id)s, %(user)s, %(payer)s, %(channel)s, %(client)s, %(reference)s, %(package)s,
  %(version)s, %(rate)s, %(minor)s, %(currency)s, %(tokens)s, %(method)s, %(phone)s,
  %(most)s)
"""
ONE: Final = f"{rows.SELECT} where p.id = %(id)s"
MINE: Final = f"{ONE} and %(user)s in (p.payer_id, p.user_id)"
BEGUN: Final = f"{rows.SELECT} where p.payer_id = %(payer)s and p.client_key = %(key)s"
OTHERS: Final = """
 where (p.payer_id = %(user)s or (p.user_id = %(user)s and p.credited_at is not null))
   and (%(before)s is null or (p.created_at, p.id) < (
         select b.created_at, b.id from payments b where b.id = %(before)s::uuid))
 order by p.created_at desc, p.id desc limit %(limit)s
"""
LIST: Final = rows.SELECT + OTHERS
APPLY: Final = """
select apply_payment(
  %(id)s, %(version)s, %(state)s, %(reason)s, %(clawed)s, %(gateway)s, %(poll)s,
  %(code)s, %(prompt)s, %(credit)s, %(clawback)s, %(look)s, %(absents)s, %(wait)s,
  %(source)s, %(word)s, %(minor)s, %(seen)s, %(genuine)s, %(matched)s, %(body)s,
  %(note)s)
"""
HEAR: Final = """
select hear_callback(%(id)s, %(currency)s, %(genuine)s, %(word)s, %(minor)s, %(body)s,
                     %(lease)s)
"""
FIGURES: Final = """
select state, count(*) from payments
 where state in ('created', 'sent', 'unknown', 'pending', 'review', 'disputed')
 group by state
union all
select 'unclear', count(*) from payments
 where state = 'unknown' and created_at < clock_timestamp() - interval '1 hour'
"""
SEEN: Final = (
    "source",
    "word",
    "minor",
    "seen",
    "genuine",
    "matched",
    "body",
    "note",
)
UNSETTLED: Final = ("created", "sent", "unknown", "pending", "review", "disputed")


@attrs.frozen
class PgPayments:
    """``ports.topups.Payments`` on PostgreSQL."""

    _pool: Pool

    async def catalogue(self) -> Catalogue:
        """The latest version of everything."""
        packages = tuple(
            Package(id=id, version=version, tokens=Tokens(tokens), cents=cents)
            for id, version, tokens, cents in await self._pool.query(PACKAGES)
        )
        for version, cents in await self._pool.query(RATE):
            return Catalogue(packages, Rate(version=version, cents_per_dollar=cents))
        return Catalogue(packages)

    async def open(self, new: NewPayment, most: int) -> tuple[Opening, PaymentId]:
        """Keeps it, unless ``most`` of its payer's are waiting."""
        params = {**_opened(new), "most": most}
        [(outcome, id)] = await self._pool.query(OPEN, params)
        return Opening(outcome), PaymentId(id or "")

    async def begun(self, payer: UserId, client_id: str) -> Kept | None:
        """What a person has begun under their client's id."""
        found = await self._pool.query(BEGUN, {"payer": payer, "key": client_id})
        return rows.kept(found[0]) if found else None

    async def read(self, payment: PaymentId) -> Kept:
        """Anybody's; raises NotFound."""
        return await self._one(ONE, {"id": payment})

    async def mine(self, user: UserId, payment: PaymentId) -> Kept:
        """Theirs; raises NotFound."""
        return await self._one(MINE, {"id": payment, "user": user})

    async def list(
        self, user: UserId, before: PaymentId | None, limit: int
    ) -> Sequence[Kept]:
        """Latest first."""
        params = {"user": user, "before": before, "limit": limit}
        return [rows.kept(row) for row in await self._pool.query(LIST, params)]

    async def apply(self, kept: Kept, decision: Decision) -> int | None:
        """Writes it, or nothing if the payment has moved on."""
        [(version,)] = await self._pool.query(APPLY, applied(kept, decision))
        return None if version is None else int(version)

    async def due(self, limit: int, lease: timedelta) -> Sequence[PaymentId]:
        """Each to one node."""
        found = await self._pool.query(
            "select id from due_payments(%s, %s)", (limit, lease)
        )
        return [PaymentId(id) for (id,) in found]

    async def take_look(self, payment: PaymentId, lease: timedelta) -> bool:
        """Whether this caller is to ask."""
        [(may,)] = await self._pool.query("select take_look(%s, %s)", (payment, lease))
        return bool(may)

    async def hear(
        self,
        payment: PaymentId,
        currency: Currency,
        evidence: Evidence,
        lease: timedelta,
    ) -> Heard:
        """Keeps a call."""
        params = {
            "id": payment,
            "currency": currency.value,
            "genuine": evidence.genuine,
            "word": evidence.word,
            "minor": evidence.minor,
            "body": evidence.body,
            "lease": lease,
        }
        [(said,)] = await self._pool.query(HEAR, params)
        return Heard(said)

    async def figures(self) -> Mapping[str, int]:
        """States that are not the end, and how many are in each."""
        counted = {
            state: int(count) for state, count in await self._pool.query(FIGURES)
        }
        return {state: counted.get(state, 0) for state in (*UNSETTLED, "unclear")}

    async def _one(self, sql: str, params: Params) -> Kept:
        found = await self._pool.query(sql, params)
        if not found:
            raise NotFound
        return rows.kept(found[0])


def _opened(new: NewPayment) -> dict[str, object]:
    deal = new.deal
    return {
        "id": new.id,
        "user": new.user,
        "payer": new.payer,
        "channel": new.channel,
        "client": new.client_id,
        "reference": new.reference,
        "package": deal.package,
        "version": deal.version,
        "rate": None if deal.rate is None else deal.rate.version,
        "minor": deal.amount.minor,
        "currency": deal.amount.currency.value,
        "tokens": deal.tokens,
        "method": new.method.value,
        "phone": new.phone,
    }


def applied(kept: Kept, decision: Decision) -> dict[str, object]:
    """The values of ``APPLY``."""
    looks = {None: 0, True: 1, False: -1}
    return {
        "id": kept.id,
        "version": kept.version,
        "state": stage(decision.topup).value,
        **rows.columns(decision.topup),
        "prompt": rows.written(decision.prompt),
        "credit": decision.credit,
        "clawback": decision.clawback,
        "look": looks[decision.answered],
        "absents": decision.absents,
        "wait": decision.wait,
        **_seen(decision.evidence),
    }


def _seen(evidence: Evidence | None) -> dict[str, object]:
    """Nothing is kept without a source."""
    if evidence is None:
        return dict.fromkeys(SEEN)
    return {
        "source": evidence.source.value,
        "word": evidence.word,
        "minor": evidence.minor,
        "seen": evidence.gateway_reference or None,
        "genuine": evidence.genuine,
        "matched": evidence.matched,
        "body": evidence.body,
        "note": evidence.note or None,
    }
