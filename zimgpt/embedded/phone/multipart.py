"""Just enough of multipart/form-data for an upload (RFC 7578)."""

from __future__ import annotations

import re
from typing import Final

import attrs

from zimgpt.embedded.phone.refusing import malformed

_BOUNDARY: Final = re.compile(r'multipart/form-data;.*boundary="?([^";]{1,70})"?', re.I)
_NAME: Final = re.compile(rb'[; ]name="([^"]*)"', re.I)
_FILENAME: Final = re.compile(rb'filename="([^"]*)"', re.I)
_TYPE: Final = re.compile(rb"^content-type:[ \t]*([^\r\n]*)", re.I | re.M)


@attrs.frozen
class Part:
    """One field of a form."""

    content: bytes = attrs.field(repr=False)
    filename: str = ""
    mime: str = ""


def read(content_type: str, body: bytes) -> dict[str, Part]:
    """The fields of a form by their names; raises Refused."""
    boundary = _BOUNDARY.match(content_type)
    if boundary is None:
        raise malformed("Content-Type must be multipart/form-data")
    form: dict[str, Part] = {}
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:]:
        head, found, content = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if found and name is not None:
            filename, mime = _FILENAME.search(head), _TYPE.search(head)
            form[name[1].decode()] = Part(
                content,
                filename[1].decode(errors="replace") if filename else "",
                mime[1].decode(errors="replace").strip() if mime else "",
            )
    return form
