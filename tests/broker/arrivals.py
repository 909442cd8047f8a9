"""What a broker delivered, and a way to wait for it without sleeping."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred

from zimgpt.flows.ports import Outcome, Work


class Arrivals:
    """Remembers every body in order."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self._waiting: list[tuple[int, Deferred[None]]] = []

    def __call__(self, body: bytes) -> None:
        """Takes one."""
        self.bodies.append(body)
        for number, waiting in tuple(self._waiting):
            if len(self.bodies) >= number:
                self._waiting.remove((number, waiting))
                waiting.callback(None)

    async def until(self, number: int) -> list[bytes]:
        """All of them, when there are so many."""
        if len(self.bodies) < number:
            waiting: Deferred[None] = Deferred()
            self._waiting.append((number, waiting))
            await waiting
        return self.bodies

    async def until_all(self, bodies: set[bytes]) -> None:
        """Waits until all of these have come, whatever else comes."""
        while not bodies <= set(self.bodies):
            await self.until(len(self.bodies) + 1)


class Jobs:
    """Work that ends at once, or when it is let go."""

    def __init__(self, *, held: bool = False, outcome: Outcome = Outcome.DONE) -> None:
        self._outcome = outcome
        self.begun = Arrivals()
        self.most_at_once = 0
        self._at_once = 0
        self._held: list[Deferred[None]] | None = [] if held else None

    async def __call__(self, body: bytes) -> Outcome:
        """Takes a job."""
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        end: Deferred[None] = Deferred()
        if self._held is None:
            end.callback(None)
        else:
            self._held.append(end)
        self.begun(body)
        await end
        self._at_once -= 1
        return self._outcome

    def let_go(self, number: int = 1) -> None:
        """Ends the oldest jobs that are under way."""
        for _ in range(number):
            assert self._held
            self._held.pop(0).callback(None)


def failing_first(then: Callable[[bytes], None]) -> Work:
    """Work that raises the first time."""
    tries: list[bytes] = []

    async def work(body: bytes) -> Outcome:
        tries.append(body)
        if len(tries) == 1:
            raise ValueError("the first try")
        then(body)
        return Outcome.DONE

    return work
