"""What operators decide on a payment: by the same rule and the same commit as all else.

The decision is made by ``flows.settling``, in the caller's transaction: of two who
approve at the same moment one is refused, for the payment is credited by then.
"""

from __future__ import annotations

import random
from collections.abc import Coroutine
from typing import Any, ClassVar, Final, TypeVar

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.errors import Refusal
from zimgpt.domain.topups.events import Approved, Dismissed, Reinstated
from zimgpt.flows.ports.topups import Decision, Evidence, Kept, PaymentId, Source
from zimgpt.flows.settling import Settled, Settling
from zimgpt.store import payment_rows
from zimgpt.store.operator_corrections import given
from zimgpt.store.operator_payments import noted
from zimgpt.store.payments import APPLY, ONE, applied

Decided = type[Approved] | type[Reinstated] | type[Dismissed]
T = TypeVar("T")

ACTS: Final[dict[Decided, str]] = {
    Approved: "approve_payment",
    Reinstated: "reinstate_payment",
    Dismissed: "dismiss_payment",
}


class GivenByHand(Refusal):
    """Tokens were given by hand for this payment already. Nothing was changed."""


class NotDecided(Refusal):
    """This payment is in no state for that decision."""

    SENTENCES: ClassVar[dict[Decided, str]] = {
        Approved: "Only a payment in review is approved, and this one is {state}."
        " Nothing was changed.",
        Reinstated: "Only a disputed payment whose tokens were taken is reinstated,"
        " and this one is {state}. Nothing was changed.",
        Dismissed: "Only a payment in review, or a disputed one that was never"
        " credited, is dismissed, and this one is {state}. Nothing was changed.",
    }


def decide(
    connection: Connection, id: str, decision: Decided, *, who: str, reason: str
) -> Settled:
    """Carries it out; raises NotDecided or GivenByHand, and then the caller rolls
    back."""
    evidence = Evidence(
        source=Source.OPERATOR,
        word=decision.__name__.lower(),
        note=f"{who}: {reason}",
    )
    settling = Settling(_Desk(connection), random.random, lambda _kept: None)
    settled = _at_once(
        settling.settle(PaymentId(id), decision(), lambda _kept: evidence)
    )
    if settled.topup == settled.before.topup:
        state = type(settled.topup).__name__.lower()
        raise NotDecided(NotDecided.SENTENCES[decision].format(state=state))
    # The row is locked by now: nobody gives any before this is committed.
    if decision is not Dismissed and given(connection, id):
        raise GivenByHand
    noted(connection, ACTS[decision], id, who=who, reason=reason)
    return settled


@attrs.frozen
class _Desk:
    """``ports.topups.Payments`` as far as a decision needs it, waiting for each
    statement."""

    _connection: Connection

    async def read(self, payment: PaymentId) -> Kept:
        """As it is now."""
        with self._connection.cursor() as cursor:
            cursor.execute(ONE, {"id": payment})
            [row] = cursor.fetchall()
        return payment_rows.kept(row)

    async def apply(self, kept: Kept, decision: Decision) -> int | None:
        """Writes it, or nothing if the payment has moved on."""
        with self._connection.cursor() as cursor:
            cursor.execute(APPLY, applied(kept, decision))
            [(version,)] = cursor.fetchall()
        return None if version is None else int(version)


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """The outcome of what never waits for a reactor."""
    try:
        work.send(None)
    except StopIteration as done:
        outcome: T = done.value
        return outcome
    raise AssertionError("a decision waits for nothing")
