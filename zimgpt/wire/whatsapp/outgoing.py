"""What is sent: the JSON for ``POST /<our number>/messages``, within all limits.

There is no idempotency key. ``our_id`` comes back on every status of the message, which
is how an unknown outcome is resolved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, assert_never

import msgspec

from zimgpt.domain.messages import (
    Buttons,
    Choices,
    Document,
    Link,
    Message,
    Text,
)
from zimgpt.wire.whatsapp import limits
from zimgpt.wire.whatsapp.limits import (
    OverLimit,
    distinct,
    number_of,
    optional,
    required,
)
from zimgpt.wire.whatsapp.people import Person

Json = dict[str, Any]

_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode


class NoAddress(Exception):  # noqa: N818 - what is missing
    """This person has neither a number nor an id to send to."""


def send(
    to: Person,
    message: Message,
    *,
    our_id: str,
    reply_to: str | None = None,
    media: str | None = None,
) -> bytes:
    """A message's body; ``media`` is the uploaded file's id, for a document.

    Raises OverLimit for what WhatsApp would refuse.
    """
    body: Json = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_address(to),
        **_content(message, media),
        "biz_opaque_callback_data": required("our_id", our_id, limits.OUR_ID),
    }
    if reply_to is not None:
        body["context"] = {"message_id": required("reply_to", reply_to, limits.WAMID)}
    return _encode(body)


def read(wamid: str, *, typing: bool = False) -> bytes:
    """Marks a person's message, and all before it, as read; may show that we type.

    Typing is shown until our next message, for 25 seconds at most.
    """
    body: Json = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": required("message_id", wamid, limits.WAMID),
    }
    if typing:
        body["typing_indicator"] = {"type": "text"}
    return _encode(body)


def upload(mime: str) -> dict[str, str]:
    """The fields that go with a file in ``POST /<our number>/media``."""
    return {"messaging_product": "whatsapp", "type": mime}


def _address(to: Person) -> Json:
    if to.phone is not None:
        return {"to": "+" + to.phone}
    if to.bsuid is not None:
        return {"recipient": to.bsuid}
    raise NoAddress


def _content(message: Message, media: str | None) -> Json:
    match message:
        case Text():
            return {"type": "text", "text": _text(message)}
        case Buttons():
            return {"type": "interactive", "interactive": _buttons(message)}
        case Choices():
            return {"type": "interactive", "interactive": _choices(message)}
        case Link():
            return {"type": "interactive", "interactive": _link(message)}
        case Document():
            return {"type": "document", "document": _document(message, media)}
        case _:
            assert_never(message)


def _text(message: Text) -> Json:
    return {
        "preview_url": False,
        "body": required("text.body", message.body, limits.TEXT),
    }


def _buttons(message: Buttons) -> Json:
    number_of("buttons", len(message.buttons), limits.BUTTONS)
    distinct("button.id", [button.id for button in message.buttons])
    distinct("button.title", [button.title for button in message.buttons])
    replies = [
        {
            "id": required("button.id", button.id, limits.BUTTON_ID),
            "title": required("button.title", button.title, limits.BUTTON_TITLE),
        }
        for button in message.buttons
    ]
    return {
        "type": "button",
        **_words(message.body, message.footer, limits.BODY),
        "action": {"buttons": [{"type": "reply", "reply": reply} for reply in replies]},
    }


def _choices(message: Choices) -> Json:
    number_of("rows", len(message.rows), limits.ROWS)
    distinct("row.id", [row.id for row in message.rows])
    rows = []
    for row in message.rows:
        line = {
            "id": required("row.id", row.id, limits.ROW_ID),
            "title": required("row.title", row.title, limits.ROW_TITLE),
        }
        if row.description:
            line["description"] = optional(
                "row.description", row.description, limits.ROW_DESCRIPTION
            )
        rows.append(line)
    label = required("list.label", message.label, limits.LIST_LABEL)
    return {
        "type": "list",
        **_words(message.body, message.footer, limits.LIST_BODY),
        "action": {"button": label, "sections": [{"rows": rows}]},
    }


def _link(message: Link) -> Json:
    if not message.url.startswith(("https://", "http://")):
        raise OverLimit("link.url", "must begin with https:// or http://")
    parameters = {
        "display_text": required("link.label", message.label, limits.LINK_LABEL),
        "url": required("link.url", message.url, limits.LINK_URL),
    }
    return {
        "type": "cta_url",
        **_words(message.body, message.footer, limits.BODY),
        "action": {"name": "cta_url", "parameters": parameters},
    }


def _words(body: str, footer: str, most: int) -> Json:
    words: Json = {"body": {"text": required("body", body, most)}}
    if footer:
        words["footer"] = {"text": required("footer", footer, limits.FOOTER)}
    return words


def _document(message: Document, media: str | None) -> Json:
    if not media:
        raise OverLimit("document.id", "is empty")
    document = {
        "id": media,
        "filename": required("document.filename", message.filename, limits.FILENAME),
    }
    if message.caption:
        document["caption"] = optional(
            "document.caption", message.caption, limits.CAPTION
        )
    return document
