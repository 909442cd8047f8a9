"""Questions, tokens, money, messages and waiting, summed by PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import attrs

from zimgpt.domain.figures import Asked, Messaged, Moved, Rows, Taken, Waited
from zimgpt.store.pool import Params, Pool, Row

QUESTIONS: Final = """
    select at, kind, channel, questions, failed, prompt_tokens, completion_tokens,
           cost_picos, uncosted
      from questions_over_time(%s, %s, %s)
"""
WAITS: Final = """
    select at, answers, first_half, first_most, whole_half, whole_most
      from waits_over_time(%s, %s, %s)
"""
LEDGER: Final = "select at, account, tokens from ledger_over_time(%s, %s, %s)"
MONEY: Final = """
    select at, currency, payments, paid, returned, cents
      from money_over_time(%s, %s, %s)
"""
MESSAGES: Final = """
    select at, category, billable, messages from messages_over_time(%s, %s, %s)
"""


@attrs.frozen
class PgStatistics:
    """``flows.ports.figures.Statistics`` in PostgreSQL."""

    _pool: Pool

    async def rows(self, begins: datetime, ends: datetime, step: timedelta) -> Rows:
        """One statement for each kind of row."""
        between: Params = (begins, ends, step)
        query = self._pool.query
        return Rows(
            asked=tuple(map(_asked, await query(QUESTIONS, between))),
            waited=tuple(map(_waited, await query(WAITS, between))),
            moved=tuple(map(_moved, await query(LEDGER, between))),
            taken=tuple(map(_taken, await query(MONEY, between))),
            messaged=tuple(map(_messaged, await query(MESSAGES, between))),
        )

    async def waited(self, begins: datetime, ends: datetime) -> Waited | None:
        """One step as long as the whole."""
        for row in await self._pool.query(WAITS, (begins, ends, ends - begins)):
            return _waited(row)
        return None


def _asked(row: Row) -> Asked:
    at, kind, channel, questions, failed, prompt, completion, picos, uncosted = row
    return Asked(
        at=at,
        kind=kind,
        channel=channel,
        questions=questions,
        failed=failed,
        prompt=prompt,
        completion=completion,
        cost_picos=int(picos),
        uncosted=uncosted,
    )


def _waited(row: Row) -> Waited:
    at, answers, first_half, first_most, whole_half, whole_most = row
    return Waited(
        at=at,
        answers=answers,
        first_half=first_half,
        first_most=first_most,
        whole_half=whole_half,
        whole_most=whole_most,
    )


def _moved(row: Row) -> Moved:
    at, account, tokens = row
    return Moved(at=at, account=account, tokens=tokens)


def _taken(row: Row) -> Taken:
    at, currency, payments, paid, returned, cents = row
    return Taken(
        at=at,
        currency=currency,
        payments=payments,
        paid=paid,
        returned=returned,
        cents=cents,
    )


def _messaged(row: Row) -> Messaged:
    at, category, billable, messages = row
    return Messaged(at=at, category=category, billable=billable, messages=messages)
