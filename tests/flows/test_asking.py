"""Questions on their way in: priced, held and committed before they are accepted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import attrs
import pytest

from tests.fakes.memory import ANN, BEN, PRICE, Database, MemoryQuestions
from tests.fakes.results import result_of
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Ending, Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import BadRequest, NotFound, Refusal, Unavailable
from zimgpt.domain.ledger import InsufficientTokens, NoPrice, Price, Tokens
from zimgpt.domain.questions import (
    LEAST_ANSWER,
    LONGEST,
    MOST_ANSWER,
    EmptyQuestion,
    Kind,
    QuestionDiffers,
    QuestionTooLong,
)
from zimgpt.domain.rates import TooManyAnswers
from zimgpt.flows.asking import AGAIN, RACES, Accepted, Asking, Question
from zimgpt.flows.ports import Asked, NewQuestion, Prospect, Ticket

QUESTION = Question("q1", Kind.CHAT, "Why does it rain?")
FREE = Ending(State.COMPLETE, Finish.STOP, None, Tokens(0))
ESSAY = Question("q1", Kind.ESSAY, "Why does it rain?")


class House:
    """Asking on memory, and what it publishes."""

    def __init__(self, *models: str) -> None:
        self.db = Database()
        self.published: list[Ticket] = []
        numbers = count(1)
        self.asking = Asking(
            MemoryQuestions(self.db),
            models or ("model",),
            1_000,
            "here",
            lambda: f"id-{next(numbers)}",
            self.published.append,
        )

    def ask(self, question: Question = QUESTION, user: UserId = ANN) -> Accepted:
        """The answer to the asking."""
        return result_of(self.asking.ask(user, question, "web"))


@pytest.fixture
def house() -> House:
    """A new one."""
    return House()


def test_a_question_is_committed_with_its_hold_and_published(house: House) -> None:
    """What is accepted has its price set aside, and a job on its way."""
    accepted = house.ask()

    [line] = house.db.lines.values()
    assert accepted.answer == line.new.answer
    assert accepted.fresh
    assert not accepted.lowered
    assert accepted.max_tokens == MOST_ANSWER[Kind.CHAT]
    assert accepted.hold == line.new.prompt_estimate + MOST_ANSWER[Kind.CHAT]
    assert house.db.balances[ANN] == accepted.available == 100_000 - accepted.hold
    assert house.published == [Ticket(line.new.job, "here", 7)]
    assert (line.new.title, line.new.channel) == ("Why does it rain?", "web")


def test_too_many_answers_at_once_are_refused_with_a_time(house: House) -> None:
    """Nothing is held or published, and a repeat still finds its answer."""
    house.db.most_open = 1
    first = house.ask()

    with pytest.raises(TooManyAnswers) as refused:
        house.ask(attrs.evolve(QUESTION, client_id="q2"))

    assert refused.value.retry == AGAIN
    assert len(house.published) == len(house.db.lines) == 1
    assert house.ask().answer == first.answer


def test_an_essay_may_be_long(house: House) -> None:
    """Essays have a limit of their own."""
    assert house.ask(ESSAY).max_tokens == MOST_ANSWER[Kind.ESSAY]


@pytest.mark.parametrize(("wanted", "agreed"), [(100, 100), (9_999_999, 1_024)])
def test_an_asker_may_want_less_and_not_more(
    house: House, wanted: int, agreed: int
) -> None:
    """A wish lowers the limit, and never raises it."""
    assert house.ask(attrs.evolve(QUESTION, max_tokens=wanted)).max_tokens == agreed


def test_a_repeat_is_the_first_question_again(house: House) -> None:
    """A client that never heard the acceptance asks again and pays once."""
    first = house.ask()

    again = house.ask()

    assert again == attrs.evolve(first, fresh=False)
    assert len(house.db.lines) == len(house.published) == 1


def test_a_repeat_is_found_when_the_first_took_all_the_money(house: House) -> None:
    """Whose whole balance is held by a question can still ask what became of it."""
    house.db.balances[ANN] = 300
    first = house.ask()
    assert house.db.balances[ANN] < LEAST_ANSWER

    again = house.ask()

    assert (again.answer, again.fresh) == (first.answer, False)
    assert again.lowered == first.lowered


def test_a_repeat_is_found_when_the_price_is_gone(house: House) -> None:
    """Nothing that an operator changes takes an accepted question back."""
    first = house.ask()
    house.db.prices = ()

    assert house.ask().answer == first.answer


def test_the_same_id_for_another_question_is_refused(house: House) -> None:
    """An id names one question for ever."""
    house.ask()

    with pytest.raises(QuestionDiffers):
        house.ask(attrs.evolve(QUESTION, text="Why does it not rain?"))


def test_two_people_may_use_the_same_id(house: House) -> None:
    """Ids are each client's own."""
    assert house.ask().answer != house.ask(user=BEN).answer


def test_a_small_balance_makes_a_shorter_answer_with_a_sentence(house: House) -> None:
    """The hold never exceeds the balance, and the asker is told before it is spent."""
    house.db.balances[ANN] = 300

    accepted = house.ask()

    assert accepted.hold <= 300
    assert accepted.max_tokens < MOST_ANSWER[Kind.CHAT]
    assert accepted.lowered


def test_who_cannot_pay_for_a_useful_answer_is_refused(house: House) -> None:
    """Nothing is held, committed or published."""
    house.db.balances[ANN] = 100

    with pytest.raises(InsufficientTokens):
        house.ask()

    assert (house.db.lines, house.published) == ({}, [])
    assert house.db.balances[ANN] == 100


def test_nothing_runs_without_a_price() -> None:
    """Each model that may answer has a price before the first question."""
    house = House("model", "unpriced")

    with pytest.raises(NoPrice):
        house.ask()

    assert house.db.lines == {}


def test_the_dearest_model_is_held_for() -> None:
    """Whichever of the models answers, the hold covers it."""
    house = House("model", "dear")
    house.db.prices = (PRICE, Price("dear", 1_000, 3_000))

    accepted = house.ask()

    [line] = house.db.lines.values()
    assert accepted.hold == line.new.prompt_estimate + 3 * MOST_ANSWER[Kind.CHAT]


def test_a_chat_goes_on_with_what_it_remembers(house: House) -> None:
    """Earlier turns are priced with the question, and the window is kept with it."""
    first = house.ask()
    line = house.db.lines[first.answer]
    line.epoch = line.last_seq = 1
    line.texts[1, 1] = "Because clouds are heavy."
    house.db.end(line, "", FREE)

    second = house.ask(
        Question("q2", Kind.CHAT, "Are they?", conversation=first.conversation)
    )

    new = house.db.lines[second.answer].new
    assert second.conversation == first.conversation
    assert new.window_from == first.answer
    assert new.prompt_estimate > line.new.prompt_estimate


def test_anothers_conversation_is_one_that_does_not_exist(house: House) -> None:
    """Nobody's words get into another's prompt."""
    mine = house.ask()

    with pytest.raises(NotFound):
        house.ask(attrs.evolve(QUESTION, conversation=mine.conversation), user=BEN)


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        (attrs.evolve(QUESTION, text=" \n"), EmptyQuestion),
        (attrs.evolve(QUESTION, text="x" * (LONGEST + 1)), QuestionTooLong),
        (attrs.evolve(QUESTION, client_id=""), BadRequest),
        (attrs.evolve(QUESTION, client_id="x" * 65), BadRequest),
        (attrs.evolve(QUESTION, max_tokens=0), BadRequest),
        (attrs.evolve(ESSAY, conversation=ConversationId("c")), BadRequest),
        (attrs.evolve(QUESTION, replaces=AnswerId("a")), BadRequest),
    ],
)
def test_what_cannot_be_asked_reaches_no_database(
    house: House, question: Question, refusal: type[Refusal]
) -> None:
    """Bad questions are refused with a sentence before anything is looked up."""
    with pytest.raises(refusal) as refused:
        house.ask(question)

    assert refused.value.message.endswith(".")
    assert house.db.calls == []


def test_a_database_that_is_away_changes_nothing(house: House) -> None:
    """Who is not told accepted was not charged."""
    house.db.away = True

    with pytest.raises(Unavailable):
        house.ask()

    assert house.published == []


# ---- races


@attrs.define
class Racing(MemoryQuestions):
    """A wallet that others spend from between its reading and the hold."""

    spends: int = 0

    async def prospect(
        self,
        user: UserId,
        conversation: ConversationId | None,
        models: Sequence[str],
        replaces: AnswerId | None = None,
    ) -> Prospect:
        """Tells a balance that is gone a moment later."""
        prospect = await super().prospect(user, conversation, models, replaces)
        if self.spends:
            self.spends -= 1
            self.db.balances[user] -= 400
        return prospect


def race(spends: int, balance: int) -> House:
    """A house whose wallet others spend from so many times."""
    house = House()
    house.db.balances[ANN] = balance
    house.asking = attrs.evolve(house.asking, questions=Racing(house.db, spends))
    return house


def test_a_wallet_that_shrinks_meanwhile_is_priced_again() -> None:
    """Questions asked at once share what there is, down to the last token."""
    house = race(1, balance=1_100)

    accepted = house.ask()

    assert accepted.hold <= 700
    assert accepted.lowered
    assert house.db.balances[ANN] >= 0


def test_a_wallet_that_others_empty_is_told_as_empty() -> None:
    """After the race there is one plain answer."""
    house = race(2, balance=850)

    with pytest.raises(InsufficientTokens):
        house.ask()


def test_a_wallet_that_never_rests_is_not_waited_for_for_ever(house: House) -> None:
    """Somebody who asks thousands of questions at once is told to wait."""

    class Never(MemoryQuestions):
        async def ask(self, question: NewQuestion) -> Asked:
            self.db.balances[question.user] = 0
            asked = await super().ask(question)
            self.db.balances[question.user] = 100_000
            return asked

    house.asking = attrs.evolve(house.asking, questions=Never(house.db))

    with pytest.raises(Unavailable, match="busy"):
        house.ask()

    assert house.db.calls == ["prospect", "ask"] * RACES


def test_a_conversation_deleted_meanwhile_is_not_found(house: House) -> None:
    """A chat that is deleted on another device takes no more questions."""
    first = house.ask()

    class Deleted(MemoryQuestions):
        async def ask(self, question: NewQuestion) -> Asked:
            house.db.lines.clear()
            return await super().ask(question)

    house.asking = attrs.evolve(house.asking, questions=Deleted(house.db))

    with pytest.raises(NotFound):
        house.ask(Question("q2", Kind.CHAT, "And?", conversation=first.conversation))

    assert len(house.published) == 1
