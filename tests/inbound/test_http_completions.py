"""Chat completions over HTTP, for programs that speak to OpenAI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.logger import LogEvent
from twisted.python.failure import Failure

from tests.fakes.results import result_of
from tests.inbound.browser import Answer
from tests.inbound.house import ANSWER, CONVERSATION, ME, House
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.api_keys import Grant, KeyBudgetSpent
from zimgpt.domain.ledger import Tokens, Usage
from zimgpt.domain.questions import Kind, QuestionDiffers
from zimgpt.flows.keyring import Keyring
from zimgpt.flows.ports import End, Piece, Reading

COMPLETIONS = "/v1/chat/completions"
WHY: dict[str, Any] = {
    "model": "zimgpt",
    "messages": [{"role": "user", "content": "Why?"}],
}
END = End(
    answer=ANSWER,
    epoch=1,
    last_seq=2,
    state=State.COMPLETE,
    finish=Finish.STOP,
    cost=Tokens(9),
    hold=Tokens(9),
    available=Tokens(1),
)
READING = Reading(
    answer=ANSWER,
    conversation=CONVERSATION,
    kind=Kind.CHAT,
    question="Why?",
    epoch=1,
    last_seq=2,
    state=State.COMPLETE,
    writer="",
    pieces=(Piece(ANSWER, 1, 1, "Be"), Piece(ANSWER, 1, 2, "cause.")),
    end=END,
)


@attrs.define
class Program:
    """Somebody's program, with a key."""

    house: House
    secret: str = ""

    def __attrs_post_init__(self) -> None:
        ring = Keyring(self.house.keys, lambda: "k1", lambda: b"s" * 32)
        _, self.secret = result_of(ring.make(ME, Grant(name="helper")))

    @property
    def headers(self) -> dict[str, str]:
        """Its key."""
        return {"Authorization": f"Bearer {self.secret}"}

    def complete(self, headers: dict[str, str] | None = None, **more: Any) -> Answer:  # noqa: ANN401
        """An answer to why."""
        given = {**self.headers, **(headers or {})}
        return self.house.browser.ask(
            "POST", COMPLETIONS, json={**WHY, **more}, headers=given
        )

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """Something to read."""
        given = self.headers if headers is None else headers
        return self.house.browser.ask("GET", path, headers=given)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """One whose question is answered at once."""
    house = House(str(tmp_path))
    house.desk.reading = READING
    return Program(house)


def events(answer: Answer) -> list[Any]:
    """What a stream said; its end as None."""
    lines = answer.body.decode().split("\n\n")
    data = [line[6:] for line in lines if line.startswith("data: ")]
    return [None if one == "[DONE]" else json.loads(one) for one in data]


def test_an_answer_in_one_piece(program: Program) -> None:
    """With what it took, under the id by which it can be found."""
    program.house.keys.usage = Usage(3, 4)

    answer = program.complete(max_tokens=50)

    assert answer.status == 200
    assert answer.header("X-Request-Id") == ANSWER
    assert answer.json["choices"][0]["message"]["content"] == "Because."
    assert answer.json["choices"][0]["finish_reason"] == "stop"
    assert answer.json["usage"] == {
        "prompt_tokens": 3,
        "completion_tokens": 4,
        "total_tokens": 7,
    }
    [(user, question, channel)] = program.house.desk.asked
    assert (user, question.max_tokens, channel) == (ME, 50, "api")


def test_an_answer_as_a_stream(program: Program) -> None:
    """Its beginning, its text, its end, what it took if that is wanted, and done."""
    program.house.keys.usage = Usage(3, 4)

    plain = program.complete(stream=True)
    counted = program.complete(stream=True, stream_options={"include_usage": True})

    first, text, last, done = events(plain)
    assert plain.header("Content-Type") == "text/event-stream; charset=utf-8"
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert text["choices"][0]["delta"] == {"content": "Because."}
    assert last["choices"][0]["finish_reason"] == "stop"
    assert done is None
    [*_, usage, _] = events(counted)
    assert usage["usage"]["total_tokens"] == 7
    assert "usage" not in text


def test_a_stream_that_goes_wrong_says_so(
    program: Program, tidy: list[LogEvent]
) -> None:
    """The status was sent already; a fault of ours is written down, and not told."""
    failed = attrs.evolve(END, state=State.FAILED, finish=Finish.BUSY)
    program.house.desk.reading = attrs.evolve(READING, pieces=(), end=failed)
    [_, refusal] = events(program.complete(stream=True))
    broken: Deferred[Reading] = Deferred()
    broken.errback(ZeroDivisionError("secret"))
    program.house.desk.reading = broken
    [_, fault] = events(program.complete(stream=True))

    assert refusal["error"]["code"] == "not_answered"
    assert fault["error"]["code"] == "internal"
    assert "secret" not in json.dumps(fault)
    assert len(tidy) == 1
    tidy.clear()


def test_a_question_that_fails_before_its_answer_is_refused(program: Program) -> None:
    """In one piece it has a status."""
    failed = attrs.evolve(END, state=State.FAILED, finish=Finish.UNREACHABLE)
    program.house.desk.reading = attrs.evolve(READING, pieces=(), end=failed)

    answer = program.complete()

    assert answer.status == 503
    assert answer.json["error"]["type"] == "server_error"


def test_whoever_has_gone_is_sent_nothing_more(program: Program) -> None:
    """The answer goes on without them."""
    waiting: Deferred[Reading] = Deferred()
    program.house.desk.reading = waiting
    connection = program.house.browser.begin(
        "POST", COMPLETIONS, json={**WHY, "stream": True}, headers=program.headers
    )

    connection.channel.connectionLost(Failure(ConnectionDone()))
    waiting.callback(attrs.evolve(READING, end=None))

    assert len(program.house.desk.positions) == 1


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer zg-none"}])
def test_without_a_key_nothing_is_answered(
    program: Program, headers: dict[str, str]
) -> None:
    """Neither models nor completions."""
    asked = program.house.browser.ask("POST", COMPLETIONS, json=WHY, headers=headers)

    for answer in (asked, program.get("/v1/models", headers)):
        assert answer.status == 401
        assert answer.json["error"]["code"] == "invalid_api_key"
    assert program.house.desk.asked == []


def test_there_is_one_model(program: Program) -> None:
    """It is listed, and found by its name; no other is."""
    assert [one["id"] for one in program.get("/v1/models").json["data"]] == ["zimgpt"]
    assert program.get("/v1/models/zimgpt").json["id"] == "zimgpt"
    other = program.get("/v1/models/gpt-9")
    assert (other.status, other.json["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(
    ("refusal", "status", "code", "again"),
    [
        (KeyBudgetSpent(), 429, "insufficient_quota", "false"),
        (QuestionDiffers(), 409, "id_reused", "false"),
    ],
)
def test_what_it_is_vain_to_send_again_says_so(
    program: Program, refusal: Exception, status: int, code: str, again: str
) -> None:
    """Libraries send requests again by themselves."""
    program.house.desk.refusal = refusal

    answer = program.complete()

    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert answer.header("x-should-retry") == again


def test_a_key_that_is_used_too_often_is_told_when_to_come_back(
    program: Program,
) -> None:
    """In OpenAI's words."""
    program.house.keys.wait = 3.2

    answer = program.complete()

    assert answer.status == 429
    assert answer.json["error"]["code"] == "rate_limit_exceeded"
    assert answer.json["error"]["type"] == "rate_limit_error"
    assert answer.header("Retry-After") == "4"


def test_what_a_library_sends_again_is_asked_once(program: Program) -> None:
    """It counts its tries, and may name its request."""
    first = program.complete({"Idempotency-Key": "a"})
    again = program.complete({"Idempotency-Key": "a", "X-Stainless-Retry-Count": "1"})

    ids = {question.client_id for _, question, _ in program.house.desk.asked}
    assert (first.status, again.status, len(ids)) == (200, 200, 1)


def test_a_fault_of_ours_is_told_without_its_traceback(
    program: Program, tidy: list[LogEvent]
) -> None:
    """It is written down."""
    program.house.desk.refusal = ZeroDivisionError("secret")

    answer = program.complete()

    assert answer.status == 500
    assert b"secret" not in answer.body
    assert answer.json["error"]["type"] == "server_error"
    assert len(tidy) == 1
    tidy.clear()
