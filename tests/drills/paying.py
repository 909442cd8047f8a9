"""What payments and the ledger say of each other when a drill is over."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException

import attrs

from tests.system.harness import House, Json, wait_until
from tests.system.people import Person
from tests.system.till import Till

OPEN = ("Created", "Sent")
PAID = ("Paid", "Awaiting Delivery", "Delivered")
KEPT = """
    select p.merchant_ref, p.state, extract(epoch from p.credited_at)::float8,
           (select count(*) from transfers t where t.idem_key = 'purchase:' || p.id),
           p.tokens
      from payments p
"""
TOKENS = """
    select coalesce(sum(e.amount), 0)::bigint from entries e
      join accounts a on a.id = e.account_id where a.kind = 'issued'
"""
DEADLOCKS = """
    select deadlocks from pg_stat_database where datname = current_database()
"""


@attrs.frozen
class Kept:
    """A payment as PostgreSQL has it; ``credited`` is when, in Unix seconds."""

    reference: str
    state: str
    credited: float | None
    transfers: int
    tokens: int


@attrs.frozen
class Books:
    """The gateway's word beside ours."""

    there: dict[str, Json]
    here: dict[str, Kept]
    twice: tuple[str, ...]
    tokens: int
    """That were ever issued, less what was taken back."""
    deadlocks: int

    @property
    def paid(self) -> list[str]:
        """References of what was paid there."""
        return [ref for ref, one in self.there.items() if one["status"] in PAID]

    @property
    def credited(self) -> int:
        """How many are credited here."""
        return sum(one.transfers for one in self.here.values())

    def waits(self) -> Iterator[float]:
        """Seconds from being paid there to being credited here."""
        for ref in self.paid:
            credited = self.here[ref].credited if ref in self.here else None
            if credited is not None:
                yield credited - paid_at(self.there[ref])

    def faults(self) -> Iterator[str]:
        """Everything that is not as it must be."""
        for ref in self.twice:
            yield f"{ref} was asked for twice"
        paid = set(self.paid)
        for ref in paid - set(self.here):
            yield f"{ref} is paid and not known"
        owed = 0
        for ref, one in self.here.items():
            fair = ref in paid and self.there[ref]["troubles"]["amount"] not in (
                "short",
                "long",
            )
            owed += one.tokens if fair else 0
            if fair and one.transfers != 1:
                yield f"{ref} is paid and not credited: {one.state}"
            if one.transfers and not fair:
                yield f"{ref} is credited and not fairly paid"
        if -self.tokens != owed:
            yield f"{-self.tokens} tokens were sold and {owed} paid for"
        if self.deadlocks:
            yield f"{self.deadlocks} deadlocks"


def books(house: House, till: Till) -> Books:
    """What both say now."""
    payments = till.state()["payments"]
    times = Counter(one["reference"] for one in payments)
    return Books(
        {one["reference"]: one for one in payments},
        {row[0]: Kept(*row) for row in house.query(KEPT)},
        tuple(ref for ref, number in times.items() if number > 1),
        house.query(TOKENS)[0][0],
        house.query(DEADLOCKS)[0][0],
    )


def paid_at(one: Json) -> float:
    """When the gateway first called it paid."""
    return float(next(c["at"] for c in one["history"] if c["status"] in PAID))


def settled(house: House, till: Till, patience: float) -> Books:
    """The books when nothing waits there and all that is paid is credited, or after
    ``patience``."""
    with suppress(AssertionError):
        wait_until(lambda: _even(books(house, till)), patience)
    return books(house, till)


def _even(found: Books) -> bool:
    waits = any(one["status"] in OPEN for one in found.there.values())
    return not waits and not any("not credited" in fault for fault in found.faults())


def insist(person: Person, urls: list[str], wished: Json, patience: float) -> Json:
    """Begins a payment, at whichever node answers, until it is taken."""
    end = time.monotonic() + patience
    for turn in range(1_000_000):
        with suppress(OSError, HTTPException):
            reply = person.at(urls[turn % len(urls)]).call(
                "POST", "/api/v1/payments", wished
            )
            if reply.status == 202:
                payment: Json = reply.json
                return payment
            if reply.status not in (429, 503):
                raise AssertionError(reply)
        if time.monotonic() > end:
            break
        time.sleep(0.2)
    raise AssertionError(f"{wished['id']} was not taken in time")


def customers(url: str, number: int) -> list[Person]:
    """People who will buy."""
    return [Person.sign_up(url) for _ in range(number)]
