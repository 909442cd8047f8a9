"""One person on a messenger, in memory: what they said, where they stand, their post.

As ``contracts/test_chat.py`` holds it to, beside PostgreSQL; but for the rates of the
messenger, which only the database knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from twisted.internet.task import Clock

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Message
from zimgpt.flows.ports import Ticket
from zimgpt.flows.ports.contacts import (
    Account,
    Arrival,
    Contact,
    ContactId,
    LaneKind,
    Outgoing,
    Step,
)
from zimgpt.flows.ports.post import Finished, Letter
from zimgpt.flows.ports.topups import Kept
from zimgpt.wire.whatsapp.people import Person
from zimgpt.wire.whatsapp.troubles import Fate

# ruff: noqa: ARG002 - there is one person, whoever is asked for

ME = ContactId(1)
OPEN = ("waiting", "sending", "unknown")
DAY = timedelta(hours=24)


@attrs.define
class Said:
    """A message of theirs."""

    id: int
    key: str
    raw: bytes
    sent: float
    came: float
    outcome: str | None = None
    ref: str | None = None


@attrs.define
class Row:
    """A message of ours."""

    id: str
    message: Message | None = None
    answer: AnswerId | None = None
    payment: str | None = None
    reply_to: str | None = None
    state: str = "waiting"
    attempts: int = 0
    due: float = 0.0
    wamid: str | None = None
    code: int | None = None


@attrs.define
class MemoryChat:
    """``ports.Contacts`` and ``ports.Post`` of one person."""

    clock: Clock = attrs.Factory(Clock)
    user: UserId | None = None
    person: Person = attrs.Factory(lambda: Person("263771234567", None))
    language: str = "en"
    dialogue: Mapping[str, Any] = attrs.Factory(dict)
    greeted: bool = False
    opted_out: bool = False
    excused: bool = False
    web_untold: bool = False
    heard_at: float | None = None
    said: list[Said] = attrs.Factory(list)
    rows: list[Row] = attrs.Factory(list)
    endings: dict[AnswerId, Finished] = attrs.Factory(dict)
    payments: dict[str, Kept] = attrs.Factory(dict)
    refunded: set[AnswerId] = attrs.Factory(set)
    phrases: dict[str, str] = attrs.Factory(dict)
    """Digests of one-time phrases that are good, and what for."""
    password: bool = True
    paused_until: float = 0.0
    number_until: float = 0.0
    number_stopped: bool = False
    reasons: list[str] = attrs.Factory(list)

    # ---- for tests

    def say(self, text: str, *, ago: float = 0.0, waited: float = 60.0) -> Said:
        """They typed, and it came here some time ago."""
        number = len(self.said) + 1
        body = {"id": f"w{number}", "type": "text", "text": {"body": text}}
        return self.send(body, ago=ago, waited=waited)

    def send(
        self, body: dict[str, Any], *, ago: float = 0.0, waited: float = 60.0
    ) -> Said:
        """The same of any message."""
        now, number = self.clock.seconds(), len(self.said) + 1
        came = Said(
            number, f"m:w{number}", json.dumps(body).encode(), now - ago, now - waited
        )
        self.said.append(came)
        self.heard_at = now - ago
        return came

    def waiting(self) -> list[Message]:
        """Words that are to be sent."""
        return [row.message for row in self.rows if row.message and row.state in OPEN]

    # ---- Contacts

    async def contact(self, contact: ContactId) -> Contact:
        """Where they stand."""
        if contact != ME:
            raise NotFound("There is no such contact.")
        heard = self.heard_at
        passed = timedelta(seconds=self.clock.seconds() - (heard or 0.0))
        return Contact(
            id=ME,
            person=self.person,
            user=self.user,
            language=self.language,
            dialogue=self.dialogue,
            greeted=self.greeted,
            opted_out=self.opted_out,
            excused=self.excused,
            web_untold=self.web_untold,
            heard_at=None if heard is None else datetime.fromtimestamp(heard, UTC),
            heard_wamid=None,
            open_for=timedelta(0) if heard is None else DAY - passed,
            waiting_answer=next(
                (
                    row.answer
                    for row in self.rows
                    if row.answer and not row.message
                    if row.state in ("waiting", "held")
                    if row.answer not in self.endings
                ),
                None,
            ),
        )

    async def arrivals(self, contact: ContactId) -> tuple[Arrival, ...]:
        """What nobody has dealt with."""
        now = self.clock.seconds()
        return tuple(
            Arrival(
                one.id,
                one.key,
                one.raw,
                datetime.fromtimestamp(one.sent, UTC),
                timedelta(seconds=now - one.sent),
                timedelta(seconds=now - one.came),
            )
            for one in sorted(self.said, key=lambda one: (one.sent, one.id))
            if one.outcome is None
        )

    async def account(self, contact: ContactId, welcome: Tokens) -> Account:
        """Theirs."""
        made = self.user is None
        self.user = self.user or UserId(1)
        return Account(self.user, made, known=False)

    async def take(self, step: Step, origin: str) -> tuple[Ticket, ...] | None:
        """All of it, or nothing."""
        heard = [one for one in self.said if one.id in step.arrivals]
        if any(one.outcome is not None for one in heard):
            return None
        for one in heard:
            one.outcome, one.ref = step.outcome, step.ref
        if step.dialogue is not None:
            self.dialogue = json.loads(json.dumps(step.dialogue))
        self.language = step.language or self.language
        self.greeted |= step.greeted
        if step.opted_out is not None:
            self.opted_out = step.opted_out
        self.excused |= step.excused
        self.web_untold &= not step.web_told
        for say in step.says:
            row = Row(say.id, say.message, say.answer, reply_to=step.reply_to)
            self.rows.append(row)
        return (Ticket("send", origin, None),) if step.says else ()

    async def wake(
        self, kind: LaneKind, contact: ContactId, origin: str
    ) -> Ticket | None:
        """Its job."""
        return Ticket(str(kind), origin, None)

    async def void_password(self, user: UserId) -> None:
        """No password is good any more."""
        self.password = False

    async def prove(self, phrase: str, contact: ContactId) -> tuple[str, str | None]:
        """Whether it is one of ours."""
        purpose = self.phrases.get(phrase)
        return ("unknown" if purpose is None else "proved"), purpose

    # ---- Post

    async def letters(self, contact: ContactId) -> tuple[Letter, ...]:
        """What can be sent or put into parts."""
        now = self.clock.seconds()
        return tuple(
            Letter(
                id=row.id,
                message=row.message,
                answer=row.answer,
                reply_to=row.reply_to,
                state=row.state,
                attempts=row.attempts,
                wait=timedelta(seconds=max(row.due, self.paused_until) - now),
                payment=row.payment,
            )
            for row in self.rows
            if row.state in OPEN
            if row.message or row.payment or row.answer in self.endings
        )

    async def finished(self, letter: str) -> Finished:
        """What the answer has to tell."""
        row = self.row(letter)
        if row.answer is None or row.answer not in self.endings:
            raise NotFound("There is no such answer.")
        return self.endings[row.answer]

    async def news(self, letter: str) -> Kept | None:
        """The payment, unless a later letter tells of it."""
        row = self.row(letter)
        later = self.rows[self.rows.index(row) + 1 :]
        if any(one.payment == row.payment for one in later):
            return None
        return self.payments.get(row.payment or "")

    async def parts(self, letter: str, says: Sequence[Outgoing]) -> bool:
        """Once."""
        row = self.row(letter)
        if row.message is not None or row.state not in ("waiting", "held"):
            return False
        row.state = "replaced"
        for at, say in enumerate(says):
            reply_to = None if at else row.reply_to
            part = Row(say.id, say.message, row.answer, reply_to=reply_to)
            self.rows.append(part)
        return True

    async def begin(self, letter: str) -> bool:
        """Notes that it is tried, and gives its news a minute."""
        row, now = self.row(letter), self.clock.seconds()
        if row.state not in OPEN or row.due > now:
            return False
        row.state, row.attempts, row.due = "sending", row.attempts + 1, now + 60
        return True

    async def sent(self, letter: str, wamid: str) -> None:
        """It has gone."""
        row = self.row(letter)
        if row.state in (*OPEN, "held"):
            row.state, row.wamid = "sent", wamid

    async def trouble(
        self, letter: str, fate: Fate, wait: timedelta, code: int | None, why: str
    ) -> Tokens:
        """What became of it."""
        row, free = self.row(letter), Tokens(0)
        states = {Fate.AGAIN: "waiting", Fate.WINDOW: "held"}
        row.state, row.code = states.get(fate, "failed"), code
        row.due = self.clock.seconds() + wait.total_seconds()
        if fate is not Fate.FINAL or row.answer not in self.endings:
            return free
        if row.answer in self.refunded:
            return free
        self.refunded.add(row.answer)
        return self.endings[row.answer].cost

    async def pause_contact(self, contact: ContactId, wait: timedelta | None) -> None:
        """Slower, or no longer so."""
        seconds = 0.0 if wait is None else wait.total_seconds()
        self.paused_until = self.clock.seconds() + seconds if seconds else 0.0

    async def pause_number(self, wait: timedelta | None, reason: str) -> None:
        """Everything stops."""
        self.reasons.append(reason)
        if wait is None:
            self.number_stopped = True
        else:
            self.number_until = self.clock.seconds() + wait.total_seconds()

    async def paused(self) -> timedelta | None:
        """For how long."""
        left = max(self.number_until - self.clock.seconds(), 0.0)
        return None if self.number_stopped else timedelta(seconds=left)

    def row(self, letter: str) -> Row:
        """One message of ours."""
        return next(row for row in self.rows if row.id == letter)
