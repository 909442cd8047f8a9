"""What is said around answers, and what the model is told of an essay."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from zimgpt.domain.accounts import Banned
from zimgpt.domain.answers import Finish, State, sentence
from zimgpt.domain.dialogue import About, Brief, Offer, menus, replies
from zimgpt.domain.dialogue.orders import order
from zimgpt.domain.dialogue.replies import Entry, Line, Unreadable
from zimgpt.domain.dialogue.states import Level
from zimgpt.domain.errors import Refusal, Unavailable
from zimgpt.domain.essays import briefs
from zimgpt.domain.ledger import InsufficientTokens, NoPrice, Tokens
from zimgpt.domain.messages import Buttons, Link, Text
from zimgpt.domain.questions import (
    EmptyQuestion,
    QuestionTooLong,
    QuestionUnstorable,
)
from zimgpt.domain.rates import TooManyAnswers
from zimgpt.domain.texts import Language, say

NOON = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)
ABOUT = About(
    language=Language.ENGLISH,
    available=Tokens(5_000),
    question_cost=Tokens(40),
    essay_cost=Tokens(400),
)


def test_a_footer_tells_cost_and_balance_in_one_line() -> None:
    """Every answer says what it cost."""
    assert replies.footer(ABOUT, Tokens(1_212)) == "_Cost: 1,212 · Balance: 5,000_"


def test_a_footer_warns_before_tokens_run_out() -> None:
    """With the way on, and never with a balance below nothing."""
    low = attrs.evolve(ABOUT, available=Tokens(120))
    none = attrs.evolve(ABOUT, available=Tokens(-3))

    assert replies.footer(low, Tokens(5)).split("\n")[1] == (
        "_Tokens are running out. Questions left, about: 3. Write BUY._"
    )
    assert "Balance: 0" in replies.footer(none, Tokens(5))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("state", [s for s in State if s.ended])
@pytest.mark.parametrize("finish", Finish)
def test_an_end_is_told_when_english_tells_it(
    language: Language, state: State, finish: Finish
) -> None:
    """The messenger explains the same ends as the web does."""
    told = replies.ending(language, state, finish)

    assert (told is None) == (sentence(state, finish) is None)


@pytest.mark.parametrize("language", Language)
def test_a_late_answer_says_what_it_answers(language: Language) -> None:
    """Two hours later nobody remembers."""
    told = replies.late(language, NOON, "What is osmosis?")

    assert "14:05" in told
    assert "What is osmosis?" in told


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("why", "key"),
    [
        (EmptyQuestion(), "refused.question_empty"),
        (QuestionTooLong(), "refused.question_too_long"),
        (QuestionUnstorable(), "refused.question_unstorable"),
        (NoPrice(), "refused.no_price"),
        (Banned(), "refused.banned"),
        (TooManyAnswers(), "refused.too_many_answers"),
        (Unavailable(), "refused.unavailable"),
        (Refusal(), "refused.other"),
    ],
)
def test_a_refusal_is_told_in_the_persons_language(
    language: Language, why: Refusal, key: str
) -> None:
    """No English sentence slips into a Shona chat."""
    about = attrs.evolve(ABOUT, language=language)

    assert replies.refusal(about, why) == Text(say(language, key))


def test_no_tokens_leads_to_where_tokens_are() -> None:
    """Buttons where they are sold, else the web, else a word on how."""
    poor = attrs.evolve(ABOUT, available=Tokens(3))
    selling = attrs.evolve(poor, offers=(Offer("s", Tokens(10), 50),))
    web = attrs.evolve(poor, web="https://zimgpt.example")
    why = InsufficientTokens()

    assert isinstance(replies.refusal(selling, why), Buttons)
    assert isinstance(replies.refusal(web, why), Link)
    told = replies.refusal(poor, why)
    assert isinstance(told, Buttons)
    assert say(Language.ENGLISH, "buy.closed") in told.body


@pytest.mark.parametrize("language", Language)
def test_other_sentences_exist_in_every_language(language: Language) -> None:
    """Files, phrases, documents and shorter answers are all spoken of."""
    about = attrs.evolve(ABOUT, language=language)
    told = [
        *(replies.unreadable(language, why) for why in Unreadable),
        *(
            replies.proof(language, "proved", purpose)
            for purpose in ("sign_in", "password", "link")
        ),
        replies.proof(language, "taken", "link"),
        replies.proof(language, "unknown", None),
        replies.locked(language),
        replies.trouble(about),
    ]

    assert len(set(told)) == len(told)
    short = replies.shorter(language, 1_000)
    assert isinstance(short, Text)
    assert "750" in short.body


def test_a_statement_lists_what_came_and_went() -> None:
    """Signed, with the time of day, and the balance below."""
    lines = [
        Line(NOON, Entry.CHAT, -41),
        Line(NOON, Entry.WELCOME, 5_000),
    ]

    told = replies.statement(ABOUT, lines)

    assert told == Text(
        "*Your latest entries*\n"
        "25/11 14:05 Question: -41\n"
        "25/11 14:05 Welcome gift: +5,000\n\n"
        "Tokens: 5,000"
    )


def test_what_an_answer_under_way_may_cost_is_told_apart() -> None:
    """Or the entries would not add up to what is left."""
    waiting = attrs.evolve(ABOUT, available=Tokens(3_900), held=Tokens(1_100))
    told = (replies.statement(waiting, []), menus.balance(waiting))

    for message in told:
        assert isinstance(message, Text | Buttons)
        assert "Tokens: 3,900\n" in message.body
        assert "Set aside for answers under way: 1,100 more." in message.body


def test_an_empty_statement_says_so() -> None:
    """A heading above nothing would look like a fault."""
    told = replies.statement(ABOUT, [])

    assert isinstance(told, Text)
    assert say(Language.ENGLISH, "statement.empty") in told.body


def test_a_price_is_written_as_people_write_it() -> None:
    """Cents are whole, and two."""
    assert Offer("a", Tokens(1), 5).price == "US$0.05"
    assert Offer("a", Tokens(1), 1_250).price == "US$12.50"


def test_a_brief_is_ordered_as_on_every_channel() -> None:
    """Reader, length and language; the topic is the question."""
    brief = Brief("Causes of drought", Level.O_LEVEL, 500, Language.SHONA)

    assert order(brief) == briefs.Brief(
        level=briefs.Level.ZIMSEC_O, words=500, language=Language.SHONA
    )
