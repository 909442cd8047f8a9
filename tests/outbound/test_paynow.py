"""Our client of Paynow against its double: over real sockets, and without any."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

import attrs
import pytest
import pytest_twisted
from klein import Klein
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.web.http import Request
from twisted.web.server import Site

from tests.fakes.paynow import (
    EMAIL,
    ID,
    KEY,
    Gateway,
    Merchant,
    Merchants,
    Troubles,
    Wire,
    client,
    gateway,
    listen,
    request,
)
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.news import Status
from zimgpt.domain.topups.states import Place, Reason
from zimgpt.embedded.paynow import messages
from zimgpt.flows.ports import payments as port
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.paynow import GATEWAY, Patience, Paynow, make_paynow
from zimgpt.wire.paynow.requests import Integration

T = TypeVar("T")


@attrs.define
class Line:
    """A double and our client of it, on one clock, without a socket."""

    clock: Clock
    told: Merchants
    gateway: Gateway
    wire: Wire
    paynow: Paynow

    def take(self, outcome: Coroutine[Deferred[Any], Any, T], *waits: float) -> T:
        """What comes of it when so much time has passed."""
        done: list[Any] = []
        deferred = Deferred.fromCoroutine(outcome)
        deferred.addBoth(done.append)
        self.clock.pump([0, *waits])
        assert done, "it still waits"
        if hasattr(done[0], "raiseException"):
            done[0].raiseException()
        result: T = done[0]
        return result

    def begin(
        self,
        method: Method = Method.ECOCASH,
        *,
        phone: str = "+263771234567",
        cents: int = 500,
    ) -> port.Opened:
        """A new payment."""
        asked = request("zg-1", method, phone=phone, cents=cents)
        return self.take(self.paynow.initiate(asked))

    def act(self, name: str, reference: str = "zg-1") -> None:
        """The person, or the gateway, does something."""
        book = self.gateway.book
        self.gateway.timeline.act(book.find(reference), name)
        self.clock.advance(0)


@pytest.fixture
def line() -> Line:
    """Both, at the beginning."""
    clock, told = Clock(), Merchants()
    made = gateway(told.post, clock)
    wire = Wire(made.interface, clock)
    paynow = client(wire.http(), clock, made.book.url)
    return Line(clock, told, made, wire, paynow)


# ---- a payment's way


@pytest.mark.parametrize("method", [Method.ECOCASH, Method.ONEMONEY])
def test_a_wallet_is_prompted_and_pays(line: Line, method: Method) -> None:
    """The place is known, and a poll says when it is paid, exactly."""
    opened = line.begin(method)
    before = line.take(line.paynow.poll(opened.place))
    line.act("approve")
    after = line.take(line.paynow.poll(opened.place))

    assert isinstance(opened.prompt, port.Approve)
    assert "PIN" in opened.prompt.words
    assert before.status is Status.PENDING
    assert (after.status, after.minor, after.reference) == (Status.PAID, 500, "zg-1")
    assert after.gateway_reference == opened.place.gateway_reference == "36225925"


def test_innbucks_gives_a_code_and_links(line: Line) -> None:
    """The person pays it in the app."""
    opened = line.begin(Method.INNBUCKS)
    code = line.gateway.book.find("zg-1").code

    assert isinstance(opened.prompt, port.PayCode)
    assert opened.prompt.code == code
    assert opened.prompt.expires == "1-Jan-1970 02:10"
    assert all(link.endswith(code) for link in opened.prompt.links)


def test_omari_wants_a_code(line: Line) -> None:
    """A wrong one is told as such, and the right one pays."""
    opened = line.begin(Method.OMARI)
    code = line.gateway.book.find("zg-1").code

    assert isinstance(opened.prompt, port.EnterCode)
    for wrong in ("000000", "12", "abcdef"):
        with pytest.raises(port.WrongCode):
            line.take(line.paynow.submit_code(opened.place, wrong))
    news = line.take(line.paynow.submit_code(opened.place, code))
    assert news.status is Status.PAID
    assert line.gateway.book.find("zg-1").code_tries == 1


def test_after_five_wrong_codes_it_is_over(line: Line) -> None:
    """The gateway cancels it; a code is refused from then on."""
    place = line.begin(Method.OMARI).place
    for _ in range(5):
        with pytest.raises(port.WrongCode):
            line.take(line.paynow.submit_code(place, "000000"))

    assert line.take(line.paynow.poll(place)).status is Status.CANCELLED
    with pytest.raises(port.Declined):
        line.take(line.paynow.submit_code(place, "123456"))


def test_the_web_has_a_page(line: Line) -> None:
    """On the gateway's own host, and no number is told."""
    opened = line.begin(Method.WEB)

    assert isinstance(opened.prompt, port.Visit)
    assert opened.prompt.url.startswith(line.gateway.book.url + "/Payment/")
    assert line.gateway.book.find("zg-1").phone == ""


def test_a_lost_answer_is_traced(line: Line) -> None:
    """Nobody knows at first; the trace tells where it is, and there is one payment."""
    line.gateway.book.trouble(Troubles(answer="lost"))
    with pytest.raises(port.Unheard):
        line.begin()
    line.act("approve")

    found = line.take(line.paynow.trace("zg-1"))
    assert found is not None
    assert found.news.status is Status.PAID
    assert line.take(line.paynow.poll(found.place)).status is Status.PAID
    assert line.take(line.paynow.trace("zg-2")) is None
    assert len(line.gateway.book.transactions) == 1


def test_a_call_is_a_hint(line: Line) -> None:
    """It names the payment; a stranger's is refused, and says why."""
    line.begin()
    line.act("approve")

    hint = line.paynow.parse_callback(line.told.bodies[-1])

    assert hint == port.Hint("zg-1", Status.PAID, "Paid", 500)
    for body, verdict in (
        (b"<html>", "not_a_message"),
        (b"status=Paid&reference=zg-1", "missing_hash"),
        (messages.signed([("status", "Paid")], "other"), "mismatch"),
    ):
        with pytest.raises(port.NotGenuine) as caught:
            line.paynow.parse_callback(body)
        assert caught.value.verdict == verdict


@pytest.mark.parametrize(
    "trouble",
    [
        Troubles(capital=True),
        Troubles(middle=True),
        Troubles(commas=True),
        Troubles(no_number=True),
        Troubles(word="Awaiting Delivery"),
        Troubles(amount="three"),
        Troubles(amount="bare"),
    ],
)
def test_messages_of_any_shape_are_understood(line: Line, trouble: Troubles) -> None:
    """Capitals, order, commas, decimals: it is the same payment."""
    line.gateway.book.trouble(trouble)
    opened = line.begin(cents=100_000)
    line.act("approve")

    news = line.take(line.paynow.poll(opened.place))

    assert (news.status, news.minor) == (Status.PAID, 100_000)
    assert news.gateway_reference == "36225925"
    assert line.paynow.parse_callback(line.told.bodies[-1]).reference == "zg-1"


# ---- keys


def test_an_old_key_is_believed_while_a_new_one_takes_over(line: Line) -> None:
    """Answers and calls that either signed are good; a third key's are not."""
    place = line.begin().place
    changed = client(
        line.wire.http(), line.clock, line.gateway.book.url, key="new", old_keys=(KEY,)
    )

    assert line.take(changed.poll(place)).status is Status.PENDING
    line.gateway.book.merchants[ID] = Merchant(id=ID, key="new")
    assert line.take(changed.poll(place)).status is Status.PENDING
    with pytest.raises(port.Unheard):
        line.take(line.paynow.poll(place))


def test_a_key_is_never_shown(line: Line) -> None:
    """Not by the client, and not in words that the gateway might send back."""
    assert KEY not in repr(line.paynow)


# ---- what goes wrong


@pytest.mark.parametrize("kind", ["lost", "never", "hash", "html", "500"])
def test_a_bad_first_answer_leaves_it_unheard(line: Line, kind: str) -> None:
    """It is never taken for a no: the payment may be there."""
    line.gateway.book.trouble(Troubles(answer=kind))

    with pytest.raises(port.Unheard):
        line.begin()


@pytest.mark.parametrize("kind", ["500", "502", "html", "reset", "hash", "unsigned"])
def test_a_bad_poll_changes_nothing(line: Line, kind: str) -> None:
    """Nor a bad trace; and least of all one that says Paid without a signature."""
    line.gateway.book.trouble(Troubles(poll=kind, poll_until=60))
    place = line.begin().place

    with pytest.raises(port.Unheard):
        line.take(line.paynow.poll(place))
    with pytest.raises(port.Unheard):
        line.take(line.paynow.trace("zg-1"))
    line.clock.advance(60)
    assert line.take(line.paynow.poll(place)).status is Status.PENDING


def test_a_gateway_that_hangs_is_left(line: Line) -> None:
    """A poll after fifteen seconds, a new payment after thirty."""
    place = line.begin().place
    line.gateway.book.habits.outage = "hang"
    line.gateway.book.habits.outage_until = 1000.0

    with pytest.raises(port.Unheard, match="nothing came for 15 s"):
        line.take(line.paynow.poll(place), 14, 1)
    with pytest.raises(port.Unheard, match="nothing came for 30 s"):
        line.take(line.paynow.initiate(request("zg-2")), 29, 1)


def test_what_was_never_sent_is_told_apart(line: Line) -> None:
    """Nobody was reached, so nothing can be paid; of a poll it means nothing."""
    place = line.begin().place
    line.wire.cut = True

    with pytest.raises(port.NotSent):
        line.take(line.paynow.initiate(request("zg-2")))
    with pytest.raises(port.NotSent):
        line.take(
            line.paynow.submit_code(attrs.evolve(place, code=place.poll), "123456")
        )
    with pytest.raises(port.Unheard):
        line.take(line.paynow.poll(place))
    with pytest.raises(port.Unheard):
        line.take(line.paynow.trace("zg-1"))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"phone": "+263774444444"}, Reason.NO_FUNDS),
        ({"method": Method.OMARI}, Reason.OUR_FAULT),
    ],
)
def test_a_refusal_has_its_reason(
    line: Line, more: dict[str, Any], reason: Reason
) -> None:
    """In the gateway's words; nothing can be paid."""
    merchant = line.gateway.book.merchants[ID]
    line.gateway.book.merchants[ID] = attrs.evolve(merchant, methods=("ecocash",))

    with pytest.raises(port.Declined) as caught:
        line.begin(**more)

    assert caught.value.reason is reason
    assert not line.gateway.book.transactions


def test_a_wrong_key_of_ours_is_our_fault(line: Line) -> None:
    """And the key is not in the words."""
    wrong = client(line.wire.http(), line.clock, line.gateway.book.url, key="wrong")

    with pytest.raises(port.Declined) as caught:
        line.take(wrong.initiate(request()))

    assert caught.value.reason is Reason.OUR_FAULT


def test_another_currency_is_not_asked_for(line: Line) -> None:
    """A rail takes one, and asks nobody for another."""
    other = attrs.evolve(line.paynow, currency=Currency.ZWG)

    with pytest.raises(port.Declined):
        line.take(other.initiate(request()))
    assert line.gateway.interface.asked == []


def test_a_reference_that_cannot_travel_is_not_sent(line: Line) -> None:
    """It would come back as another one."""
    with pytest.raises(port.Declined):
        line.take(line.paynow.initiate(request("zg 1")))
    assert line.gateway.interface.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x",
        "https://127.0.0.1/x",
        "http://127.0.0.1@evil.example/",
        "",
    ],
)
def test_only_the_gateway_is_asked(line: Line, url: str) -> None:
    """Wherever a stored address points."""
    with pytest.raises(port.Unheard, match="not the gateway's own"):
        line.take(line.paynow.poll(Place(poll=url)))
    assert line.gateway.interface.asked == []


def test_without_an_address_for_it_no_code_is_taken(line: Line) -> None:
    """A wallet that sends none has none."""
    with pytest.raises(port.Declined):
        line.take(line.paynow.submit_code(line.begin().place, "123456"))


# ---- over sockets


class Odd:
    """A server that is no gateway."""

    app = Klein()

    @app.route("/interface/trace", methods=["POST"])
    def _away(self, request: Request) -> bytes:
        request.setResponseCode(302)
        request.setHeader("location", "/elsewhere")
        return b""

    @app.route("/elsewhere", branch=True)
    def _elsewhere(self, _: Request) -> bytes:
        raise AssertionError("a redirect was followed")

    @app.route("/Interface/CheckPayment/", methods=["POST"])
    def _much(self, _: Request) -> bytes:
        return b"status=" + b"x" * 100_000


@attrs.frozen
class Sockets:
    """The double, something odd, and our client of both."""

    gateway: Gateway
    url: str
    odd: str
    connections: Connections

    def client(self, url: str, seconds: float = 0.2) -> Paynow:
        """Ours, with little patience."""
        from twisted.internet import reactor

        patience = Patience(seconds, seconds)
        return client(self.connections.http, reactor, url, patience=patience)


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def sockets() -> AsyncIterator[Sockets]:
    """All of them listen."""
    from twisted.internet import reactor

    server: Any = reactor
    made = gateway(clock=server)
    ports: Any
    ports, url, _ = listen(made)
    site: Any = Site(Odd().app.resource())
    odd = server.listenTCP(0, site, interface="127.0.0.1")
    connections = Connections(server)
    yield Sockets(made, url, f"http://127.0.0.1:{odd.getHost().port}", connections)
    await connections.close()
    made.close()
    for listening in (*ports, odd):
        await listening.stopListening()


async def test_a_payment_over_the_network(sockets: Sockets) -> None:
    """Begun, paid, polled and traced, as configured by hand."""
    from twisted.internet import reactor

    paynow = make_paynow(
        Currency.USD,
        Integration(ID, KEY),
        EMAIL,
        sockets.connections,
        reactor,
        url=sockets.url + "/",
    )

    opened = await paynow.initiate(request())
    sockets.gateway.timeline.act(sockets.gateway.book.find("zg-1"), "approve")
    news = await paynow.poll(opened.place)
    traced = await paynow.trace("zg-1")

    assert news.status is Status.PAID
    assert traced is not None
    assert traced.place.poll == opened.place.poll
    assert GATEWAY.startswith("https://")


class Places:
    """A server that notes from where it is asked."""

    app = Klein()

    def __init__(self) -> None:
        self.seen: list[int] = []

    @app.route("/interface/trace", methods=["POST"])
    def _answer(self, asked: Request) -> bytes:
        self.seen.append(asked.getClientAddress().port)
        return b"status=Error&error=Trace+failed"


async def test_every_request_has_a_connection_of_its_own() -> None:
    """One that the gateway has closed unnoticed leaves nobody in doubt."""
    from twisted.internet import reactor

    server: Any = reactor
    places = Places()
    site: Any = Site(places.app.resource())
    listening = server.listenTCP(0, site, interface="127.0.0.1")
    url = f"http://127.0.0.1:{listening.getHost().port}"
    connections = Connections(server)
    paynow = make_paynow(
        Currency.USD, Integration(ID, KEY), EMAIL, connections, server, url=url
    )

    for _ in range(2):
        with pytest.raises(port.Unheard):
            await paynow.trace("zg-1")
    await listening.stopListening()

    assert len(set(places.seen)) == 2


@pytest.mark.parametrize("kind", ["hang", "reset", "502", "html"])
async def test_an_outage_over_the_network(sockets: Sockets, kind: str) -> None:
    """However it shows, nothing is known."""
    opened = await sockets.client(sockets.url, 5.0).initiate(request())
    habits = sockets.gateway.book.habits
    habits.outage, habits.outage_until = kind, sockets.gateway.book.now() + 60

    with pytest.raises(port.Unheard):
        await sockets.client(sockets.url).poll(opened.place)
    with pytest.raises(port.Unheard):
        await sockets.client(sockets.url).initiate(request("zg-2"))


async def test_a_redirect_is_not_followed(sockets: Sockets) -> None:
    """It would carry a signed request elsewhere."""
    with pytest.raises(port.Unheard, match="status 302"):
        await sockets.client(sockets.odd, 5.0).trace("zg-1")


async def test_an_endless_answer_is_cut_off(sockets: Sockets) -> None:
    """A message has a few hundred bytes."""
    place = Place(poll=sockets.odd + "/Interface/CheckPayment/?guid=1")

    with pytest.raises(port.Unheard, match="too large"):
        await sockets.client(sockets.odd, 5.0).poll(place)


async def test_a_closed_port_was_never_asked(sockets: Sockets) -> None:
    """So the person may try again at once."""
    with pytest.raises(port.NotSent):
        await sockets.client("http://127.0.0.1:1", 5.0).initiate(request())
