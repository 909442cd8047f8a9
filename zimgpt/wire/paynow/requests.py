"""What we ask of the gateway, signed, as bytes.

Every optional field that is sent must be in the hash, in the order of the message; an
express payment without an e-mail address is refused as if its hash were wrong.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from zimgpt.domain.topups.networks import Method
from zimgpt.wire.paynow import amounts, forms
from zimgpt.wire.paynow.forms import Fields
from zimgpt.wire.paynow.hashing import sign

TYPE: Final = "application/x-www-form-urlencoded"
"""Without it the gateway answers with a page."""

INITIATE: Final = "/interface/initiatetransaction"
EXPRESS: Final = "/interface/remotetransaction"
TRACE: Final = "/interface/trace"

_REFERENCE: Final = re.compile(r"[A-Za-z0-9-]{1,32}", re.ASCII)
_PHONE: Final = re.compile(r"07[0-9]{8}", re.ASCII)
_CODE: Final = re.compile(r"[0-9]{4,8}", re.ASCII)


@attrs.frozen
class Integration:
    """Our account with the gateway for one currency; ``key`` signs what we ask."""

    id: int
    key: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Payment:
    """What is to be paid. ``phone`` is ``07…``, and needed unless it is by the web.

    ``reference`` is also our trace, and must survive any encoding: letters, digits and
    dashes.
    """

    reference: str
    cents: int
    method: Method
    email: str
    result_url: str = attrs.field(repr=False)
    return_url: str
    phone: str = attrs.field(default="", repr=False)
    info: str = ""

    def __attrs_post_init__(self) -> None:
        if _REFERENCE.fullmatch(self.reference) is None:
            raise ValueError("a reference has up to 32 letters, digits and dashes")
        if self.method.by_phone and _PHONE.fullmatch(self.phone) is None:
            raise ValueError("a wallet's number is written 07 and eight digits")


def path(payment: Payment) -> str:
    """Where it is asked for."""
    return EXPRESS if payment.method.by_phone else INITIATE


def initiate(payment: Payment, us: Integration) -> bytes:
    """The body that begins a payment."""
    fields: Fields = (
        ("id", str(us.id)),
        ("reference", payment.reference),
        ("amount", amounts.plain(payment.cents)),
        ("additionalinfo", payment.info),
        ("returnurl", payment.return_url),
        ("resulturl", payment.result_url),
        ("authemail", payment.email),
    )
    if payment.method.by_phone:
        express = (("phone", payment.phone), ("method", payment.method.value))
        fields = (*fields, *express)
    ending = (("merchanttrace", payment.reference), ("status", "Message"))
    said = tuple((name, value) for name, value in (*fields, *ending) if value.strip())
    return forms.written(sign(said, us.key))


def trace(reference: str, us: Integration) -> bytes:
    """The body that asks whether the gateway knows a reference of ours."""
    fields = (("id", str(us.id)), ("merchanttrace", reference), ("status", "Message"))
    return forms.written(sign(fields, us.key))


def code(written: str, us: Integration) -> bytes:
    """The body that hands in the code which the wallet sent to the person."""
    if not plausible(written):
        raise ValueError("a code has four to eight digits")
    fields = (("id", str(us.id)), ("otp", written), ("status", "Message"))
    return forms.written(sign(fields, us.key))


def plausible(written: str) -> bool:
    """Whether it can be a code at all."""
    return _CODE.fullmatch(written) is not None
