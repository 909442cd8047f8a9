"""Programs whose server, model, money or patience fails them.

The official library, unchanged, raises or tries again by itself, and nothing is paid
for twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import openai
import pytest
from openai import OpenAI

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.system.harness import House, Node, Plan, text_of
from tests.system.people import PASSWORD, Person, call
from tests.system.soundness import assert_sound

BRISK: dict[str, Any] = {"lease_seconds": 4}
"""Others take what a dead node wrote after this long."""
WRITER = "select lease_owner from jobs where state = 'running'"


@contextmanager
def program(person: Person, tries: int = 0, **wish: object) -> Iterator[OpenAI]:
    """The library with a new key of somebody's, trying again so many times."""
    made = person.call("POST", "/api/v1/keys", {"name": "a program", **wish})
    assert made.status == 201, made
    with OpenAI(
        base_url=person.url + "/v1",
        api_key=made.json["secret"],
        max_retries=tries,
        timeout=60.0,
    ) as library:
        yield library


def ask(library: OpenAI, text: str, **more: Any) -> Any:  # noqa: ANN401
    """One user's message."""
    return library.chat.completions.create(
        model="zimgpt", messages=[{"role": "user", "content": text}], **more
    )


def said(parts: list[Any]) -> str:
    """The text of parts of a stream."""
    return "".join(p.choices[0].delta.content or "" for p in parts if p.choices)


def paid_once(house: House, person: Person, question: str, before: int) -> None:
    """One question is in the books, it was paid for, and nothing is held."""
    rows = house.query(
        "select count(*), sum(r.settled) from questions q"
        " join answers a on a.id = q.answer_id join reservations r using (answer_id)"
        " where q.text like %s and a.state <> 'failed'",
        f"%{question}%",
    )
    [(count, cost)] = rows
    assert count == 1
    assert cost > 0
    assert person.balance() == (before - cost, 0)
    assert_sound(house)


@pytest.mark.parametrize(
    ("who", "end", "code"),
    [
        ("reader", Node.kill, None),
        ("reader", Node.ask_to_stop, "leaving"),
        ("writer", Node.kill, "begun_anew"),
    ],
    ids=["its server dies", "its server is stopped", "its writer dies"],
)
def test_a_node_goes_in_the_middle_of_a_stream(
    postgres: PostgreSQL,
    rabbitmq: RabbitMQ,
    who: str,
    end: Callable[[Node], None],
    code: str | None,
) -> None:
    """The library raises and shows no end that there was not; the same question with
    its Idempotency-Key is read whole at another node, and paid for once."""
    nodes = [Plan("east", "web"), Plan("west", "web")]
    nodes += [Plan("press", "worker"), Plan("loom", "worker")]
    question = f"{uuid4()} words:60 delay:80"
    once = {"extra_headers": {"Idempotency-Key": question}}
    with (
        postgres.database() as url,
        House(url, nodes=nodes, broker=rabbitmq.vhost(), **BRISK) as house,
    ):
        person = Person.sign_up(house["east"].url)
        before, _ = person.balance()
        with program(person) as library:
            stream = ask(library, question, stream=True, **once)
            parts = [next(stream) for _ in range(3)]
            [(writer,)] = house.query(WRITER)
            end(house[writer if who == "writer" else "east"])
            with pytest.raises(openai.APIError) as raised:
                parts.extend(stream)
            again = library.with_options(base_url=house["west"].url + "/v1")
            whole = ask(again, question, **once)
            person = person.at(house["west"].url)
            repeat = ask(again, question, **once)

        assert raised.value.code == code
        assert text_of(60).startswith(said(parts).rstrip())
        assert 0 < len(said(parts)) < len(text_of(60))
        assert all(part.choices[0].finish_reason is None for part in parts)
        assert whole.choices[0].message.content == text_of(60)
        assert repeat.id == whole.id
        paid_once(house, person, question, before)


def test_the_library_that_waits_no_longer_finds_its_answer(
    house: House, person: Person
) -> None:
    """It gives up, sends the same again by itself, and reads what the first request
    began; that is asked of the model and paid for once."""
    before, _ = person.balance()
    question = f"{uuid4()} words:60 delay:60"

    with program(person, tries=9) as library:
        whole = ask(library, question, timeout=2.5)

    assert whole.choices[0].message.content == text_of(60)
    assert len(house.upstream.asked(question)) == 1
    paid_once(house, person, question, before)


def test_the_library_comes_back_when_it_is_told_to(
    house: House, person: Person
) -> None:
    """A key that was too fast has a 429 with Retry-After, after which the library's own
    second try is answered."""
    before, _ = person.balance()
    question = f"{uuid4()} words:2"

    with program(person, tries=2, name="hasty", per_minute=60) as library:
        house.query(
            "update api_keys set full_at = clock_timestamp() + interval '63 s'"
            " where user_id = (select id from users where phone_e164 = %s)",
            "+263" + person.phone[1:],
        )
        with pytest.raises(openai.RateLimitError) as refused:
            ask(library.with_options(max_retries=0), question)
        answer = ask(library, question)

    assert refused.value.code == "rate_limit_exceeded"
    assert refused.value.response.headers["retry-after"] in ("1", "2", "3", "4")
    assert answer.choices[0].message.content == text_of(2)
    paid_once(house, person, question, before)


def test_an_answer_that_failed_raises(person: Person) -> None:
    """As a 503 where nothing was sent yet, and as an error in the stream; nothing is
    charged for either."""
    before, _ = person.balance()

    with program(person) as library:
        with pytest.raises(openai.InternalServerError) as whole:
            ask(library, "fault:401-none-9")
        with pytest.raises(openai.APIError) as streamed:
            list(ask(library, "fault:401-none-9", stream=True))

    assert (whole.value.status_code, whole.value.code) == (503, "not_answered")
    assert int(whole.value.response.headers["retry-after"]) > 0
    assert streamed.value.code == "not_answered"
    assert person.balance() == (before, 0)


def test_the_librarys_second_try_after_a_failure_is_asked_anew(
    house: House, person: Person
) -> None:
    """A failed answer is not found again: the model is asked once more, and that answer
    alone is paid for."""
    before, _ = person.balance()
    question = f"{uuid4()} fault:401-none-1 words:3"

    with program(person, tries=2) as library:
        answer = ask(library, question)

    assert answer.choices[0].message.content == text_of(3)
    assert len(house.upstream.asked(question)) == 2
    paid_once(house, person, question, before)


def test_a_database_that_is_away_is_waited_for() -> None:
    """While PostgreSQL is down the library hears 503 with Retry-After; its own next try
    is answered when it is back, and paid for once."""
    question = f"{uuid4()} words:3"
    with (
        PostgreSQL() as postgres,
        postgres.database() as url,
        House(url, nodes=[Plan("one")]) as house,
    ):
        person = Person.sign_up(house["one"].url)
        before, _ = person.balance()
        with program(person, tries=9) as library:
            postgres.stop(immediate=True)
            with pytest.raises(openai.InternalServerError) as refused:
                ask(library.with_options(max_retries=0), question)
            # In a thread of its own: the server must be started by this one.
            with ThreadPoolExecutor(1) as beside:
                asked = beside.submit(ask, library, question)
                postgres.start()
            answer = asked.result()

        assert refused.value.status_code == 503
        assert refused.value.code == "unavailable"
        assert int(refused.value.response.headers["retry-after"]) > 0
        assert answer.choices[0].message.content == text_of(3)
        paid_once(house, person, question, before)


def _emptied(person: Person) -> Person:
    """The same number with an empty wallet: a welcome is given to it once."""
    assert person.call("DELETE", "/api/v1/me", {"password": PASSWORD}).status == 204
    entry = {"phone": person.phone, "password": PASSWORD, "token": True}
    token = call(person.url, "POST", "/api/v1/accounts", entry).json["token"]
    return Person(person.url, person.phone, token)


@pytest.mark.parametrize(
    ("prepared", "wish"),
    [(_emptied, {}), (lambda person: person, {"budget": 30})],
    ids=["an empty wallet", "a budget that is spent"],
)
def test_without_money_the_library_does_not_try_again(
    house: House,
    person: Person,
    prepared: Callable[[Person], Person],
    wish: dict[str, object],
) -> None:
    """It raises RateLimitError with OpenAI's code at once, however often it would try,
    for a stream as for a whole answer, and the model is asked nothing."""
    person = prepared(person)
    before, _ = person.balance()
    question = str(uuid4())

    with program(person, tries=5, **wish) as library:
        for stream in (False, True):
            with pytest.raises(openai.RateLimitError) as refused:
                ask(library, question, stream=stream)
            assert refused.value.code == "insufficient_quota"
            assert refused.value.type == "insufficient_quota"
            assert refused.value.response.headers["x-should-retry"] == "false"
            sent = refused.value.request.headers["x-stainless-retry-count"]
            assert sent == "0"

    assert house.upstream.asked(question) == []
    assert person.balance() == (before, 0)


def test_a_budget_ends_where_it_ends(house: House, person: Person) -> None:
    """Answers are cut to what is left of a key's budget, and none is begun when that is
    too little; the key has never taken more than it may."""
    with program(person, budget=400) as library:
        answer = ask(library, "words:5000", max_tokens=4_000)
        with pytest.raises(openai.RateLimitError) as refused:
            ask(library, "words:5000", max_tokens=4_000)

    [key] = person.call("GET", "/api/v1/keys").json["keys"]
    assert answer.choices[0].finish_reason == "length"
    assert refused.value.code == "insufficient_quota"
    assert answer.usage.total_tokens <= key["taken"] <= key["budget"]
    assert_sound(house)


def test_a_key_is_revoked_in_the_middle_of_a_stream(person: Person) -> None:
    """What it has asked is told to its end; what it asks next is not heard."""
    with program(person) as library:
        stream = ask(library, "words:30 delay:20", stream=True)
        parts = [next(stream)]
        [key] = person.call("GET", "/api/v1/keys").json["keys"]
        assert person.call("DELETE", f"/api/v1/keys/{key['id']}").status == 204
        parts.extend(stream)
        with pytest.raises(openai.AuthenticationError) as refused:
            ask(library, "words:1")

    assert said(parts) == text_of(30)
    assert parts[-1].choices[0].finish_reason == "stop"
    assert refused.value.code == "invalid_api_key"
