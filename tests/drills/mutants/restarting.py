"""A node that does not wait for what it has begun when it is told to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zimgpt.service.node import Node


async def _wait_for_nothing(self: Node) -> None:
    """Neither for answers nor for anybody to take them over."""
    self.log.info("no waiting")


def leave_at_once() -> None:
    """Every node of the process does so."""
    Node._drain = _wait_for_nothing  # type: ignore[method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {"leave-at-once": leave_at_once}
