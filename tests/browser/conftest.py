"""A browser, a server, and a wire between them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs
import pytest
import pytest_twisted
from pytest_twisted import blockon
from twisted.internet.defer import Deferred

from tests.browser import chromium
from tests.browser.chromium import Chromium, Tab
from tests.browser.wire import Wire
from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan
from tests.system.till import Till, opened
from zimgpt.embedded import children
from zimgpt.store.sealing import new_key

ZIG: Final = {"id": 1202, "key": "key-of-zig", "email": "zig@example.org"}
"""The gateway's integration for ZiG; it is offered once there is a rate."""


@attrs.frozen
class Site:
    """A server as its visitors reach it."""

    url: str
    wire: Wire
    house: House
    till: Till


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """A Chromium for all tests, each of which gets a tab of its own."""
    if not chromium.installed():
        lack = "Chromium is not installed; as root: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{lack}. Its tests are never skipped when CI=true.")
        pytest.skip(lack)
    from twisted.internet import reactor

    started = Chromium()
    started.start(reactor)
    yield started
    blockon(Deferred.fromCoroutine(started.stop()))  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def site(postgres: PostgreSQL) -> Iterator[Site]:
    """One for all tests, whose visitors have nothing to do with each other."""
    with opened_site(postgres) as site:
        yield site


@contextmanager
def opened_site(postgres: PostgreSQL) -> Iterator[Site]:
    """A node behind a wire, a model that writes as it is told, and a gateway."""
    from twisted.internet import reactor

    (near,) = children.free_ports(1)
    url = f"http://127.0.0.1:{near}"
    label = "demo model: its facts are often wrong"
    settings = {
        "origins": url,
        "admin_origins": url,
        "operators_key": new_key(),
        "model_label": label,
    }
    back = {"public_url": url}  # the gateway leads people back through the wire
    zig = {f"paynow_zwg_{part}": value for part, value in ZIG.items()}
    with (
        postgres.database() as database,
        opened(
            lambda till: House(
                database, nodes=[Plan("one", settings=settings | till | back | zig)]
            )
        ) as shop,
    ):
        shop.till.control("merchant", currency="ZWG", **ZIG)
        wire = Wire(shop.house["one"].port)
        port: Any = wire.listen(reactor, near)
        yield Site(url, wire, shop.house, shop.till)
        wire.cut()
        blockon(port.stopListening())  # type: ignore[no-untyped-call]


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def tab(browser: Chromium, request: pytest.FixtureRequest) -> AsyncIterator[Tab]:
    """A new visitor; a page that complains in the console fails its test."""
    tab = await browser.open()
    yield tab
    await tab.close()
    for place in {"site", "town"} & {*request.fixturenames}:
        wire = request.getfixturevalue(place).wire
        wire.mend()  # a test that failed may have left it cut
        await wire.quiet()
    assert tab.complaints == []
