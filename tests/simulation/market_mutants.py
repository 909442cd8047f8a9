"""Markets that are wrong on purpose: a reckoning must notice each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import attrs

from tests.fakes.payments import MemoryPayments
from tests.simulation.mutants import swapped
from zimgpt.domain.topups.acts import Credit
from zimgpt.domain.topups.news import News
from zimgpt.domain.topups.states import Doubt, TopUp
from zimgpt.flows import initiating, settling
from zimgpt.flows.ports.topups import Kept


@contextmanager
def _function(owner: Any, name: str, other: object) -> Iterator[None]:  # noqa: ANN401
    own = getattr(owner, name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, own)


def unasked() -> AbstractContextManager[None]:
    """Nobody asks again: what the gateway does not tell is never known."""

    async def due(self: MemoryPayments, *_: object) -> tuple[()]:
        for row in self.rows.values():
            row.due = None
        return ()

    return swapped(MemoryPayments, "due", due)


def any_amount() -> AbstractContextManager[None]:
    """Whatever was paid is enough."""
    from zimgpt.domain.topups import hearing

    def mismatch(_topup: TopUp, _news: News) -> Doubt | None:
        return None

    return _function(hearing, "mismatch", mismatch)


def twice() -> AbstractContextManager[None]:
    """Two who hear the same news at once both write."""
    own = MemoryPayments.apply

    async def apply(self: MemoryPayments, kept: Kept, decision: Any) -> int | None:  # noqa: ANN401
        row = self.rows[kept.id]
        if decision.credit is not None:
            row.transfers.clear()
        now = attrs.evolve(kept, version=row.kept.version)
        return await own(self, now, decision)

    return swapped(MemoryPayments, "apply", apply)


def forgetful() -> AbstractContextManager[None]:
    """What was cancelled stays so, though it is paid after all."""
    own = settling.decided

    def decided(topup: TopUp, event: Any) -> tuple[TopUp, tuple[Any, ...]]:  # noqa: ANN401
        after, acts = own(topup, event)
        late = type(topup).__name__ in ("Cancelled", "Failed")
        if late and any(isinstance(act, Credit) for act in acts):
            return topup, ()
        return after, acts

    return _function(settling, "decided", decided)


def hasty() -> AbstractContextManager[None]:
    """An answer that did not come is taken for a no."""
    from zimgpt.domain.topups.events import Refused
    from zimgpt.domain.topups.states import Reason

    return _function(initiating, "Unheard", lambda: Refused(Reason.NOT_SENT))


MUTANTS: Mapping[str, Any] = {
    "unasked": unasked,
    "any-amount": any_amount,
    "twice": twice,
    "forgetful": forgetful,
    "hasty": hasty,
}


def applied(name: str | None) -> AbstractContextManager[None]:
    """The mutant of that name, or none."""
    return nullcontext() if name is None else MUTANTS[name]()
