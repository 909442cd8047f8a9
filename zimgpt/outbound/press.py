"""Documents made by a child process, which may die of them."""

from __future__ import annotations

from typing import Any, Final

import attrs
from twisted.logger import Logger

from zimgpt.flows.ports.documents import DocumentFailed, DocumentsBusy
from zimgpt.outbound import press_child
from zimgpt.outbound.children.running import Children, Crowded
from zimgpt.wire.papers import orders

SECONDS: Final = 60.0
"""On the clock: behind a server that is busy it may wait for its share."""
MOST_SAID: Final = 32 * 1024 * 1024
MOST_WAITING: Final = 20
"""Documents; the last of them would wait for some ten seconds."""


@attrs.define
class Press:
    """Makes a few documents at the same time; others wait for their turn."""

    _reactor: Any
    _seconds: float = SECONDS
    _program: tuple[str, ...] = ("-m", press_child.__name__)
    _children: Children = attrs.field(init=False)

    log = Logger()

    def __attrs_post_init__(self) -> None:
        self._children = Children(
            reactor=self._reactor,
            program=self._program,
            seconds=self._seconds,
            most_said=MOST_SAID,
            most_waiting=MOST_WAITING,
        )

    async def made(self, order: orders.Order) -> bytes:
        """The file; raises DocumentsBusy or DocumentFailed."""
        try:
            content, status = await self._children.asked(orders.encode(order))
        except Crowded:
            raise DocumentsBusy from None
        if status != 0 or not content:
            self.log.error(
                "a document was not made: {kind}, status {status}",
                kind=f"{type(order).__name__.lower()} {order.format}",
                status=status,
            )
            raise DocumentFailed
        return content
