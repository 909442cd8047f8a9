"""The people who have a phone here."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.define
class Person:
    """Somebody on WhatsApp. ``shows_phone`` is False for those with a username: their
    number is left out of webhooks, and only their id answers them."""

    id: str
    name: str
    phone: str
    bsuid: str
    shows_phone: bool = True
    reachable: bool = True

    @property
    def contact(self) -> dict[str, object]:
        """As in ``contacts`` of a webhook."""
        contact: dict[str, object] = {
            "profile": {"name": self.name},
            "user_id": self.bsuid,
        }
        if self.shows_phone:
            contact["wa_id"] = self.phone
        return contact

    @property
    def sender(self) -> dict[str, object]:
        """As in a message of theirs."""
        sender: dict[str, object] = {"from_user_id": self.bsuid}
        if self.shows_phone:
            sender["from"] = self.phone
        return sender

    @property
    def recipient(self) -> dict[str, object]:
        """As in a status of a message to them."""
        recipient: dict[str, object] = {"recipient_user_id": self.bsuid}
        if self.shows_phone:
            recipient["recipient_id"] = self.phone
        return recipient


def usual() -> list[Person]:
    """Who is there at the start: most show their number, one does not. Chipo has the
    numbering plan's own example, which the demo account of ``make run`` has, too."""
    return [
        Person("tendai", "Tendai", "263771234567", "ZW.1502576394655843"),
        Person("nomsa", "Nomsa", "263772345678", "ZW.2713398842109377"),
        Person("rudo", "Rudo", "263713456789", "ZW.9940127356620184", False),
        Person("chipo", "Chipo", "263712345678", "ZW.4418820937715526"),
    ]


NUMBER: Final = "106540352242922"
"""The id of the business's number, unless another is chosen."""

DISPLAY: Final = "15550783881"
