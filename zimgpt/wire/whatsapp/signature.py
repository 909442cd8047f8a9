"""Who posted a webhook: an HMAC over the raw bytes, keyed with the app's secret.

It is computed over what came, never over JSON written again: the sender escapes
characters and slashes in ways that no encoder repeats.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from typing import Final

HEADER: Final = "X-Hub-Signature-256"

_FORM: Final = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)


def sign(body: bytes, secret: bytes) -> str:
    """The header's value for a body."""
    return "sha256=" + hmac.new(secret, body, "sha256").hexdigest()


def verified(header: str | None, body: bytes, secrets: Sequence[bytes]) -> bool:
    """Whether one of our secrets signed these bytes.

    There are two secrets while one replaces the other. Each is tried, so that the time
    taken does not tell which; without any nothing is believed, and an empty secret,
    which everybody knows, is none.
    """
    if header is None or _FORM.fullmatch(header) is None:
        return False
    good = False
    for secret in secrets:
        if secret:
            good |= hmac.compare_digest(sign(body, secret), header)
    return good
