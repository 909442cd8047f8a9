"""Messages of people that were kept, read again when their turn comes."""

from __future__ import annotations

from typing import Any, Final

import attrs
import msgspec

from zimgpt.domain.heard import Heard, Unclear
from zimgpt.wire.whatsapp.contents import heard
from zimgpt.wire.whatsapp.fields import identifier, mapping, word

_decoder: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder()


@attrs.frozen
class Stored:
    """What somebody said, and the id by which it can be quoted."""

    wamid: str | None
    heard: Heard


def stored(raw: bytes) -> Stored:
    """What the bytes of ``Message.raw`` say; never raises."""
    try:
        message = mapping(_decoder.decode(raw))
    except (ValueError, RecursionError):
        return Stored(None, Unclear("unknown"))
    sort = word(message.get("type"))
    return Stored(identifier(message.get("id")), heard(message, sort))
