"""One client's end of ``zimgpt.v1``: what it asks, reads and is told.

Knows nothing of websockets: a ``Line`` takes the payloads. Text goes out in frames
that leave out what the client knows (wire/session.py); with the data saver on it is
gathered for a second, because every frame has a price of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, assert_never

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from zimgpt.domain.accounts import Session, UserId, Wallet
from zimgpt.domain.answers import State, sentence
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import Refusal
from zimgpt.domain.ids import known_shape
from zimgpt.domain.questions import Kind
from zimgpt.flows.asking import Accepted, Question
from zimgpt.flows.following import Subscription
from zimgpt.flows.ports import End, Reading
from zimgpt.wire import session as wire

SLOW_EVERY: Final = 1.0
"""Seconds for which the data saver gathers text."""

MOST_AT_ONCE: Final = 32
"""Requests of one client that may be under way."""


class TooManyRequests(Refusal):
    """Too many requests at once. Please wait for answers before sending more."""

    code = "too_fast"


class Line(Protocol):
    """Where payloads go."""

    @property
    def clear(self) -> bool:
        """Whether the client keeps up."""
        ...

    def send(self, payload: bytes) -> None:
        """Sends one text message."""
        ...


class Desk(Protocol):
    """What a link may ask of the rest of the program."""

    async def ask(self, user: UserId, question: Question, channel: str) -> Accepted:
        """Commits a question."""
        ...

    async def follow(
        self,
        subscription: Subscription,
        epoch: int,
        seq: int,
        announce: Callable[[Reading], None],
    ) -> None:
        """Joins an answer from the client's place in it."""
        ...

    def join(self, subscription: Subscription) -> None:
        """Joins an answer that has not begun."""
        ...

    def leave(self, subscription: Subscription) -> None:
        """Leaves an answer, which goes on."""
        ...

    def resume(self, subscription: Subscription) -> None:
        """Brings a reader that was too slow up to date."""
        ...

    async def stop(self, user: UserId, answer: AnswerId) -> None:
        """Ends an answer early."""
        ...

    async def wallet(self, user: UserId) -> Wallet:
        """The balances."""
        ...


class Link:
    """One connected client; a reader of every answer it follows."""

    log = Logger()

    def __init__(
        self, reactor: IReactorTime, desk: Desk, session: Session, line: Line
    ) -> None:
        self.session = session
        self._reactor = reactor
        self._desk = desk
        self._line = line
        self._following: dict[int, Subscription] = {}
        self._tags = 0
        self._last_tag = 0  # of the text frame before
        self._under_way = 0
        self._gathered: dict[Subscription, list[str]] | None = None
        self._timer: IDelayedCall | None = None

    # ---- from the client

    def heard(self, payload: bytes) -> None:
        """Acts on one message; what is wrong with it is said, not raised."""
        try:
            request = wire.decode(payload)
            if self._under_way >= MOST_AT_ONCE:
                raise TooManyRequests
        except Refusal as refusal:
            self._refuse(None, refusal)
            return
        match request:
            case wire.Ask():
                self._run(request.id, self._ask(request))
            case wire.Read():
                self._run(request.answer, self._read(request))
            case wire.Stop():
                self._run(request.answer, self._stop(request))
            case wire.Pace():
                self._pace(request.slow)
            case wire.Ping():
                self._tell(wire.Pong())
            case _:
                assert_never(request)

    def opened(self) -> None:
        """Greets with the balances."""
        self._run(None, self._greet())

    def cleared(self) -> None:
        """The client keeps up again."""
        for subscription in tuple(self._following.values()):
            self._desk.resume(subscription)

    def closed(self) -> None:
        """The client is gone; its answers go on without it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for subscription in self._following.values():
            self._desk.leave(subscription)
        self._following.clear()

    def bye(self, retry: int) -> None:
        """Says that the server is going, and when to come back, in seconds."""
        self._flush()
        self._tell(wire.Bye(retry))

    async def _greet(self) -> None:
        wallet = await self._desk.wallet(self.session.user)
        self._tell(wire.Balance(wallet.available, wallet.held))

    async def _ask(self, ask: wire.Ask) -> None:
        conversation = None
        if ask.conversation is not None:
            conversation = ConversationId(known_shape(ask.conversation))
        question = Question(
            ask.id, Kind(ask.kind), ask.text, conversation, ask.max_tokens
        )
        accepted = await self._desk.ask(self.session.user, question, "web")
        subscription = self._subscribe(accepted.answer)
        self._tell(
            wire.Accepted(
                id=ask.id,
                answer=accepted.answer,
                a=subscription.tag,
                e=subscription.epoch,
                conversation=accepted.conversation,
                max_tokens=accepted.max_tokens,
                hold=accepted.hold,
                balance=accepted.available,
                note=accepted.note,
            )
        )
        if accepted.fresh:
            self._desk.join(subscription)
        else:
            await self._follow(subscription, 0, 0, lambda _: None)

    async def _read(self, read: wire.Read) -> None:
        answer = AnswerId(known_shape(read.answer))
        subscription = self._subscribe(answer)

        def announce(_: Reading) -> None:
            subscription.shown = subscription.seq
            self._tell(
                wire.Reading(
                    answer, subscription.tag, subscription.epoch, subscription.seq
                )
            )

        await self._follow(subscription, read.epoch, read.seq, announce)

    async def _follow(
        self,
        subscription: Subscription,
        epoch: int,
        seq: int,
        announce: Callable[[Reading], None],
    ) -> None:
        try:
            await self._desk.follow(subscription, epoch, seq, announce)
        except Refusal:
            self._following.pop(subscription.tag, None)
            raise

    async def _stop(self, stop: wire.Stop) -> None:
        await self._desk.stop(self.session.user, AnswerId(known_shape(stop.answer)))

    def _pace(self, slow: bool) -> None:
        if slow and self._gathered is None:
            self._gathered = {}
        elif not slow:
            self._flush()
            self._gathered = None

    def _subscribe(self, answer: AnswerId) -> Subscription:
        for tag, subscription in tuple(self._following.items()):
            if subscription.answer == answer:  # asked for again: from there, once
                self._desk.leave(subscription)
                del self._following[tag]
        self._tags += 1
        subscription = Subscription(self.session.user, answer, self, self._tags, 1)
        self._following[self._tags] = subscription
        return subscription

    # ---- as a reader (flows.following.Reader)

    def text(self, subscription: Subscription, text: str) -> bool:
        """Sends text, or gathers it; False while the client does not keep up."""
        if not self._line.clear:
            return False
        if self._gathered is None:
            self._send_text(subscription, text)
            return True
        self._gathered.setdefault(subscription, []).append(text)
        if self._timer is None:
            self._timer = self._reactor.callLater(SLOW_EVERY, self._flush)
        return True

    def reset(self, subscription: Subscription) -> None:
        """Says that an answer begins again."""
        if self._gathered is not None:
            self._gathered.pop(subscription, None)
        subscription.shown = 0
        self._tell(wire.Reset(subscription.tag, subscription.epoch))

    def ended(self, subscription: Subscription, end: End) -> None:
        """Says how an answer ended and what it cost."""
        self._flush()
        self._following.pop(subscription.tag, None)
        note = sentence(end.state, end.finish)
        if end.state in (State.FAILED, State.REFUSED):
            self._tell(
                wire.Failed(
                    a=subscription.tag,
                    reason=end.finish,
                    message=note or "",
                    refunded=end.hold,
                    balance=end.available,
                )
            )
            return
        self._tell(
            wire.Done(
                a=subscription.tag,
                cost=end.cost,
                balance=end.available,
                finish=end.finish,
                note=note,
            )
        )

    def _send_text(self, subscription: Subscription, text: str) -> None:
        tag, seq = subscription.tag, subscription.seq
        self._line.send(
            wire.encode_text(
                wire.quoted(text),
                a=None if tag == self._last_tag else tag,
                s=None if seq == subscription.shown + 1 else seq,
            )
        )
        self._last_tag = tag
        subscription.shown = seq

    def _flush(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        if self._gathered:
            gathered, self._gathered = self._gathered, {}
            for subscription, texts in gathered.items():
                self._send_text(subscription, "".join(texts))

    # ---- to the client

    def _tell(self, event: wire.Event) -> None:
        self._line.send(wire.encode(event))

    def _refuse(self, request: str | None, refusal: Refusal) -> None:
        self._tell(wire.Error(refusal.code, refusal.message, request))

    def _run(self, request: str | None, work: Coroutine[Any, Any, None]) -> None:
        self._under_way += 1
        Deferred.fromCoroutine(self._door(request, work))

    async def _door(self, request: str | None, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refusal as refusal:
            self._refuse(request, refusal)
        except Exception:  # a door: the client hears of it, the log has the rest
            self.log.failure("a request broke")
            self._tell(wire.Error("internal", BROKEN, request))
        finally:
            self._under_way -= 1


BROKEN = "Something went wrong here. It was written down; please try again."
