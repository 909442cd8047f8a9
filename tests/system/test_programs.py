"""Programs with a key, through the official library, unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeAlias
from uuid import uuid4

import openai
import pytest
from openai import OpenAI

from tests.system.harness import House, text_of, words_in
from tests.system.people import Person, call
from tests.system.soundness import assert_sound

Json = dict[str, Any]


def made(person: Person, **wish: object) -> Json:
    """A new key of a person's."""
    reply = person.call("POST", "/api/v1/keys", {"name": "a program", **wish})
    assert reply.status == 201, reply
    key: Json = reply.json
    return key


Library: TypeAlias = Callable[[Person, str], OpenAI]


@pytest.fixture
def client() -> Iterator[Library]:
    """The library with somebody's key, trying once, closed after the test."""
    with ExitStack() as opened:

        def made(person: Person, secret: str) -> OpenAI:
            url = person.url + "/v1"
            program = OpenAI(base_url=url, api_key=secret, max_retries=0)
            return opened.enter_context(program)

        yield made


def ask(program: OpenAI, text: str, **more: Any) -> Any:  # noqa: ANN401
    """One user's message."""
    return program.chat.completions.create(
        model="zimgpt", messages=[{"role": "user", "content": text}], **more
    )


def test_a_chat_costs_what_the_wallet_pays(
    house: House, person: Person, client: Library
) -> None:
    """The messages are the whole prompt, the usage is what was paid, a repeat is free,
    and the key has counted it."""
    program = client(person, made(person)["secret"])
    before, _ = person.balance()
    question = f"{uuid4()} words:7"
    once = {"extra_headers": {"Idempotency-Key": "one"}}

    first = ask(program, question, **once)
    again = ask(program, question, **once)

    [asked] = house.upstream.asked(question)
    assert [{"role": "user", "content": question}] == asked["messages"]
    assert text_of(7) == first.choices[0].message.content
    assert first.choices[0].message == again.choices[0].message
    assert first.id == again.id
    assert first.usage.total_tokens == words_in(asked) + 7
    assert (before - first.usage.total_tokens, 0) == person.balance()
    [key] = person.call("GET", "/api/v1/keys").json["keys"]
    assert key["taken"] == first.usage.total_tokens
    assert person.call("GET", "/api/v1/conversations").json["conversations"] == []
    assert_sound(house)


def test_a_programs_question_is_told_to_no_device(
    person: Person, client: Library
) -> None:
    """It belongs to no conversation that people see; their own questions do."""
    talk = person.connect()

    ask(client(person, made(person)["secret"]), "words:3")
    shown = person.connect().ask("1", "words:3")

    told = talk.until(lambda message: message.get("type") == "asked")
    assert told["answer"] == shown.answer


def test_a_stream_tells_its_use(person: Person, client: Library) -> None:
    """Parts come one by one, and the last one counts the tokens."""
    program = client(person, made(person)["secret"])

    parts = list(
        ask(
            program,
            "words:30 delay:20",
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    said = [part.choices[0].delta.content or "" for part in parts if part.choices]
    assert text_of(30) == "".join(said)
    assert len(parts) > 5
    assert parts[-1].usage is not None
    assert parts[-1].usage.completion_tokens == 30
    assert parts[-2].choices[0].finish_reason == "stop"


def test_the_library_finds_its_first_try(
    house: House, person: Person, client: Library
) -> None:
    """What the library sends again by itself is not asked twice."""
    program = client(person, made(person)["secret"])
    question = f"{uuid4()} words:3"

    first = ask(program, question)
    again = ask(program, question, extra_headers={"x-stainless-retry-count": "1"})
    other = ask(program, question)

    assert first.id == again.id != other.id
    assert len(house.upstream.asked(question)) == 2


def test_refusals_are_what_the_library_expects(
    person: Person, house: House, client: Library
) -> None:
    """Each has the class, the code and the parameter that OpenAI gives it."""
    program = client(person, made(person)["secret"])

    with pytest.raises(openai.AuthenticationError) as wrong:
        ask(client(person, "zg-nonsense"), "Hello")
    with pytest.raises(openai.BadRequestError) as tools:
        ask(program, "Hello", temperature=0.3)
    with pytest.raises(openai.NotFoundError):
        program.models.retrieve("gpt-4o")
    poor = client(person, made(person, budget=3)["secret"])
    with pytest.raises(openai.RateLimitError) as broke:
        ask(poor, "Hello")
    slow = client(person, made(person, per_minute=1)["secret"])
    ask(slow, "words:1")
    with pytest.raises(openai.RateLimitError) as fast:
        ask(slow, "words:1")

    assert [model.id for model in program.models.list()] == ["zimgpt"]
    assert wrong.value.code == "invalid_api_key"
    assert (tools.value.code, tools.value.param) == (
        "unsupported_parameter",
        "temperature",
    )
    assert broke.value.code == "insufficient_quota"
    assert broke.value.response.headers["x-should-retry"] == "false"
    assert fast.value.code == "rate_limit_exceeded"
    assert int(fast.value.response.headers["retry-after"]) > 0
    assert "zg-" not in house["one"].log()


def test_keys_are_their_owners(house: House, person: Person, client: Library) -> None:
    """Nobody else changes or ends a key, a revoked one opens nothing, and no key opens
    an account."""
    other = Person.sign_up(house["one"].url)
    key = made(person)
    path = f"/api/v1/keys/{key['key']['id']}"

    assert other.call("DELETE", path).status == 404
    assert other.call("PATCH", path, {"name": "mine"}).status == 404
    assert other.call("GET", "/api/v1/keys").json == {"keys": []}
    changed = person.call("PATCH", path, {"name": "new", "budget": 9})
    assert (changed.json["name"], changed.json["budget"]) == ("new", 9)
    headers = {"Authorization": f"Bearer {key['secret']}"}
    assert call(house["one"].url, "GET", "/api/v1/me", headers=headers).status == 401
    assert person.call("DELETE", path).status == 204
    with pytest.raises(openai.AuthenticationError):
        ask(client(person, key["secret"]), "Hello")
