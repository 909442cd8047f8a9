"""Nodes that sell tokens and are wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from zimgpt.domain.errors import Unavailable
from zimgpt.domain.topups import TopUp, hearing
from zimgpt.domain.topups.money import Currency
from zimgpt.flows.callbacks import Callbacks
from zimgpt.flows.looking import Looking
from zimgpt.flows.ports.payments import Unheard
from zimgpt.flows.ports.topups import Kept, PaymentId
from zimgpt.flows.reconciling import Reconciling
from zimgpt.flows.settling import Settling
from zimgpt.outbound.paynow import Paynow
from zimgpt.wire.paynow.replies import GatewayRefusal

_hear = Callbacks.hear
_wait = Settling._wait


async def _nothing(*_: object) -> None:
    """Asks nobody."""


def _wait_for_answers(
    self: Settling, kept: Kept, topup: TopUp, *, answered: bool | None
) -> timedelta | None:
    return None if answered is False else _wait(self, kept, topup, answered=answered)


def unasked() -> None:
    """What the gateway says is never asked for."""
    Looking.look = _nothing  # type: ignore[method-assign,assignment]
    Reconciling.round = _nothing  # type: ignore[method-assign,assignment]


def any_amount() -> None:
    """Whatever was paid is enough."""
    vars(hearing)["mismatch"] = lambda _topup, _news: None


def take_anything() -> None:
    """A call is taken whether it could be kept or not."""

    async def hear(
        self: Callbacks, currency: Currency, payment: PaymentId, body: bytes
    ) -> bool:
        with suppress(Unavailable):
            return await _hear(self, currency, payment, body)
        return True

    Callbacks.hear = hear  # type: ignore[method-assign]


def miss_once() -> None:
    """What the gateway was silent about once is never asked about again."""
    Settling._wait = _wait_for_answers  # type: ignore[method-assign]


def one_key() -> None:
    """Old keys are forgotten."""
    Paynow._keys = property(lambda self: (self._us.key,))  # type: ignore[assignment]


def refusal_is_silence() -> None:
    """What the gateway refuses is taken for silence."""

    def declined(self: Paynow, refusal: GatewayRefusal) -> Unheard:
        return Unheard(refusal.sentence)

    Paynow._declined = declined  # type: ignore[method-assign,assignment]


MUTANTS: Mapping[str, Callable[[], None]] = {
    "unasked": unasked,
    "any-amount": any_amount,
    "take-anything": take_anything,
    "miss-once": miss_once,
    "one-key": one_key,
    "refusal-is-silence": refusal_is_silence,
}
