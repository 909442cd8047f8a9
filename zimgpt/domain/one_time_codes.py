"""Codes that a phone shows for half a minute each (TOTP, RFC 6238)."""

from __future__ import annotations

import base64
import hmac
import re
from datetime import datetime
from typing import Final

from pyotp import TOTP

PERIOD: Final = 30
"""Seconds; like six digits and SHA-1 what every authenticator app understands."""
AROUND: Final = (0, -1, 1)
"""Steps that count as now: clocks differ, and typing takes a while (RFC 6238, 5.2)."""
SECRET_BYTES: Final = 20
"""As long as SHA-1's output (RFC 4226, 4)."""
ISSUER: Final = "ZimGPT"
CODE: Final = re.compile(r"[0-9]{6}")


def secret_of(random: bytes) -> str:
    """A secret as authenticator apps take it: base 32, of 20 of these random bytes."""
    return base64.b32encode(random[:SECRET_BYTES]).decode()


def code_at(secret: str, step: int) -> str:
    """The six digits of a step of 30 seconds since 1970."""
    return TOTP(secret).generate_otp(step)


def step_at(now: datetime) -> int:
    """The step that it is."""
    return int(now.timestamp()) // PERIOD


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step near ``now`` whose code this is; None if it is none's.

    Spaces are how apps show codes, and people type them.
    """
    digits = "".join(code.split())
    if not CODE.fullmatch(digits):
        return None
    for away in AROUND:
        step = step_at(now) + away
        if hmac.compare_digest(code_at(secret, step), digits):
            return step
    return None


def uri(secret: str, name: str) -> str:
    """The ``otpauth://`` address that an authenticator app reads from a QR code."""
    return TOTP(secret, name=name, issuer=ISSUER).provisioning_uri()
