"""What a dialogue wants done, done: one act after the other, gathered into one step."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol, TypeAlias, assert_never

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue import acts, orders, papers, replies
from zimgpt.domain.dialogue.acts import Act
from zimgpt.domain.dialogue.facts import (
    About,
    Began,
    Event,
    Sketching,
)
from zimgpt.domain.dialogue.hearing import hear
from zimgpt.domain.dialogue.replies import Unreadable
from zimgpt.domain.dialogue.saved import save
from zimgpt.domain.dialogue.states import Brief, State
from zimgpt.domain.errors import NotFound, Refusal, Unavailable
from zimgpt.domain.essays.briefs import Step as Wanted
from zimgpt.domain.heard import Said, Sent
from zimgpt.domain.messages import Message
from zimgpt.domain.questions import Kind, QuestionDiffers
from zimgpt.domain.statements import Month
from zimgpt.flows.asking import Accepted, Question
from zimgpt.flows.describing import Describing
from zimgpt.flows.noting import noted
from zimgpt.flows.paying import Paying
from zimgpt.flows.ports import NewId
from zimgpt.flows.ports.contacts import Contact, ContactId, Contacts, Outgoing, Step
from zimgpt.flows.redeeming import Redeeming
from zimgpt.flows.sketches import Sketches

CHANNEL: Final = "whatsapp"
Money: TypeAlias = acts.BeginTopUp | acts.CheckPayment | acts.EnterCode | acts.Redeem
Paper: TypeAlias = acts.SendMonth | acts.SendWord | acts.SendPdf
Essay: TypeAlias = acts.Quote | acts.AskEssay | acts.AskOutline | acts.TakeOutline
COSTLY: Final = (acts.Ask, acts.AskEssay, acts.AskOutline, acts.Read)


@attrs.frozen
class Scene:
    """Who spoke, what is known of them, and the id that a question of theirs gets."""

    contact: Contact
    about: About
    client_id: str
    wamid: str | None

    @property
    def user(self) -> UserId:
        """Whose wallet pays."""
        assert self.contact.user is not None
        return self.contact.user


@attrs.frozen
class Done:
    """The step to commit, and the question that was asked, if one was."""

    step: Step
    asked: Accepted | None


class Interpreter(Protocol):
    """Turns files into words."""

    async def words(self, scene: Scene, media: Sent) -> str | Unreadable:
        """What a file says, or why it cannot be read; raises a Refusal."""
        ...


class Statements(Protocol):
    """Knows what happened to a wallet."""

    async def lines(self, user: UserId) -> Sequence[replies.Line]:
        """The latest entries, newest first."""
        ...

    async def months(self, user: UserId) -> Sequence[Month]:
        """Months before this one in which something happened, newest first."""
        ...


@attrs.define
class _Play:
    """A step as it comes together."""

    scene: Scene
    state: State
    changes: dict[str, Any] = attrs.Factory(dict)
    says: list[Outgoing] = attrs.Factory(list)
    asked: Accepted | None = None


@attrs.frozen(kw_only=True)
class Acting:
    """Carries acts out. ``asked`` is told of a question that was committed."""

    contacts: Contacts
    describing: Describing
    ask: Callable[[UserId, Question, str], Awaitable[Accepted]]
    interpreter: Interpreter
    statements: Statements
    sketches: Sketches
    paying: Paying
    redeeming: Redeeming
    forget: Callable[[UserId], Awaitable[None]]
    lock: Callable[[ContactId], Awaitable[None]]
    new_id: NewId
    asked: Callable[[Scene, Accepted], None]

    def costs(self, acts: Sequence[Act]) -> bool:
        """Whether the model will be asked: that waits for an answer under way."""
        return any(isinstance(act, COSTLY) for act in acts)

    async def carry_out(self, scene: Scene, state: State, acts: Sequence[Act]) -> Done:
        """All of them, and those that follow from them."""
        play = _Play(scene, state)
        for act in acts:
            await self._act(play, act)
        step = Step(
            contact=scene.contact.id,
            arrivals=(),
            dialogue=save(play.state),
            says=tuple(play.says),
            **play.changes,
        )
        return Done(step, play.asked)

    async def _act(self, play: _Play, act: Act) -> None:
        scene, about = play.scene, play.scene.about
        match act:
            case acts.Say(message):
                self._say(play, message)
            case acts.Ask(text, conversation):
                chat = Question(scene.client_id, Kind.CHAT, text, conversation)
                await self._ask(play, chat)
            case acts.Quote() | acts.AskEssay():
                await self._essay(play, act)
            case acts.AskOutline() | acts.TakeOutline():
                await self._essay(play, act)
            case acts.Read(media):
                await self._read(play, media)
            case acts.ShowStatement():
                await self._statement(play)
            case acts.SendMonth() | acts.SendWord() | acts.SendPdf():
                self._say(play, _paper(act, about))
            case acts.BeginTopUp() | acts.CheckPayment():
                await self._pay(play, act)
            case acts.EnterCode() | acts.Redeem():
                await self._pay(play, act)
            case acts.ProvePhone(phrase):
                await self._prove(play, phrase)
            case acts.Lock():
                await self._lock(play)
            case acts.Forget():
                await self.forget(scene.user)
            case _:
                play.changes |= noted(act)

    # ---- each of them

    def _say(self, play: _Play, message: Message) -> None:
        play.says.append(Outgoing(self.new_id(), message))

    async def _hear(self, play: _Play, event: Event) -> None:
        """The dialogue hears from its own house."""
        play.state, more = hear(play.state, event, play.scene.about)
        for act in more:
            await self._act(play, act)

    async def _statement(self, play: _Play) -> None:
        user, about = play.scene.user, play.scene.about
        lines = await self.statements.lines(user)
        self._say(play, replies.statement(about, lines))
        self._say(play, papers.month(about.language))
        if months := await self.statements.months(user):
            self._say(play, papers.earlier(about.language, months))

    async def _essay(self, play: _Play, act: Essay) -> None:
        user = play.scene.user
        match act:
            case acts.Quote(brief):
                await self._hear(play, await self.describing.quote(user, brief))
            case acts.AskEssay(brief):
                await self._order(play, brief, Wanted.ESSAY)
            case acts.AskOutline(brief):
                await self._order(play, brief, Wanted.OUTLINE)
            case acts.TakeOutline(answer, said):
                found = await self.sketches.outline(user, answer, said)
                await self._hear(play, found)
            case _:
                assert_never(act)

    async def _order(self, play: _Play, brief: Brief, step: Wanted) -> None:
        order = orders.order(brief, step)
        question = Question(
            play.scene.client_id, Kind.ESSAY, brief.topic, brief.beside, brief=order
        )
        await self._ask(play, question)

    async def _ask(self, play: _Play, question: Question) -> None:
        scene = play.scene
        try:
            accepted = await self._asked(scene, question)
        except (Unavailable, QuestionDiffers):
            raise  # for whoever tries again
        except Refusal as why:
            self._say(play, replies.refusal(scene.about, why))
            return
        play.asked = accepted
        if accepted.lowered:
            tongue = scene.about.language
            self._say(play, replies.shorter(tongue, accepted.max_tokens))
        answer = AnswerId(accepted.answer)
        play.says.append(Outgoing(self.new_id(), answer=answer))
        if question.kind is Kind.CHAT:
            await self._hear(play, Began(accepted.conversation))
        if question.brief is not None and question.brief.step is Wanted.OUTLINE:
            await self._hear(play, Sketching(answer))

    async def _asked(self, scene: Scene, question: Question) -> Accepted:
        try:
            return await self.ask(scene.user, question, CHANNEL)
        except NotFound:  # the conversation was deleted on the web: begin another
            fresh = attrs.evolve(question, conversation=None)
            return await self.ask(scene.user, fresh, CHANNEL)

    async def _read(self, play: _Play, media: Sent) -> None:
        try:
            words = await self.interpreter.words(play.scene, media)
        except Unavailable:
            raise  # for whoever tries again
        except Refusal as why:
            self._say(play, replies.refusal(play.scene.about, why))
            return
        if isinstance(words, Unreadable):
            language = play.scene.about.language
            self._say(play, replies.unreadable(language, words))
        else:
            about = await self.describing.about(play.scene.contact)
            play.scene = attrs.evolve(play.scene, about=about)  # reading has its price
            await self._hear(play, Said(words, media.kind))

    async def _pay(self, play: _Play, act: Money) -> None:
        user, about = play.scene.user, play.scene.about
        said: Message | None
        try:
            match act:
                case acts.BeginTopUp():
                    id_ = play.scene.client_id
                    said = await self.paying.begin(user, id_, act, about)
                case acts.CheckPayment():
                    said = await self.paying.check(user, act, about)
                case acts.EnterCode():
                    said = await self.paying.enter(user, act, about)
                case acts.Redeem(code):
                    done = await self.redeeming.redeem(user, None, code)
                    said = replies.redeemed(about, done.tokens, done.wallet.available)
        except Unavailable:
            raise  # for whoever tries again
        except Refusal as why:
            said = replies.refusal(about, why)
        if said is not None:
            self._say(play, said)

    async def _lock(self, play: _Play) -> None:
        await self.contacts.void_password(play.scene.user)
        await self.lock(play.scene.contact.id)
        self._say(play, replies.locked(play.scene.about.language))

    async def _prove(self, play: _Play, phrase: str) -> None:
        digest = hashlib.sha256(phrase.encode()).hexdigest()
        outcome, purpose = await self.contacts.prove(digest, play.scene.contact.id)
        language = play.scene.about.language
        self._say(play, replies.proof(language, outcome, purpose))


def _paper(act: Paper, about: About) -> Message:
    """The document's name, by which it is made when it is sent."""
    match act:
        case acts.SendMonth(month):
            return papers.month_of(about.language, month)
        case acts.SendWord(answer):
            return papers.word(answer)
        case acts.SendPdf(answer):
            return papers.pdf(answer)
        case _:
            assert_never(act)
