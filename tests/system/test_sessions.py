"""Who may open a socket, and how it ends."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest

from tests.system.harness import House
from tests.system.people import PASSWORD, Person, call, new_number
from tests.system.websocket import Closed, Refused, WebSocket
from zimgpt.service.node import RECHECK_EVERY


def port_of(url: str) -> int:
    """Where it listens."""
    port = urlsplit(url).port
    assert port
    return port


@pytest.fixture
def cookie(house: House) -> str:
    """The cookie of a browser that signed up on our own page."""
    url = house["one"].url
    body = {"phone": new_number(), "password": PASSWORD}
    reply = call(url, "POST", "/api/v1/accounts", body, {"Origin": url})
    assert reply.status == 201
    assert "token" not in reply.json
    return reply.headers["set-cookie"].partition(";")[0]


def test_our_own_page_is_let_in(house: House, cookie: str) -> None:
    """A browser on our page brings its cookie and its Origin, and is greeted."""
    url = house["one"].url

    socket = WebSocket(port_of(url), {"Cookie": cookie, "Origin": url})

    assert b'"available":1000000' in socket.receive()


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://evil.example", "{url}.evil.example", "{url}/"],
)
def test_another_page_is_refused(house: House, cookie: str, origin: str | None) -> None:
    """A cookie without our Origin opens no socket: another site may have sent it."""
    url = house["one"].url
    headers = {"Cookie": cookie}
    if origin is not None:
        headers["Origin"] = origin.format(url=url)

    with pytest.raises(Refused) as refused:
        WebSocket(port_of(url), headers)

    assert refused.value.status in (400, 403)


@pytest.mark.parametrize(
    ("protocols", "headers", "status"),
    [
        (["zimgpt.v1"], {}, 401),
        (["zimgpt.v1", "bearer.nobody-has-this"], {}, 401),
        (["zimgpt.v1"], {"Authorization": "Bearer nobody-has-this"}, 401),
        (["zimgpt.v2"], {"Authorization": "Bearer {token}"}, 400),
    ],
)
def test_strangers_stay_outside(
    person: Person, protocols: list[str], headers: dict[str, str], status: int
) -> None:
    """Without a live session, or in another language, no socket opens."""
    headers = {k: v.format(token=person.token) for k, v in headers.items()}
    headers |= {} if "Authorization" in headers else {"Origin": person.url}

    with pytest.raises(Refused) as refused:
        WebSocket(port_of(person.url), headers, protocols)

    assert status == refused.value.status


def test_a_token_may_come_as_a_subprotocol(person: Person) -> None:
    """A program that cannot set headers passes its token beside the protocol."""
    protocols = ["zimgpt.v1", f"bearer.{person.token}"]

    socket = WebSocket(port_of(person.url), {}, protocols)

    assert b'"type":"balance"' in socket.receive()


@pytest.mark.parametrize("node", ["east", "west"])
def test_signing_out_everywhere_ends_sockets_everywhere(town: House, node: str) -> None:
    """By news, long before sessions are looked at again, every socket of the person is
    closed with 4401, also at nodes that did not take the request, and nobody else's."""
    person = Person.sign_up(town["east"].url)
    other = Person.sign_up(town[node].url).connect()
    talk = person.at(town[node].url).connect()

    began = time.monotonic()
    reply = person.call("DELETE", "/api/v1/sessions")
    with pytest.raises(Closed) as closed:
        talk.hear()

    assert reply.status == 204
    assert closed.value.code == 4401
    assert time.monotonic() - began < RECHECK_EVERY / 4
    other.say(type="ping")
    assert other.hear() == {"type": "pong"}
    assert person.call("GET", "/api/v1/me").status == 401
