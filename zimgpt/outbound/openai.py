"""A model behind OpenAI's chat completions, or behind anything that speaks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import attrs
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.error import ConnectingCancelledError
from twisted.internet.interfaces import IConsumer, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer, IResponse
from zope.interface import implementer

from zimgpt.domain.questions import Message
from zimgpt.flows.models import ModelRefused, RateLimited
from zimgpt.flows.ports import ModelUnreachable, Now, Report, Sink
from zimgpt.outbound.openai_stream import Excerpt, Limits, Stream, cause
from zimgpt.wire import openai as wire

log = Logger()

BUSY = frozenset({429, 503})
PASSING = frozenset({408, 409, 425})
"""Refusals of the 400s that the same request may survive a moment later."""


@attrs.frozen
class OpenAIModel:
    """One model of one upstream; ``url`` ends before ``/chat/completions``."""

    name: str
    url: str
    _http: HTTPClient = attrs.field(repr=False)
    _clock: IReactorTime = attrs.field(repr=False)
    _now: Now = attrs.field(repr=False)
    _key: str = attrs.field(default="", repr=False)
    limits: Limits = attrs.field(factory=Limits)
    limit: wire.Limit = "max_tokens"

    async def write(
        self, prompt: Sequence[Message], max_tokens: int, sink: Sink
    ) -> Report:
        """Streams an answer into the sink until its end; see ``ports.Model``."""
        since = self._clock.seconds()
        body = wire.request(self.name, prompt, max_tokens, self.limit)
        response = await self._send(body)
        if (trouble := _trouble(response)) is not None:
            raise await self._refusal(response, trouble)
        stream = Stream(sink, self._clock, self.limits, since=since)
        try:
            stream.begin(response)
            return await stream.ended
        finally:
            stream.abort()  # does nothing after an end
            self._note(stream)

    async def _send(self, body: bytes) -> IResponse:
        url = self.url.rstrip("/") + "/chat/completions"
        request = self._http.request(
            "POST",
            url,
            headers=self._headers(),
            data=_Body(body),
            allow_redirects=False,
            unbuffered=True,
            reactor=cast(Any, self._clock),  # or it would import the global one
        )
        request.addTimeout(self.limits.first_byte, self._clock, self._too_late)
        try:
            return await request
        except (CancelledError, ModelUnreachable):
            raise
        except Exception as error:
            # Whatever the network and TLS have in store: here it has one name.
            if _was_cancelled(error):
                raise CancelledError from None
            raise ModelUnreachable(cause(Failure(error))) from None

    def _too_late(self, result: object, timeout: float) -> IResponse:  # noqa: ARG002
        raise ModelUnreachable(f"nothing came for {timeout:g} s")

    def _headers(self) -> Headers:
        headers = Headers(
            {
                "Content-Type": ["application/json"],
                "Accept": ["text/event-stream"],
                "User-Agent": ["ZimGPT"],
            }
        )
        if self._key:
            headers.addRawHeader("Authorization", f"Bearer {self._key}")
        return headers

    async def _refusal(self, response: IResponse, trouble: str) -> Exception:
        """The exception for a response that is no stream; its words go to the log."""
        excerpt = Excerpt()
        response.deliverBody(excerpt)
        words = await excerpt.read.addTimeout(2, self._clock, lambda *_: b"")
        log.warn(
            "{model} {trouble}: {words}",
            model=self.name,
            trouble=trouble,
            words=self._discreet(words),
        )
        code = response.code
        if code in BUSY:
            after = _header(response, b"retry-after")
            sent = _header(response, b"date")
            return RateLimited(trouble, wire.retry_after(after, sent, self._now()))
        if 300 <= code < 500 and code not in PASSING:
            return ModelRefused(trouble)
        return ModelUnreachable(trouble)

    def _discreet(self, words: bytes) -> str:
        """One short line without our key: some upstreams repeat what they got."""
        text = " ".join(words.decode(errors="replace").split())
        return (text.replace(self._key, "(key)") if self._key else text)[:300]

    def _note(self, stream: Stream) -> None:
        if stream.why is not None:
            log.warn("{model} broke off: {why}", model=self.name, why=stream.why)
        if stream.reply.doubtful:
            log.error("{model} reported a use beyond belief", model=self.name)


def _trouble(response: IResponse) -> str | None:
    """Why a response is not an open stream; None if it is."""
    if response.code != 200:
        return f"answered with status {response.code}"
    kind = _header(response, b"content-type") or "nothing"
    if kind.partition(";")[0].strip().lower() != "text/event-stream":
        return f"answered with {kind[:60]}"
    coding = _header(response, b"content-encoding") or "identity"
    if coding.strip().lower() != "identity":
        return f"answered in {coding[:60]}"
    return None


def _header(response: IResponse, name: bytes) -> str | None:
    values: Sequence[bytes] = response.headers.getRawHeaders(name, [])
    return values[0].decode("latin-1") if values else None


def _was_cancelled(error: Exception) -> bool:
    """Endpoints and twisted.web have names of their own for our cancelling."""
    if isinstance(error, ConnectingCancelledError):
        return True
    reasons = getattr(error, "reasons", [])
    return any(reason.check(CancelledError) for reason in reasons)


@implementer(IBodyProducer)
class _Body:
    """A body that is sent whole; FileBodyProducer would take turns of the reactor."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.length = len(body)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        consumer.write(self._body)
        return succeed(None)

    def pauseProducing(self) -> None:
        """All is with the transport already."""

    def resumeProducing(self) -> None:
        """All is with the transport already."""

    def stopProducing(self) -> None:
        """All is with the transport already."""
