"""One item of a webhook as a value of ours."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec

from zimgpt.wire.whatsapp import people, statuses
from zimgpt.wire.whatsapp.contents import heard
from zimgpt.wire.whatsapp.events import (
    Change,
    Error,
    IdentityNews,
    Mark,
    Marked,
    Message,
    Pricing,
    Status,
)
from zimgpt.wire.whatsapp.fields import (
    Object,
    identifier,
    mapping,
    moment,
    number,
    objects,
    text,
    word,
)
from zimgpt.wire.whatsapp.people import Person

MARKS: Final = {str(mark): mark for mark in Mark}

_CHANGES: Final = {
    "user_changed_number": Change.NUMBER,
    "customer_changed_number": Change.NUMBER,
    "user_changed_user_id": Change.USER_ID,
    "customer_identity_changed": Change.IDENTITY,
}

encode = msgspec.json.Encoder(order="deterministic").encode
"""JSON that is the same for the same thing, in whatever order it came."""


def said(message: Object, wamid: str, person: Person, name: str, ours: str) -> Message:
    """A message that says something, if only something unclear."""
    context = mapping(message.get("context"))
    sort = word(message.get("type"))
    return Message(
        key=_key(wamid),
        raw=encode(message),
        number=ours,
        wamid=wamid,
        person=person,
        name=name,
        at=moment(message.get("timestamp")),
        sort=sort,
        heard=heard(message, sort),
        reply_to=identifier(context.get("id")),
        group=_group(message),
        forwarded=any(
            context.get(key) is True for key in ("forwarded", "frequently_forwarded")
        ),
        errors=errors_of(message),
    )


def news(
    message: Object, wamid: str, person: Person, _: str, ours: str
) -> IdentityNews:
    """A system message: somebody has another number or id."""
    system = mapping(message.get("system"))
    return IdentityNews(
        key=_key(wamid),
        raw=encode(message),
        number=ours,
        wamid=wamid,
        at=moment(message.get("timestamp")),
        change=_CHANGES.get(word(system.get("type")), Change.OTHER),
        person=person,
        became=Person(
            people.phone(system.get("wa_id") or system.get("new_wa_id")),
            people.bsuid(system.get("user_id")),
            people.bsuid(system.get("parent_user_id")),
        ),
    )


def marked(message: Object, wamid: str, person: Person, _: str, ours: str) -> Marked:
    """A reaction, an edit or a revocation."""
    mark = MARKS[message["type"]]
    body = mapping(message.get(mark))
    target = body.get("message_id" if mark is Mark.REACTION else "original_message_id")
    return Marked(
        key=_key(wamid),
        raw=encode(message),
        number=ours,
        wamid=wamid,
        at=moment(message.get("timestamp")),
        mark=mark,
        person=person,
        target=identifier(target),
        emoji=text(body.get("emoji"), 32),
        group=_group(message),
    )


def status_of(status: Object, wamid: str, named: str, ours: str) -> Status:
    """News of a message of ours."""
    return Status(
        key=f"s:{wamid}:{named}",
        raw=encode(status),
        number=ours,
        wamid=wamid,
        status=named,
        rank=statuses.rank(named),
        at=moment(status.get("timestamp")),
        recipient=Person(
            people.phone(status.get("recipient_id")),
            people.bsuid(status.get("recipient_user_id")),
            people.bsuid(status.get("recipient_parent_user_id")),
        ),
        ours=identifier(status.get("biz_opaque_callback_data")),
        pricing=_pricing(status.get("pricing")),
        errors=errors_of(status),
        group=status.get("recipient_type") == "group",
    )


def _pricing(value: object) -> Pricing | None:
    if not isinstance(value, dict):
        return None
    billable = value.get("billable")
    return Pricing(
        billable if isinstance(billable, bool) else None,
        word(value.get("pricing_model")),
        word(value.get("type")),
        word(value.get("category")),
    )


def errors_of(value: Object) -> tuple[Error, ...]:
    return tuple(error_of(error) for error in objects(value.get("errors")))


def error_of(error: Object) -> Error:
    """An error, wherever it stands."""
    data: Any = error.get("error_data")
    details = data if isinstance(data, str) else mapping(data).get("details")
    return Error(
        number(error.get("code")),
        text(error.get("title") or error.get("message")),
        text(details),
        number(error.get("error_subcode")),
    )


def _group(message: Object) -> str | None:
    """The group's id; whatever stands there makes it one."""
    group = message.get("group_id")
    return None if group is None or group == "" else text(group) or "unknown"


def _key(wamid: str) -> str:
    return f"m:{wamid}"


def hashed(sort: str, raw: bytes) -> str:
    """The key of what has no id."""
    return f"{sort}:{hashlib.sha256(raw).hexdigest()}"
