"""The gateway's port: requests as they come over HTTP, answers as slow as they are."""

from __future__ import annotations

from typing import Any, Final

from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.web.http import Request

from zimgpt.embedded.paynow.interface import Answer, Asked, Interface

LARGEST: Final = 64 * 1024


class Door:
    """What merchants' requests come through."""

    app = Klein()

    def __init__(self, clock: IReactorTime, interface: Interface) -> None:
        self._clock = clock
        self._interface = interface

    @app.route("/", branch=True)
    async def _any(self, request: Request) -> bytes:
        assert request.content is not None
        path, _, query = request.uri.decode(errors="replace").partition("?")
        asked = Asked(
            request.method.decode(errors="replace"),
            path,
            query,
            request.getHeader("content-type") or "",
            request.content.read(LARGEST),
        )
        return await self._given(request, self._interface.answer(asked))

    async def _given(self, request: Request, answer: Answer) -> bytes:
        if answer.wait:
            await deferLater(self._clock, answer.wait)
        if answer.broken:
            transport: Any = request.transport
            if transport is not None:
                transport.abortConnection()
            return b""
        request.setResponseCode(answer.code)
        request.setHeader("content-type", answer.sort)
        return answer.body
