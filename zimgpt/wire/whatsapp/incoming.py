"""A webhook's bytes as a ``Delivery``: everything in all entries and changes of it.

Nothing that is signed may be answered with an error, for it would come again for days.
So this reads what can be read: unknown fields are ignored, wrong types are absent, junk
never stops its neighbours, and what is not understood is kept under a name.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from zimgpt.wire import strict
from zimgpt.wire.whatsapp import fields
from zimgpt.wire.whatsapp.events import Delivery
from zimgpt.wire.whatsapp.reading import Reader

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a webhook; the documented maximum is 3 MB."""

DEEPEST: Final = 64
"""Levels of nesting; real ones have about ten."""

OBJECT: Final = "whatsapp_business_account"

_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class MalformedBody(Exception):  # noqa: N818 - named for what came, like the refusals
    """This is not a webhook of WhatsApp."""


def read(body: bytes) -> Delivery:
    """Everything that a webhook tells; raises MalformedBody, and nothing else."""
    if len(body) > LARGEST:
        raise MalformedBody("This webhook is too large.")
    if strict.depth(body) > DEEPEST:
        raise MalformedBody("This webhook is nested too deeply.")
    top = _decoded(body)
    if not isinstance(top, dict):
        raise MalformedBody("This webhook is not a JSON object.")
    reader = Reader()
    if top.get("object") == OBJECT:
        reader.entries(top.get("entry"))
    else:
        reader.other("object:" + (fields.word(top.get("object")) or "none"), top)
    return reader.delivery()


def _decoded(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        value = _decoder.decode(body)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors
        value = _unusual(body)
        return fields.storable(value)
    return fields.storable(value) if b"\\u0000" in body else value


def _unusual(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """What only this decoder lets pass: half characters, a BOM, NaN, endless digits."""
    try:
        return json.loads(body, parse_int=_integer, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise MalformedBody("This webhook is not JSON.") from None


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= 18 else None
