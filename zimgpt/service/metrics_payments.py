"""What a node tells of payments."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.topups.acts import Concern
from zimgpt.observe.metrics import Measure, Metric
from zimgpt.service.payments import Payments
from zimgpt.store.payments import UNSETTLED

STATES = (*UNSETTLED, "unclear")
CALLS = ("ok", "unknown", "mismatch", "missing_hash", "not_a_message")
"""What is told as 0 if it did not come."""


MEASURES: Final[tuple[Measure[Payments], ...]] = (
    Measure(
        "zimgpt_payments",
        "gauge",
        "Payments of all nodes in a state that is not the end, counted at most half"
        " a minute ago; unclear: unknown for an hour.",
        lambda payments: {**dict.fromkeys(STATES, 0), **payments.reconciling.figures},
        "state",
    ),
    Measure(
        "zimgpt_payment_calls_total",
        "counter",
        "Calls of the gateway, by what they were worth.",
        lambda payments: {**dict.fromkeys(CALLS, 0), **payments.callbacks.heard},
        "verdict",
    ),
    Measure(
        "zimgpt_payment_alerts_total",
        "counter",
        "Payments that need a person.",
        lambda payments: {
            **{concern.value: 0 for concern in Concern},
            **payments.settling.alerts,
        },
        "concern",
    ),
    Measure(
        "zimgpt_gateway_answered_total",
        "counter",
        "Questions that the payment gateway answered.",
        lambda payments: payments.rails.asked,
    ),
    Measure(
        "zimgpt_gateway_unheard_total",
        "counter",
        "Questions that it did not answer, or not in a way to be understood.",
        lambda payments: payments.rails.unheard,
    ),
    Measure(
        "zimgpt_gateway_resting",
        "gauge",
        "1 while it is left alone because it does not answer.",
        lambda payments: int(payments.rails.resting),
    ),
)


def of_payments(payments: Payments) -> tuple[Metric, ...]:
    """How payments stand, and how the gateway fares."""
    return tuple(measure.of(payments) for measure in MEASURES)
