"""One node's flows put together on memory, and a reader who takes notes."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from tests.fakes.memory import (
    Database,
    MemoryAnswers,
    MemoryBroker,
    MemoryDrafts,
    MemoryJobs,
    MemoryQuestions,
    ScriptedModels,
    ScriptedSource,
    asked,
)
from tests.fakes.results import begun
from zimgpt.domain.accounts import SessionId, UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.answering import Answering
from zimgpt.flows.composing import Composer
from zimgpt.flows.exchanging import Exchange
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import End, Models
from zimgpt.flows.remembering import Remembering
from zimgpt.flows.subscriptions import Subscription
from zimgpt.flows.writing import Writer

TICK = 0.1
WINDOW = 3_000


class Room:
    """A node called ``name``; several may share a database and a broker."""

    def __init__(
        self,
        db: Database | None = None,
        name: str = "here",
        broker: MemoryBroker | None = None,
        models: Models | None = None,
    ) -> None:
        self.db = db or Database()
        self.name = name
        self.clock: Clock = self.db.clock
        self.broker = broker or MemoryBroker()
        self.broker.living.add(name)
        self.models = ScriptedModels()
        self.sessions_ended: list[Sequence[SessionId]] = []
        self.answers = MemoryAnswers(self.db)
        self.questions = MemoryQuestions(self.db)
        self.audience = Audience(self.clock, self.answers, name)
        self.writer = Writer(self.clock, MemoryDrafts(self.db), self.audience, TICK)
        self.exchange = Exchange(
            name,
            self.broker,
            self.audience,
            lambda answer: self.answering.stop(answer),
            self.sessions_ended.append,
        )
        self.audience.outlet = self.exchange
        self.answering = Answering(
            name,
            MemoryJobs(self.db),
            models or self.models,
            self.writer,
            Composer(models or self.models, self.clock),
            Remembering(
                MemoryDrafts(self.db), models or self.models, self.writer, WINDOW
            ),
            self.exchange.add,
        )

    def ask(self, *, origin: str = "here") -> AnswerId:
        """A question that nobody has begun to answer."""
        return asked(self.db, len(self.db.lines) + 1, origin=origin).answer

    def begin(self, answer: AnswerId) -> Deferred[bool]:
        """Runs an answer's job; the result fires when it is settled."""
        return begun(self.answering.run(self.db.lines[answer].new.job))

    def source(self) -> ScriptedSource:
        """The stream that was opened last."""
        return self.models.sources[-1]

    def tick(self, seconds: float = TICK) -> None:
        """A tick passes, and the turn of the reactor after it."""
        self.clock.advance(seconds)
        self.clock.advance(0)

    def written(self, *texts: str) -> tuple[AnswerId, ScriptedSource]:
        """An answer that is being written, with one stored piece for each text."""
        answer = self.ask()
        self.begin(answer)
        source = self.source()
        for text in texts:
            source.say(text)
            self.tick()
        return answer, source

    def idle(self) -> bool:
        """No timer is left, once the tick has seen that there is nothing to do."""
        self.tick()
        return not self.clock.getDelayedCalls()


@attrs.define
class Notes:
    """A reader (``subscriptions.Reader``) that writes down what it is shown."""

    told: list[tuple[object, ...]] = attrs.Factory(list)
    text_so_far: str = ""
    clear: bool = True
    broken: bool = False

    def text(self, subscription: Subscription, text: str) -> bool:
        """Takes text while it is clear."""
        if self.broken:
            raise ZeroDivisionError
        if not self.clear:
            return False
        self.told.append((subscription.place, text))
        self.text_so_far += text
        return True

    def reset(self, subscription: Subscription) -> None:
        """Begins again."""
        self.told.append(("reset", subscription.epoch))
        self.text_so_far = ""

    def ended(self, _subscription: Subscription, end: End) -> None:
        """The end."""
        self.told.append(("ended", end.finish))


def subscribed(
    room: Room, answer: AnswerId, notes: Notes, user: UserId | None = None
) -> Subscription:
    """A subscription that is not joined yet."""
    owner = room.db.lines[answer].new.user
    return Subscription(user or owner, answer, notes, 1, 1)


def joined(room: Room, answer: AnswerId, notes: Notes) -> Subscription:
    """A subscription from the beginning of an answer that has not begun."""
    subscription = subscribed(room, answer, notes)
    room.audience.join(subscription)
    return subscription


def followed(
    room: Room, answer: AnswerId, notes: Notes, epoch: int = 0, seq: int = 0
) -> Subscription:
    """A subscription from some place; its following may wait for the database."""
    subscription = subscribed(room, answer, notes)
    begun(
        room.audience.follow(
            subscription,
            epoch,
            seq,
            lambda _: notes.told.append(("at", *subscription.place)),
        )
    )
    return subscription
