"""Answers on WhatsApp: whole, in order, in time or saying that they are late."""

from __future__ import annotations

import re

from tests.system.harness import wait_until
from tests.system.phone import Exchange, Somebody, body, new_wamid, post
from tests.system.soundness import assert_sound
from tests.wire.papers import words_of_docx, words_of_pdf

USER = "select user_id from whatsapp_contacts where bsuid = %s"
DRAIN = """
    select post_transfer('adjust', 'drain:' || user_id || ':' || %(left)s,
      array[account_of(user_id, 'available'), account_of(null, 'adjust')],
      array[%(left)s - balance, balance - %(left)s])
      from accounts where user_id = %(user)s and kind = 'available'
"""


def words_of(text: str) -> list[str]:
    """The model's words in it, in order."""
    return re.findall(r"\bw\d+\b", text)


def drain(exchange: Exchange, someone: Somebody, left: int) -> None:
    """Takes all tokens but so many."""
    [(user,)] = exchange.house.query(USER, someone.bsuid)
    sql = DRAIN.replace("%(user)s", str(user)).replace("%(left)s", str(left))
    exchange.house.query(sql)


def test_an_answer_in_parts(exchange: Exchange, someone: Somebody) -> None:
    """What is longer than a message comes in numbered parts, in order, nothing lost."""
    someone.ask("menu")

    someone.say("words:1000 all of it")
    first, second = body(someone.next()), body(someone.next())

    assert first.endswith("(1/2)")
    assert second.endswith("(2/2)")
    assert max(len(first), len(second)) <= 4096
    assert [f"w{n}" for n in range(1000)] == words_of(first + second)
    assert "Cost: " in second


def test_an_answer_as_a_document(exchange: Exchange, someone: Somebody) -> None:
    """Three thousand words come as a first part, and whole in a document."""
    brief = ("essay", "the whole of history", "1", "3000", "english", "none")
    exchange.asks(someone, "hi", *brief)
    someone.say("skip")
    someone.tap(someone.next(), "Yes, write it")

    first = someone.next()
    exchange.rest(someone)
    paper, offer = someone.next(), someone.next()

    assert "w0 w1 w2 " in body(first)
    assert "Cost: " in body(first)
    name = "the whole of history"
    assert (paper["kind"], paper["content"]["filename"]) == ("document", f"{name}.pdf")
    content = exchange.phones.raw(f"/files/{paper['content']['id']}")
    [(text,)] = exchange.house.query(
        f"select a.text from answers a where a.user_id = ({USER})", someone.bsuid
    )
    assert len(text) > 12_000
    assert words_of(words_of_pdf(content)) == words_of(text)
    someone.tap(offer, "Word file")
    word = someone.next()["content"]
    assert word["filename"] == f"{name}.docx"
    content = exchange.phones.raw(f"/files/{word['id']}")
    assert words_of(words_of_docx(content)) == words_of(text)


LONG = """
    with one as (
      select a.id, a.epoch from answers a where a.user_id = (%(user)s)),
    gone as (
      delete from answer_chunks c using one where c.answer_id = one.id and c.seq > 1),
    whole as (
      update answer_chunks c set text_part = %(text)s
        from one where c.answer_id = one.id and c.epoch = one.epoch and c.seq = 1)
    update answers a set text = %(text)s, last_seq = 1 from one where a.id = one.id
"""
"""Makes an answer that has ended longer than any of the model's."""


def test_twenty_thousand_characters(exchange: Exchange, someone: Somebody) -> None:
    """A very long answer comes as its first part, and complete and in order in a
    document. It waits meanwhile for a person who wants no messages."""
    someone.ask("menu")
    someone.say("words:9 delay:700 tell me all")
    wait_until(lambda: exchange.house.upstream.asked("words:9 delay:700 tell me all"))
    someone.ask("stop")
    done = f"select 1 from answers where finished_at is not null and user_id = ({USER})"
    wait_until(lambda: exchange.house.query(done, someone.bsuid), what="its end")
    words = [f"w{n}" for n in range(3_800)]
    text = " ".join(words)
    long = LONG.replace("%(user)s", USER.replace("%s", f"'{someone.bsuid}'"))
    exchange.house.query(long.replace("%(text)s", f"'{text}'"))
    exchange.rest(someone)

    someone.say("start")
    wait_until(lambda: len(someone.bubbles()) == someone.seen + 4, what="the answer")
    came = someone.bubbles()[someone.seen :]

    assert len(text) > 20_000
    first = next(body(one) for one in came if body(one).startswith("w0 "))
    (paper,) = (one for one in came if one["kind"] == "document")
    assert words_of(first) == words[: len(words_of(first))]
    content = exchange.phones.raw(f"/files/{paper['content']['id']}")
    assert words_of(words_of_pdf(content)) == words


def test_typing_is_shown(exchange: Exchange, someone: Somebody) -> None:
    """While an answer is written the person sees that somebody types."""
    someone.ask("menu")
    someone.say("words:10 delay:300 slowly")

    def typing() -> bool:
        chat = someone.chat()
        return bool(chat["typing_until"] > chat["now"])

    wait_until(typing, what="typing")
    answer = someone.next()

    assert "w9\n" in body(answer)


def test_a_late_question(exchange: Exchange, someone: Somebody) -> None:
    """A message that WhatsApp brings two hours late is answered, and the answer says
    which question it belongs to."""
    someone.ask("menu")
    late = someone.message("words:5 why is the sky blue?", new_wamid(), ago=7200)

    assert post(exchange.url, [late]).status == 200
    answer = body(someone.next())

    assert re.match(r"You asked at \d\d:\d\d: “words:5 why is the sky blue\?”", answer)
    assert "w0 w1 w2 w3 w4\n" in answer


def test_a_question_that_is_too_late(exchange: Exchange, someone: Somebody) -> None:
    """What comes after more than a day is not answered, and costs nothing."""
    someone.ask("menu")
    late = someone.message("words:5 why?", new_wamid(), ago=25 * 3600)

    post(exchange.url, [late])

    sql = "select outcome, outcome_ref from inbox where dedup_key = %s"
    key = f"m:{late.thing['id']}"
    wait_until(lambda: exchange.house.query(sql, key) == [("ignored", "too_late")])
    assert someone.hears_nothing(0.5)


def test_after_the_window(exchange: Exchange, someone: Somebody) -> None:
    """An answer that ends when a day has passed is kept, and comes with their next
    message."""
    someone.ask("menu")
    someone.say("words:10 delay:600 a slow one")
    wait_until(lambda: exchange.house.upstream.asked("words:10 delay:600 a slow one"))
    exchange.house.query(
        "update whatsapp_contacts set heard_at = now() - interval '25 h'"
        " where bsuid = %s",
        someone.bsuid,
    )
    held = (
        "select 1 from whatsapp_outgoing o join whatsapp_contacts c"
        " on c.id = o.contact_id where c.bsuid = %s and o.state = 'held'"
    )
    wait_until(lambda: exchange.house.query(held, someone.bsuid), what="held")
    assert someone.hears_nothing(0.5)

    someone.say("balance")
    answers = [body(someone.next()), body(someone.next())]

    assert any("w9\n" in answer for answer in answers)
    assert any("Tokens: " in answer for answer in answers)


def test_few_tokens_and_none(exchange: Exchange, someone: Somebody) -> None:
    """An answer says when tokens run out, and a question that they do not cover is
    told kindly what to do. An answer that they make shorter is announced."""
    someone.ask("menu")

    drain(exchange, someone, 700)
    shorter = someone.ask("words:5 hello?")
    low = body(someone.next())
    drain(exchange, someone, 3)
    none = someone.ask("words:5 and now?")

    assert "Your balance covers a shorter answer" in shorter
    assert "Tokens are running out" in low
    assert "Your balance is 3 in tokens" in none


def test_a_model_in_trouble(exchange: Exchange, someone: Somebody) -> None:
    """An answer that the model did not give is said to be free, with the way on."""
    someone.ask("menu")

    answer = someone.ask("fault:html please")

    assert "You were not charged" in answer
    assert_sound(exchange.house)
