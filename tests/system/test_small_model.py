"""The whole path with a real language model, small as it is."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Sequence

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan
from tests.system.people import Person
from tests.system.soundness import assert_sound
from zimgpt.domain.conversations import AnswerId, Turn
from zimgpt.domain.ledger import Price
from zimgpt.domain.questions import Kind, Message, prompt
from zimgpt.embedded.small_model import NAME, SmallModel

LIMIT = (
    30  # model tokens of an answer here: it writes fifty a second, on a quiet machine
)
QUESTIONS = ("My name is Tatenda.", "I live in Mutare.", "What is my name?")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallModel]:
    """The model's process."""
    model = SmallModel(tmp_path_factory.mktemp("model") / "log")
    model.start()
    yield model
    model.stop()


@pytest.fixture(scope="module")
def home(postgres: PostgreSQL, model: SmallModel) -> Iterator[House]:
    """A node that asks it."""
    settings = {"model_name": NAME, "model_url": model.upstream.base_url}
    with (
        postgres.database() as url,
        House(
            url, nodes=[Plan("one", settings=settings)], price=Price(NAME, 1000, 1000)
        ) as home,
    ):
        yield home


def counted(model: SmallModel, messages: Sequence[Message]) -> int:
    """Prompt tokens, as the model itself counts them when asked on its own."""
    body = {
        "model": NAME,
        "max_tokens": 1,
        "messages": [{"role": m.role, "content": m.content} for m in messages],
    }
    request = urllib.request.Request(
        model.upstream.base_url + "/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=240) as answer:
        return int(json.load(answer)["usage"]["prompt_tokens"])


def used(home: House, answer: str) -> tuple[int, int, str, int, int]:
    """Prompt and completion tokens, who counted them, what was held and charged."""
    [row] = home.query(
        "select a.prompt_tokens, a.completion_tokens, a.usage_source, r.amount,"
        " r.settled"
        " from answers a join reservations r on r.answer_id = a.id where a.id = %s",
        answer,
    )
    return row


def test_a_chat_of_three_turns(home: House, model: SmallModel) -> None:
    """The third question is asked together with the first two turns, and each answer
    costs exactly the usage that the model reports, or its hold where that is less:
    this model's words have fewer letters than those that holds are made for."""
    person = Person.sign_up(home["one"].url)
    talk = person.connect()
    turns: list[Turn] = []
    again: dict[str, object] = {}
    for number, question in enumerate(QUESTIONS):
        expected = counted(model, prompt(Kind.CHAT, question, turns))

        shown = talk.finish(
            talk.ask(str(number), question, max_tokens=LIMIT, **again), timeout=240
        )

        again = {"conversation": shown.accepted["conversation"]}
        turns.append(Turn(AnswerId(shown.answer), question, shown.text))
        assert shown.text
        assert shown.end is not None
        read, wrote, source, held, charged = used(home, shown.answer)
        assert (read, source) == (expected, "upstream")
        assert 0 < wrote <= LIMIT
        assert min(read + wrote, held) == charged == shown.end["cost"]
    assert_sound(home)


def test_an_essay(home: House, model: SmallModel) -> None:
    """An essay is asked for alone, streams, and costs what the model reports."""
    person = Person.sign_up(home["one"].url)
    talk = person.connect()
    question = "Why do rivers flood?"
    expected = counted(model, prompt(Kind.ESSAY, question, ()))

    shown = talk.finish(
        talk.ask("1", question, kind="essay", max_tokens=LIMIT), timeout=240
    )

    read, wrote, source, held, charged = used(home, shown.answer)
    assert len(shown.texts) > 1
    assert (read, source) == (expected, "upstream")
    assert min(read + wrote, held) == charged
    assert_sound(home)
