"""A model's answer while it comes: bytes are kept until somebody takes their text.

Decoding waits for ``take()``, so a read that brings ten pieces is decoded once, and
the caller decides how often: between its ticks it pauses the stream, and what comes
stays in the kernel. Every end, ours or theirs, passes through ``connectionLost``.
"""

from __future__ import annotations

from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.iweb import IResponse

from zimgpt.domain.answers import Finish
from zimgpt.flows.ports import ModelUnreachable, Report, Sink
from zimgpt.outbound.bodies import hang_up
from zimgpt.wire.openai import Reply

GRACE: Final = 1.0
"""Seconds that a connection may stay open after the model said it was done."""

MOST_WAITING: Final = 256 * 1024
"""Bytes kept undecoded; beyond, they are decoded so that the text's bound holds."""


@attrs.frozen
class Limits:
    """Seconds that a model may take, each since what it names."""

    first_byte: float = 30.0  # of the answer's body, since the request
    idle: float = 20.0  # between any two reads
    whole: float = 300.0  # since the request


class Stream(Protocol):
    """The body of one response; the Source that its sink takes text from."""

    transport: Any  # a proxy without an interface of its own

    def __init__(
        self, sink: Sink, clock: IReactorTime, limits: Limits, *, since: float
    ) -> None:
        self.ended: Deferred[Report] = Deferred(self._cancelled)
        self.reply = Reply()
        self.why: str | None = None
        """What ended it, for the log; None if it ended as it should."""
        self._sink = sink
        self._clock = clock
        self._seconds = clock.seconds
        self._limits = limits
        self._received: list[bytes] = []
        self._waiting = 0
        self._text = ""
        self._told = False
        self._closing = False
        self._stopped = False
        self._paused_at: float | None = None
        # One timer looks again when silence would have lasted `_patience`: putting
        # it off for every read would cost more than the read.
        self._heard = since
        self._patience = limits.first_byte
        self._quiet: IDelayedCall | None = None
        self._whole = clock.callLater(
            max(0.0, since + limits.whole - clock.seconds()),
            self._give_up,
            "it took too long",
        )

    def begin(self, response: IResponse) -> None:
        """Reads the response's body."""
        response.deliverBody(self)
        if self._paused_at is not None:
            # deliverBody resumes at its end, whatever the sink wished meanwhile.
            self.transport.pauseProducing()

    # ---- what the sink does ----

    def take(self) -> str:
        """The text of everything received since the last call."""
        self._told = False
        if self._received:
            self._decode()
        text = self._text
        self._text = ""
        return text

    def pause(self) -> None:
        """Leaves what comes in the network's buffers; silence does not count then."""
        if self._paused_at is None:
            self._paused_at = self._seconds()
            if not self._closing:
                self.transport.pauseProducing()

    def resume(self) -> None:
        """Reads again."""
        if self._paused_at is None:
            return
        now = self._seconds()
        # What was read already may still come after a pause, so never beyond now.
        self._heard = min(now, self._heard + now - self._paused_at)
        self._paused_at = None
        self._told = False  # so that the sink can pause again at the first read
        if not self._closing:
            self.transport.resumeProducing()
            if self._quiet is None:
                self._listen()

    def abort(self) -> None:
        """Closes the stream; its report says STOPPED."""
        if not self._closing:
            self._stopped = True
            self._give_up()

    # ---- what the network does ----

    def connectionMade(self) -> None:
        """The headers were right; the body begins."""
        self._listen()
        self._sink.opened(self)

    def dataReceived(self, data: bytes) -> None:
        """Once for every chunk, so it does as little as possible."""
        if self._closing:
            return
        self._heard = self._seconds()
        self._received.append(data)
        self._waiting += len(data)
        if self._waiting > MOST_WAITING:
            self._decode()
        if self._patience != self._limits.idle:
            self._expect(self._limits.idle)
        if not self._told:
            # Once until it takes or resumes: one read brings many chunks.
            self._told = True
            self._sink.ready()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Reports; what was received and not taken is left for a last ``take()``."""
        surprise = not self._closing
        self._closing = True
        self._rest()
        if self._received:
            self._decode()
        self.why = self.why or self.reply.trouble
        if surprise and not reason.check(ResponseDone, PotentialDataLoss):
            self.why = self.why or cause(reason)
        if not self.ended.called:
            self._report()

    # ---- how it ends ----

    def _report(self) -> None:
        reply = self.reply
        finish = Finish.CUT
        if self._stopped:
            finish = Finish.STOPPED
        elif reply.whole:
            finish = reply.finish or Finish.STOP
            if finish is Finish.CUT:
                self.why = self.why or "it gave up, or wanted a tool"
        else:
            self.why = self.why or "it ended in the middle"
        nothing = finish is Finish.STOP and reply.usage is None
        if reply.size == 0 and (finish is Finish.CUT or nothing):
            self.why = self.why or "it wrote nothing"
            self.ended.errback(ModelUnreachable(self.why))
        else:
            self.ended.callback(Report(finish, reply.usage))

    def _decode(self) -> None:
        data = b"".join(self._received)
        self._received.clear()
        self._waiting = 0
        self._text += self.reply.feed(data)
        if self._closing:
            return
        if self.reply.trouble is not None:
            self._give_up(self.reply.trouble)
        elif self.reply.done and self._patience != GRACE:
            self._expect(GRACE)

    def _give_up(self, why: str | None = None) -> None:
        self._closing = True
        self.why = self.why or why
        self._rest()
        hang_up(self.transport)

    def _cancelled(self, _: Deferred[Report]) -> None:
        self._give_up()

    # ---- how long it may be silent ----

    def _expect(self, patience: float) -> None:
        """From now on, silence may last this long."""
        self._patience = patience
        self._heard = self._seconds()
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None
        if self._paused_at is None:
            self._listen()

    def _listen(self) -> None:
        left = self._heard + self._patience - self._seconds()
        self._quiet = self._clock.callLater(max(0.0, left), self._check)

    def _check(self) -> None:
        self._quiet = None
        if self._paused_at is not None:
            return  # resume() listens again
        if self._seconds() - self._heard < self._patience:
            self._listen()
        elif self.reply.done:
            self._give_up("it said it was done and kept the connection")
        else:
            self._give_up(f"nothing came for {self._patience:g} s")

    def _rest(self) -> None:
        for timer in (self._quiet, self._whole):
            if timer is not None and timer.active():
                timer.cancel()


class Excerpt(Protocol):
    """The first bytes of a refusal, for the log."""

    MOST: Final = 2048

    transport: Any

    def __init__(self) -> None:
        self.read: Deferred[bytes] = Deferred(lambda _: hang_up(self.transport))
        self._data = b""

    def dataReceived(self, data: bytes) -> None:
        """Enough is enough."""
        self._data += data
        if len(self._data) > self.MOST:
            hang_up(self.transport)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002
        """However it ended, it says something."""
        if not self.read.called:
            self.read.callback(self._data[: self.MOST])


def cause(failure: Failure) -> str:
    """The innermost of the reasons that twisted.web gives, for the log."""
    while reasons := getattr(failure.value, "reasons", None):
        failure = reasons[0]
    return f"{type(failure.value).__name__}: {failure.getErrorMessage()}"
