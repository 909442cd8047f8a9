"""How much may be asked for, and how little is remembered of it."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from twisted.internet.task import Clock

from zimgpt.domain.accounts import UserId
from zimgpt.domain.rates import Rate, TooFast
from zimgpt.inbound.addresses import Proxies
from zimgpt.inbound.limits import (
    CROWDED,
    Crowd,
    Gate,
    Limits,
    Meter,
    TooManySignUps,
    TooManySockets,
)

ANN, BEN = UserId(1), UserId(2)
HERE, THERE = "192.0.2.1", "192.0.2.2"


def gate(clock: Clock | None = None, **limits: int) -> Gate:
    """With these limits, and a proxy on the machine."""
    proxies = Proxies((ip_network("127.0.0.0/8"),))
    return Gate((clock or Clock()).seconds, Limits(**limits), proxies)


def test_a_meter_forgets_who_was_quiet() -> None:
    """A bucket that is full again is not kept."""
    clock = Clock()
    meter = Meter(Rate(2, 10.0), clock.seconds)
    for key in range(100):
        meter.take(key)
    assert len(meter) == 100

    clock.advance(60)
    for key in range(100, 160):
        meter.take(key)

    assert len(meter) == 60


def test_a_meter_remembers_only_so_many() -> None:
    """Whoever comes from a million addresses fills no memory; the latest are known."""
    clock = Clock()
    meter = Meter(Rate(1, 10.0), clock.seconds, most=1_000)

    for key in range(10_000):
        meter.take(key)

    assert len(meter) == 1_000
    with pytest.raises(TooFast):
        meter.take(9_999)


def test_a_refusal_is_not_counted() -> None:
    """Who goes on trying waits no longer than who does not."""
    clock = Clock()
    meter = Meter(Rate(1, 10.0), clock.seconds)
    meter.take("a")
    for _ in range(50):
        with pytest.raises(TooFast):
            meter.take("a")

    clock.advance(10)

    meter.take("a")


def test_a_crowd_keeps_no_place_for_who_is_gone() -> None:
    """The count of each key ends with its last one."""
    crowd = Crowd(2)
    crowd.enter("a")
    crowd.enter("a")
    assert crowd.full("a")
    assert not crowd.full("b")

    crowd.leave("a")
    assert not crowd.full("a")
    crowd.leave("a")

    assert len(crowd) == 0


def test_connections_have_an_end() -> None:
    """In all, and from one address; who leaves makes room."""
    here = gate(connections=3, connections_per_address=2)

    assert [here.connected(HERE) for _ in range(3)] == [True, True, False]
    assert [here.connected(THERE), here.connected(THERE)] == [True, False]
    here.disconnected(HERE)

    assert here.connected(THERE)


def test_an_address_may_not_knock_without_end() -> None:
    """So many connects a second, however soon each of them leaves."""
    clock = Clock()
    here = gate(clock, connects_per_second=5)

    def knock() -> bool:
        let_in = here.connected(HERE)
        if let_in:
            here.disconnected(HERE)
        return let_in

    assert [knock() for _ in range(6)] == [True] * 5 + [False]
    clock.advance(1)

    assert knock()


def test_our_own_proxy_has_no_limits_of_its_own() -> None:
    """All the country comes through it; each of its clients counts alone."""
    here = gate(connections_per_address=1, connects_per_second=1, requests_per_minute=1)

    assert all(here.connected("127.0.0.1") for _ in range(20))
    here.request(None)
    here.request(None)
    here.request(HERE)
    here.request(THERE)

    with pytest.raises(TooFast):
        here.request(HERE)


def test_sign_ups_have_an_end_by_address_and_in_all() -> None:
    """A farm of accounts is slow to grow, wherever it is."""
    here = gate(sign_ups_per_hour=2, node_sign_ups_per_hour=3)
    here.sign_up(HERE)
    here.sign_up(HERE)

    with pytest.raises(TooManySignUps) as refused:
        here.sign_up(HERE)
    assert refused.value.retry == 1800
    here.sign_up(THERE)
    with pytest.raises(TooManySignUps):
        here.sign_up(None)


def test_sockets_of_one_person_and_of_one_network() -> None:
    """Each has a limit; who closes one may open another."""
    here = gate(sockets_per_account=2, connections_per_address=3)
    for _ in range(2):
        here.opening(ANN, HERE)
        here.opened(ANN, HERE)

    with pytest.raises(TooManySockets, match="close ZimGPT on other devices"):
        here.opening(ANN, THERE)
    here.opening(BEN, HERE)
    here.opened(BEN, HERE)
    with pytest.raises(TooManySockets, match=CROWDED):
        here.opening(BEN, HERE)
    here.closed(ANN, HERE)

    here.opening(ANN, HERE)


def test_messages_and_questions_are_each_persons_own() -> None:
    """One person's hurry is nobody else's."""
    here = gate(messages_per_minute=2, questions_per_minute=1, sign_ins_per_minute=1)
    here.message(ANN)
    here.message(ANN)
    here.question(ANN)
    here.sign_in(HERE)
    here.sign_in(None)

    for count in (here.message, here.question):
        with pytest.raises(TooFast):
            count(ANN)
        count(BEN)
    with pytest.raises(TooFast):
        here.sign_in(HERE)
