"""Payments in memory, by the rules of ``store/schema/0014_payments.sql``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from twisted.internet.task import Clock

from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.packages import Package, Rate
from zimgpt.domain.topups.states import (
    Created,
    Credited,
    Order,
    Refunded,
    Sent,
    Stage,
    stage,
)
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

BEGAN = datetime(2026, 11, 25, 15, tzinfo=UTC)
TASTE = Package(id="taste", version=1, tokens=Tokens(10_000), cents=50)
SMALL = Package(id="small", version=1, tokens=Tokens(21_000), cents=100)
RATE = Rate(version=1, cents_per_dollar=2_680)
WAITING = (Stage.CREATED, Stage.SENT, Stage.UNKNOWN, Stage.PENDING)
SETTLED = (Stage.CREDITED, Stage.DISPUTED, Stage.REVIEW)


@attrs.define
class Row:
    """A payment, and when the gateway is asked."""

    kept: Kept
    at: float
    due: float | None
    looked: float | None = None
    hinted: float | None = None
    transfers: list[str] = attrs.field(factory=list)
    events: list[Evidence] = attrs.field(factory=list)


@attrs.define
class MemoryPayments:
    """``ports.topups.Payments``. While ``away``, nothing can be reached; ``race`` is
    called once before the next write, to be quicker."""

    clock: Clock
    rate: Rate | None = RATE
    packages: tuple[Package, ...] = (TASTE, SMALL)
    rows: dict[PaymentId, Row] = attrs.field(factory=dict)
    calls: list[tuple[PaymentId, Evidence]] = attrs.field(factory=list)
    balances: Counter[UserId] = attrs.field(factory=Counter)
    away: bool = False
    race: list[Any] = attrs.field(factory=list)

    def row(self) -> Row:
        """The only one."""
        [row] = self.rows.values()
        return row

    async def wallet(self, user: UserId) -> Wallet:
        """What was credited and not taken back."""
        return Wallet(Tokens(self.balances[user]), Tokens(0))

    async def catalogue(self) -> Catalogue:
        """What is sold."""
        self._there()
        return Catalogue(self.packages, self.rate)

    async def open(self, new: NewPayment, most: int) -> tuple[Opening, PaymentId]:
        """Keeps it."""
        self._there()
        mine = [r.kept for r in self.rows.values() if r.kept.payer == new.payer]
        for one in mine:
            if one.client_id == new.client_id:
                same = (one.package, one.phone) == (new.deal.package, new.phone)
                return (Opening.REPEAT if same else Opening.DIFFERS), one.id
        if sum(stage(one.topup) in WAITING for one in mine) >= most:
            return Opening.TOO_MANY, PaymentId("")
        now = self.clock.seconds()
        self.rows[new.id] = Row(_kept(new, now), now, now + 60)
        return Opening.OPENED, new.id

    async def begun(self, payer: UserId, client_id: str) -> Kept | None:
        """By the client's id."""
        self._there()
        for id, row in self.rows.items():
            if (row.kept.payer, row.kept.client_id) == (payer, client_id):
                return self._read(id)
        return None

    async def read(self, payment: PaymentId) -> Kept:
        """One."""
        self._there()
        return self._read(payment)

    async def mine(self, user: UserId, payment: PaymentId) -> Kept:
        """One of theirs."""
        kept = await self.read(payment)
        if user not in (kept.payer, kept.user):
            raise NotFound
        return kept

    async def list(
        self, user: UserId, before: PaymentId | None, limit: int
    ) -> Sequence[Kept]:
        """Latest first."""
        self._there()
        ids = [id for id, row in self.rows.items() if row.kept.payer == user][::-1]
        if before is not None:
            ids = ids[ids.index(before) + 1 :]
        return [self._read(id) for id in ids[:limit]]

    async def apply(self, kept: Kept, decision: Decision) -> int | None:
        """Writes it if nobody was quicker."""
        self._there()
        if self.race:
            await self.race.pop(0)()
        row, now = self.rows[kept.id], self.clock.seconds()
        if row.kept.version != kept.version:
            return None
        if decision.evidence is not None:
            row.events.append(decision.evidence)
        before = row.kept
        self._post(row, decision)
        if isinstance(before.topup, Created) and not isinstance(
            decision.topup, Created
        ):
            row.at = now
        changed = (decision.topup, decision.prompt) != (before.topup, before.prompt)
        misses = {None: before.misses, True: 0, False: before.misses + 1}
        credited = isinstance(decision.topup, Credited) and before.credited_at is None
        row.kept = attrs.evolve(
            before,
            topup=decision.topup,
            prompt=decision.prompt,
            version=before.version + changed,
            polls=before.polls + (decision.answered is not None),
            misses=misses[decision.answered],
            absents=decision.absents,
            credited_at=self._now() if credited else before.credited_at,
        )
        wait = decision.wait
        row.due = None if wait is None else now + wait.total_seconds()
        return row.kept.version

    async def due(self, limit: int, lease: timedelta) -> Sequence[PaymentId]:
        """Those whose time has come."""
        self._there()
        now = self.clock.seconds()
        ready = [
            id for id, r in self.rows.items() if r.due is not None and r.due <= now
        ]
        for id in ready[:limit]:
            self.rows[id].due = now + lease.total_seconds()
            self.rows[id].looked = now
        return ready[:limit]

    async def take_look(self, payment: PaymentId, lease: timedelta) -> bool:
        """Whether to ask now."""
        self._there()
        row, now = self.rows[payment], self.clock.seconds()
        topup = row.kept.topup
        if isinstance(topup, Created | Refunded):
            return False
        row.hinted = now
        gap = 30.0 if stage(topup) in SETTLED else 2.0
        may = (row.looked is None or row.looked < now - gap) and not (
            isinstance(topup, Sent) and row.at > now - 45
        )
        if may:
            row.looked, row.due = now, now + lease.total_seconds()
        return may

    async def hear(
        self,
        payment: PaymentId,
        currency: Currency,
        evidence: Evidence,
        lease: timedelta,
    ) -> Heard:
        """Keeps a call."""
        self._there()
        row = self.rows.get(payment)
        if row is None or row.kept.topup.order.amount.currency is not currency:
            return Heard.UNKNOWN
        self.calls.append((payment, evidence))
        ask = evidence.genuine and await self.take_look(payment, lease)
        return Heard.ASK if ask else Heard.LATER

    async def figures(self) -> Mapping[str, int]:
        """How many are in each state."""
        self._there()
        return Counter(stage(row.kept.topup).value for row in self.rows.values())

    def _read(self, payment: PaymentId) -> Kept:
        if payment not in self.rows:
            raise NotFound
        row, now = self.rows[payment], self.clock.seconds()
        hinted = row.hinted is not None and row.hinted > now - 60
        age = timedelta(seconds=now - row.at)
        return attrs.evolve(row.kept, age=age, hinted=hinted)

    def _post(self, row: Row, decision: Decision) -> None:
        order, user = row.kept.topup.order, row.kept.user
        for word, sign in ((decision.credit, 1), (decision.clawback, -1)):
            if word is not None and word not in row.transfers:
                row.transfers.append(word)
                self.balances[user] += sign * order.tokens

    def _now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.clock.seconds())

    def _there(self) -> None:
        if self.away:
            raise Unavailable


def _kept(new: NewPayment, now: float) -> Kept:
    order = Order(
        id=new.id,
        reference=new.reference,
        amount=new.deal.amount,
        tokens=new.deal.tokens,
        method=new.method,
    )
    return Kept(
        id=new.id,
        topup=Created(order),
        user=new.user,
        payer=new.payer,
        channel=new.channel,
        client_id=new.client_id,
        package=new.deal.package,
        phone=new.phone,
        beneficiary=None,
        prompt=None,
        version=1,
        created_at=BEGAN + timedelta(seconds=now),
        credited_at=None,
        age=timedelta(0),
    )
