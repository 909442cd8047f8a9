"""Nodes that sell tokens and are wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zimgpt.domain.topups import hearing
from zimgpt.flows.looking import Looking
from zimgpt.flows.reconciling import Reconciling


async def _nothing(*_: object) -> None:
    """Asks nobody."""


def unasked() -> None:
    """What the gateway says is never asked for."""
    Looking.look = _nothing  # type: ignore[method-assign,assignment]
    Reconciling.round = _nothing  # type: ignore[method-assign,assignment]


def any_amount() -> None:
    """Whatever was paid is enough."""
    vars(hearing)["mismatch"] = lambda _topup, _news: None


MUTANTS: Mapping[str, Callable[[], None]] = {
    "unasked": unasked,
    "any-amount": any_amount,
}
