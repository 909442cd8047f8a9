"""What the doors of a double answer: files of a page, JSON, orders, news."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import PurePath
from typing import Any, Final

from twisted.internet.defer import CancelledError, Deferred
from twisted.web.http import Request

Json = dict[str, Any]
Order = Callable[[Json], Json]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
SORTS: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}


def page(request: Request, package: str, name: str) -> bytes:
    """A file of the package's folder ``pages``; 404 with nothing if it has none."""
    sort = SORTS.get(PurePath(name).suffix)
    file = files(package).joinpath("pages", name)
    if sort is None or not file.is_file():
        request.setResponseCode(404)
        return b""
    request.setHeader("content-type", sort)
    request.setHeader("content-security-policy", POLICY)
    request.setHeader("cache-control", "no-store")
    return file.read_bytes()


def said(request: Request, what: object) -> bytes:
    """This as JSON."""
    request.setHeader("content-type", "application/json; charset=utf-8")
    request.setHeader("cache-control", "no-store")
    return json.dumps(what).encode()


def foreign(request: Request) -> bool:
    """Whether another page's script asks; it is refused with 403."""
    if request.getHeader("sec-fetch-site") in (None, "same-origin"):
        return False
    request.setResponseCode(403)
    return True


def obey(
    request: Request, orders: Mapping[str, Order], name: str, refusal: type[Exception]
) -> bytes:
    """The order of this name, done with the request's JSON; 400 with what was wrong."""
    assert request.content is not None
    try:
        body = json.loads(request.content.read() or b"{}")
        return said(request, orders[name](body))
    except (KeyError, TypeError, ValueError, refusal) as error:
        request.setResponseCode(400)
        return said(request, {"error": f"{type(error).__name__}: {error}"})


async def news(
    request: Request, watch: Callable[[Callable[[str], None]], Callable[[], None]]
) -> bytes:
    """Server-sent events with what ``watch`` tells, until the page goes away."""
    request.setHeader("content-type", "text/event-stream")
    request.setHeader("cache-control", "no-store")
    request.write(b": here\n\n")
    stop = watch(
        lambda id: request.write(b"data: " + json.dumps(id).encode() + b"\n\n")
    )
    try:
        await Deferred()
    except CancelledError:
        pass
    finally:
        stop()
    return b""
