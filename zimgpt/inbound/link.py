"""One client's end of ``zimgpt.v1``: what it asks, reads and is told.

Knows nothing of websockets: a ``Line`` takes the payloads (outgoing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar, assert_never

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from zimgpt.domain.accounts import Session, Wallet
from zimgpt.domain.conversations import AnswerId, Begun, Replaced
from zimgpt.domain.errors import Refusal
from zimgpt.domain.ids import known_shape
from zimgpt.domain.rates import TooFast
from zimgpt.domain.texts import Language
from zimgpt.flows.ports import End, Reading
from zimgpt.flows.ports.topups import Kept
from zimgpt.flows.subscriptions import Subscription
from zimgpt.inbound.answer_views import accepted_frame, ended_frame, question_of
from zimgpt.inbound.counter import Allowance, Desk
from zimgpt.inbound.outgoing import Line, Outgoing
from zimgpt.inbound.payment_views import payment_frame
from zimgpt.wire import session as wire

T = TypeVar("T")

MOST_AT_ONCE: Final = 32
"""Requests of one client that may be under way."""


class TooManyRequests(TooFast):
    """Too many requests at once. Please wait for answers before sending more."""


class Link:
    """One connected client; a reader of every answer it follows."""

    log = Logger()

    def __init__(
        self,
        reactor: IReactorTime,
        desk: Desk,
        session: Session,
        line: Line,
        allowance: Allowance,
        language: Language = Language.ENGLISH,
    ) -> None:
        self.session = session
        self._language = language
        self._desk = desk
        self._allowance = allowance
        self._out = Outgoing(reactor, line)
        self._following: dict[AnswerId, Subscription] = {}
        self._pending: dict[AnswerId, Subscription] = {}  # not announced yet
        self._asking: set[str] = set()  # ids of questions that are under way
        self._tags = 0
        self._under_way = 0
        self._closed = False

    # ---- from the client

    def heard(self, payload: bytes) -> None:
        """Acts on one message; what is wrong with it is said, not raised."""
        name: str | None = None
        try:
            request = wire.decode(payload)
            name = wire.name(request)
            self._allowance.message(self.session.user)
            if isinstance(request, wire.Ask):
                self._allowance.question(self.session.user)
        except Refusal as refusal:
            self._refuse(name, refusal)
            return
        self._serve(request)

    def _serve(self, request: wire.Request) -> None:
        match request:
            case wire.Ask():
                self._run(request.id, self._ask, request)
            case wire.Read():
                self._run(request.answer, self._read, request)
            case wire.Stop():
                self._run(request.answer, self._stop, request)
            case wire.Pace():
                self._out.pace(request.slow)
            case wire.Ping():
                self._out.tell(wire.Pong())
            case _:
                assert_never(request)

    def opened(self) -> None:
        """Greets with the balances."""
        self._run(None, self._greet, self.session)

    def cleared(self) -> None:
        """The client keeps up again."""
        for subscription in tuple(self._following.values()):
            self._desk.resume(subscription)

    def closed(self) -> None:
        """The client is gone; its answers go on without it."""
        self._closed = True
        self._out.close()
        for subscription in (*self._following.values(), *self._pending.values()):
            self._desk.leave(subscription)
        self._following.clear()
        self._pending.clear()

    def bye(self, retry: int) -> None:
        """Says that the server is going, and when to come back, in seconds."""
        self._out.flush()
        self._out.tell(wire.Bye(retry))

    def payment(self, kept: Kept) -> None:
        """Says how a payment stands."""
        self._out.tell(payment_frame(kept, self.session.user))

    def wallet(self, wallet: Wallet) -> None:
        """Says what the balances are."""
        self._out.tell(wire.Balance(wallet.available, wallet.held))

    def begun(self, turn: Begun) -> None:
        """Says that a question was asked, unless it was asked here."""
        if turn.client_id not in self._asking:
            self._out.tell(wire.Asked(turn.conversation, turn.answer))

    def replaced(self, turn: Replaced) -> None:
        """Says that a turn's place was taken."""
        self._out.tell(wire.Replaced(turn.conversation, turn.turn, turn.by))

    async def _greet(self, session: Session) -> None:
        self.wallet(await self._desk.wallet(session.user))

    async def _ask(self, ask: wire.Ask) -> None:
        self._asking.add(ask.id)
        try:
            user, question = self.session.user, question_of(ask)
            accepted = await self._desk.ask(user, question, "web")
        finally:
            self._asking.discard(ask.id)
        if self._closed:
            return
        self._interrupt(accepted.answer)
        subscription = self._subscription(accepted.answer)
        self._following[accepted.answer] = subscription
        self._out.begin(
            subscription, accepted_frame(ask, accepted, subscription, self._language)
        )
        if accepted.fresh:
            self._desk.join(subscription)
        else:
            self._pick_up(subscription)

    async def _read(self, read: wire.Read) -> None:
        answer = AnswerId(known_shape(read.answer))
        place = (read.epoch, read.seq)
        if self._out.place(answer) not in (None, place):
            place = (0, 0)  # more is on its way to the client: all of it again
        self._interrupt(answer)
        subscription = self._subscription(answer)
        self._pending[answer] = subscription

        def announce(_: Reading) -> None:
            del self._pending[answer]
            self._following[answer] = subscription
            tag, (epoch, seq) = subscription.tag, subscription.place
            self._out.begin(subscription, wire.Reading(answer, tag, epoch, seq))

        try:
            await self._desk.follow(subscription, *place, announce)
        except Exception:
            if self._pending.get(answer) is subscription:
                del self._pending[answer]
                self._go_back(answer)
            elif self._following.get(answer) is not subscription:
                return  # asked for again meanwhile: that is answered
            raise

    async def _stop(self, stop: wire.Stop) -> None:
        await self._desk.stop(self.session.user, AnswerId(known_shape(stop.answer)))

    # ---- what is followed: each answer once

    def _subscription(self, answer: AnswerId) -> Subscription:
        self._tags += 1
        return Subscription(self.session.user, answer, self, self._tags, 1)

    def _interrupt(self, answer: AnswerId) -> None:
        """No more of this answer is sent until it is known from where."""
        for subscriptions in (self._following, self._pending):
            earlier = subscriptions.get(answer)
            if earlier is not None:
                self._desk.leave(earlier)
                self._out.drop(earlier)
        self._pending.pop(answer, None)

    def _go_back(self, answer: AnswerId) -> None:
        """A request that is refused changes nothing: what was followed goes on."""
        earlier = self._following.get(answer)
        place = self._out.place(answer)
        if earlier is not None and place is not None:
            again = Subscription(earlier.user, answer, self, earlier.tag, place[0])
            again.seq = place[1]
            self._following[answer] = again
            self._pick_up(again)

    def _pick_up(self, subscription: Subscription) -> None:
        """Goes on from the subscription's own place, as soon as that can be read."""
        subscription.behind = True
        self._desk.join(subscription)
        self._desk.resume(subscription)

    # ---- as a reader (flows.subscriptions.Reader)

    def text(self, subscription: Subscription, text: str) -> bool:
        """Sends text, or gathers it; False while the client does not keep up."""
        return self._out.text(subscription, text)

    def reset(self, subscription: Subscription) -> None:
        """Says that an answer begins again."""
        self._out.reset(subscription)

    def ended(self, subscription: Subscription, end: End) -> None:
        """Says how an answer ended and what it cost."""
        self._out.flush()
        self._following.pop(subscription.answer, None)
        self._out.tell(ended_frame(subscription.tag, end, self._language))

    # ---- to the client

    def _refuse(self, request: str | None, refusal: Refusal) -> None:
        retry = refusal.retry if isinstance(refusal, TooFast) else None
        self._out.tell(wire.Error(refusal.code, refusal.message, request, retry))

    def _run(
        self, name: str | None, work: Callable[[T], Coroutine[Any, Any, None]], on: T
    ) -> None:
        if self._under_way >= MOST_AT_ONCE:
            self._refuse(name, TooManyRequests())
            return
        self._under_way += 1
        Deferred.fromCoroutine(self._door(name, work(on)))

    async def _door(self, name: str | None, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refusal as refusal:
            self._refuse(name, refusal)
        except Exception:  # a door: the client hears of it, the log has the rest
            self.log.failure("a request broke")
            self._out.tell(wire.Error("internal", BROKEN, name))
        finally:
            self._under_way -= 1


BROKEN = "Something went wrong here. It was written down; please try again."
