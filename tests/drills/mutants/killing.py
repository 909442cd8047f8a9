"""A node that pays for an answer in a second transaction.

It takes two halves: the database's own function no longer settles (``unsettled``), and
the node does that a moment later, if it still lives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zimgpt.domain.answers import Ending
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.ports import Ended
from zimgpt.store.drafts import PgDrafts

GAP = 0.05
"""Seconds between the two, so that a few dozen kills are sure to meet it."""

SETTLES = "v.charged := settle(p_answer, p_cost);"
SOURCE = "select pg_get_functiondef('finish_answer'::regproc)"


def unsettled(source: str) -> str:
    """The statements that make the function end answers without paying."""
    assert SETTLES in source, "finish_answer settles in another way now"
    forgetful = source.replace(SETTLES, "v.charged := p_cost;")
    return f"{forgetful}; grant execute on function settle to zimgpt_app"


_finish = PgDrafts.finish


async def finish_then_settle(
    self: PgDrafts, answer: AnswerId, epoch: int, text: str, ending: Ending, model: str
) -> Ended | None:
    """Two commits where there should be one."""
    from twisted.internet import reactor
    from twisted.internet.task import deferLater

    ended = await _finish(self, answer, epoch, text, ending, model)
    if ended is not None:
        await deferLater(reactor, GAP)
        await self._pool.query("select settle(%s, %s)", (answer, ending.cost))
    return ended


def settle_later() -> None:
    """Every node of the process does so."""
    PgDrafts.finish = finish_then_settle  # type: ignore[method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {"settle-later": settle_later}
