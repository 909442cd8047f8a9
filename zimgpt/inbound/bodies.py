"""What a request says: its JSON body and its query, decoded strictly."""

from __future__ import annotations

import re
from typing import Final, TypeVar

import msgspec
from twisted.web.server import Request

from zimgpt.domain.errors import BadRequest, NotFound
from zimgpt.inbound.refusals import NotJson
from zimgpt.wire import strict

T = TypeVar("T")

JSON: Final = re.compile(
    rb"application/json(?:[ \t]*;[ \t]*charset=\"?utf-8\"?)?[ \t]*", re.IGNORECASE
)
UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def read(request: Request, decoder: msgspec.json.Decoder[T]) -> T:
    """The JSON body; raises NotJson for other media and BadRequest for other shapes.

    A form, or text, that another site can make a browser send without asking us
    first is refused by its type.
    """
    return strict.decode(decoder, raw_json(request))


def raw_json(request: Request) -> bytes:
    """The bytes of a body that says it is JSON; raises NotJson."""
    kinds = request.requestHeaders.getRawHeaders(b"Content-Type", [])
    if len(kinds) != 1 or not JSON.fullmatch(kinds[0]):
        raise NotJson
    assert request.content is not None  # the server reads it before it asks us
    body: bytes = request.content.read()
    return body


def query(request: Request, kind: type[T]) -> T:
    """The query string as a struct; raises BadRequest for anything it has no field for.

    Numbers are understood in their written form; a name may come once.
    """
    asked: dict[str, str] = {}
    for name, values in (request.args or {}).items():
        try:
            key, [text] = name.decode(), [value.decode() for value in values]
        except ValueError:
            raise BadRequest(
                "A part of this query is not UTF-8, or is there twice."
            ) from None
        if "\x00" in text:
            raise BadRequest("This text has characters that cannot be stored.")
        asked[key] = text
    try:
        return msgspec.convert(asked, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"This query is not understood: {error}.") from None


def identifier(text: str) -> str:
    """An id in its one form; what cannot be one of ours is not found."""
    if not UUID.fullmatch(text):
        raise NotFound
    return text.lower()
