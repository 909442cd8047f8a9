"""What the fake upstream makes of files: they say what is written in their bytes.

After ``says:`` in a recording or picture stands, up to a null byte, what is heard or
seen; ``fault:500`` there is refused with that status, ``fault:nonsense`` answered with
something else, and a file that says nothing gives no words.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from twisted.web.http import Request

Json = dict[str, Any]

SAYS = b"says:"


def note_says(text: str) -> bytes:
    """Bytes to put into a recording."""
    return SAYS + text.encode() + b"\x00"


def picture(text: str = "") -> bytes:
    """A PNG, to whoever does not look closely, that shows this text."""
    return b"\x89PNG\r\n\x1a\n" + bytes(8) + (note_says(text) if text else b"")


def picture_of(body: Json) -> bytes | None:
    """The picture of a request that has one."""
    content = body["messages"][-1]["content"]
    if isinstance(content, str):
        return None
    (url,) = (part["image_url"]["url"] for part in content if "image_url" in part)
    return base64.b64decode(url.partition("base64,")[2])


def answer(request: Request, content: bytes, *, seen: bool) -> Json:
    """What is answered about a file; sets the status."""
    request.setHeader("content-type", "application/json")
    found = re.search(SAYS + rb"([^\x00]*)", content)
    words = found[1].decode() if found else ""
    if words == "fault:nonsense":
        return {"object": "list"}
    if words.startswith("fault:"):
        request.setResponseCode(int(words.removeprefix("fault:")))
        return {"error": {"message": "told to refuse"}}
    if not seen:
        return {"text": words}
    message = {"role": "assistant", "content": words or None}
    return {"choices": [{"message": message, "finish_reason": "stop"}]}
