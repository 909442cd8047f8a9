"""What is to be done after a step; carried out in its commit, or after it."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import attrs

from zimgpt.domain.ledger import Tokens


@attrs.frozen
class Initiate:
    """Ask the gateway, after the commit that says so."""


@attrs.frozen
class Credit:
    """Post tokens to the wallet, once for the key."""

    key: str
    tokens: Tokens


@attrs.frozen
class ClawBack:
    """Take tokens out of the wallet again, once for the key, below zero if need be."""

    key: str
    tokens: Tokens


class Word(StrEnum):
    """What the person is told."""

    WAITING = "waiting"
    """Approve on the phone, enter the code or go to the page."""
    CHECKING = "checking"
    """We do not know yet; you may try another, and both would be credited."""
    CREDITED = "credited"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REVIEW = "review"
    DISPUTED = "disputed"
    REFUNDED = "refunded"
    REINSTATED = "reinstated"


@attrs.frozen
class Tell:
    """Tell the person, on every socket and on the messenger."""

    word: Word


class Concern(StrEnum):
    """What the operator is told."""

    MISMATCH = "mismatch"
    """Paid, but not what was agreed to."""
    FOREIGN = "foreign"
    """The answer was about another payment."""
    UNCLEAR_WORD = "unclear_word"
    DISPUTED = "disputed"
    REFUNDED = "refunded"
    REFUSED_US = "refused_us"
    """Our own set-up is wrong."""


@attrs.frozen
class Alert:
    """Tell the operator."""

    concern: Concern


Act: TypeAlias = Initiate | Credit | ClawBack | Tell | Alert
