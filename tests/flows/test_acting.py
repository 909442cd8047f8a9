"""What a dialogue wants done, act by act, gathered into one step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

import attrs
import pytest

from tests.fakes.buying import FRIEND
from tests.fakes.chat import ME
from tests.fakes.results import begun, result_of
from tests.fakes.talk import CHAT, Talk
from tests.fakes.vouchers import CODE
from zimgpt.domain import vouchers
from zimgpt.domain.answers import State as Written
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.dialogue import acts, papers
from zimgpt.domain.dialogue.acts import Act
from zimgpt.domain.dialogue.facts import Offer
from zimgpt.domain.dialogue.orders import order
from zimgpt.domain.dialogue.replies import Entry, Line
from zimgpt.domain.dialogue.saved import restored
from zimgpt.domain.dialogue.states import (
    Brief,
    Chatting,
    EssayConfirm,
    EssayOutlined,
    EssayOutlining,
    EssayPricing,
    Level,
    Menu,
    State,
)
from zimgpt.domain.errors import Unavailable
from zimgpt.domain.essays.briefs import Section, Step
from zimgpt.domain.ledger import InsufficientTokens, Tokens
from zimgpt.domain.messages import Choices, Document, Message, Text
from zimgpt.domain.phones import Phone
from zimgpt.domain.questions import Kind
from zimgpt.domain.statements import Month
from zimgpt.domain.texts import Language, say
from zimgpt.domain.topups.networks import Method
from zimgpt.flows.acting import Acting, Done, Scene
from zimgpt.flows.ordering import Order

ENGLISH = Language.ENGLISH
BRIEF = Brief("Why?", Level.A_LEVEL, 500, ENGLISH)
OUTLINE = (Section("Introduction"), Section("Conclusion"))
ID = AnswerId("5c6e7a1c-08a4-4f4e-9f0e-6f1b7f1a2b3c")
PHONE = Phone("+263772345678")
TASTE = Offer("taste", Tokens(10_000), 50)


@pytest.fixture
def talk() -> Talk:
    """Somebody with an account."""
    talk = Talk()
    talk.chat.user = result_of(talk.chat.account(ME, Tokens(0))).user
    return talk


def scene(talk: Talk) -> Scene:
    """They have just written."""
    contact = result_of(talk.chat.contact(ME))
    about = result_of(talk.describing.about(contact))
    return Scene(contact, about, "q1", "w1")


def do(talk: Talk, *wanted: Act, state: State | None = None) -> Done:
    """Carries acts out; a gateway takes a moment."""
    work = begun(talk.acting.carry_out(scene(talk), state or Menu(), wanted))
    talk.shop.clock.pump([0.0, 1.0])
    return result_of(work)


def said(done: Done) -> list[Message]:
    """Words that will be sent."""
    return [one.message for one in done.step.says if one.message is not None]


def text(done: Done) -> str:
    """The words of the only message."""
    [message] = said(done)
    return str(getattr(message, "body", ""))


# ---- kept with the step


@pytest.mark.parametrize(
    ("act", "change"),
    [
        (acts.SetLanguage(Language.SHONA), {"language": "sn"}),
        (acts.OptOut(), {"opted_out": True}),
        (acts.OptIn(), {"opted_out": False}),
        (acts.Welcomed(), {"greeted": True}),
        (acts.ToldUnclear(), {"excused": True}),
        (acts.ToldOfWeb(), {"web_told": True}),
        (acts.NewConversation(), {}),
    ],
)
def test_what_is_to_be_remembered_is_part_of_the_step(
    talk: Talk, act: Act, change: dict[str, object]
) -> None:
    """It is committed with what was said, or not at all."""
    plain = do(talk).step

    assert do(talk, act).step == attrs.evolve(plain, **change)  # type: ignore[arg-type]


def test_what_is_said_keeps_its_order(talk: Talk) -> None:
    """Each message gets an id of its own, by which its news are known."""
    done = do(talk, acts.Say(Text("One")), acts.Say(Text("Two")))

    assert said(done) == [Text("One"), Text("Two")]
    assert len({one.id for one in done.step.says}) == 2
    assert done.asked is None


@pytest.mark.parametrize(
    ("wanted", "costs"),
    [
        ((acts.Ask("Why?", None),), True),
        ((acts.Say(Text("x")), acts.AskOutline(BRIEF)), True),
        ((acts.AskEssay(BRIEF, Tokens(1)),), True),
        ((acts.Quote(BRIEF),), False),
        ((acts.TakeOutline(ID),), False),
        ((), False),
    ],
)
def test_what_waits_for_an_answer_under_way(
    talk: Talk, wanted: Sequence[Act], costs: bool
) -> None:
    """Only what asks a model; prices and look-ups do not."""
    assert talk.acting.costs(wanted) == costs


# ---- questions and essays


def test_a_question_begins_a_conversation(talk: Talk) -> None:
    """What is typed next belongs to it."""
    done = do(talk, acts.Ask("Why?", None), state=Chatting())

    assert done.asked is not None
    assert done.step.dialogue is not None
    assert done.step.dialogue["conversation"] == CHAT
    assert [one.answer for one in done.step.says] == [done.asked.answer]
    assert talk.desk.asked[0].conversation is None


def test_a_price_is_worked_out_and_shown(talk: Talk) -> None:
    """By the dialogue itself, which hears of it within the step."""
    pricing = EssayPricing(brief=BRIEF)

    done = do(talk, acts.Quote(BRIEF), state=pricing)

    assert done.step.dialogue is not None
    assert done.step.dialogue["state"] == "essay.confirm"
    assert "never more than" in text(done)


def test_an_essay_is_ordered_by_its_brief(talk: Talk) -> None:
    """It stands alone, and the chat goes on where it was."""
    kept = ConversationId("kept")

    done = do(talk, acts.AskEssay(BRIEF, Tokens(9)), state=Chatting(conversation=kept))

    [question] = talk.desk.asked
    assert (question.kind, question.brief) == (Kind.ESSAY, order(BRIEF))
    assert done.step.dialogue is not None
    assert done.step.dialogue["conversation"] == kept


CONFIRM = EssayConfirm(
    brief=BRIEF,
    tokens=Tokens(9),
    usual=Tokens(5),
    sketch=Tokens(1),
)


def test_an_outline_that_was_ordered_is_awaited(talk: Talk) -> None:
    """What is typed next is about it."""
    done = do(talk, acts.AskOutline(BRIEF), state=CONFIRM)

    [question] = talk.desk.asked
    assert question.brief == order(BRIEF, Step.OUTLINE)
    assert done.asked is not None
    assert done.step.dialogue is not None
    assert done.step.dialogue["state"] == "essay.outlining"
    assert done.step.dialogue["answer"] == done.asked.answer


def test_an_outline_that_was_refused_leaves_the_order(talk: Talk) -> None:
    """They can still have the essay, or go back."""
    talk.desk.refusals = [InsufficientTokens()]

    done = do(talk, acts.AskOutline(BRIEF), state=CONFIRM)

    assert done.asked is None
    assert done.step.dialogue is not None
    assert done.step.dialogue["state"] == "essay.confirm"


def kept(
    written: Written = Written.COMPLETE,
    words: str = "## Introduction\n- x\n## Conclusion\n- y",
    step: Step = Step.OUTLINE,
) -> Order:
    """An outline of theirs."""
    return Order(
        answer=ID,
        conversation=CHAT,
        topic="Why?",
        brief=order(BRIEF, step),
        state=written,
        text=words,
        words=None,
        prompts="v1",
        cost=Tokens(9),
    )


OUTLINING = EssayOutlining(brief=BRIEF, answer=ID)


@pytest.mark.parametrize(
    ("found", "then"),
    [
        (kept(), "essay.outlined"),
        (kept(Written.STREAMING, ""), "essay.outlining"),
        (kept(Written.FAILED, ""), "essay.confirm"),
        (kept(step=Step.ESSAY), "essay.outlining"),
        (None, "essay.outlining"),
    ],
)
def test_an_outline_is_looked_up(talk: Talk, found: Order | None, then: str) -> None:
    """There, it gets its price; under way, failed or not theirs, they are told so."""
    if found is not None:
        talk.books.orders[ID] = found

    done = do(talk, acts.TakeOutline(ID), state=OUTLINING)

    assert done.step.dialogue is not None
    assert done.step.dialogue["state"] == then
    assert len(said(done)) == 1


@pytest.mark.parametrize("id_", ["", "x", ID + "x", "'; drop table"])
def test_an_outline_of_somebodys_own_making_is_none(talk: Talk, id_: str) -> None:
    """What a button says never reaches the database as it is."""
    done = do(talk, acts.TakeOutline(AnswerId(id_)))

    assert text(done).startswith(say(ENGLISH, "steps.stale"))


def test_an_outline_that_was_changed_is_what_is_ordered(talk: Talk) -> None:
    """As the person left it; the essay is found beside its outline."""
    talk.books.orders[ID] = kept()
    done = do(talk, acts.TakeOutline(ID, "2 1"), state=OUTLINING)
    beside = restored(json.loads(json.dumps(done.step.dialogue)))

    assert done.step.dialogue is not None
    assert done.step.dialogue["state"] == "essay.outlined"
    headings = [one["heading"] for one in done.step.dialogue["brief"]["outline"]]
    assert headings == ["Conclusion", "Introduction"]
    assert len(said(done)) == 2
    assert isinstance(beside, EssayOutlined)
    do(talk, acts.AskEssay(beside.brief, Tokens(9)))
    assert talk.desk.asked[0].conversation == CHAT


def test_an_outline_agreed_to_is_one_order(talk: Talk) -> None:
    """Brief and outline together."""
    brief = attrs.evolve(BRIEF, outline=OUTLINE)
    outlined = EssayOutlined(brief=brief, tokens=Tokens(9), usual=Tokens(5))

    do(talk, acts.AskEssay(outlined.brief, Tokens(9)))

    assert talk.desk.asked[0].brief == order(brief)


# ---- looked up


def test_a_statement_is_told_with_its_paper(talk: Talk) -> None:
    """And with earlier months, where there are any."""
    entry = Line(datetime(2026, 11, 25), Entry.CHAT, -40)  # noqa: DTZ001 - their time
    talk.books.entries = (entry,)

    alone = said(do(talk, acts.ShowStatement()))
    talk.books.earlier = (Month(2026, 10),)
    more = said(do(talk, acts.ShowStatement()))

    assert isinstance(alone[0], Text)
    assert "-40" in alone[0].body
    assert [getattr(one, "content", None) for one in alone] == [None, papers.MONTH]
    assert isinstance(more[2], Choices)


def test_papers_are_named_until_they_are_made(talk: Talk) -> None:
    """They are made when they are sent."""
    done = do(talk, acts.SendWord("a"), acts.SendPdf("b"), acts.SendMonth("2026-10"))

    contents = [one.content for one in said(done) if isinstance(one, Document)]
    assert contents == [papers.WORD + "a", papers.PDF + "b", papers.MONTH + "2026-10"]


# ---- people


def test_forgetting_and_locking_are_done_before_they_are_told(talk: Talk) -> None:
    """The password is void, and every browser signed out."""
    done = do(talk, acts.Forget(), acts.Lock())

    assert talk.done == ["forget 1", "lock 1"]
    assert not talk.chat.password
    assert text(done) == say(ENGLISH, "lock.done")


@pytest.mark.parametrize(
    ("known", "key"), [(True, "proof.sign_in"), (False, "proof.unknown")]
)
def test_a_phrase_is_proved_by_its_digest(talk: Talk, known: bool, key: str) -> None:
    """Nobody who reads the database can prove anything by it."""
    phrase = "ZIM-7K3M9QPA"
    if known:
        talk.chat.phrases[hashlib.sha256(phrase.encode()).hexdigest()] = "sign_in"

    assert text(do(talk, acts.ProvePhone(phrase))) == say(ENGLISH, key)


# ---- money


def test_a_payment_is_begun_and_its_news_come_by_themselves(talk: Talk) -> None:
    """When the gateway answers at once, nothing is said here."""
    done = do(talk, acts.BeginTopUp(TASTE, PHONE, Method.ECOCASH))

    assert said(done) == []
    assert talk.shop.store.row().kept.client_id == "q1"


def test_a_payment_that_cannot_be_is_refused_kindly(talk: Talk) -> None:
    """A stranger's number has no account, a code no payment, a package no price."""
    gone = attrs.evolve(TASTE, id="gone")
    for act, key in (
        (acts.BeginTopUp(TASTE, PHONE, Method.ECOCASH, Phone("+263771111111")), None),
        (acts.BeginTopUp(gone, PHONE, Method.ECOCASH), "refused.price_changed"),
        (acts.CheckPayment(), "refused.payment_unknown"),
        (acts.EnterCode("p1", "123456"), "refused.payment_unknown"),
        (acts.Redeem("0" * 16), "refused.voucher_unknown"),
    ):
        done = do(talk, act)
        assert text(done) == say(ENGLISH, key or "refused.beneficiary_unknown")


def test_a_voucher_is_redeemed_and_told(talk: Talk) -> None:
    """With the balance after it."""
    done = do(talk, acts.Redeem(vouchers.read(CODE)))

    assert say(ENGLISH, "voucher.done", tokens=10_000) in text(done)
    assert "100,000" in text(done)


def test_a_gift_goes_to_whose_number_it_is(talk: Talk) -> None:
    """The payer pays."""
    do(talk, acts.BeginTopUp(TASTE, PHONE, Method.ECOCASH, FRIEND))

    row = talk.shop.store.row().kept
    assert (row.payer, row.user) == (1, 77)


def test_an_outage_is_for_whoever_tries_again(talk: Talk) -> None:
    """Nothing is said that is not so."""
    talk.shop.store.away = True
    acting: Acting = talk.acting
    told = scene(Talk(chat=talk.chat))

    with pytest.raises(Unavailable):
        result_of(acting.carry_out(told, Menu(), (acts.CheckPayment(),)))
