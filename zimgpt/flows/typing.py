"""While an answer is written, its asker sees that somebody types; at its end, the
lanes that waited for it are given to the broker at once.

Both only make things pleasant: a node that dies takes neither answer nor delivery with
it, for the commit that ends an answer also wakes the lanes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from zimgpt.domain.errors import Refusal
from zimgpt.flows.acting import Scene
from zimgpt.flows.asking import Accepted
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import End, Reading, Ticket
from zimgpt.flows.ports.contacts import Contacts, LaneKind
from zimgpt.flows.ports.messenger import Messenger
from zimgpt.flows.subscriptions import Subscription

SHOWN: Final = 20.0
"""Seconds after which typing is shown again; the messenger shows it for 25."""

LONGEST: Final = 600.0
"""Seconds after which nobody believes it any more."""


class Typing:
    """Watches answers for people on the messenger."""

    log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        messenger: Messenger,
        audience: Audience,
        contacts: Contacts,
        node: str,
        publish: Callable[[Ticket], None],
    ) -> None:
        self._clock = clock
        self._messenger = messenger
        self._audience = audience
        self._contacts = contacts
        self._node = node
        self._publish = publish
        self._watches: set[_Watch] = set()

    def asked(self, scene: Scene, accepted: Accepted) -> None:
        """A question was committed: watches its answer."""
        watch = _Watch(self, scene, self._clock.seconds() + LONGEST)
        watch.subscription = Subscription(scene.user, accepted.answer, watch, 0, 0)
        self._watches.add(watch)
        watch.timer.clock = self._clock
        watch.timer.start(SHOWN, now=False)
        Deferred.fromCoroutine(self._follow(watch))

    def close(self) -> None:
        """Watches nothing more."""
        for watch in tuple(self._watches):
            self.forget(watch)

    def forget(self, watch: _Watch) -> None:
        """Ends a watch."""
        if watch in self._watches:
            self._watches.remove(watch)
            watch.timer.stop()
            self._audience.leave(watch.subscription)

    async def show(self, watch: _Watch) -> None:
        """Shows once more that an answer is being written."""
        wamid = watch.scene.wamid
        if self._clock.seconds() > watch.until or wamid is None:
            self.forget(watch)
        else:
            await self._messenger.read(wamid, typing=True)

    async def wake(self, scene: Scene) -> None:
        """Gives the broker the lanes that the end of an answer has woken."""
        for kind in LaneKind:
            try:
                contact = scene.contact.id
                ticket = await self._contacts.wake(kind, contact, self._node)
            except Refusal:
                return  # the sweep gives them in a moment
            if ticket is not None:
                self._publish(ticket)

    async def _follow(self, watch: _Watch) -> None:
        try:
            await self._audience.follow(watch.subscription, 0, 0, _nothing)
        except Refusal:
            self.forget(watch)


class _Watch:
    """A reader that shows nothing of an answer but that it is being written."""

    subscription: Subscription

    def __init__(self, typing: Typing, scene: Scene, until: float) -> None:
        self._typing = typing
        self.scene = scene
        self.until = until
        self.timer = LoopingCall(
            lambda: Deferred.fromCoroutine(self._typing.show(self))
        )

    def text(self, _subscription: Subscription, _text: str) -> bool:
        """Is not shown in pieces."""
        return True

    def reset(self, _subscription: Subscription) -> None:
        """Goes on."""

    def ended(self, _subscription: Subscription, _end: End) -> None:
        """Has it sent."""
        self._typing.forget(self)
        Deferred.fromCoroutine(self._typing.wake(self.scene)).addErrback(
            lambda failure: Typing.log.failure("waking broke", failure)
        )


def _nothing(_reading: Reading) -> None:
    """A reading's news come as text and end."""
