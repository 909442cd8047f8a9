"""What the tests of whole nodes share."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from typing import Any

import psycopg2
import pytest_twisted

from tests.fakes.openai import OpenAI, listen
from tests.service.home import MODEL, Home, reactor
from zimgpt.domain.ledger import Price
from zimgpt.store import operator
from zimgpt.store.invariants import violations


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def home(database: str) -> AsyncIterator[Home]:
    """Everything that a node needs; afterwards the nodes have ended in good order."""
    connection = psycopg2.connect(database)
    with connection:
        operator.set_price(connection, Price(MODEL, 1000, 1000))
    connection.close()
    model = OpenAI(reactor)
    port, url = listen(model)
    home = Home(database, model, url)
    yield home
    for node in tuple(home.nodes):
        await home.stop(node)
    listening: Any = port
    await listening.stopListening()
    _thaw()
    assert violations(database) == []


def _thaw() -> None:
    """What a node froze would stay for all tests; what was imported is to stay."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
