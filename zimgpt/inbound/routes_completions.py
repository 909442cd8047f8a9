"""``/v1``: chat completions and models for programs that speak to OpenAI."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, cast

import attrs
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from twisted.web.server import Request

from zimgpt.domain.api_keys import ApiKey, WrongKey
from zimgpt.domain.errors import NotSignedIn, Refusal
from zimgpt.flows.asking import Accepted
from zimgpt.flows.completing import Along, Completing, Wanted
from zimgpt.flows.keyring import Keyring
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import bearer
from zimgpt.inbound.program_errors import body_of, tell
from zimgpt.inbound.refusals import Broken
from zimgpt.inbound.replies import as_json, reply
from zimgpt.inbound.rooms import room, whole
from zimgpt.wire import completions
from zimgpt.wire.completed import (
    DONE,
    WAITING,
    ChatDelta,
    ChatModel,
    ChatModels,
    Heading,
    event,
)
from zimgpt.wire.completions import NoSuchModel, Order

log = Logger()

BORN: Final = 1_767_225_600
"""When our model came to be, says the list of models: 2026 began."""


def _told(self: object, request: IRequest, failure: Failure) -> bytes:  # noqa: ARG001
    return tell(cast(Request, request), failure)


@attrs.frozen
class CompletionRoutes:
    """Routes of programs; ``now`` is the time in UTC."""

    _keyring: Keyring
    _completing: Completing
    _now: Callable[[], datetime]
    router = room(_told)

    @router.route("/v1/models", methods=["GET"])
    @whole
    async def models(self, request: Request) -> bytes:
        """The models there are: one."""
        await self._keyring.known(_secret(request))
        return reply(request, ChatModels([ChatModel(BORN)]))

    @router.route("/v1/models/<model>", methods=["GET"])
    @whole
    async def model(self, request: Request, model: str) -> bytes:
        """One model."""
        await self._keyring.known(_secret(request))
        if model != completions.MODEL:
            raise NoSuchModel
        return reply(request, ChatModel(BORN))

    @router.route("/v1/chat/completions", methods=["POST"])
    @whole
    async def complete(self, request: Request) -> bytes:
        """An answer, whole or as a stream."""
        key = await self._keyring.used(_secret(request))
        body = bodies.raw_json(request)
        order = completions.read(body)
        taken = await self._completing.ask(
            key, _wanted(request, body), order.messages, order.max_tokens
        )
        request.setHeader(b"X-Request-Id", taken.answer.encode())
        writing = _Writing(
            request,
            self._completing,
            key,
            taken,
            Heading(taken.answer, int(self._now().timestamp())),
        )
        return await (writing.stream(order) if order.stream else writing.whole())


def _secret(request: Request) -> str:
    try:
        secret = bearer(request)
    except NotSignedIn:
        secret = None
    if secret is None:
        raise WrongKey("Please send your API key: Authorization: Bearer zg-…")
    return secret


def _wanted(request: Request, body: bytes) -> Wanted:
    given = request.getHeader("Idempotency-Key")
    # The official libraries count the times that they have sent a request before.
    again = request.getHeader("X-Stainless-Retry-Count") not in (None, "0")
    return Wanted(body, given, again)


class _Writing:
    """One answer on its way to a program; the answer goes on without it."""

    def __init__(
        self,
        request: Request,
        completing: Completing,
        key: ApiKey,
        taken: Accepted,
        heading: Heading,
    ) -> None:
        self._request = request
        self._completing = completing
        self._key = key
        self._taken = taken
        self._heading = heading
        self._along: Along = completing.reading(key, taken.answer)
        self._gone = False
        request.notifyFinish().addBoth(self._leave)

    def _leave(self, _reason: object) -> None:
        self._gone = True

    async def whole(self) -> bytes:
        """The body, once the answer has ended."""
        parts: list[str] = []
        while self._along.end is None and not self._gone:
            parts.append(await self._along.more())
        usage = await self._completing.usage(self._key, self._taken.answer)
        body = self._heading.whole("".join(parts), self._along.finish, usage)
        return as_json(self._request, 200, body)

    async def stream(self, order: Order) -> bytes:
        """Sends the parts as they come; what goes wrong is told in the stream."""
        self._request.setHeader(b"Content-Type", b"text/event-stream; charset=utf-8")
        self._request.setHeader(b"Cache-Control", b"no-store")
        self._request.setHeader(b"X-Accel-Buffering", b"no")  # nginx
        try:
            await self._parts(counts=order.include_usage)
        except Refusal as refusal:
            self._send(event(body_of(refusal)))
        except Exception:  # a door: the program is told, and never a traceback
            log.failure("a stream went wrong")
            self._send(event(body_of(Broken())))
        return b""

    async def _parts(self, *, counts: bool) -> None:
        heading, along = self._heading, self._along
        begin = ChatDelta("assistant", "")
        self._send(event(heading.chunk(begin, None, counts=counts)))
        while along.end is None and not self._gone:
            text = await along.more()
            part = heading.chunk(ChatDelta(content=text), None, counts=counts)
            self._send(event(part) if text else WAITING)
        if self._gone:
            return
        self._send(event(heading.chunk(ChatDelta(), along.finish, counts=counts)))
        if counts:
            usage = await self._completing.usage(self._key, self._taken.answer)
            self._send(event(heading.count(usage)))
        self._send(DONE)

    def _send(self, data: bytes) -> None:
        if not self._gone:
            self._request.write(data)
