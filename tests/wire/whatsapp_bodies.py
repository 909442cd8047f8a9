"""Webhooks as WhatsApp writes them, put together from their parts."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

NUMBER = "106540352242922"
PHONE = "263771234567"
BSUID = "ZW.1502576394655843"
WAMID = "wamid.HBgMMjYzNzcxMjM0NTY3FQIAEhgUM0E="


def message(sort: str, body: object = None, **more: object) -> Json:
    """A message of a type, from the usual person; None takes a field away."""
    fields: Json = {
        "from": PHONE,
        "from_user_id": BSUID,
        "id": WAMID,
        "timestamp": "1790000000",
        "type": sort,
        sort: body,
        **more,
    }
    return {key: value for key, value in fields.items() if value is not None}


def status(named: str = "sent", **more: object) -> Json:
    """News of a message of ours."""
    fields: Json = {
        "id": WAMID,
        "status": named,
        "timestamp": "1790000000",
        "recipient_id": PHONE,
        **more,
    }
    return {key: value for key, value in fields.items() if value is not None}


def value(**more: object) -> Json:
    """What a change of the field ``messages`` has; None takes a field away."""
    fields: Json = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": "15550783881",
            "phone_number_id": NUMBER,
        },
        "contacts": [
            {"profile": {"name": "Tendai"}, "wa_id": PHONE, "user_id": BSUID},
        ],
        **more,
    }
    return {key: part for key, part in fields.items() if part is not None}


def webhook(*values: object, field: str = "messages") -> Json:
    """A webhook with one change for each value."""
    changes = [{"field": field, "value": value} for value in values]
    entry = {"id": "102290129340398", "changes": changes}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def body(top: object) -> bytes:
    """A webhook's bytes: ASCII, as WhatsApp sends them, with escaped slashes."""
    return json.dumps(top, separators=(",", ":")).replace("/", "\\/").encode()


def messages(*every: object, **more: object) -> bytes:
    """A webhook with these messages."""
    return body(webhook(value(messages=list(every), **more)))


def statuses(*every: object, **more: object) -> bytes:
    """A webhook with these statuses."""
    return body(webhook(value(statuses=list(every), **more)))
