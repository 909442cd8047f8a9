"""One person's messages on their way out: in order, once, and as fast as is allowed.

Nobody promises that a message is sent once: the messenger knows no idempotency keys.
So each is noted before it is tried. When no answer comes, its news is waited for, and
only what had none within a minute is sent again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from zimgpt.domain import answers
from zimgpt.domain.dialogue import paying, replies
from zimgpt.domain.dialogue.delivering import Delivery, delivered
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.papers import PAPER
from zimgpt.domain.errors import NotFound
from zimgpt.domain.messages import Document, Message
from zimgpt.domain.papers.files import MEDIA, File
from zimgpt.domain.texts import Language
from zimgpt.flows.papers import NotMade
from zimgpt.flows.paying import seen
from zimgpt.flows.ports import NewId
from zimgpt.flows.ports.contacts import Contact, ContactId, Contacts, Outgoing
from zimgpt.flows.ports.messenger import Messenger, SendTrouble, Unheard
from zimgpt.flows.ports.post import Finished, Letter, Post
from zimgpt.wire.whatsapp import troubles
from zimgpt.wire.whatsapp.troubles import Fate, Trouble

LATE: Final = timedelta(minutes=10)
"""How old a question may be before its answer says which one it belongs to."""

SOON: Final = timedelta(seconds=3)
"""What is due so soon is waited for here; the lane rests for longer waits."""

PARKED: Final = timedelta(minutes=1)
"""How often a lane looks whether a stopped number sends again."""

TIMEZONE: Final = timedelta(hours=2)
"""Zimbabwe is two hours ahead of UTC, all year."""

Describe = Callable[[Contact], Awaitable[About]]


class Papers(Protocol):
    """Makes documents."""

    async def paper(self, contact: Contact, content: str) -> File:
        """What the ``content`` of a document for somebody names; raises NotFound."""
        ...


class Pace(Protocol):
    """How fast our number may send, on this node."""

    def take(self) -> float:
        """Seconds until one more message may go; zero: now, and it is counted."""
        ...


@attrs.frozen(kw_only=True)
class Sending:
    """Sends what waits for a person."""

    contacts: Contacts
    post: Post
    messenger: Messenger
    papers: Papers
    describe: Describe
    pace: Pace
    clock: IReactorTime
    new_id: NewId
    labels: Mapping[str, str]
    """What is said of a model with each of its answers, by its name."""

    log = Logger()

    async def work(self, contact_id: ContactId) -> timedelta | None:
        """Until nothing waits; otherwise when to look again."""
        while True:
            paused = await self.post.paused()
            if paused is None or paused > timedelta(0):
                return paused or PARKED
            contact = await self.contacts.contact(contact_id)
            letters = await self.post.letters(contact_id)
            if contact.opted_out:
                letters = _farewell(letters)
            if not letters:
                return None
            wait = await self._one(contact, letters[0])
            if wait > SOON:
                return wait
            if wait > timedelta(0):
                await deferLater(self.clock, wait.total_seconds())

    async def _one(self, contact: Contact, letter: Letter) -> timedelta:
        """Sends a message, or makes one of an answer; returns what to wait before the
        next."""
        if letter.wait > timedelta(0):
            return letter.wait
        if contact.open_for <= timedelta(0):
            await self._closed(letter)
            return timedelta(0)
        if letter.message is None:
            await self._put_into_parts(contact, letter)
            return timedelta(0)
        pause = self.pace.take()
        if pause > 0:
            return timedelta(seconds=pause)
        if await self.post.begin(letter.id):
            await self._send(contact, letter)
        return timedelta(0)

    async def _closed(self, letter: Letter) -> None:
        """A day has passed since they wrote: it is kept until they write again."""
        why = "a day has passed since they wrote"
        wait = timedelta(0)
        await self.post.trouble(letter.id, Fate.WINDOW, wait, None, why)

    # ---- answers

    async def _put_into_parts(self, contact: Contact, letter: Letter) -> None:
        if letter.payment:
            await self._tell_of_payment(contact, letter)
            return
        assert letter.answer is not None
        finished = await self.post.finished(letter.id)
        about = await self.describe(contact)
        messages = delivered(self._delivery(finished), about)
        says = tuple(
            Outgoing(self.new_id(), message, letter.answer) for message in messages
        )
        await self.post.parts(letter.id, says)

    async def _tell_of_payment(self, contact: Contact, letter: Letter) -> None:
        """As it stands now; nothing, if later news of it are queued."""
        kept = await self.post.news(letter.id)
        says: tuple[Outgoing, ...] = ()
        if kept is not None and contact.user is not None:
            about = await self.describe(contact)
            message = paying.told(seen(kept, contact.user), about)
            says = (Outgoing(self.new_id(), message),)
        await self.post.parts(letter.id, says)

    def _delivery(self, finished: Finished) -> Delivery:
        late = finished.late > LATE
        asked: datetime = finished.asked_at + TIMEZONE
        return Delivery(
            answer=finished.answer,
            essay=finished.kind == "essay",
            question=finished.question,
            text=finished.text,
            state=answers.State(finished.state),
            finish=answers.Finish(finished.finish or answers.Finish.GAVE_UP),
            cost=finished.cost,
            read=finished.read,
            label=self.labels.get(finished.model or "", ""),
            late=asked if late else None,
            brief=finished.brief,
        )

    # ---- one message

    async def _send(self, contact: Contact, letter: Letter) -> None:
        assert letter.message is not None
        try:
            message, media = await self._loaded(contact, letter.message)
            wamid = await self.messenger.send(
                contact.person,
                message,
                our_id=letter.id,
                reply_to=letter.reply_to,
                media=media,
            )
        except NotFound as gone:  # the person has deleted what it would carry
            await self.post.trouble(letter.id, Fate.GONE, timedelta(0), None, str(gone))
        except SendTrouble as trouble:
            await self._troubled(contact, letter, trouble)
        except Unheard as silence:
            # It stays noted as being sent; its news, or a minute, decides.
            self.log.warn("a message's fate is unknown: {reason}", reason=str(silence))
        else:
            await self.post.sent(letter.id, wamid)
            await self.post.pause_contact(contact.id, None)

    async def _loaded(
        self, contact: Contact, message: Message
    ) -> tuple[Message, str | None]:
        """The message as it goes out, and the id of the file that it carries. In place
        of a file that was asked for and is not there, something is said."""
        if not isinstance(message, Document):
            return message, None
        try:
            file = await self.papers.paper(contact, message.content)
        except NotFound as why:
            if message.content.startswith(PAPER):
                raise
            failed = isinstance(why, NotMade)
            return replies.no_paper(Language(contact.language), failed=failed), None
        media = await self.messenger.upload(file.content, MEDIA[file.ending], file.name)
        return attrs.evolve(message, filename=file.name), media

    async def _troubled(
        self, contact: Contact, letter: Letter, error: SendTrouble
    ) -> None:
        """What is to be done about a refusal, for this message and for others."""
        trouble, why = error.trouble, str(error)
        if troubles.alarming(error.code, trouble):
            self.log.critical("WhatsApp error {code}: {why}", code=error.code, why=why)
        tries = letter.attempts + 1
        seconds = troubles.wait(trouble, tries, asked=error.asked)
        wait = timedelta(seconds=seconds or 0)
        if trouble is Trouble.STOP:
            await self.post.pause_number(None, f"{error.code}: {why}")
        elif trouble is Trouble.SLOW_DOWN:
            await self.post.pause_number(wait, f"{error.code}: {why}")
        elif trouble is Trouble.SLOW_USER:
            await self.post.pause_contact(contact.id, wait)
        fate = troubles.fate(trouble)
        if seconds is None and trouble is Trouble.RETRY:
            fate = Fate.FINAL  # it was tried often enough
        given_back = await self.post.trouble(letter.id, fate, wait, error.code, why)
        if given_back:
            self.log.warn(
                "answer {answer} cannot be delivered: {tokens} tokens given back",
                answer=letter.answer,
                tokens=given_back,
            )


def _farewell(letters: tuple[Letter, ...]) -> tuple[Letter, ...]:
    """What is said to confirm that nothing will be said any more goes out; answers and
    news are kept."""
    return tuple(
        letter for letter in letters if letter.answer is None and not letter.payment
    )
