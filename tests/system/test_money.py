"""Nobody pays twice, pays for nothing, or gets more than the wallet holds."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.system.harness import MODEL, House, Plan, text_of, wait_until
from tests.system.people import PASSWORD, Person, call, new_number
from tests.system.soundness import assert_sound
from zimgpt.domain.ledger import Price

WELCOME = 7 * 64
CROWD = 50


@pytest.fixture(scope="module")
def poor(postgres: PostgreSQL) -> Iterator[House]:
    """A node that gives newcomers 448 tokens and takes one for each word written."""
    with (
        postgres.database() as url,
        House(
            url,
            nodes=[Plan("poor")],
            price=Price(MODEL, 0, 1000),
            welcome_tokens=WELCOME,
        ) as house,
    ):
        yield house


def test_fifty_ask_and_seven_can_pay(poor: House) -> None:
    """Of 50 questions at the same moment on 50 sockets of one wallet with tokens for
    7, exactly 7 are answered, and the others refused with a code."""
    person = Person.sign_up(poor["poor"].url)
    talks = [person.connect() for _ in range(CROWD)]
    before = poor.upstream.stats()["calls"].get(MODEL, 0)

    for number, talk in enumerate(talks):
        talk.say(type="ask", id=f"{number}", text="words:64", max_tokens=64)
    answers = [
        talk.until(lambda message: "id" in message) for number, talk in enumerate(talks)
    ]

    taken = [talk for talk in talks if talk.shown]
    refused = [message["code"] for message in answers if message["type"] == "error"]
    assert (len(taken), refused) == (7, ["insufficient_tokens"] * 43)
    for talk in taken:
        assert text_of(64) == talk.finish(talk.shown[1]).text
    assert person.balance() == (0, 0)
    assert before + 7 == poor.upstream.stats()["calls"][MODEL]
    assert_sound(poor)


def test_fifty_sign_up_and_one_is_welcomed(poor: House) -> None:
    """Of 50 sign-ups of one number at the same moment one makes the account, with one
    grant; the others hear that the number is taken."""
    phone = new_number()
    body = {"phone": phone, "password": PASSWORD, "token": True}

    with ThreadPoolExecutor(CROWD) as crowd:
        replies = [
            *crowd.map(
                lambda _: call(poor["poor"].url, "POST", "/api/v1/accounts", body),
                range(CROWD),
            )
        ]

    assert sorted(reply.status for reply in replies) == [201] + [409] * 49
    [made] = [reply.json for reply in replies if reply.status == 201]
    assert made["balance"] == {"available": WELCOME, "held": 0}
    assert poor.query(
        "select count(*) from transfers where kind = 'grant' and idem_key like %s",
        f"%{phone[1:]}",
    ) == [(1,)]
    assert_sound(poor)


def test_a_small_balance_buys_a_shorter_answer(poor: House) -> None:
    """Who cannot pay for the longest answer is told how long it will be instead, gets
    that much, and is refused once nothing is left."""
    person = Person.sign_up(poor["poor"].url)
    talk = person.connect()

    shown = talk.finish(talk.ask("1", "Tell me all. words:1000"))
    refusal = talk.request(type="ask", id="2", text="And more? words:1000")

    assert (
        shown.accepted["max_tokens"],
        shown.accepted["hold"],
    ) == (WELCOME, WELCOME)
    assert "a shorter answer of about 336 words" in shown.accepted["note"]
    assert text_of(WELCOME) == shown.text
    assert shown.end is not None
    assert (
        shown.end["finish"],
        shown.end["cost"],
        shown.end["balance"],
    ) == ("length", WELCOME, 0)
    assert (refusal["type"], refusal["code"]) == ("error", "insufficient_tokens")
    assert refusal["message"].startswith("You do not have enough tokens")
    body = {"id": "3", "text": "Please? words:10"}
    assert person.call("POST", "/api/v1/answers", body).status == 402


def test_a_stop_costs_what_was_written(house: House, person: Person) -> None:
    """An answer that its asker stops costs three quarters of the prompt's estimate and
    one token for four bytes written, and the model is asked for no more."""
    talk = person.connect()

    shown = talk.ask("1", "words:900 delay:20")
    talk.until(lambda message: "t" in message)
    talk.until(lambda message: "t" in message)
    talk.say(type="stop", answer=shown.answer)
    talk.finish(shown)

    estimate = shown.accepted["hold"] - shown.accepted["max_tokens"]
    cost = estimate * 3 // 4 + len(shown.text) // 4
    assert shown.end is not None
    assert ("stopped", cost) == (shown.end["finish"], shown.end["cost"])
    assert "You paid for what was written" in shown.end["note"]
    assert text_of(900).startswith(shown.text)
    assert shown.seq < 100  # of 180
    wait_until(lambda: house.upstream.stats()["open"] == 0)
    assert_sound(house)


def test_a_question_repeated_is_asked_once(house: House, person: Person) -> None:
    """The same id again, while it is written or after, is the same answer at the same
    price; another question under that id is refused."""
    talk = person.connect()
    text = "Once only. words:30 delay:10"

    first = talk.ask("same", text)
    second = talk.finish(talk.ask("same", text))
    other = person.connect()
    third = other.finish(other.ask("same", text))
    refusal = other.request(type="ask", id="same", text="Another. words:3")

    assert first.answer == second.answer == third.answer
    assert text_of(30) == second.text == third.text
    assert second.end is not None
    assert third.end is not None
    assert second.end["cost"] == third.end["cost"]
    assert 1_000_000 - second.end["cost"] == person.balance()[0]
    assert refusal["code"] == "id_reused"
    assert len(house.upstream.asked(text)) == 1
