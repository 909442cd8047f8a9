"""Questions on their way in, through the pool."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import attrs
import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId, ConversationId, Turn
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Price, Terms, Tokens
from zimgpt.domain.questions import Kind
from zimgpt.flows.ports import NewQuestion
from zimgpt.store.pool import Pool
from zimgpt.store.questions import REMEMBERED, PgQuestions


@pytest.fixture
def questions(pool: Pool) -> PgQuestions:
    """The port, with holds of a quarter of an hour."""
    return PgQuestions(pool, timedelta(minutes=15))


@pytest.fixture
def user(clerk: Clerk) -> UserId:
    """Somebody with 500 tokens."""
    return UserId(clerk.person(500))


def new_question(user: UserId) -> NewQuestion:
    """A chat's first question, for 100 tokens at most."""
    return NewQuestion(
        user=user,
        client_id="q1",
        kind=Kind.CHAT,
        channel="web",
        text="Why is the sky blue?",
        conversation=None,
        new_conversation=ConversationId(str(uuid4())),
        title="Why is…",
        answer=AnswerId(str(uuid4())),
        job=str(uuid4()),
        origin="here",
        prompt_estimate=10,
        terms=Terms(max_tokens=64, hold=Tokens(100), lowered=True),
        window_from=None,
        prices=(Price("m", 1000, 1000),),
    )


def priced(clerk: Clerk, *prices: tuple[str, int, int, str]) -> None:
    """Sets prices that are valid from some time."""
    for price in prices:
        clerk.rows(
            "insert into prices (model, prompt_millis, completion_millis, valid_from)"
            " values (%s, %s, %s, now() + %s::interval)",
            *price,
        )


# ---- prospect --------------------------------------------------------------------


async def test_prospect_of_a_first_question(
    questions: PgQuestions, clerk: Clerk, user: UserId
) -> None:
    """The balance and the newest valid price of each model that was asked about."""
    priced(clerk, ("a", 1, 2, "-2 h"), ("a", 3, 4, "-1 h"), ("a", 9, 9, "1 h"))
    priced(clerk, ("b", 5, 6, "-1 h"), ("other", 7, 8, "-1 h"))

    prospect = await questions.prospect(user, None, ["a", "b", "unpriced"])

    assert prospect.available == 500
    assert set(prospect.prices) == {Price("a", 3, 4), Price("b", 5, 6)}
    assert prospect.turns == ()


async def test_prospect_remembers_the_latest_turns(
    questions: PgQuestions, clerk: Clerk, user: UserId
) -> None:
    """Turns with an answer, oldest first; not those without, nor another's."""
    first = clerk.answered(user, text="One?")
    talk = first.conversation
    clerk.answered(user, text="Elsewhere?")
    second = clerk.answered(user, text="Two?", conversation=talk)
    clerk.ask(user, text="Not answered?", conversation=talk)

    prospect = await questions.prospect(user, ConversationId(talk), [])

    assert prospect.turns == (
        Turn(AnswerId(first.answer), "One?", "Because."),
        Turn(AnswerId(second.answer), "Two?", "Because."),
    )
    assert prospect.available == 280
    assert prospect.prices == ()


async def test_prospect_is_bounded(questions: PgQuestions, clerk: Clerk) -> None:
    """Of a long conversation only the end is looked at."""
    user = UserId(clerk.person(10_000))
    talk = clerk.answered(user, text="0").conversation
    for number in range(1, REMEMBERED + 2):
        clerk.answered(user, text=str(number), conversation=talk)

    prospect = await questions.prospect(user, ConversationId(talk), [])

    assert [turn.question for turn in prospect.turns] == [
        str(number) for number in range(2, REMEMBERED + 2)
    ]


async def test_prospect_of_what_is_not_theirs(
    questions: PgQuestions, clerk: Clerk, user: UserId
) -> None:
    """Another's conversation, a deleted one, an essay and none at all are not found."""
    theirs = clerk.ask(clerk.person(500)).conversation
    gone = clerk.ask(user).conversation
    clerk.rows("update conversations set deleted_at = now() where id = %s", gone)
    essay = clerk.ask(user, kind="essay").conversation

    for conversation in (theirs, gone, essay, str(uuid4())):
        with pytest.raises(NotFound):
            await questions.prospect(user, ConversationId(conversation), [])


# ---- ask -------------------------------------------------------------------------


async def test_ask(questions: PgQuestions, clerk: Clerk, user: UserId) -> None:
    """Question, hold, job and outbox row are there in one commit."""
    question = new_question(user)

    asked = await questions.ask(question)

    assert (asked.outcome, asked.answer) == ("accepted", question.answer)
    assert asked.conversation == question.new_conversation
    assert (asked.max_tokens, asked.lowered) == (64, True)
    assert (asked.hold, asked.available) == (100, 400)
    job = clerk.row("select id, kind, ref, origin, state, attempts from jobs")
    assert job == (question.job, "chat", question.answer, "here", "queued", 0)
    outbox = clerk.row("select id, job_id, confirmed_at from outbox")
    assert outbox == (asked.outbox, asked.job, None)
    assert clerk.wallet(user) == (400, 100)


async def test_a_repeat_finds_the_first(
    questions: PgQuestions, clerk: Clerk, user: UserId
) -> None:
    """With other ids, another price and no money left, but no job to publish again."""
    question = new_question(user)
    first = await questions.ask(question)
    dearer = Terms(max_tokens=32, hold=Tokens(9_999), lowered=False)
    again = attrs.evolve(
        question, answer=AnswerId(str(uuid4())), job=str(uuid4()), terms=dearer
    )

    repeat = await questions.ask(again)

    assert repeat == attrs.evolve(first, outcome="repeat", job=None, outbox=None)
    assert clerk.wallet(user) == (400, 100)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(Kind.CHAT, "Another?"), (Kind.ESSAY, "Why is the sky blue?")],
)
async def test_another_question_under_the_same_id(
    questions: PgQuestions, user: UserId, kind: Kind, text: str
) -> None:
    """It differs, and nothing is asked."""
    await questions.ask(new_question(user))
    other = attrs.evolve(new_question(user), kind=kind, text=text)

    assert (await questions.ask(other)).outcome == "differs"


async def test_ids_are_each_persons_own(
    questions: PgQuestions, clerk: Clerk, user: UserId
) -> None:
    """Two people may use the same id."""
    await questions.ask(new_question(user))

    asked = await questions.ask(new_question(UserId(clerk.person(100))))

    assert asked.outcome == "accepted"


async def test_too_little_money(
    questions: PgQuestions, clerk: Clerk, user: UserId
) -> None:
    """Nothing is committed; the balance as it is comes back."""
    question = attrs.evolve(new_question(user), terms=Terms(64, Tokens(501), False))

    asked = await questions.ask(question)

    assert (asked.outcome, asked.available) == ("insufficient", 500)
    assert clerk.rows("select id from conversations") == []


async def test_a_conversation_goes_on(
    questions: PgQuestions, clerk: Clerk, user: UserId
) -> None:
    """A later question joins it, and brings it to the top of the list."""
    talk = clerk.ask(user).conversation
    clerk.ask(user)
    question = attrs.evolve(new_question(user), conversation=ConversationId(talk))

    asked = await questions.ask(question)

    assert asked.conversation == talk
    latest = "select id from conversations order by updated_at desc limit 1"
    assert clerk.value(latest) == talk


async def test_an_unknown_conversation(questions: PgQuestions, user: UserId) -> None:
    """It is not begun by asking in it."""
    nowhere = ConversationId(str(uuid4()))
    question = attrs.evolve(new_question(user), conversation=nowhere)

    assert (await questions.ask(question)).outcome == "unknown_conversation"


# ---- stop ------------------------------------------------------------------------


async def test_stop(questions: PgQuestions, clerk: Clerk, user: UserId) -> None:
    """Before anybody writes it is remembered; then the writer is named; then None."""
    asked = clerk.ask(user)
    answer = AnswerId(asked.answer)

    assert await questions.stop(user, answer) == ""
    assert clerk.value("select stop_requested from answers") is True
    clerk.claim(asked.job, "writer")
    assert await questions.stop(user, answer) == "writer"
    clerk.finish(asked.answer, 1)
    assert await questions.stop(user, answer) is None


async def test_nobody_stops_anothers_answer(
    questions: PgQuestions, clerk: Clerk, user: UserId
) -> None:
    """It is as if it were not there."""
    asked = clerk.ask(clerk.person(500))

    assert await questions.stop(user, AnswerId(asked.answer)) is None
    assert await questions.stop(user, AnswerId(str(uuid4()))) is None
    assert clerk.value("select stop_requested from answers") is False
