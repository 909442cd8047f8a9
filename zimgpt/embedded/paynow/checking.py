"""What the gateway looks at before it takes a payment; its sentences of refusal."""

from __future__ import annotations

import re
from typing import Final

from zimgpt.embedded.paynow import messages
from zimgpt.embedded.paynow.book import Book
from zimgpt.embedded.paynow.merchants import Merchant
from zimgpt.embedded.paynow.messages import Pairs
from zimgpt.embedded.paynow.timeline import BROKE, NUMBERS
from zimgpt.embedded.paynow.transactions import exact

_AMOUNT: Final = re.compile(r"\d+(\.\d{1,2})?", re.ASCII)
_PHONE: Final = re.compile(r"0\d{9}", re.ASCII)
_NUMBERS: Final = {"ecocash": ("077", "078", "079"), "onemoney": ("071", "072")}


class Refused(Exception):  # noqa: N818 - what was done
    """The gateway's sentence."""


def merchant(book: Book, pairs: Pairs) -> Merchant:
    """Whose request it is, by its id and its hash; raises Refused."""
    said = dict(pairs)
    number = said.get("id", "").strip()
    known = book.merchants.get(int(number)) if number.isdecimal() else None
    if known is None:
        raise Refused("Invalid id.")
    if said.get("hash", "") != messages.digest(pairs, known.key):
        raise wrong_hash(pairs, known)
    return known


def wrong_hash(pairs: Pairs, known: Merchant) -> Refused:
    """How a wrong hash is told; the gateway gives the beginning of the right one."""
    right = messages.digest(pairs, known.key)
    return Refused(f"Invalid Hash.  Hash should start with: {right[:6]}")


def initiation(book: Book, pairs: Pairs, known: Merchant, *, express: bool) -> None:
    """Everything else about a new payment; raises Refused."""
    said = {name: value.strip() for name, value in pairs}
    if said.get("status", "").lower() != "message":
        raise Refused("Invalid status field")
    amount = said.get("amount", "")
    usual = _AMOUNT.fullmatch(amount) or not book.habits.strict
    if not usual or exact(amount) <= 0:
        raise Refused("Invalid amount field")
    trace = said.get("merchanttrace", "")
    if len(trace) > 32 or (trace and book.traced(known.id, trace) is not None):
        raise Refused("The merchanttrace is not unique")
    if known.test and express and said.get("authemail", "") not in ("", known.email):
        raise Refused("The authemail is not the merchant's, and the ID is in test mode")
    if express:
        _express(book, said, pairs, known)


def _express(book: Book, said: dict[str, str], pairs: Pairs, known: Merchant) -> None:
    method, phone = said.get("method", "").lower(), said.get("phone", "")
    if not said.get("authemail"):
        raise wrong_hash(pairs, known)  # the real one says so
    if method not in known.methods:
        raise Refused("The payment method is not enabled for this ID")
    if known.test and method in ("innbucks", "omari"):
        name = {"innbucks": "InnBucks", "omari": "Omari"}[method]
        raise Refused(
            "The ID specified is currently in test mode. This is not permitted for"
            f" remote {name} transactions"
        )
    if book.habits.strict and _PHONE.fullmatch(phone) is None:
        raise Refused("Invalid phone number")
    if book.habits.networks and not phone.startswith(_NUMBERS.get(method, "0")):
        raise Refused(f"The phone number is not one of {method}")
    if phone == BROKE:
        raise Refused("Insufficient balance")
    if known.test and phone not in NUMBERS:
        raise Refused("Hashes do not match")  # as the real one tells developers
