"""What a dialogue is told of a person, and of an essay's price."""

from __future__ import annotations

import attrs
import pytest

from tests.fakes.buying import Shop
from tests.fakes.chat import ME
from tests.fakes.memory import PRICE
from tests.fakes.results import result_of
from tests.fakes.talk import Board, Purse, Talk
from zimgpt.domain import usual
from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.states import Brief, Level
from zimgpt.domain.essays.briefs import Section
from zimgpt.domain.ledger import Usage, cost
from zimgpt.domain.texts import Language
from zimgpt.wire.whatsapp.people import Person

BRIEF = Brief("Why?", Level.A_LEVEL, 800, Language.ENGLISH)


def about(talk: Talk) -> About:
    """What is known of them."""
    talk.chat.user = UserId(1)
    return result_of(talk.describing.about(result_of(talk.chat.contact(ME))))


def test_a_person_is_described_as_they_stand() -> None:
    """Balance, prices, what is sold, and what they have been told."""
    talk = Talk()
    talk.chat.greeted = talk.chat.opted_out = talk.chat.web_untold = True
    talk.chat.language = "nd"

    told = about(talk)

    assert (told.language, told.available) == (Language.NDEBELE, 100_000)
    assert told.question_cost == usual.question(PRICE)
    assert told.essay_cost == usual.essay(PRICE)
    assert (told.welcomed, told.opted_out, told.web_untold) == (True, True, True)
    assert told.offers[0].package == "taste"
    assert told.phone == "+263771234567"


def test_where_nothing_has_a_price_everything_costs_something() -> None:
    """Nobody is told that a question is free."""
    told = about(Talk(board=Board(())))

    assert (told.question_cost, told.essay_cost) == (1, 1)


def test_where_nothing_is_sold_nothing_is_offered() -> None:
    """And no way to pay is named."""
    told = about(Talk(shop=Shop(open=False)))

    assert (told.offers, told.methods) == ((), ())


@pytest.mark.parametrize("phone", [None, "1", "442079460000"])
def test_a_number_that_cannot_pay_is_not_offered(phone: str | None) -> None:
    """Whoever writes from abroad, or hides it, types one."""
    talk = Talk()
    talk.chat.person = Person(phone, "ZW.1")

    assert about(talk).phone is None


def test_a_language_that_we_do_not_speak_is_english() -> None:
    """As a row of another time may have it."""
    talk = Talk()
    talk.chat.language = "fr"

    assert about(talk).language is Language.ENGLISH


def test_an_essay_has_its_most_its_usual_price_and_that_of_an_outline() -> None:
    """The outline is the cheap part; points and an outline are part of the price."""
    describing = Talk().describing

    plain = result_of(describing.quote(UserId(1), BRIEF))
    outline = tuple(Section(name, ("x" * 300,) * 8) for name in "abcdefghijkl")
    long = result_of(describing.quote(UserId(1), attrs.evolve(BRIEF, outline=outline)))

    assert plain.words == 800
    assert 0 < plain.sketch < plain.usual < plain.tokens
    assert long.tokens > plain.tokens
    assert long.sketch == plain.sketch


def test_an_essay_is_shortened_to_what_the_balance_covers() -> None:
    """To fifty words; where it covers none, the price is told as it is."""
    whole = result_of(Talk().describing.quote(UserId(1), BRIEF))
    poor = Talk(purse=Purse(whole.tokens * 9 // 10))
    poorest = Talk(purse=Purse(1))

    less = result_of(poor.describing.quote(UserId(1), BRIEF))
    same = result_of(poorest.describing.quote(UserId(1), BRIEF))

    assert 100 <= less.words < 800
    assert less.words % 50 == 0
    assert less.tokens <= whole.tokens * 9 // 10
    assert same.words == 800
    assert same.tokens == whole.tokens


def test_a_usual_question_is_dearer_than_nothing() -> None:
    """The dearest of the models counts."""
    dear = attrs.evolve(PRICE, model="m2", prompt_millis=10**6)

    told = about(Talk(board=Board((PRICE, dear))))

    assert told.question_cost == cost(dear, Usage(400, 400))
    assert told.question_cost > usual.question(PRICE)
