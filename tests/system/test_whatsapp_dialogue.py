"""Talking to ZimGPT on WhatsApp, by words, buttons and lists, in three languages."""

from __future__ import annotations

import re

import pytest

from tests.system.harness import wait_until
from tests.system.phone import Exchange, Somebody, body, choices
from tests.system.soundness import assert_sound
from tests.wire.papers import words_of_pdf
from zimgpt.domain.texts import Language, say


def spent(exchange: Exchange, someone: Somebody) -> list[int]:
    """What this person's answers cost, oldest first."""
    rows = exchange.house.query(
        "select r.settled from reservations r"
        "  join whatsapp_contacts c on c.user_id = r.user_id"
        "  join answers a on a.id = r.answer_id"
        " where c.bsuid = %s order by a.created_at",
        someone.bsuid,
    )
    return [cost for (cost,) in rows]


def test_a_question_is_answered(exchange: Exchange, someone: Somebody) -> None:
    """The answer comes with what it cost and what is left, and is charged once."""
    someone.ask("hi")

    answer = someone.ask("words:5 what is osmosis?")

    [cost] = spent(exchange, someone)
    assert f"w0 w1 w2 w3 w4\n\n_Cost: {cost} · Balance: {1_000_000 - cost:,}_" == answer
    wait_until(lambda: someone.chat()["bubbles"][-2]["state"] == "read")
    assert_sound(exchange.house)


def test_short_messages_are_one_question(exchange: Exchange, someone: Somebody) -> None:
    """What is typed within a few seconds is asked, and paid for, together."""
    someone.ask("menu")

    for line in ("words:7 I wonder", "what it is", "that plants breathe"):
        someone.say(line)
    answer = body(someone.next())

    together = "words:7 I wonder\nwhat it is\nthat plants breathe"
    assert len(exchange.house.upstream.asked(together)) == 1
    assert answer.startswith("w0 w1 w2 w3 w4 w5 w6\n")
    assert len(spent(exchange, someone)) == 1
    assert someone.hears_nothing(0.5)


def test_questions_wait_their_turn(exchange: Exchange, someone: Somebody) -> None:
    """A question that comes while an answer is written is answered after it; nothing is
    refused."""
    someone.ask("menu")

    someone.say("words:30 delay:200 the first one")
    wait_until(
        lambda: exchange.house.upstream.asked("words:30 delay:200 the first one")
    )
    someone.say("words:3 the second one")
    first, second = body(someone.next()), body(someone.next())

    assert first.startswith("w0 ")
    assert "w29\n" in first
    assert second.startswith("w0 w1 w2\n")
    assert len(spent(exchange, someone)) == 2


def test_looking_things_up_is_free(exchange: Exchange, someone: Somebody) -> None:
    """Menu, help, balance and statement answer at once and cost nothing."""
    someone.ask("hi")
    helped = someone.ask("help")
    balance = someone.ask("My balance?")
    statement = someone.ask("statement")

    assert "How ZimGPT works" in helped
    assert "1,000,000" in balance
    assert "Welcome gift: +1,000,000" in statement
    paper = someone.next()["content"]
    assert re.fullmatch(r"ZimGPT \d{4}-\d{2}\.pdf", paper["filename"])
    content = exchange.phones.raw(f"/files/{paper['id']}")
    assert "Closing balance: 1,000,000" in words_of_pdf(content)
    assert spent(exchange, someone) == []


def test_an_essay_by_thumb(exchange: Exchange, someone: Somebody) -> None:
    """Topic, level, length, language, sources and points are asked for, the price is
    shown, and nothing is written before the yes."""
    someone.say("hi")
    menu = someone.next()
    someone.tap(menu, "Write an essay")
    topic = body(someone.next())
    someone.say("the causes of drought")
    level = someone.next()
    someone.tap(level, "O-Level")
    length = someone.next()
    exchange.rest(someone)
    someone.tap(length, "500 words")
    language = someone.next()
    someone.tap(language, "English")
    style = someone.next()
    someone.tap(style, "Harvard")
    points = someone.next()
    exchange.rest(someone)
    someone.tap(points, "Skip")
    confirm = someone.next()

    assert "What shall the essay be about?" in topic
    assert "the causes of drought" in body(confirm)
    assert "about 500 words" in body(confirm)
    assert spent(exchange, someone) == []

    someone.tap(confirm, "Yes, write it")
    essay = body(someone.next())
    exchange.rest(someone)
    someone.tap(someone.next(), "PDF file")
    paper = someone.next()["content"]

    assert paper["filename"] == "the causes of drought.pdf"
    assert "w0 w1 w2 " in words_of_pdf(exchange.phones.raw(f"/files/{paper['id']}"))
    assert essay.startswith("*Introduction*")
    assert "w0 w1 w2 " in essay
    assert "*Conclusion*" in essay
    [cost] = spent(exchange, someone)
    assert f"Cost: {cost:,} " in essay


def test_an_old_button_orders_nothing(exchange: Exchange, someone: Somebody) -> None:
    """The yes under an essay that was ordered already orders no second one."""
    brief = ("essay", "rivers", "2", "600", "english", "none")
    exchange.asks(someone, "hi", *brief)
    someone.say("skip")
    confirm = someone.next()
    someone.tap(confirm, "Yes, write it")
    someone.next()
    exchange.rest(someone)
    someone.next()  # whether it is wanted as a file

    someone.tap(confirm, "Yes, write it")
    stale = body(someone.next())

    assert "no longer works" in stale
    assert len(spent(exchange, someone)) == 1


@pytest.mark.parametrize(
    ("language", "name", "menu", "balance"),
    [
        (Language.SHONA, "chiShona", "menyu", "bhalansi"),
        (Language.NDEBELE, "isiNdebele", "imenyu", "ibhalansi"),
    ],
)
def test_a_conversation_in_another_language(
    exchange: Exchange,
    someone: Somebody,
    language: Language,
    name: str,
    menu: str,
    balance: str,
) -> None:
    """From the choice of the language on, everything that we say is in it, and its
    words and buttons work to the end of an essay."""
    someone.say("hi")
    someone.tap(someone.next(), "Language")
    tongues = someone.next()
    assert name in [title for _, title in choices(tongues)]
    someone.tap(tongues, name)
    chosen = body(someone.next())
    exchange.rest(someone)
    shown = someone.ask(menu)
    left = someone.ask(balance)

    assert say(language, "language.done") in chosen
    assert say(language, "menu.body") in shown
    assert say(language, "balance.body", tokens=1_000_000) in left

    exchange.rest(someone)
    someone.say(menu)
    someone.tap(someone.next(), say(language, "menu.essay.title"))
    topic = body(someone.next())
    exchange.rest(someone)
    someone.say("mvura")
    for title in (
        say(language, "essay.level.o"),
        say(language, "essay.length.row", words=300),
        name,
        say(language, "essay.style.none"),
        say(language, "button.skip"),
        say(language, "essay.confirm.yes"),
    ):
        someone.tap(someone.next(), title)
        exchange.rest(someone)
    essay = body(someone.next())

    assert topic.startswith(say(language, "essay.topic"))
    assert "w0 w1 w2 w3 w4 w5 " in essay
    [cost] = spent(exchange, someone)
    footer = say(language, "answer.footer", cost=cost, balance=1_000_000 - cost)
    assert f"_{footer}_" in essay


def test_stop_and_start(exchange: Exchange, someone: Somebody) -> None:
    """After STOP nothing is sent, not even an answer under way; START brings it."""
    someone.ask("menu")
    someone.say("words:20 delay:400 a slow one")
    wait_until(lambda: exchange.house.upstream.asked("words:20 delay:400 a slow one"))

    stopped = someone.ask("stop")
    someone.say("are you there?")

    assert "until you write START" in stopped
    wait_until(lambda: spent(exchange, someone) not in ([], [None]), what="the answer")
    assert someone.hears_nothing(3.5)

    someone.say("start")
    back, answer = sorted((body(someone.next()) for _ in range(2)), key=len)
    assert any("Good to have you back" in text for text in (back, answer))
    assert any(text.startswith("w0 w1 ") for text in (back, answer))
