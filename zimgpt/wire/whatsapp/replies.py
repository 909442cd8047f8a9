"""What the Graph API answers: acceptances, media, and errors as values.

A 200 to a message means accepted; whether it arrives, its statuses tell.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import attrs
import msgspec

from zimgpt.wire import strict
from zimgpt.wire.whatsapp import fields, people
from zimgpt.wire.whatsapp.fields import Object, identifier, mapping, number, text
from zimgpt.wire.whatsapp.people import Person

MOST: Final = 256 * 1024
"""Bytes of an answer; real ones have a few hundred."""

_MEDIA: Final = re.compile(r"[0-9]{1,40}", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{1,6}", re.ASCII)

_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class UnclearReply(Exception):  # noqa: N818 - named for what came
    """WhatsApp's answer is not understood, so nobody knows what was done."""


@attrs.frozen
class Accepted:
    """A message was taken; ``person`` is who it goes to, as WhatsApp knows them."""

    wamid: str
    person: Person
    status: str = ""


@attrs.frozen
class Place:
    """Where a file's bytes are for five minutes, and what they are said to be."""

    media: str
    url: str = attrs.field(repr=False)
    mime: str = ""
    sha256: str = ""
    size: int | None = None


@attrs.frozen
class GraphError:
    """A refusal. ``wait`` is in seconds, where one was asked for."""

    http: int
    code: int | None = None
    subcode: int | None = None
    message: str = ""
    details: str = ""
    transient: bool = False
    wait: float | None = None
    trace: str = ""


def accepted(body: bytes) -> Accepted:
    """What a 200 to a message says; raises UnclearReply."""
    said = _object(body)
    message = _first(said, "messages")
    contact = _first(said, "contacts")
    wamid = identifier(message.get("id"))
    if wamid is None:
        raise UnclearReply("WhatsApp's answer names no message.")
    person = Person(
        people.phone(contact.get("wa_id")), people.bsuid(contact.get("user_id"))
    )
    return Accepted(wamid, person, fields.word(message.get("message_status")))


def done(body: bytes) -> bool:
    """Whether a read mark, or typing, was taken; raises UnclearReply."""
    return _object(body).get("success") is True


def uploaded(body: bytes) -> str:
    """The id of an uploaded file; raises UnclearReply."""
    return _media(_object(body))


def place(body: bytes) -> Place:
    """Where a file is, by the look-up of its id; raises UnclearReply."""
    said = _object(body)
    url = said.get("url")
    if not isinstance(url, str) or not 0 < len(url) <= 4096:
        raise UnclearReply("WhatsApp's answer names no address of the file.")
    size = number(said.get("file_size"))
    return Place(
        media=_media(said),
        url=url,
        mime=text(said.get("mime_type")).partition(";")[0].strip().lower(),
        sha256=fields.hexadecimal(said.get("sha256")),
        size=size if size is not None and size >= 0 else None,
    )


def refusal(
    http: int,
    body: bytes,
    *,
    retry_after: str | None = None,
    usage: str | None = None,
) -> GraphError:
    """What another status than 200 says; never raises.

    ``usage`` is the header ``X-Business-Use-Case-Usage``, whose waits are in minutes.
    """
    wait = _wait(retry_after, usage)
    try:
        error = mapping(_object(body).get("error"))
    except UnclearReply:
        return GraphError(http, wait=wait)
    data = error.get("error_data")
    details = data if isinstance(data, str) else mapping(data).get("details")
    return GraphError(
        http,
        number(error.get("code")),
        number(error.get("error_subcode")),
        text(error.get("message")),
        text(details),
        error.get("is_transient") is True,
        wait,
        text(error.get("fbtrace_id"), 64),
    )


def _object(body: bytes) -> Object:
    if len(body) > MOST or strict.depth(body) > strict.DEEPEST:
        raise UnclearReply("WhatsApp's answer is beyond all reason.")
    try:
        said = _decoder.decode(body)
    except (ValueError, RecursionError):
        raise UnclearReply("WhatsApp's answer is not JSON.") from None
    if not isinstance(said, dict):
        raise UnclearReply("WhatsApp's answer is not a JSON object.")
    return mapping(fields.storable(said))


def _first(said: Object, key: str) -> Object:
    return next(fields.objects(said.get(key)), {})


def _media(said: Object) -> str:
    media = said.get("id")
    media = str(media) if type(media) is int else media
    if not isinstance(media, str) or _MEDIA.fullmatch(media) is None:
        raise UnclearReply("WhatsApp's answer names no file.")
    return media


def _wait(retry_after: str | None, usage: str | None) -> float | None:
    waits = []
    if retry_after is not None and _SECONDS.fullmatch(retry_after.strip()):
        waits.append(float(retry_after))
    try:
        businesses = mapping(json.loads(usage or "null"))
    except (ValueError, RecursionError):
        businesses = {}
    for cases in businesses.values():
        for case in fields.objects(cases):
            minutes = number(case.get("estimated_time_to_regain_access"))
            if minutes is not None and minutes > 0:
                waits.append(minutes * 60.0)
    return max(waits, default=None)
