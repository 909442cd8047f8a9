"""Posts webhooks: signed, repeated until a 200, in whatever batches, and timed.

Nothing is posted before the callback's handshake passed. A webhook that is not answered
with 200 comes again, ever more slowly; ``redeliver`` sends what was sent before once
more, with other batch boundaries and all at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import Final

import attrs
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from zimgpt.embedded.phone.bodies import Update, signed, webhook
from zimgpt.embedded.phone.habits import Habits
from zimgpt.embedded.phone.world import World

log = Logger()

MOST: Final = 1000  # updates in one webhook
SLOWEST: Final = 60.0  # seconds between two tries
REMEMBERED: Final = 20_000  # updates that can be sent again

Post = Callable[[bytes, str], Awaitable[int]]
"""Posts a body with its signature; returns the status, 0 where no answer came."""


@attrs.frozen
class Latency:
    """How quickly the server answers, and what is wanted of it."""

    posts: int
    median: float
    over_a_second: float

    @property
    def good(self) -> bool:
        """A median of 250 ms at most, and at most one in a hundred over a second."""
        return self.median <= 0.25 and self.over_a_second <= 0.01


class Webhooks:
    """The sender. ``post`` is how; without one, updates are only gathered."""

    def __init__(
        self, world: World, habits: Habits, secret: str, post: Post | None = None
    ) -> None:
        self.secret = secret
        self.shaken = False
        self.answers: list[tuple[int, float]] = []
        self.posted: list[bytes] = []
        self._world = world
        self._habits = habits
        self._post = post
        self._waiting: list[Update] = []
        self._sent: list[Update] = []
        self._gathering = False
        self._under_way = 0
        self._to_come = 0
        self.closed = False

    def through(self, post: Post) -> None:
        """Posts in this way from now on."""
        self._post = post

    @property
    def idle(self) -> bool:
        """Whether everything has been taken by the server."""
        return not (self._waiting or self._to_come or self._under_way)

    def put(self, update: Update) -> None:
        """Something happened; it is posted soon."""
        self._waiting.append(update)
        if not self._gathering:
            self._gathering = True
            self._later(self._habits.batch, self._flush)

    def handshaken(self) -> None:
        """The callback answered its handshake: what waited is posted."""
        self.shaken = True
        self._flush()

    def redeliver(self, count: int | None = None) -> int:
        """Sends it all again, in other batches, at once; returns how many posts."""
        again = list(self._sent if count is None else self._sent[-count:])
        self._world.dice.shuffle(again)
        batches = 0
        while again:
            size = self._world.dice.randint(1, min(7, len(again)))
            batch, again = again[:size], again[size:]
            self._start(batch)
            batches += 1
        return batches

    def send(self, updates: Sequence[Update]) -> None:
        """Posts exactly these, now, as one webhook."""
        self._start(list(updates))

    def latency(self) -> Latency:
        """Of all posts so far."""
        times = [seconds for _, seconds in self.answers]
        slow = sum(seconds > 1 for seconds in times)
        return Latency(
            len(times), median(times) if times else 0.0, slow / max(1, len(times))
        )

    def close(self) -> None:
        """Stops posting."""
        self.closed = True

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        def run() -> None:
            self._to_come -= 1
            act()

        self._to_come += 1
        self._world.later(seconds, run)

    def _flush(self) -> None:
        self._gathering = False
        if not self.shaken or self._post is None:
            return
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._start(batch)
            self._sent = (self._sent + batch)[-REMEMBERED:]
            for update in batch:
                if self._world.dice.random() < self._habits.redeliver:
                    self._later(
                        self._world.dice.uniform(0, 2),
                        lambda update=update: self._start([update]),  # type: ignore[misc]
                    )

    def _start(self, batch: list[Update]) -> None:
        if not self.closed:
            self._under_way += 1
            Deferred.fromCoroutine(self._deliver(batch)).addErrback(
                lambda failure: log.failure("a webhook was not posted", failure)
            )

    async def _deliver(self, batch: list[Update], tries: int = 0) -> None:
        assert self._post is not None
        body = webhook(batch, self._world.numbers)
        began = self._world.clock.seconds()
        try:
            status = await self._post(body, signed(body, self.secret))
        finally:
            self._under_way -= 1
        self.posted.append(body)
        self.answers.append((status, self._world.clock.seconds() - began))
        if status != 200 and not self.closed:
            self._later(min(SLOWEST, 2.0**tries), lambda: self._again(batch, tries + 1))

    def _again(self, batch: list[Update], tries: int) -> None:
        self._under_way += 1
        Deferred.fromCoroutine(self._deliver(batch, tries)).addErrback(
            lambda failure: log.failure("a webhook was not posted", failure)
        )
