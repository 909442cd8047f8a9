"""Codes that people type, and buttons about money: the same in every state."""

from __future__ import annotations

import re

from zimgpt.domain import vouchers
from zimgpt.domain.dialogue.acts import Act, CheckPayment, EnterCode, Redeem
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.taps import Asked, Tap
from zimgpt.domain.heard import Heard, Said

WALLET_CODE = re.compile(r"\s*([0-9]{3})[ -]?([0-9]{3})[\s.]*", re.ASCII)
"""O'mari sends six digits."""


def code(heard: Heard, about: About) -> Act | None:
    """What a message that is nothing but a code wants done."""
    if not isinstance(heard, Said) or heard.source is not None:
        return None
    digits = WALLET_CODE.fullmatch(heard.text)
    if digits and about.awaits_code:
        return EnterCode(about.awaits_code, digits[1] + digits[2])
    voucher = vouchers.alone(heard.text)
    return Redeem(voucher) if voucher else None


def button(meaning: object) -> Act | None:
    """What a button under news of a payment wants done."""
    if isinstance(meaning, Tap) and meaning.asked is Asked.PAID:
        return CheckPayment(meaning.value)
    return None
