"""How long a voice note is, by the pages of its Ogg file (RFC 3533, RFC 7845)."""

from __future__ import annotations

from typing import Final

HEAD: Final = 27  # bytes of a page before its table of segments
RATE: Final = 48_000
"""Samples of Opus in a second, whatever was recorded."""
DENSEST: Final = 16_000
"""Bytes that a second of speech has at most; so nobody makes a long note short by
writing another length into it."""


def seconds(content: bytes) -> float | None:
    """The length of an Opus recording; None for anything else."""
    end, skipped = None, 0
    at = 0
    while at + HEAD <= len(content):
        if content[at : at + 4] != b"OggS":
            return None
        segments = content[at + 26]
        body = at + HEAD + segments
        size = sum(content[at + HEAD : body])
        if at == 0:
            if content[body : body + 8] != b"OpusHead":
                return None
            skipped = int.from_bytes(content[body + 10 : body + 12], "little")
        place = int.from_bytes(content[at + 6 : at + 14], "little", signed=True)
        if place >= 0:
            end = place
        at = body + size
    if end is None:
        return None
    return max((end - skipped) / RATE, len(content) / DENSEST)
