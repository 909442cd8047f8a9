"""Does with the database what the application does, waiting for each statement."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import attrs
import psycopg2

LEASE = timedelta(seconds=30)
HOLD = timedelta(minutes=15)
HOLDING = 100
"""Tokens that a question holds unless a test says otherwise."""

ASK = """
    select outcome, answer_id, conversation_id, job_id, outbox_id, hold, available
      from ask_within(
        %(most)s, %(user)s, %(client_id)s, %(kind)s, %(channel)s, %(text)s,
        %(conversation)s, %(new)s, 'a title', %(answer)s, %(job)s, 'here',
        10, 64, false, %(window_from)s, %(prices)s, %(hold)s, %(ttl)s)
"""

PRICES = '[{"model": "m", "prompt_millis": 1000, "completion_millis": 1000}]'

OPEN = """
    select outcome, id::text from open_payment(
      %(id)s, %(user)s, %(payer)s, 'web', %(key)s, %(reference)s, 'taste', 1, null, 50,
      'USD', 10000, 'ecocash', '+263771234567', %(most)s)
"""

APPLY = """
    select apply_payment(
      %(id)s, %(version)s, %(state)s, null, %(clawed)s, null, %(poll)s, null, null,
      %(credit)s, %(clawback)s, 1, 0, null,
      'poll', %(word)s, 50, null, true, %(matched)s, %(body)s, null)
"""

_numbers = count(770_000_000)


@attrs.frozen
class Asked:
    """What ``ask_question`` says."""

    outcome: str
    answer: str
    conversation: str
    job: str
    outbox: int
    hold: int
    available: int


class Clerk:
    """One connection, each statement a commit of its own."""

    def __init__(self, url: str, *, superuser: bool = False) -> None:
        role = "" if superuser else "-c role=zimgpt_app "
        self._connection = psycopg2.connect(
            url, options=f"{role}-c statement_timeout=60s -c lock_timeout=30s"
        )
        self._connection.autocommit = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    @property
    def pid(self) -> int:
        """Of the process that serves it."""
        return int(self._connection.info.backend_pid)

    def rows(self, sql: str, *params: object, **named: object) -> list[tuple[Any, ...]]:
        """Rows of one statement."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, named or params or None)
            return cursor.fetchall() if cursor.description else []

    def row(self, sql: str, *params: object, **named: object) -> tuple[Any, ...]:
        """The one row of a statement."""
        [row] = self.rows(sql, *params, **named)
        return row

    def value(self, sql: str, *params: object, **named: object) -> Any:  # noqa: ANN401
        """The one value of a statement."""
        [value] = self.row(sql, *params, **named)
        return value

    def person(self, tokens: int) -> int:
        """A new account with a welcome of so many tokens."""
        phone = f"+263{next(_numbers)}"
        return int(self.value("select open_account(%s, 'hash', %s)", phone, tokens))

    def wallet(self, user: int) -> tuple[int, int]:
        """What is available, and what is held."""
        rows = self.rows("select kind, balance from accounts where user_id = %s", user)
        balances = dict(rows)
        return balances["available"], balances["held"]

    def pay(self, user: int, *, key: str | None = None, most: int = 1_000) -> str:
        """A payment of US$0.50 for 10,000 tokens that was asked for."""
        id = str(uuid4())
        row = self.row(
            OPEN,
            id=id,
            user=user,
            payer=user,
            key=key or id,
            reference=f"ZG-{id[:8]}",
            most=most,
        )
        assert row == ("opened", id), row
        assert self.decide(id, 1, "pending", word="Created", matched=False) == 2
        return id

    def decide(
        self,
        payment: str,
        version: int,
        state: str,
        *,
        credit: str | None = None,
        clawback: str | None = None,
        word: str = "Paid",
        matched: bool = True,
        body: bytes = b"",
    ) -> int | None:
        """Writes a decision; the version after, None if it came too late."""
        after: int | None = self.value(
            APPLY,
            id=payment,
            version=version,
            state=state,
            clawed=clawback is not None,
            poll="https://gateway/poll",
            credit=credit,
            clawback=clawback,
            word=word,
            matched=matched,
            body=body,
        )
        return after

    def buy(self, user: int) -> str:
        """10,000 tokens, paid and credited."""
        payment = self.pay(user)
        assert self.decide(payment, 2, "credited", credit="purchase") == 3
        return payment

    def ask(
        self,
        user: int,
        *,
        client_id: str | None = None,
        hold: int = HOLDING,
        text: str = "Why?",
        kind: str = "chat",
        conversation: str | None = None,
        window_from: str | None = None,
        ttl: timedelta = HOLD,
        most: int = 1_000_000,
        channel: str = "web",
    ) -> Asked:
        """Asks a question, of which ``most`` may be under way."""
        row = self.row(
            ASK,
            most=most,
            user=user,
            client_id=client_id or str(uuid4()),
            kind=kind,
            channel=channel,
            text=text,
            conversation=conversation,
            new=str(uuid4()),
            answer=str(uuid4()),
            job=str(uuid4()),
            window_from=window_from,
            prices=PRICES,
            hold=hold,
            ttl=ttl,
        )
        return Asked(*row)

    def claim(
        self,
        job: str,
        worker: str = "here",
        *,
        lease: timedelta = LEASE,
        hold: timedelta = HOLD,
    ) -> int | None:
        """Takes a job; the attempt, or None."""
        claim = "select attempt from claim_job(%s, %s, %s, %s)"
        attempt: int | None = self.value(claim, job, worker, lease, hold)
        return attempt

    def append(self, answer: str, epoch: int, seq: int, text: str = "word ") -> bool:
        """Stores one piece; whether it was taken."""
        append = "select append_chunks(%s::uuid[], %s, %s, %s)"
        return bool(self.rows(append, [answer], [epoch], [seq], [text]))

    def finish(
        self,
        answer: str,
        epoch: int,
        *,
        cost: int = 40,
        text: str = "",
        state: str = "complete",
        finish: str = "stop",
    ) -> int | None:
        """Ends an answer; what was charged, or None when superseded."""
        charged: int | None = self.value(
            "select charged from finish_answer("
            "%s, %s, %s, %s, %s, 'done', 'm', 10, 20, 'upstream', %s)",
            *(answer, epoch, text, state, finish, cost),
        )
        return charged

    def answered(self, user: int, *, cost: int = 40, **asking: Any) -> Asked:  # noqa: ANN401
        """A question and its whole answer, in two pieces."""
        asked = self.ask(user, **asking)
        assert self.claim(asked.job) == 1
        assert self.append(asked.answer, 1, 1, "Be")
        assert self.finish(asked.answer, 1, cost=cost, text="cause.") == cost
        return asked
