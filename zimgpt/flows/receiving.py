"""A webhook of the messenger: kept and acknowledged; what it asks for is done later."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import attrs
from twisted.logger import Logger

from zimgpt.flows.ports import Ticket
from zimgpt.flows.ports.contacts import Intake
from zimgpt.flows.ports.post import Post
from zimgpt.wire.whatsapp import troubles
from zimgpt.wire.whatsapp.events import (
    Delivery,
    Fault,
    Item,
    Message,
    Notice,
    Status,
)
from zimgpt.wire.whatsapp.troubles import Trouble

Json = dict[str, Any]

WATCHED = frozenset(
    {
        "account_update",
        "account_alerts",
        "account_review_update",
        "phone_number_quality_update",
        "business_capability_update",
        "security",
    }
)
"""Fields that tell whoever runs this that the number is in danger, or was changed."""


@attrs.frozen
class Receiving:
    """Takes webhooks that concern the number ``_phone_id``."""

    _intake: Intake
    _post: Post
    _phone_id: str
    _node: str
    _publish: Callable[[Ticket], None]

    log = Logger()

    async def receive(self, delivery: Delivery) -> int:
        """Returns how many items were new, when all are committed; raises Unavailable.

        Publishing what they ask for makes nobody wait.
        """
        if not delivery.items:
            return 0
        received = await self._intake.receive(
            [self._row(item) for item in delivery.items], self._node
        )
        for ticket in received.tickets:
            self._publish(ticket)
        if received.fresh:
            await self._alarm(delivery)
        return received.fresh

    def _row(self, item: Item) -> Json:
        row: Json = {
            "key": item.key,
            "kind": "notice",
            "body": base64.b64encode(item.raw).decode(),
        }
        if isinstance(item, Status) and item.number in ("", self._phone_id):
            return row | _status(item)
        if isinstance(item, Message):
            row["at"] = item.at.isoformat() if item.at else None
            return row | self._message(item)
        return row

    def _message(self, message: Message) -> Json:
        """What a lane deals with; nothing for what is none of our business."""
        person = message.person
        ours = message.number == self._phone_id and message.group is None
        if not ours or (person.phone is None and person.bsuid is None):
            return {}
        return {
            "kind": "message",
            "wamid": message.wamid,
            "phone": f"+{person.phone}" if person.phone else None,
            "bsuid": person.bsuid,
        }

    async def _alarm(self, delivery: Delivery) -> None:
        """Tells whoever runs this, and stops sending where sending makes it worse."""
        for item in delivery.items:
            if isinstance(item, Notice) and item.field in WATCHED:
                self.log.critical(
                    "WhatsApp says {name}: {state}", name=item.field, state=item.event
                )
            elif isinstance(item, Fault):
                await self._trouble(item.error.code, item.error.title)
            elif isinstance(item, Status):
                for error in item.errors:
                    await self._trouble(error.code, error.title)

    async def _trouble(self, code: int | None, title: str) -> None:
        trouble = troubles.of(code)
        if troubles.alarming(code, trouble):
            self.log.critical(
                "WhatsApp error {code}: {reason}", code=code, reason=title
            )
        if trouble is Trouble.STOP:
            await self._post.pause_number(None, f"{code}: {title}")


def _status(status: Status) -> Json:
    """News of a message of ours, as the database takes it."""
    error = status.errors[0] if status.errors else None
    trouble = troubles.of(error.code if error else None)
    pricing = status.pricing
    return {
        "kind": "status",
        "wamid": status.wamid,
        "outgoing": _uuid(status.ours),
        "status": "read" if status.status == "played" else status.status,
        "at": status.at.isoformat() if status.at else None,
        "code": error.code if error else None,
        "error": error.title if error else None,
        "class": str(troubles.fate(trouble)),
        "wait": troubles.wait(trouble, 1) or 0.0,
        "category": (pricing.category or None) if pricing else None,
        "billable": pricing.billable if pricing else None,
        "pricing": pricing.type if pricing else None,
    }


def _uuid(text: str | None) -> str | None:
    """Our own id, if it is one: another program's messages may come by here, too."""
    if text is None or len(text) != 36:
        return None
    plain = text.replace("-", "")
    return text if len(plain) == 32 and plain.isalnum() and _hex(plain) else None


def _hex(text: str) -> bool:
    return not set(text) - set("0123456789abcdef")
