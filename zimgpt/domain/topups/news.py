"""What a gateway says of a payment, in words of our own."""

from __future__ import annotations

from enum import StrEnum

import attrs


class Status(StrEnum):
    """What it says. Who is paid later, after delivery, has been paid by the person."""

    PENDING = "pending"
    PAID = "paid"
    CANCELLED = "cancelled"
    FAILED = "failed"
    DISPUTED = "disputed"
    REFUNDED = "refunded"
    UNCLEAR = "unclear"
    """A word that nobody told us of."""


@attrs.frozen(kw_only=True)
class News:
    """A gateway's own answer to a question of ours, checked to be its own.

    ``minor`` is None when no amount was said, or none in whole cents;
    ``gateway_reference`` is its digits, or empty.
    """

    reference: str
    gateway_reference: str
    minor: int | None
    status: Status
    word: str
    """As it came, for the evidence."""
    body: bytes = attrs.field(default=b"", eq=False, repr=False)
    """The whole answer, for the evidence."""
