"""The whole double over HTTP: its two ports, its page, its memory, its callbacks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_twisted
import treq
from klein import Klein
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock, deferLater
from twisted.web.http import Request
from twisted.web.http_headers import Headers
from twisted.web.server import Site

from tests.fakes.paynow import (
    ID,
    KEY,
    Asked,
    Gateway,
    Merchants,
    Troubles,
    gateway,
    listen,
)
from zimgpt.embedded.paynow import __main__ as program
from zimgpt.embedded.paynow import messages
from zimgpt.embedded.paynow.keeping import File
from zimgpt.embedded.paynow.transactions import Delivery

Json = dict[str, Any]
BACK = "http://127.0.0.1/back?payment=zg-1"


class Shop:
    """A merchant that takes callbacks, after refusing some."""

    app = Klein()

    def __init__(self) -> None:
        self.refusing = 0
        self.bodies: list[bytes] = []

    @app.route("/hook", methods=["POST"])
    def _take(self, request: Request) -> bytes:
        assert request.content is not None
        self.refusing -= 1
        if self.refusing >= 0:
            request.setResponseCode(503)
            return b""
        self.bodies.append(request.content.read())
        return b""


@attrs.frozen
class Town:
    """A gateway, a shop, and a client of both ports."""

    url: str
    console: str
    hook: str
    gateway: Gateway
    shop: Shop

    async def buy(self, reference: str = "zg-1", method: str = "ecocash") -> Json:
        """Begins a payment."""
        said = {
            "id": str(ID),
            "reference": reference,
            "amount": "5.00",
            "returnurl": BACK,
            "resulturl": self.hook,
            "authemail": "a@example.org",
            "status": "Message",
        }
        path = "initiatetransaction"
        if method != "web":
            said |= {"phone": "0771234567", "method": method}
            path = "remotetransaction"
        pairs = list(said.items())
        body = messages.written([*pairs, ("hash", messages.digest(pairs, KEY))])
        sort = Headers({"content-type": ["application/x-www-form-urlencoded"]})
        answer = await treq.post(
            f"{self.url}/interface/{path}", body, headers=sort, persistent=False
        )
        return dict(messages.read(await answer.content()))

    async def post(self, path: str, body: object = None, **headers: str) -> int:
        """The status of a post of JSON to the console."""
        answer = await treq.post(
            f"{self.console}/{path}",
            json=body,
            headers=Headers({k.replace("_", "-"): [v] for k, v in headers.items()}),
            persistent=False,
        )
        await answer.content()
        return int(answer.code)

    async def get(self, path: str) -> Any:  # noqa: ANN401
        """What the console says."""
        answer = await treq.get(f"{self.console}/{path}", persistent=False)
        return json.loads(await answer.content())

    async def told(self, count: int) -> list[Json]:
        """The first callbacks that were taken, when so many were."""
        while len(self.shop.bodies) < count:
            await deferLater(reactor, 0.01)
        return [dict(messages.read(body)) for body in self.shop.bodies]


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def town() -> AsyncIterator[Town]:
    """Both listen on loopback."""
    server: Any = reactor
    shop = Shop()
    site: Any = Site(shop.app.resource())
    hook = server.listenTCP(0, site, interface="127.0.0.1")
    argv = ["--merchant", f"USD:{ID}:{KEY}", "--email", "a@example.org"]
    made = program.gateway(program.options(argv), server)
    ports: Any
    ports, url, console = listen(made)
    yield Town(url, console, f"http://127.0.0.1:{hook.getHost().port}/hook", made, shop)
    made.close()
    for listening in (*ports, hook):
        await listening.stopListening()


async def test_a_payment_is_played_by_hand(town: Town) -> None:
    """Begun at one port, approved at the other, told to the shop, again if need be."""
    town.shop.refusing = 1
    await town.buy()
    page = await town.get("payments/")
    guid = page["payments"][0]["guid"]

    codes = [
        await town.post(f"payments/{guid}/approve"),
        await town.post(f"payments/{guid}/approve"),
        await town.post(f"payments/{guid}/tell"),
        await town.post("payments/none/approve"),
    ]

    assert codes == [200, 409, 200, 409]
    assert [said["status"] for said in await town.told(2)] == ["Paid", "Paid"]
    shown = (await town.get("payments/"))["payments"][0]
    assert (shown["status"], shown["phone"]) == ("Paid", "0771234567")
    assert [change[1] for change in shown["history"]] == ["Created", "Paid"]
    assert sorted(call["answers"][-1] for call in shown["calls"]) == [200, 200]


@pytest.mark.parametrize(
    ("act", "word"), [("success", "Paid"), ("cancel", "Cancelled")]
)
async def test_the_checkout_page_goes_back_to_the_shop(
    town: Town, act: str, word: str
) -> None:
    """Paid or not; pressed twice, it is the same."""
    opened = await town.buy(method="web")
    page = await treq.get(opened["browserurl"], persistent=False)
    shown = (await page.content()).decode()
    answers = [
        await treq.post(
            opened["browserurl"],
            data={"act": act},
            allow_redirects=False,
            persistent=False,
        )
        for _ in range(2)
    ]
    for answer in answers:
        await answer.content()
    again = await treq.get(opened["browserurl"], persistent=False)

    assert "[TESTING: Faked Success]" in shown
    assert "USD 5.00" in shown
    assert {answer.code for answer in answers} == {302}
    assert answers[0].headers.getRawHeaders("location") == [BACK]
    assert [said["status"] for said in await town.told(1)] == [word]
    assert f"It is {word}" in (await again.content()).decode()


@pytest.mark.parametrize(
    ("path", "data", "headers", "code"),
    [
        ("Payment/ConfirmPayment/1/", {"act": "success"}, {}, 404),
        ("Payment/ConfirmPayment/36225925/", {"act": "dance"}, {}, 404),
        (
            "Payment/ConfirmPayment/36225925/",
            {"act": "success"},
            {"sec-fetch-site": "cross-site"},
            403,
        ),
    ],
)
async def test_nobody_else_presses_there(
    town: Town,
    path: str,
    data: Json,
    headers: dict[bytes | str, bytes | str],
    code: int,
) -> None:
    """Nor what is not there."""
    await town.buy(method="web")

    answer = await treq.post(
        f"{town.url}/{path}", data=data, headers=headers, persistent=False
    )
    await answer.content()

    assert answer.code == code


async def test_the_control_door(town: Town) -> None:
    """Everything a drill switches; nonsense is refused with a reason."""
    await town.buy()

    good = {
        "merchant": {"id": 1202, "key": "zwg", "currency": "ZWG", "methods": ["omari"]},
        "habits": {"strict": False, "chance": 0.0},
        "trouble": {"times": 2, "lost": True, "forged": ["cut"]},
        "tell": {"payment": "zg-1", "copies": 2, "urls": [town.hook]},
        "forge": {"payment": "zg-1", "kind": "unsigned"},
        "act": {"payment": "zg-1", "act": "cancel"},
        "outage": {"kind": "502", "seconds": 60},
        "hurry": {"seconds": 0.5},
    }
    codes = [await town.post(f"control/{act}", body) for act, body in good.items()]
    await town.told(4)
    bad = [
        await town.post("control/habits", {"no": 1}),
        await town.post("control/trouble", {"poll": "no"}),
        await town.post("control/act", {"payment": "no", "act": "approve"}),
        await town.post("control/act", {"payment": "zg-1", "act": "approve"}),
        await town.post("control/outage", {"kind": "no"}),
        await town.post("control/hurry", {"seconds": "soon"}),
        await town.post("control/none", {}),
    ]

    assert (codes, bad) == ([200] * 8, [400] * 7)
    state = await town.get("control/state")
    assert state["asked"] == {"initiate": 1}
    assert state["payments"][0]["status"] == "Cancelled"
    assert (await town.get("control/payment/zg-1"))["reference"] == "zg-1"
    assert await town.get("control/payment/none") == {}
    assert town.gateway.book.merchants[1202].methods == ("omari",)
    assert town.gateway.book.troubles() == Troubles(lost=True, forged=("cut",))


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("", {}, 200),
        ("handset.js", {}, 200),
        ("style.css", {}, 200),
        ("no.js", {}, 404),
        ("", {"Host": "evil.example:80"}, 403),
        ("control/state", {"Host": "evil.example:80"}, 403),
    ],
)
async def test_only_this_machine_opens_the_page(
    town: Town, path: str, headers: dict[bytes | str, bytes | str], code: int
) -> None:
    """Under a loopback name, so that no other site can play with it."""
    answer = await treq.get(f"{town.console}/{path}", headers=headers, persistent=False)
    await answer.content()

    assert answer.code == code


async def test_another_sites_post_is_refused(town: Town) -> None:
    """Browsers say where a request comes from."""
    await town.buy()

    assert await town.post("payments/zg-1/approve", sec_fetch_site="cross-site") == 403


async def test_the_gateways_port_has_no_controls(town: Town) -> None:
    """Merchants' requests and the checkout page, and nothing else."""
    for path in ("control/state", "payments/"):
        answer = await treq.get(f"{town.url}/{path}", persistent=False)
        assert (await answer.content()).startswith(b"<!DOCTYPE html>")
    style = await treq.get(f"{town.url}/checkout.css", persistent=False)
    assert b".checkout" in await style.content()


class Listening(Protocol):
    """A page's end of the events."""

    def __init__(self) -> None:
        self.heard: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        """Notes the first change."""
        if b"data:" in data and not self.heard.called:
            self.heard.callback(data)


async def test_changes_are_told_as_they_come(town: Town) -> None:
    """A page that leaves is forgotten."""
    answer = await treq.get(f"{town.console}/events", unbuffered=True, persistent=False)
    page = Listening()
    answer.deliverBody(page)

    await town.buy()

    assert b"data: " in await page.heard
    transport: Any = page.transport
    transport.stopProducing()
    while town.gateway.book._watchers:
        await deferLater(reactor, 0.01)


async def test_nothing_leaves_this_machine(town: Town) -> None:
    """A callback to anywhere else is not sent."""
    await town.buy()
    one = town.gateway.book.find("zg-1")

    town.gateway.callbacks.send(
        one, Delivery(0, "status=Paid", "forged", "http://192.0.2.1/")
    )
    while not one.deliveries[0].over:
        await deferLater(reactor, 0.01)

    assert one.deliveries[0].answers == [0]


# ---- what outlives it


def test_everything_outlives_the_process(tmp_path: Path) -> None:
    """Payments, what is to become of them, and callbacks that were not taken."""
    shelf = File.open(tmp_path / "paynow.db")
    clock, deaf, told = Clock(), Merchants(codes=[500] * 99), Merchants()
    first = gateway(deaf.post, clock, shelf=shelf)
    first.book.trouble(Troubles(word="Awaiting Delivery", delivered_after=600, lag=1.5))
    pairs = [("id", str(ID)), ("amount", "5.00"), ("merchanttrace", "a")]
    pairs += [("phone", "0772222222"), ("method", "ecocash"), ("authemail", "a")]
    pairs += [("resulturl", "http://127.0.0.1/"), ("status", "Message")]
    body = messages.written([*pairs, ("hash", messages.digest(pairs, KEY))])
    form = "application/x-www-form-urlencoded"
    first.interface.answer(
        Asked("POST", "/interface/remotetransaction", "", form, body)
    )
    clock.pump([1, 5, 5])
    first.close()

    again = gateway(told.post, clock, shelf=shelf, seed=2)
    (one,) = again.book.transactions.values()
    clock.pump([0, 20, 10, 600])
    shelf.close()

    assert one.guid in first.book.transactions
    assert one.troubles.lag == 1.5
    words = [dict(messages.read(said))["status"] for said in told.bodies]
    assert sorted(words) == ["Awaiting Delivery", "Delivered", "Sent"]
    assert one.status == "Delivered"
    assert again.callbacks.idle
    assert again.book.traced(ID, "a") is one
    assert again.book.number() == one.number + 1
