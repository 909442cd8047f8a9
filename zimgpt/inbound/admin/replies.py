"""Answers of the admin rooms: what the database has, by the names of its columns.

These rooms are our own pages' alone and change with them, so that their shapes are no
promise to anybody.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from twisted.web.server import Request

from zimgpt.inbound.replies import as_json

Reason = Annotated[str, msgspec.Meta(min_length=3, max_length=250)]
"""Why something is done: kept with it."""
TokenCount = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
Key = Annotated[str, msgspec.Meta(min_length=8, max_length=64)]
"""A form's own, so that what was sent twice is done once."""
PAGE: Final = 50
"""Rows of one page of a list; web/lib/admin/people.ts knows it, too."""


class Why(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An act that wants to know nothing more."""

    reason: Reason


WHY = msgspec.json.Decoder(Why)


def told(request: Request, value: object) -> bytes:
    """Rows, or whatever holds them, as JSON; times in ISO 8601."""
    return as_json(request, 200, msgspec.json.encode(value))
