"""Vouchers: codes on paper that are worth tokens, and why one may be worth none.

``ZV-`` and sixteen characters of Crockford's base 32 in fours: eighty random bits, so
that nobody guesses one, and no letters that are mistaken for digits.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from zimgpt.domain.errors import NotFound, Refusal
from zimgpt.domain.rates import TooFast

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 16
_MISREAD: Final = str.maketrans("OIL", "011")
_BETWEEN: Final = re.compile(r"[\s.\u2010-\u2014-]+")
_CODE: Final = re.compile(r"(?:ZV)?([0-9A-HJKMNP-TV-Z]{16})")


class BatchExists(Refusal):
    """There is a batch of vouchers of that name already. Nothing was made."""

    code = "batch_exists"


class NoBatch(NotFound):
    """There is no batch of vouchers of that name. Nothing was changed."""

    code = "no_batch"


class VoucherMalformed(Refusal):
    """No voucher has a code like this. Please compare it with the paper, letter by letter."""  # noqa: E501

    code = "voucher_malformed"


class VoucherUnknown(NotFound):
    """There is no such voucher. Please compare the code with the paper."""

    code = "voucher_unknown"


class VoucherUsed(Refusal):
    """This voucher was used by somebody else. Please ask whoever sold it."""

    code = "voucher_used"


class VoucherExpired(Refusal):
    """This voucher's time is over. Please ask whoever sold it."""

    code = "voucher_expired"


class VoucherRevoked(Refusal):
    """This voucher was withdrawn. Please ask whoever sold it."""

    code = "voucher_revoked"


class TooManyVouchers(TooFast):
    """Too many codes that were not good. Please wait an hour, and compare the code with the paper."""  # noqa: E501

    code = "too_many_vouchers"


def made(random: bytes) -> str:
    """A new code, as it is printed, of at least sixteen random bytes."""
    signs = "".join(ALPHABET[byte % 32] for byte in random[:LENGTH])
    return "-".join(("ZV", *(signs[at : at + 4] for at in range(0, LENGTH, 4))))


def read(text: str) -> str:
    """The sixteen characters of a code, however it is written; raises
    VoucherMalformed."""
    found = _CODE.fullmatch(_BETWEEN.sub("", text).upper().translate(_MISREAD))
    if not found:
        raise VoucherMalformed
    return found[1]


def alone(text: str) -> str | None:
    """The code that a message is: with its ``ZV``, for sixteen letters may be words."""
    if not text.strip().upper().startswith("ZV"):
        return None
    try:
        return read(text)
    except VoucherMalformed:
        return None


def digest(code: str) -> bytes:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).digest()
