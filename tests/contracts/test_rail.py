"""What every rail promises, whoever stands behind it.

Our client of Paynow keeps it against the gateway's double, over loopback; so does the
rail in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs
import pytest
import pytest_twisted

from tests.fakes.paynow import Merchants, Troubles, client, gateway, listen
from tests.fakes.paynow import request as asked
from tests.fakes.rail import RIGHT_CODE, MemoryRail, Transaction
from zimgpt.domain.topups.networks import Method
from zimgpt.domain.topups.news import Status
from zimgpt.flows.ports import payments as port
from zimgpt.flows.ports.payments import Rail
from zimgpt.outbound.connections import Connections


@attrs.frozen
class There:
    """A rail, and what a person and the gateway do behind it."""

    rail: Rail
    pay: Callable[[str], None]
    """The person of this reference pays."""
    reverse: Callable[[str], None]
    """The money of this reference goes back."""
    lose: Callable[[], None]
    """The next payment is taken, and the answer lost."""
    code: Callable[[str], str]
    """What the wallet sent to the person of this reference."""
    call: Callable[[str], bytes]
    """A genuine call about this reference."""


def memory() -> There:
    """The one that other tests use."""
    rail = MemoryRail()

    def of(reference: str) -> Transaction:
        return next(
            one for one in rail.known.values() if one.order.reference == reference
        )

    return There(
        rail,
        lambda reference: setattr(of(reference), "status", Status.PAID),
        lambda reference: setattr(of(reference), "status", Status.REFUNDED),
        lambda: setattr(rail, "lost", True),
        lambda _: RIGHT_CODE,
        lambda reference: b"signed " + reference.encode(),
    )


@pytest_twisted.async_yield_fixture(params=["paynow", "memory"])  # type: ignore[untyped-decorator]
async def there(request: pytest.FixtureRequest) -> AsyncIterator[There]:
    """Each that there is."""
    if request.param == "memory":
        yield in_memory(MemoryRail())
        return
    from twisted.internet import reactor

    clock: Any = reactor
    made = gateway(Merchants().post, clock)
    ports: Any
    ports, url, _ = listen(made)
    connections = Connections(reactor)
    book, act = made.book, made.timeline.act
    yield There(
        client(connections.http, reactor, url),
        lambda reference: act(book.find(reference), "approve"),
        lambda reference: act(book.find(reference), "refund"),
        lambda: book.trouble(Troubles(answer="lost")),
        lambda reference: book.find(reference).code,
        lambda reference: made.callbacks.body(book.find(reference)),
    )
    await connections.close()
    made.close()
    for listening in ports:
        await listening.stopListening()


def in_memory(rail: MemoryRail) -> There:
    """What happens behind the one that flows are tested with."""

    def become(reference: str, status: Status) -> None:
        for one in rail.known.values():
            if one.order.reference == reference:
                one.status = status

    def lose() -> None:
        rail.lost = True

    return There(
        rail,
        lambda reference: become(reference, Status.PAID),
        lambda reference: become(reference, Status.REFUNDED),
        lose,
        lambda _: RIGHT_CODE,
        lambda reference: f"signed {reference}".encode(),
    )


@pytest.mark.parametrize(
    ("method", "prompt"),
    [
        (Method.ECOCASH, port.Approve),
        (Method.ONEMONEY, port.Approve),
        (Method.INNBUCKS, port.PayCode),
        (Method.OMARI, port.EnterCode),
        (Method.WEB, port.Visit),
    ],
)
async def test_each_way_tells_the_person_what_to_do(
    there: There, method: Method, prompt: type
) -> None:
    """And waits, until they have."""
    opened = await there.rail.initiate(asked("zg-1", method))
    news = await there.rail.poll(opened.place)

    assert isinstance(opened.prompt, prompt)
    assert (news.status, news.reference) == (Status.PENDING, "zg-1")


async def test_a_poll_says_what_was_paid(there: There) -> None:
    """To the cent, under the references of both, and when it went back."""
    opened = await there.rail.initiate(asked("zg-1", cents=123_456))
    there.pay("zg-1")
    paid = await there.rail.poll(opened.place)
    there.reverse("zg-1")
    back = await there.rail.poll(opened.place)

    assert (paid.status, paid.minor, paid.reference) == (Status.PAID, 123_456, "zg-1")
    assert paid.gateway_reference == opened.place.gateway_reference
    assert back.status is Status.REFUNDED


async def test_payments_are_apart(there: There) -> None:
    """Two of the same kind are two, and one is paid."""
    first = await there.rail.initiate(asked("zg-1"))
    second = await there.rail.initiate(asked("zg-2"))
    there.pay("zg-2")

    assert first.place != second.place
    assert (await there.rail.poll(first.place)).status is Status.PENDING
    assert (await there.rail.poll(second.place)).status is Status.PAID


async def test_what_was_lost_is_found_by_its_reference(there: There) -> None:
    """Unheard is not no: a trace finds it, and where to poll it."""
    there.lose()
    with pytest.raises(port.Unheard):
        await there.rail.initiate(asked("zg-1"))
    there.pay("zg-1")

    traced = await there.rail.trace("zg-1")

    assert traced is not None
    assert (await there.rail.poll(traced.place)).status is Status.PAID


async def test_what_was_never_there_is_not_found(there: There) -> None:
    """A trace says so."""
    assert await there.rail.trace("zg-1") is None


async def test_a_code_is_right_or_wrong(there: There) -> None:
    """The wrong one changes nothing."""
    opened = await there.rail.initiate(asked("zg-1", Method.OMARI))
    with pytest.raises(port.WrongCode):
        await there.rail.submit_code(opened.place, "000000")

    news = await there.rail.submit_code(opened.place, there.code("zg-1"))

    assert news.status is Status.PAID


async def test_a_genuine_call_names_its_payment(there: There) -> None:
    """Anything else is not genuine."""
    await there.rail.initiate(asked("zg-1"))

    assert there.rail.parse_callback(there.call("zg-1")).reference == "zg-1"
    for body in (b"", b"<html>", there.call("zg-1")[::-1]):
        with pytest.raises(port.NotGenuine):
            there.rail.parse_callback(body)
