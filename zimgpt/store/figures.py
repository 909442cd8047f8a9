"""Questions, tokens, money, messages and waiting, summed by PostgreSQL.

On the connections of operators, so that whoever looks at a long time takes none from
the people who ask.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.figures import Asked, Messaged, Moved, Rows, Taken, Waited
from zimgpt.store.deskwork import Deskwork
from zimgpt.store.pool import Row

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
class DeskStatistics:
    """``flows.ports.figures.Statistics`` in PostgreSQL."""

    _desk: Deskwork

    async def rows(self, begins: datetime, ends: datetime, step: timedelta) -> Rows:
        """One statement for each kind of row."""

        def work(connection: Connection) -> Rows:
            between = (begins, ends, step)
            return Rows(
                asked=tuple(map(_asked, _read(connection, QUESTIONS, between))),
                waited=tuple(map(_waited, _read(connection, WAITS, between))),
                moved=tuple(map(_moved, _read(connection, LEDGER, between))),
                taken=tuple(map(_taken, _read(connection, MONEY, between))),
                messaged=tuple(map(_messaged, _read(connection, MESSAGES, between))),
            )

        return await self._desk.do(work)

    async def waited(self, begins: datetime, ends: datetime) -> Waited | None:
        """One step as long as the whole."""
        between = (begins, ends, ends - begins)
        rows = await self._desk.do(lambda c: _read(c, WAITS, between))
        return _waited(rows[0]) if rows else None


def _read(
    connection: Connection, sql: str, between: tuple[datetime, datetime, timedelta]
) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, between)
        found: list[Row] = cursor.fetchall()
    return found


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
