"""Typing that is shown while an answer is written, and not a moment longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import attrs
from twisted.internet.task import Clock

from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.acting import Scene
from zimgpt.flows.asking import Accepted
from zimgpt.flows.ports import End, Reading, Ticket
from zimgpt.flows.ports.contacts import ContactId, LaneKind
from zimgpt.flows.subscriptions import Subscription
from zimgpt.flows.typing import LONGEST, Typing

ANSWER = AnswerId("a")


@attrs.define
class Stage:
    """Everything that typing needs, and what it did with it."""

    clock: Clock = attrs.Factory(Clock)
    shown: list[tuple[str, bool]] = attrs.Factory(list)
    woken: list[LaneKind] = attrs.Factory(list)
    published: list[str] = attrs.Factory(list)
    reader: Subscription | None = None
    typing: Typing = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        me = cast(Any, self)
        self.typing = Typing(self.clock, me, me, me, "here", self.publish)

    def ask(self) -> None:
        """Somebody has asked."""
        contact = attrs.make_class("Contact", ["id", "user"])(ContactId(7), 1)
        scene = Scene(contact, cast(Any, None), "wa-1", "wamid.1")
        accepted = attrs.make_class("Accepted", ["answer"])(ANSWER)
        self.typing.asked(scene, cast(Accepted, accepted))

    def end(self) -> None:
        """The answer ends."""
        assert self.reader is not None
        reader = self.reader.reader
        reader.ended(self.reader, cast(End, (State.COMPLETE, Finish.STOP)))

    async def read(self, wamid: str, *, typing: bool) -> None:
        """Shows it."""
        self.shown.append((wamid, typing))

    async def follow(
        self,
        subscription: Subscription,
        epoch: int,  # noqa: ARG002
        seq: int,  # noqa: ARG002
        announce: Callable[[Reading], None],  # noqa: ARG002
    ) -> None:
        """Joins."""
        self.reader = subscription

    def leave(self, subscription: Subscription) -> None:
        """Leaves."""
        assert subscription is self.reader

    async def wake(self, kind: LaneKind, contact: ContactId, origin: str) -> Ticket:
        """A lane."""
        assert contact == 7
        self.woken.append(kind)
        return Ticket(str(kind), origin, None)

    def publish(self, ticket: Ticket) -> None:
        """To the broker."""
        self.published.append(ticket.job)


def test_typing_is_kept_alive() -> None:
    """It is shown again before the messenger would let it go out, until the answer has
    ended; then the lanes that waited for it are woken at once."""
    stage = Stage()
    stage.ask()

    stage.clock.pump([20, 20])
    assert stage.shown == [("wamid.1", True)] * 2

    stage.end()
    stage.clock.pump([20] * 5)
    assert len(stage.shown) == 2
    assert stage.published == ["wa_inbound", "wa_send"]


def test_nobody_believes_it_for_ever() -> None:
    """An answer that never ends is not typed at for ever."""
    stage = Stage()
    stage.ask()

    stage.clock.pump([20] * 100)

    assert len(stage.shown) == LONGEST / 20


def test_a_node_that_ends_types_no_more() -> None:
    """Closing leaves no timer behind."""
    stage = Stage()
    stage.ask()

    stage.typing.close()

    assert stage.clock.getDelayedCalls() == []
