"""The walk through a webhook: entries, changes, values, and the items in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from zimgpt.wire.whatsapp import people
from zimgpt.wire.whatsapp.events import Delivery, Fault, Item, Notice, Other
from zimgpt.wire.whatsapp.fields import (
    Object,
    identifier,
    mapping,
    objects,
    sequence,
    text,
    word,
)
from zimgpt.wire.whatsapp.items import (
    MARKS,
    encode,
    error_of,
    hashed,
    marked,
    news,
    said,
    status_of,
)
from zimgpt.wire.whatsapp.people import Person

ALARMS: Final = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_update",
        "business_capability_update",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "phone_number_username_update",
        "security",
        "template_category_update",
    }
)
"""Fields that tell whoever runs the account something."""


class Reader:
    """What has been found so far, each key once: the first one stays."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._junk: Counter[str] = Counter()

    def delivery(self) -> Delivery:
        """All of it."""
        return Delivery(tuple(self._items.values()), dict(self._junk))

    def entries(self, value: object) -> None:
        """Reads every entry of a webhook."""
        for entry in self._objects("entry", value):
            for change in self._objects("change", entry.get("changes")):
                self._change(entry, change)

    def other(self, name: str, thing: object) -> None:
        """Keeps something under a name."""
        raw = encode(thing)
        self._keep(Other(key=hashed("o", raw), raw=raw, name=name))

    def _change(self, entry: Object, change: Object) -> None:
        field = word(change.get("field"))
        value = change.get("value")
        if field == "messages" and isinstance(value, dict):
            self._value(value)
        elif field in ALARMS:
            kept = {key: entry[key] for key in ("id", "time") if key in entry}
            raw = encode({**kept, "field": field, "value": value})
            event = word(mapping(value).get("event"))
            self._keep(Notice(key=hashed("n", raw), raw=raw, field=field, event=event))
        else:
            self.other("field:" + (field or "none"), change)

    def _value(self, value: Object) -> None:
        metadata = mapping(value.get("metadata"))
        contacts = list(objects(value.get("contacts")))
        at = _Place(
            number=text(metadata.get("phone_number_id")),
            display=people.phone(metadata.get("display_phone_number")),
            contacts=contacts,
        )
        for message in self._objects("message", value.get("messages")):
            self._message(message, at)
        for status in self._objects("status", value.get("statuses")):
            self._status(status, at)
        for error in self._objects("error", value.get("errors")):
            raw = encode({"number": at.number, **error})
            fault = Fault(
                key=hashed("e", raw), raw=raw, number=at.number, error=error_of(error)
            )
            self._keep(fault)

    def _message(self, message: Object, at: _Place) -> None:
        wamid = identifier(message.get("id"))
        person, name = at.sender(message)
        if wamid is None:
            self.other("message:without id", message)
        elif not person.known:
            self.other("message:without sender", message)
        elif person.phone is not None and person.phone == at.display:
            self.other("message:from ourselves", message)
        else:
            sort = word(message.get("type"))
            self._keep(_item(sort)(message, wamid, person, name, at.number))

    def _status(self, status: Object, at: _Place) -> None:
        wamid = identifier(status.get("id"))
        named = word(status.get("status"))
        if wamid is None or not named:
            self.other("status:without id", status)
            return
        self._keep(status_of(status, wamid, named, at.number))

    def _keep(self, item: Item) -> None:
        self._items.setdefault(item.key, item)

    def _objects(self, name: str, value: object) -> list[Object]:
        """The objects of an array; what else is in it, or instead of it, is counted."""
        if value is None:
            return []
        every = sequence(value)
        good = [item for item in every if isinstance(item, dict)]
        odd = len(every) - len(good) if isinstance(value, list) else 1
        if odd:
            self._junk[name] += odd
        return good


class _Place:
    """Our number that a value is about, and whom it names."""

    def __init__(
        self, number: str, display: str | None, contacts: list[Object]
    ) -> None:
        self.number = number
        self.display = display
        self._by_id: dict[str, Object] = {}
        for contact in contacts:
            for key in ("user_id", "wa_id"):
                known = contact.get(key)
                if isinstance(known, str) and known:
                    self._by_id.setdefault(known, contact)

    def sender(self, message: Object) -> tuple[Person, str]:
        """Who sent it, by the message's own fields, and the name shown for them.

        A contact only adds to that, and only the one with the same number or id: the
        first one may be somebody else.
        """
        phone = people.phone(message.get("from"))
        if phone is None and message.get("from"):
            return Person(), ""  # whatever wrote that is not to be believed at all
        bsuid = people.bsuid(message.get("from_user_id"))
        contact = self._by_id.get(bsuid or "") or self._by_id.get(phone or "") or {}
        parent = message.get("from_parent_user_id") or contact.get("parent_user_id")
        if bsuid is None and phone is not None:
            bsuid = people.bsuid(contact.get("user_id"))
        if phone is None and bsuid is not None:
            phone = people.phone(contact.get("wa_id"))
        name = text(mapping(contact.get("profile")).get("name"), 100)
        return Person(phone, bsuid, people.bsuid(parent)), name


def _item(sort: str) -> Callable[[Object, str, Person, str, str], Item]:
    if sort == "system":
        return news
    return marked if sort in MARKS else said
