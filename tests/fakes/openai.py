"""An upstream that speaks /v1/chat/completions, and misbehaves when it is told to.

Its answer is ``w0 w1 w2 …``, so that a test can tell what is missing, doubled or out
of order; a word is a model token. The last question or the model's name says more:

``words:N`` (20 unless said), ``delay:MS`` between words (0), and one of

- ``fault:429-R`` refuses the question once with ``Retry-After: R``, which may be a
  number, ``date`` (an HTTP date 2 s from now), ``none`` or anything else;
  ``fault:429-R-N`` refuses it N times; so does 503, and any other status;
- ``fault:hang`` says nothing, ``fault:hang-headers`` nothing after the headers;
- ``fault:html``, ``fault:redirect-C`` (to a good answer, with status C or 307),
  ``fault:gzip``, ``fault:bomb`` (64 MB of gzip's nothing): answers that are no stream;
- after N words: ``fault:cut-N`` breaks the connection, ``fault:usage-cut-N`` after a
  usage frame, ``fault:stall-N`` falls silent, ``fault:error-in-stream-N``,
  ``fault:broken-json-N``, ``fault:torn-letter-N`` ends within a letter's bytes,
  ``fault:torn-field-N`` within ``data:``, ``fault:tools-N`` wants a tool;
- ``fault:no-done`` ends without saying so, ``fault:linger`` says so and does not end;
- ``fault:no-usage``, ``fault:usage-zero``, ``-absurd``, ``-large`` (more than any
  answer takes), ``-negative``, ``-float``, ``-early`` (before the words);
- ``fault:filtered``, ``fault:silent`` (not a word), ``fault:nothing`` (no event);
- ``fault:letters``: one word more, of letters of 2 to 4 bytes, byte by byte;
- ``fault:odd``: BOM, CR LF, comments, null deltas, no choices, unknown types;
- ``fault:unstorable``: U+0000 and half a surrogate pair in the text;
- ``fault:slow-MS`` is ``delay:MS``; ``fault:drip``: byte by byte, ``delay`` apart;
- ``fault:endless-line-N``: 100 MB without a line end after N words (3);
  ``fault:flood``: words for ever; ``fault:specks``: a million events of a letter.

Asked for a section ``in about N words``, it writes so many, in sentences of ten; asked
to ``Write the outline``, it writes one of three sections.

It looks at pictures and listens to recordings, as ``openai_files`` says.
``python -m tests.fakes.openai PORT`` runs it alone, with ``GET /stats`` and
``GET /requests`` (the last ones, oldest first).
"""

from __future__ import annotations

import json
import sys
from collections import Counter, deque
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from klein import Klein
from twisted.internet.address import IPv4Address
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IListeningPort, IPushProducer, IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import ILogObserver, LogEvent, globalLogBeginner
from twisted.web.http import Request
from twisted.web.server import Site
from zope.interface import implementer

from tests.fakes import openai_files
from tests.fakes.openai_script import Json, Plan, plan, stream

HTML = b"<!doctype html><p>Please sign in to the hotel's network."


@implementer(IPushProducer)
class _Gate:
    """Lets a stream wait until its reader has taken what was sent."""

    def __init__(self) -> None:
        self._waiting: Deferred[None] | None = None

    async def passed(self) -> None:
        if self._waiting is not None:
            await self._waiting

    def pauseProducing(self) -> None:
        if self._waiting is None:
            self._waiting = Deferred()

    def resumeProducing(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)

    def stopProducing(self) -> None:
        """The request's own notice of its end cancels the stream."""


class OpenAI:
    """The upstream; ``key``, if set, is what a request must bring.

    It counts ``calls`` by model, remembers the last ``requests``, and knows how many
    streams are ``open``, how many ``left`` before their end, and its ``clients``.
    """

    app = Klein()

    def __init__(self, clock: IReactorTime, key: str = "") -> None:
        self._clock = clock
        self._key = key
        self.calls: Counter[str] = Counter()
        self.requests: deque[Json] = deque(maxlen=200)
        self.headers: deque[dict[str, str]] = deque(maxlen=200)
        self.elsewhere = 0
        """Requests that followed a redirect."""
        self.open = 0
        self.left = 0
        self.clients: set[tuple[str, int]] = set()
        self.sent = 0
        self._refusals: Counter[str] = Counter()

    def site(self) -> Site:
        """What to listen with."""
        return _Quiet(self.app.resource(), timeout=None)  # type: ignore[no-untyped-call]

    @app.route("/stats", methods=["GET"])
    def _stats(self, _: Request) -> bytes:
        return json.dumps(
            {
                "calls": self.calls,
                "elsewhere": self.elsewhere,
                "open": self.open,
                "left": self.left,
                "clients": len(self.clients),
                "sent": self.sent,
            }
        ).encode()

    @app.route("/requests", methods=["GET"])
    def _requests(self, _: Request) -> bytes:
        return json.dumps(list(self.requests)).encode()

    @app.route("/v1/chat/completions", methods=["POST"])
    async def _chat(self, request: Request) -> bytes:
        bearer = f"Bearer {self._key}"
        given = request.getHeader("authorization") or ""
        if self._key and given != bearer:
            return _refuse(request, 401, f"Incorrect API key provided: {given[7:]}")
        assert request.content is not None
        body = json.load(request.content)
        if (picture := openai_files.picture_of(body)) is not None:
            self.calls[body["model"]] += 1
            return _file(request, picture, seen=True)
        if (wrong := _wrong(body)) is not None:
            return _refuse(request, 400, wrong)
        self._note(request, body)
        wishes = plan(body)
        if wishes.fault.isdigit() and self._refuses(wishes, body):
            return _refuse_as_told(request, wishes)
        match wishes.fault:
            case "hang":
                await self._hang()
            case "html":
                request.setHeader("content-type", "text/html")
                return HTML
            case "redirect":
                request.setResponseCode(int((*wishes.arguments, "307")[0]))
                request.setHeader("location", "/v1/elsewhere")
                return b""
        await self._stream(request, wishes)
        return b""

    @app.route("/v1/audio/transcriptions", methods=["POST"])
    def _listen(self, request: Request) -> bytes:
        if self._key and request.getHeader("authorization") != f"Bearer {self._key}":
            return _refuse(request, 401, "Incorrect API key provided")
        assert request.content is not None
        request.content.seek(0)
        form = request.content.read()
        self.calls["ear" if b'name="model"' in form else "nobody"] += 1
        return _file(request, form, seen=False)

    @app.route("/v1/elsewhere", methods=["GET", "POST"])
    async def _elsewhere(self, request: Request) -> bytes:
        self.elsewhere += 1
        question = [{"role": "user", "content": "words:5"}]
        body = {"model": "other", "messages": question, "max_tokens": 5}
        await self._stream(request, plan(body))
        return b""

    def _note(self, request: Request, body: Json) -> None:
        self.calls[body["model"]] += 1
        self.requests.append(body)
        headers = request.requestHeaders.getAllRawHeaders()
        self.headers.append(
            {name.decode().lower(): value[0].decode() for name, value in headers}
        )
        peer = request.getClientAddress()
        self.clients.add((peer.host, peer.port))

    def _refuses(self, plan: Plan, body: Json) -> bool:
        times = int(plan.arguments[1]) if len(plan.arguments) > 1 else 1
        question = json.dumps([body["model"], body["messages"][-1]])
        self._refusals[question] += 1
        return self._refusals[question] <= times

    async def _stream(self, request: Request, plan: Plan) -> None:
        request.setHeader("content-type", "text/event-stream; charset=utf-8")
        if plan.fault in ("gzip", "bomb"):
            request.setHeader("content-encoding", "gzip")
        gate = _Gate()
        request.registerProducer(gate, True)
        self.open += 1
        try:
            await self._say(request, plan, gate)
        except CancelledError:
            self.left += 1
            raise
        finally:
            self.open -= 1
            request.unregisterProducer()

    async def _say(self, request: Request, plan: Plan, gate: _Gate) -> None:
        request.write(b"")  # the headers
        if plan.fault == "hang-headers":
            await self._hang()
        breaks = plan.breaks()
        for i, event in enumerate(stream(plan), start=-1):  # the role, then words
            if i in breaks:
                await self._break(request, plan)
            await gate.passed()
            request.write(event)
            self.sent += len(event)
            if plan.delay or i % 64 == 0:
                await deferLater(self._clock, plan.delay)
        if plan.fault == "linger":
            await self._hang()

    async def _break(self, request: Request, plan: Plan) -> None:
        # What was written goes out first, so that the fault comes where it should.
        await deferLater(self._clock, 0.02)
        if plan.fault.endswith("cut"):
            transport: Any = request.channel and request.channel.transport
            transport.abortConnection()
        await self._hang()

    async def _hang(self) -> None:
        """Until the client goes away, whereupon klein cancels it."""
        await Deferred()


def _file(request: Request, content: bytes, *, seen: bool) -> bytes:
    return json.dumps(openai_files.answer(request, content, seen=seen)).encode()


def _wrong(body: Json) -> str | None:
    """What the real one would refuse too."""
    limit = body.get("max_tokens", body.get("max_completion_tokens"))
    messages = body.get("messages")
    if not isinstance(body.get("model"), str) or body.get("stream") is not True:
        return "model and stream are required"
    if type(limit) is not int or limit < 1:
        return "the limit must be a positive integer"
    if not messages or any(set(m) != {"role", "content"} for m in messages):
        return "messages must have role and content"
    return None


def _refuse_as_told(request: Request, plan: Plan) -> bytes:
    after = plan.arguments[0] if plan.arguments else "none"
    if after == "date":
        after = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    if after != "none":
        request.setHeader("retry-after", after)
    return _refuse(request, int(plan.fault), "told to refuse")


def _refuse(request: Request, code: int, message: str) -> bytes:
    request.setResponseCode(code)
    request.setHeader("content-type", "application/json")
    return json.dumps({"error": {"message": message, "code": code}}).encode()


class _Quiet(Site):
    def log(self, request: object) -> None:
        """A line for every request would slow the tests down."""


def listen(upstream: OpenAI, port: int = 0) -> tuple[IListeningPort, str]:
    """Where an upstream listens, on loopback, and the URL a client is given."""
    from twisted.internet import reactor

    site: Any = upstream.site()
    listening = reactor.listenTCP(port, site, interface="127.0.0.1")
    address = listening.getHost()
    assert isinstance(address, IPv4Address)
    return listening, f"http://127.0.0.1:{address.port}/v1"


@implementer(ILogObserver)
def _forget(event: LogEvent) -> None:
    """Otherwise events are kept in memory for a log that never begins."""


def main(port: int) -> None:
    """Runs until it is ended; says where it listens."""
    from twisted.internet import reactor

    globalLogBeginner.beginLoggingTo([_forget], redirectStandardIO=False)
    _, url = listen(OpenAI(reactor), port)
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    reactor.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
