"""openapi.yaml and asyncapi.yaml against running servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.system import operations
from tests.system.documented import Document, Trial
from tests.system.harness import House, Plan
from tests.system.people import Person, call
from tests.system.phone import Exchange
from tests.system.talking import Talk
from tests.system.till import Shop, opened


@pytest.fixture(scope="module")
def http() -> Document:
    """The HTTP API."""
    return Document("openapi.yaml")


@pytest.fixture(scope="module")
def websocket() -> Document:
    """The websocket protocol."""
    return Document("asyncapi.yaml")


@pytest.fixture(scope="module")
def shop(postgres: PostgreSQL) -> Iterator[Shop]:
    """One node that sells, and a gateway that calls it."""
    with (
        postgres.database() as url,
        opened(lambda more: House(url, nodes=[Plan("shop")], **more)) as made,
    ):
        yield made


def test_every_operation_answers_as_documented(
    shop: Shop, exchange: Exchange, http: Document
) -> None:
    """Each documented operation is there, takes what it says that it takes, and answers
    a success in the shape that it says."""
    node = shop.house["shop"]
    stranger = Trial(http, node.url)
    buyer = stranger.by(Person.sign_up(node.url))

    operations.service(stranger, shop.house)
    operations.accounts(stranger)
    operations.answers(buyer)
    operations.essays(buyer)
    operations.money(buyer, shop.house)
    operations.preferences(buyer)
    operations.keys(buyer)
    operations.payments(buyer, shop)
    operations.proofs(stranger, exchange)

    assert http.operations() == stranger.done


@pytest.mark.parametrize(
    ("method", "template", "path"),
    [
        ("GET", "/api/v1/answers/{answer}", "/api/v1/answers/nonsense"),
        ("GET", "/api/v1/me", "/api/v1/me"),
        ("POST", "/api/v1/answers", "/api/v1/answers"),
    ],
)
def test_refusals_are_documented(
    house: House, http: Document, method: str, template: str, path: str
) -> None:
    """Nobody signed in hears a documented refusal."""
    reply = call(house["one"].url, method, path, {} if method == "POST" else None)

    assert reply.status == 401
    http.keeps_to(method, template, reply)


def test_every_frame_is_as_documented(
    house: House, person: Person, websocket: Document
) -> None:
    """Whatever the server says on a socket has the schema of its type."""
    talk: Talk = person.connect()
    talk.say(type="ping")
    shown = talk.finish(talk.ask("1", "Name a tree. words:9 delay:30"))
    talk.read(shown)
    talk.finish(talk.ask("2", "fault:500 fault:500 fault:html", kind="essay"), 40)
    talk.say(type="stop", answer="nonsense")
    talk.until(lambda message: message.get("type") == "error")

    kinds = {message.get("type") for message in talk.everything}
    assert {"balance", "accepted", "reading", "done", "error", "pong", None} <= kinds
    for message in talk.everything:
        name = str(message.get("type", "text")).capitalize()
        websocket.check(message, websocket.named(name))
