"""Answers of the admin rooms: what the database has, by the names of its columns.

These rooms are our own pages' alone and change with them, so that their shapes are no
promise to anybody.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from twisted.web.server import Request

from zimgpt.inbound.replies import as_json

Reason = Annotated[str, msgspec.Meta(min_length=3, max_length=250)]
"""Why something is done: kept with it."""


class Why(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An act that wants to know nothing more."""

    reason: Reason


WHY = msgspec.json.Decoder(Why)


def told(request: Request, value: object) -> bytes:
    """Rows, or whatever holds them, as JSON; times in ISO 8601."""
    return as_json(request, 200, msgspec.json.encode(value))
