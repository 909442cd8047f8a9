"""Whole nodes that sell tokens, and the gateway's double on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
import pytest_twisted
import treq
from twisted.internet.task import deferLater
from twisted.web.http_headers import Headers

from tests.fakes.paynow import EMAIL, ID, KEY, Gateway, Troubles, gateway, listen
from tests.inbound.visitor import Visitor
from tests.service.home import PASSWORD, PHONE, Home, reactor

Json = dict[str, Any]


@attrs.frozen
class Market:
    """A gateway that posts to whom it was told to, and its address."""

    home: Home
    gateway: Gateway
    url: str

    def node(self, **settings: Any) -> str:  # noqa: ANN401
        """A node that sells for dollars; where it listens."""
        _, url = self.home.node(
            paynow_usd_id=ID,
            paynow_usd_key=KEY,
            paynow_usd_email=EMAIL,
            paynow_url=self.url,
            **settings,
        )
        return url

    def act(self, reference: str, act: str) -> None:
        """What the person, or the gateway's own people, do."""
        self.gateway.timeline.act(self.gateway.book.find(reference), act)


async def post(url: str, body: bytes) -> int:
    """As the gateway posts."""
    answer = await treq.post(
        url,
        body,
        headers=Headers({"Content-Type": ["application/x-www-form-urlencoded"]}),
        persistent=False,
    )
    await answer.content()
    return int(answer.code)


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def market(home: Home) -> AsyncIterator[Market]:
    """Everything but the nodes."""
    clock: Any = reactor
    made = gateway(post, clock)
    ports: Any
    ports, url, _ = listen(made)
    yield Market(home, made, url)
    for node in tuple(home.nodes):
        await home.stop(node)
    made.close()
    for port in ports:
        await port.stopListening()


@attrs.frozen
class Buyer:
    """A person with a token and a socket."""

    home: Home
    url: str
    token: str
    socket: Visitor

    async def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """A request of theirs."""
        answer = await treq.request(
            method,
            f"{self.url}/api/v1/{path}",
            json=body,
            headers=Headers({"Authorization": [f"Bearer {self.token}"]}),
            agent=self.home.agent,
            persistent=False,
        )
        said: Json = await answer.json()
        assert answer.code < 300, said
        return said

    async def buy(self, **other: str) -> Json:
        """Begins a payment; as the gateway has taken it."""
        wish = {"id": "p1", "package": "taste", "method": "ecocash", **other}
        began = await self.call("POST", "payments", wish)
        return await self.call("GET", f"payments/{began['id']}?version=2&wait=10")

    async def hears(self, kind: str, state: str = "") -> Json:
        """The next frame of a kind on the socket."""
        while True:
            frame: Json = json.loads((await self.socket.frame()).payload)
            if frame["type"] == kind and frame.get("state", "") == state:
                return frame


async def ready(home: Home, url: str) -> None:
    """Returns when the node answers from its database."""
    while True:
        try:
            status, _ = await home.get(f"{url}/api/v1/packages")
        except Exception:  # it does not listen yet
            status = 0
        if status == 200:
            return
        await deferLater(reactor, 0.1)


async def buyer(home: Home, url: str) -> Buyer:
    """Somebody new."""
    await ready(home, url)
    entry = {"phone": PHONE, "password": PASSWORD, "token": True}
    answer = await treq.post(
        f"{url}/api/v1/accounts", json=entry, agent=home.agent, persistent=False
    )
    token = (await answer.json())["token"]
    return Buyer(home, url, token, await home.visit(url))


@pytest.mark.patience(180)
async def test_tokens_are_bought(market: Market) -> None:
    """From the tap to the receipt: the prompt and the credit come by the socket, with
    the balance, because the gateway calls and then says Paid when it is asked."""
    url = market.node()
    person = await buyer(market.home, url)

    shown = await person.buy()
    assert shown["prompt"]["kind"] == "approve"
    market.act(shown["reference"], "approve")

    paid = await person.hears("payment", "credited")
    assert (await person.hears("balance"))["available"] == 1_010_000
    assert paid["gateway_reference"]
    [listed] = (await person.call("GET", "payments"))["payments"]
    assert listed["state"] == "credited"
    me = await person.call("GET", "me")
    assert me["balance"]["available"] == 1_010_000
    evidence = market.home.query(
        "select e.source, status, hash_ok, i.body <> '' from payment_events e"
        " left join inbox i on i.id = e.inbox_id order by e.id"
    )
    assert ("poll", "Paid", True, True) in evidence
    assert {source for source, *_ in evidence} >= {"answer", "callback", "poll"}
    await person.socket.leave()


@pytest.mark.patience(180)
async def test_two_nodes_and_ten_copies_of_each_call(
    market: Market, vhost: str
) -> None:
    """Both hear them at once; one credit, and the person's socket on the other node
    hears of it."""
    url = market.node(broker=vhost)
    person = await buyer(market.home, url)
    other = market.node(node="two", origins=(url,), broker=vhost)
    await ready(market.home, other)
    shown = await person.buy()
    transaction = market.gateway.book.find(shown["reference"])

    market.act(shown["reference"], "approve")
    body = market.gateway.callbacks.body(transaction)
    path = f"/webhooks/paynow/usd/{shown['id']}"
    copies = [post(place + path, body) for _ in range(10) for place in (url, other)]
    assert {await copy for copy in copies} == {200}

    await person.hears("payment", "credited")
    assert (await person.call("GET", "me"))["balance"]["available"] == 1_010_000
    [(credits,)] = market.home.query(
        "select count(*) from transfers where kind = 'purchase'"
    )
    assert credits == 1
    await person.socket.leave()


@pytest.mark.patience(180)
async def test_a_lost_call_after_a_restart(market: Market) -> None:
    """Nobody tells us, and the node was another when it was begun: it is asked."""
    node_url = market.node()
    person = await buyer(market.home, node_url)
    market.gateway.book.trouble(Troubles(lost=True))
    shown = await person.buy()
    await person.socket.leave()
    [node] = market.home.nodes
    await market.home.stop(node)
    market.act(shown["reference"], "approve")

    again = market.node()
    await ready(market.home, again)
    for _ in range(1_000):
        [(state,)] = market.home.query("select state from payments")
        if state == "credited":
            break
        await deferLater(reactor, 0.1)

    assert state == "credited"


@pytest.mark.patience(180)
async def test_without_an_integration_everything_else_works(home: Home) -> None:
    """And there is no door for the gateway."""
    _, url = home.node()
    await ready(home, url)

    status, sold = await home.get(f"{url}/api/v1/packages")

    assert (status, sold["packages"]) == (200, [])
    assert await post(f"{url}/webhooks/paynow/usd/x", b"") == 404
