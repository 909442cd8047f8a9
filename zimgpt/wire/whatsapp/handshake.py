"""The GET by which Meta asks whether a callback address is ours.

It is sent whenever the address or its token is edited, without a signature. Only
challenges of plain characters are given back, so that nobody can have us say markup.
"""

from __future__ import annotations

import hmac
import re
from typing import Final

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_.-]{1,256}", re.ASCII)


def reply(
    mode: str | None, token: str | None, challenge: str | None, *, ours: str
) -> bytes | None:
    """The body of a 200, as text/plain; None for a 403."""
    if mode != "subscribe" or token is None or challenge is None or not ours:
        return None
    if not hmac.compare_digest(_bytes(token), _bytes(ours)):
        return None
    if _CHALLENGE.fullmatch(challenge) is None:
        return None
    return challenge.encode()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
