"""The documented proxies in front of a node: what comes through them, and what not."""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import count
from threading import Thread
from typing import Any, Final, Self

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.servers.proxies import NAMES, ORIGINS, HAProxy, Nginx, Proxy, program
from tests.system.harness import House, Plan, text_of
from tests.system.people import PASSWORD, Person, Reply, new_number
from tests.system.talking import Talk
from tests.system.websocket import Refused, WebSocket
from zimgpt.store.sealing import new_key

Json = dict[str, Any]

CHAT, ADMIN = NAMES
OFFICE: Final = "127.0.0.10"
"""From where the examples let operators in, as ``servers.proxies`` writes them."""
SETTINGS: Final = {
    "origins": ORIGINS[0],
    "admin_origins": ORIGINS[1],
    "operators_key": new_key(),
    # Other addresses of this machine are the world's.
    "trusted_proxies": "127.0.0.1/32,::1/128",
    "sign_ups_per_hour": 1,
    # Longer than anybody here waits for what a model that stalls has said.
    "idle_seconds": 60,
}

ANSWERS: Final = "/v1/chat/completions"
JSON: Final = {"Content-Type": "application/json"}

_strangers = (f"127.1.{number // 250}.{number % 250 + 1}" for number in count())


@pytest.fixture(scope="module")
def house(postgres: PostgreSQL) -> Iterator[House]:
    """One node that lets an address sign up once."""
    plans = [Plan("one", settings=SETTINGS)]
    with postgres.database() as url, House(url, nodes=plans) as house:
        yield house


@pytest.fixture(scope="module", params=[Nginx, HAProxy], ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> type[Proxy]:
    """Each that is documented."""
    kind: type[Proxy] = request.param
    if program(kind.name) is None:
        lack = f"{kind.name} is not installed; as root: apt-get install {kind.name}"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{lack}. Its tests are never skipped when CI=true.")
        pytest.skip(lack)
    return kind


@pytest.fixture(scope="module")
def proxy(kind: type[Proxy], house: House) -> Iterator[Proxy]:
    """One in front of the node."""
    with kind([house["one"].port]) as proxy:
        yield proxy


class Dying:
    """A node that dies of every question, and counts them."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.questions = 0
        self._thread = Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listening.accept()
            except OSError:
                return
            with link:
                if link.recv(65_536).startswith(b"POST"):
                    self.questions += 1
                else:  # whether it is well
                    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


class Through(http.client.HTTPConnection):
    """A request's way through a proxy, over TLS."""

    def __init__(
        self, proxy: Proxy, come_from: str, host: str = CHAT, to: str = "127.0.0.1"
    ) -> None:
        super().__init__(host, 443)
        self.sock = proxy.dial(come_from, host=host, to=to)

    def ask(
        self, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> None:
        """Sends a request; a body that is bytes, or their iterator, as it is."""
        raw: Any = json.dumps(body) if isinstance(body, dict) else body
        self.request(method, path, raw, JSON | dict(headers))


def ask(
    proxy: Proxy,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    *,
    come_from: str = OFFICE,
    host: str = CHAT,
    to: str = "127.0.0.1",
) -> Reply:
    """One request, and its answer."""
    way = Through(proxy, come_from, host, to)
    try:
        way.ask(method, path, body, {"Host": host} | dict(headers or {}))
        answer = way.getresponse()
        names = answer.headers.keys()
        lines = {n.lower(): ", ".join(answer.headers.get_all(n) or ()) for n in names}
        return Reply(answer.status, lines, answer.read())
    finally:
        way.close()


def sign_up(proxy: Proxy, come_from: str, **headers: str) -> Reply:
    """Somebody new."""
    body = {"phone": new_number(), "password": PASSWORD, "token": True}
    return ask(proxy, "POST", "/api/v1/accounts", body, headers, come_from=come_from)


def person(proxy: Proxy, house: House) -> Person:
    """The same with a session, for the node itself."""
    reply = sign_up(proxy, next(_strangers))
    assert reply.status == 201, reply
    return Person(house["one"].url, "", reply.json["token"])


def talk(proxy: Proxy, **headers: str) -> Talk:
    """A websocket through it."""
    given = {"Host": CHAT, **headers}
    return Talk(WebSocket(443, given, link=proxy.dial(next(_strangers))))


def test_the_examples_are_understood(proxy: Proxy) -> None:
    """By the programs that they are for, without a warning."""
    said = proxy.check().lower()

    assert "warn" not in said, said


def test_pages_come_through(proxy: Proxy) -> None:
    """By HTTP/2 for whoever speaks it; what the node says of TLS is said once."""
    page = ask(proxy, "GET", "/healthz")

    assert page.status == 200
    assert page.headers["strict-transport-security"].count("max-age") == 1
    for offered in ("h2", "http/1.1"):
        with proxy.dial(protocols=[offered]) as link:
            assert link.selected_alpn_protocol() == offered


def test_text_comes_through_as_it_is_written(proxy: Proxy, house: House) -> None:
    """A websocket hears the first words of a model that says no more."""
    someone = person(proxy, house)
    talking = talk(proxy, Authorization=f"Bearer {someone.token}")

    whole = talking.ask("q1", "words:20")
    talking.until(lambda message: message.get("type") == "done")
    assert whole.text == text_of(20)

    begun = talking.ask("q2", "words:20 fault:stall-5")
    talking.until(lambda _: begun.text == text_of(5))


def program_of(someone: Person) -> dict[str, str]:
    """The headers of a program of theirs."""
    key = someone.call("POST", "/api/v1/keys", {"name": "a program"})
    return {"Authorization": f"Bearer {key.json['secret']}", "Host": CHAT}


def question(text: str, **more: object) -> Json:
    """A program's."""
    message = {"role": "user", "content": text}
    return {"model": "zimgpt", "messages": [message], **more}


def test_streams_come_through_as_they_are_written(proxy: Proxy, house: House) -> None:
    """A program reads the first events of a model that says no more."""
    headers = program_of(person(proxy, house))
    body = question("words:20 fault:stall-5", stream=True)
    with closing(Through(proxy, OFFICE)) as way:
        way.ask("POST", ANSWERS, body, headers)
        answer = way.getresponse()

        assert answer.status == 200
        assert any(b"w4" in line for line in iter(answer.readline, b""))


def test_only_our_own_pages_open_a_websocket(proxy: Proxy, house: House) -> None:
    """By a cookie: the Origin comes through as the browser sent it."""
    token = person(proxy, house).token
    cookie = {"Cookie": f"__Host-zg={token}"}

    talk(proxy, Origin=ORIGINS[0], **cookie).hear()
    for origin in ("https://evil.example", ORIGINS[0].replace("https", "http")):
        with pytest.raises(Refused) as refused:
            talk(proxy, Origin=origin, **cookie)
        assert refused.value.status == 403


def test_limits_know_who_comes(proxy: Proxy) -> None:
    """By their address, whatever address they say they have."""
    one, other = next(_strangers), next(_strangers)

    assert sign_up(proxy, one).status == 201
    for said in ("9.9.9.9", "127.0.0.1", "9.9.9.9, 127.0.0.1"):
        forged = {"X-Forwarded-For": said, "Forwarded": f"for={said}"}
        assert sign_up(proxy, one, **forged).status == 429
    assert sign_up(proxy, other, **{"X-Forwarded-For": one}).status == 201


def test_large_bodies_are_refused(proxy: Proxy) -> None:
    """Told how large, and not; those of webhooks are larger."""
    large = b" " * 70_000

    assert ask(proxy, "POST", "/api/v1/accounts", large).status == 413
    pieces = iter([large[:35_000], large[35_000:]])
    assert ask(proxy, "POST", "/api/v1/accounts", pieces).status == 413
    assert ask(proxy, "POST", "/webhooks/nobody", large).status == 404
    told = {"Content-Length": str(5_000_000)}
    assert ask(proxy, "POST", "/webhooks/nobody", None, told).status == 413


@pytest.mark.parametrize("to", ["127.0.0.1", "::1"])
def test_operators_come_from_the_office_alone(proxy: Proxy, to: str) -> None:
    """Over IPv6, too, and whatever name the certificate was asked for."""
    path = "/admin/api/session"
    office, home = ("127.0.0.10", "127.0.0.1") if to == "127.0.0.1" else ("::1", "::1")

    for host, name in ((ADMIN, ADMIN), (CHAT, ADMIN), (CHAT, ADMIN.upper())):
        reply = ask(
            proxy, "GET", path, headers={"Host": name}, host=host, come_from=home, to=to
        )
        assert reply.status == 403, (host, name)
    assert ask(proxy, "GET", path, host=CHAT, come_from=home, to=to).status == 404
    if office != home:
        assert ask(proxy, "GET", path, host=ADMIN, come_from=office).status == 401
        api = ask(proxy, "GET", "/api/v1/about", host=ADMIN, come_from=office)
        assert api.status == 404


def test_a_question_is_not_asked_twice(kind: type[Proxy]) -> None:
    """When its node dies under it the program hears so, and nobody asks again."""
    with Dying() as node, kind([node.port]) as proxy:
        assert ask(proxy, "POST", ANSWERS, question("x")).status == 502
        assert node.questions == 1
