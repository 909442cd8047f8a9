"""A payment as people's programs are told of it, over HTTP and websocket alike."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

State = Literal[
    "waiting",
    "checking",
    "credited",
    "cancelled",
    "failed",
    "review",
    "disputed",
    "refunded",
]


class Prompt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the person is to do; each kind has the fields that belong to it."""

    kind: Literal["approve", "code", "otp", "visit"]
    words: str = ""
    code: str = ""
    expires: str = ""
    links: list[str] = []
    qr: str = ""
    reference: str = ""
    url: str = ""


class PaymentFields(msgspec.Struct, frozen=True, omit_defaults=True):
    """``amount`` is in whole cents; of two versions the higher one is later."""

    id: str
    client_id: str
    version: int
    state: State
    method: str
    amount: int
    currency: str
    price: str
    tokens: int
    package: str
    reference: str
    created_at: datetime
    text: str
    """The key of ``message`` in our catalogues."""
    message: str
    gateway_reference: str | None = None
    phone: str | None = None
    prompt: Prompt | None = None
    reason: str | None = None
    credited_at: datetime | None = None
    beneficiary: str | None = None
