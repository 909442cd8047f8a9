"""What a person did, by a message's type; what cannot be read is ``Unclear``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from zimgpt.domain.heard import Chose, Heard, MediaKind, Said, Sent, Unclear
from zimgpt.wire.whatsapp.fields import Object, hexadecimal, mapping, text, word

CAPTION: Final = 4096  # characters; WhatsApp's own limit is a quarter of it
FILENAME: Final = 240

_MEDIA: Final = re.compile(r"[0-9]{1,40}", re.ASCII)
_MIME: Final = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}", re.ASCII)
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"})


def heard(message: Object, sort: str) -> Heard:
    """What the message says; never raises."""
    if sort in _UNREADABLE_WITH_ERRORS and message.get("errors"):
        return Unclear(sort)
    read = _READERS.get(sort)
    found = read(mapping(message.get(sort)), sort) if read is not None else None
    return found if found is not None else Unclear(_said(message, sort))


def _said(message: Object, sort: str) -> str:
    """WhatsApp's word for what this is, with its own sort if it has one."""
    if not sort:
        return "unknown"
    inner = word(mapping(message.get(sort)).get("type"))
    return f"{sort}:{inner}" if inner else sort


def _text(body: Object, _: str) -> Heard | None:
    said = text(body.get("body"), most=None)
    return Said(said) if _visible(said) else None


def _visible(said: str) -> bool:
    return any(unicodedata.category(c) not in _INVISIBLE for c in said)


def _interactive(body: Object, _: str) -> Heard | None:
    sort = word(body.get("type"))
    if sort not in ("button_reply", "list_reply"):
        return None
    return _chose(mapping(body.get(sort)), "id", "title")


def _button(body: Object, _: str) -> Heard | None:
    return _chose(body, "payload", "text") or _text({"body": body.get("text")}, "")


def _chose(tapped: Object, id_key: str, title_key: str) -> Heard | None:
    chosen = text(tapped.get(id_key))
    return Chose(chosen, text(tapped.get(title_key))) if chosen else None


def _file(body: Object, sort: str) -> Heard | None:
    """A file that can be fetched: its id goes into an address, so it is digits."""
    media = body.get("id")
    if not isinstance(media, str) or _MEDIA.fullmatch(media) is None:
        return None
    return Sent(
        kind=_KINDS[sort],
        media=media,
        mime=_mime(body.get("mime_type")),
        sha256=hexadecimal(body.get("sha256")),
        caption=text(body.get("caption"), CAPTION),
        filename=_filename(body.get("filename")),
    )


def _mime(value: object) -> str:
    """Without its parameters: ``audio/ogg; codecs=opus`` is ``audio/ogg``."""
    mime = text(value).partition(";")[0].strip().lower()
    return mime if _MIME.fullmatch(mime) else ""


def _filename(value: object) -> str:
    """The last part of a name, for showing: no folders, nothing invisible."""
    name = re.split(r"[/\\]", text(value, 4096))[-1]
    return "".join(c for c in name if c.isprintable()).strip(". ")[:FILENAME]


_KINDS: Final = {
    "image": MediaKind.IMAGE,
    "audio": MediaKind.VOICE,  # also a recording that was forwarded as a file
    "document": MediaKind.DOCUMENT,
}
_READERS: Final[Mapping[str, Callable[[Object, str], Heard | None]]] = {
    "text": _text,
    "interactive": _interactive,
    "button": _button,
    **dict.fromkeys(_KINDS, _file),
}
_UNREADABLE_WITH_ERRORS: Final = frozenset(_KINDS)
