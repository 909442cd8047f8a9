"""Ids that come back from clients."""

from __future__ import annotations

import re

from zimgpt.domain.errors import NotFound

_SHAPE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def known_shape(written: str) -> str:
    """The id if it could be one of ours; NotFound if no such thing can exist."""
    if not _SHAPE.fullmatch(written):
        raise NotFound
    return written
