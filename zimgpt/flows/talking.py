"""One person's messages, in their order: heard, understood, and dealt with once.

A step is one commit: what was heard is done with, the dialogue stands where it stands
now, and what is said waits to be sent. A question is committed just before, under an id
made of the message, so a crash between the two finds it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from zimgpt.domain.dialogue.hearing import hear
from zimgpt.domain.dialogue.joining import joined
from zimgpt.domain.dialogue.saved import restored
from zimgpt.domain.heard import Heard, Said
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.questions import QuestionDiffers
from zimgpt.flows.acting import Acting, Scene
from zimgpt.flows.ports import Ticket
from zimgpt.flows.ports.contacts import Arrival, Contact, ContactId, Contacts, Step
from zimgpt.flows.ports.messenger import Messenger
from zimgpt.wire.whatsapp.stored import Stored, stored

GATHER: Final = timedelta(seconds=2.5)
"""How long after words more words are waited for: people type as they speak."""

OLDEST: Final = timedelta(hours=24)
"""What came so late cannot be answered any more; the messenger would refuse it."""


@attrs.frozen
class Turn:
    """Messages of theirs that are one thing said."""

    arrivals: tuple[Arrival, ...]
    heard: Heard
    wamid: str | None
    """Of the last of them."""


@attrs.frozen(kw_only=True)
class Talking:
    """Hears what a person has written."""

    contacts: Contacts
    messenger: Messenger
    acting: Acting
    clock: IReactorTime
    node: str
    welcome: Tokens
    publish: Callable[[Ticket], None]

    log = Logger()

    async def work(self, contact_id: ContactId) -> timedelta | None:
        """Until nothing is left to be heard, or the rest waits for an answer."""
        while True:
            arrivals = await self.contacts.arrivals(contact_id)
            if not arrivals:
                return None
            contact = await self.contacts.contact(contact_id)
            old = tuple(one for one in arrivals if one.late > OLDEST)
            if old:
                await self._ignore(contact, old)
                continue
            turn = first_turn(arrivals)
            if await self._more_to_come(turn):
                continue
            if not await self._hear_as_before(contact, turn):
                return None

    async def _more_to_come(self, turn: Turn) -> bool:
        """Waits, once somebody typed, until they seem to have said it all."""
        quiet = min(one.waited for one in turn.arrivals)
        if not open_ended(turn.heard) or quiet >= GATHER:
            return False
        await deferLater(self.clock, (GATHER - quiet).total_seconds())
        return True

    async def _ignore(self, contact: Contact, arrivals: Sequence[Arrival]) -> None:
        ids = tuple(one.id for one in arrivals)
        step = Step(contact=contact.id, arrivals=ids, outcome="ignored", ref="too_late")
        await self._take(step)

    async def _hear_as_before(self, contact: Contact, turn: Turn) -> bool:
        """After a crash there may be more to hear than when the question was asked:
        then it is the shorter one that was committed."""
        while True:
            try:
                return await self._hear(contact, turn)
            except QuestionDiffers:
                if len(turn.arrivals) == 1:
                    raise
                turn = first_turn(turn.arrivals[:-1])

    async def _hear(self, contact: Contact, turn: Turn) -> bool:
        """Takes one step; False if it must wait for an answer under way."""
        if contact.user is None:
            await self.contacts.account(contact.id, self.welcome)
            contact = await self.contacts.contact(contact.id)
        state = restored(contact.dialogue)
        about = await self.acting.describing.about(contact)
        scene = Scene(contact, about, client_id(turn.arrivals[0].key), turn.wamid)
        state, acts = hear(state, turn.heard, about)
        if contact.waiting_answer is not None and self.acting.costs(acts):
            return False
        self._mark(turn, typing=self.acting.costs(acts))
        done = await self.acting.carry_out(scene, state, acts)
        await self._take(
            attrs.evolve(
                done.step,
                arrivals=tuple(one.id for one in turn.arrivals),
                reply_to=turn.wamid if done.asked is not None else None,
            )
        )
        if done.asked is not None:
            self.acting.asked(scene, done.asked)
        return True

    def _mark(self, turn: Turn, *, typing: bool) -> None:
        """Shows that it was read; nothing waits for that, and nothing depends on it."""
        if turn.wamid is not None:
            Deferred.fromCoroutine(
                self.messenger.read(turn.wamid, typing=typing)
            ).addErrback(lambda failure: self.log.failure("marking broke", failure))

    async def _take(self, step: Step) -> None:
        tickets = await self.contacts.take(step, self.node)
        for ticket in tickets or ():
            self.publish(ticket)


def first_turn(arrivals: Sequence[Arrival]) -> Turn:
    """The first things said, as far as they are one."""
    things: list[Stored] = [stored(arrivals[0].raw)]
    for arrival in arrivals[1:]:
        more = [*things, stored(arrival.raw)]
        if len(joined([thing.heard for thing in more])) > 1:
            break
        things = more
    (heard,) = joined([thing.heard for thing in things])
    return Turn(tuple(arrivals[: len(things)]), heard, things[-1].wamid)


def open_ended(heard: Heard) -> bool:
    """Whether words that follow would belong to it."""
    return len(joined((heard, Said("so")))) == 1


def client_id(key: str) -> str:
    """A question's id made of the message it came in: the same, however often it is
    heard."""
    return "wa-" + hashlib.sha256(key.encode()).hexdigest()[:40]
