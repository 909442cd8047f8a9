"""Webhooks as Meta writes them: ASCII, lower-case escapes, escaped slashes, signed."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

ACCOUNT: Final = "102290129340398"


@attrs.frozen
class Update:
    """One thing that happened: a message, a status or an error of one number.

    ``where`` is the array of the value that it stands in; for other fields than
    ``messages`` it is the field's name, and ``thing`` the whole value.
    """

    number: str
    where: str
    thing: Mapping[str, Any]
    contacts: tuple[Mapping[str, Any], ...] = ()

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same when it comes again."""
        thing = self.thing
        return self.where, str(thing.get("id", thing)), str(thing.get("status", ""))


def webhook(updates: Sequence[Update], numbers: Mapping[str, str]) -> bytes:
    """The bytes of one webhook with these updates."""
    changes: list[dict[str, Any]] = []
    values: dict[str, dict[str, Any]] = {}
    for update in updates:
        if update.where not in ("messages", "statuses", "errors"):
            changes.append({"field": update.where, "value": update.thing})
            continue
        if update.number not in values:
            values[update.number] = _value(update.number, numbers)
            changes.append({"field": "messages", "value": values[update.number]})
        value = values[update.number]
        value.setdefault(update.where, []).append(update.thing)
        for contact in update.contacts:
            if contact not in value.setdefault("contacts", []):
                value["contacts"].append(contact)
    entry = {"id": ACCOUNT, "changes": changes}
    return written({"object": "whatsapp_business_account", "entry": [entry]})


def written(top: object) -> bytes:
    """JSON as Meta escapes it."""
    return json.dumps(top, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def signed(body: bytes, secret: str) -> str:
    """The header X-Hub-Signature-256."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def _value(number: str, numbers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": numbers.get(number, ""),
            "phone_number_id": number,
        },
    }
