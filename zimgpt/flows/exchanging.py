"""Frames and calls between nodes: one message a tick and node, lost without harm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from typing import Any, assert_never

import attrs
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from zimgpt.domain.accounts import SessionId, UserId
from zimgpt.domain.conversations import AnswerId, Begun, Replaced
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import Broker, End, NoSuchNode, NotPublished, Piece
from zimgpt.flows.ports.topups import PaymentId
from zimgpt.wire import frames


def _nobody(*_news: object) -> None:
    """Where nobody has asked to hear of it."""


@attrs.define
class Exchange:
    """Who elsewhere follows the answers written here, and what others tell us."""

    _node: str
    _broker: Broker
    _audience: Audience
    _stop: Callable[[AnswerId], None]
    """Ends an answer that is written here."""
    _sessions_ended: Callable[[Sequence[SessionId]], None]
    """Closes the sockets of these sessions here."""
    _followers: dict[AnswerId, dict[str, None]] = attrs.field(factory=dict)
    """The other nodes that follow each answer which is written here, first come first:
    the same events have the same effects."""
    on_payment: Callable[[PaymentId, Collection[UserId]], None] = _nobody
    """Hears of payments that were changed elsewhere."""
    on_begun: Callable[[UserId, Begun], None] = _nobody
    """Hears of questions that were asked, here or elsewhere."""
    on_replaced: Callable[[UserId, Replaced], None] = _nobody
    """Hears of turns whose place was taken, here or elsewhere."""
    on_wallet: Callable[[UserId], None] = _nobody
    """Hears of balances that were."""

    log = Logger()

    # ---- to others

    def add(self, answer: AnswerId, node: str) -> None:
        """An answer is written here from now, for a reader on some node."""
        followers = self._followers.setdefault(answer, {})
        if node != self._node:
            followers[node] = None

    def forget(self, answer: AnswerId) -> None:
        """An answer is written here no more."""
        self._followers.pop(answer, None)

    def show(self, pieces: Sequence[Piece], ends: Sequence[End]) -> None:
        """Sends what was stored to the nodes that follow its answer."""
        for_node: dict[str, tuple[list[frames.Piece], list[frames.End]]] = defaultdict(
            lambda: ([], [])
        )
        for piece in pieces:
            for node in self._followers.get(piece.answer, ()):
                for_node[node][0].append(
                    (piece.answer, piece.epoch, piece.seq, piece.text)
                )
        for end in ends:
            for node in self._followers.pop(end.answer, ()):
                for_node[node][1].append(frames.End(**attrs.asdict(end)))
        for node, (some, last) in for_node.items():
            self._send(node, frames.Frames(self._node, tuple(some), tuple(last)))

    def wanted(self, answer: AnswerId, writer: str) -> None:
        """Asks the writer of an answer for its frames."""
        self._send(writer, frames.Follow(answer, self._node))

    def stop(self, answer: AnswerId, writer: str) -> None:
        """Tells the writer of an answer to end it."""
        if writer == self._node:
            self._stop(answer)
        elif writer:
            self._send(writer, frames.Stop(answer))

    def sessions_ended(self, sessions: Sequence[SessionId]) -> None:
        """Closes the sockets of revoked sessions, here and everywhere."""
        self._sessions_ended(sessions)
        message = frames.encode(frames.SessionsEnded(tuple(sessions)))
        self._run(self._broadcast(message))

    def payment_changed(self, payment: PaymentId, users: Collection[UserId]) -> None:
        """Tells all other nodes of news that concern these people."""
        message = frames.Payment(payment, tuple(sorted(users)))
        self._run(self._broadcast(frames.encode(message)))

    def turn_begun(self, user: UserId, turn: Begun) -> None:
        """Tells this node and all others of a question that was asked."""
        self.on_begun(user, turn)
        message = frames.Asked(user, turn.conversation, turn.answer)
        self._run(self._broadcast(frames.encode(message)))

    def turn_replaced(self, user: UserId, turn: Replaced) -> None:
        """Tells this node and all others of a turn whose place was taken."""
        self.on_replaced(user, turn)
        message = frames.Replaced(user, turn.conversation, turn.turn, turn.by)
        self._run(self._broadcast(frames.encode(message)))

    def wallet_changed(self, user: UserId) -> None:
        """Tells all other nodes that somebody's balances are others now."""
        self._run(self._broadcast(frames.encode(frames.Wallet(user))))

    # ---- from others

    def heard(self, body: bytes) -> None:
        """Acts on a message; one that is not understood is logged and dropped."""
        try:
            message = frames.decode(body)
        except frames.BadFrame as error:
            self.log.warn("node message dropped: {reason}", reason=str(error))
            return
        match message:
            case frames.Frames():
                self._read_on(message)
            case frames.Follow(answer=answer, node=node):
                if answer in self._followers:  # otherwise its reader looks it up again
                    self.add(answer, node)
            case frames.Unfollow(answer=answer, node=node):
                self._lose(node, [answer])
            case frames.Stop(answer=answer):
                self._stop(answer)
            case frames.SessionsEnded(sessions=sessions):
                self._sessions_ended(sessions)
            case frames.Payment(payment=payment, users=users):
                self.on_payment(PaymentId(payment), users)
            case frames.Asked(user=user, conversation=talk, answer=answer):
                self.on_begun(user, Begun(talk, answer))
            case frames.Replaced(user=user, conversation=talk, turn=turn, by=by):
                self.on_replaced(user, Replaced(talk, turn, by))
            case frames.Wallet(user=user):
                self.on_wallet(user)
            case _:
                assert_never(message)

    def _read_on(self, told: frames.Frames) -> None:
        self._decline(
            told.owner, dict.fromkeys(AnswerId(one[0]) for one in told.pieces)
        )
        self._audience.hear(
            [Piece(*piece) for piece in told.pieces],
            [End(**_fields(end)) for end in told.ends],
        )

    def _decline(self, writer: str, answers: Iterable[AnswerId]) -> None:
        """Wants no more of what nobody reads here any more."""
        for answer in answers:
            if not self._audience.follows(answer):
                self._send(writer, frames.Unfollow(answer, self._node))

    # ---- sending

    def _send(self, node: str, message: frames.NodeMessage) -> None:
        self._run(self._deliver(node, frames.encode(message)))

    async def _deliver(self, node: str, body: bytes) -> None:
        try:
            await self._broker.send(node, body)
        except NoSuchNode:
            self._lose(node, self._followers)
        except NotPublished:
            self.log.warn("node {node} not reached", node=node)

    async def _broadcast(self, body: bytes) -> None:
        try:
            await self._broker.broadcast(body)
        except NotPublished:
            self.log.warn("other nodes not reached")

    def _lose(self, node: str, answers: Iterable[AnswerId]) -> None:
        for answer in answers:
            self._followers.get(answer, {}).pop(node, None)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        Deferred.fromCoroutine(coroutine).addErrback(
            lambda failure: self.log.failure("telling other nodes broke", failure)
        )


def _fields(end: frames.End) -> dict[str, Any]:
    return {name: getattr(end, name) for name in end.__struct_fields__}
