"""Voice notes as phones send them: Opus in Ogg, though nobody speaks in them."""

from __future__ import annotations

SKIPPED = 312
"""Samples at the start that no player plays, as phones' encoders write it."""


def page(place: int, packet: bytes) -> bytes:
    """A page of Ogg with one packet; ``place`` is in samples, -1 for none."""
    full, rest = divmod(len(packet), 255)
    table = bytes([255] * full + [rest])
    head = b"OggS\x00\x00" + place.to_bytes(8, "little", signed=True) + bytes(12)
    return head + bytes([len(table)]) + table + packet


def note(seconds: float, more: bytes = b"") -> bytes:
    """A mono recording of so many seconds; ``more`` is anything within it."""
    first = b"OpusHead\x01\x01" + SKIPPED.to_bytes(2, "little") + bytes(7)
    end = round(seconds * 48_000) + SKIPPED
    return page(0, first) + page(0, b"OpusTags" + more) + page(end, b"\xf8\xff\xfe")
