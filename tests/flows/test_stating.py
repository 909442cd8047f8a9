"""A month of a wallet, as it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from tests.fakes.results import result_of
from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import BadRequest
from zimgpt.domain.statements import Month, Movement, MovementKind
from zimgpt.domain.texts import Language
from zimgpt.flows.stating import MOST, Stating
from zimgpt.wire.papers import orders

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@attrs.define
class Ledger:
    """One question in every month, and the press of the same house."""

    asked: list[tuple[UserId, Month, int]] = attrs.Factory(list)
    made_of: list[orders.Order] = attrs.Factory(list)

    async def month(
        self, user: UserId, month: Month, most: int
    ) -> tuple[int, tuple[Movement, ...]]:
        """It."""
        self.asked.append((user, month, most))
        return 100, (Movement(at=NOW, kind=MovementKind.CHAT, tokens=-7),)

    async def made(self, order: orders.Order) -> bytes:
        """Something."""
        self.made_of.append(order)
        return b"made"


def test_the_month_that_it_is() -> None:
    """Of the person who asks, with the balance after each movement."""
    ledger = Ledger()
    told = result_of(Stating(ledger, ledger, lambda: NOW).month(UserId(1), ""))

    assert ledger.asked == [(1, Month(2026, 11), MOST)]
    assert (told.opening, told.closing) == (100, 93)
    assert told.movements[0].balance == 93


def test_a_file_is_called_by_its_month() -> None:
    """And made away from the reactor, in the language that was asked for."""
    ledger = Ledger()
    flow = Stating(ledger, ledger, lambda: NOW)
    file = result_of(flow.file(UserId(1), "2026-10", "csv", Language.NDEBELE))

    assert (file.name, file.content) == ("ZimGPT 2026-10.csv", b"made")
    [order] = ledger.made_of
    assert isinstance(order, orders.Stating)
    assert (order.format, order.language) == ("csv", Language.NDEBELE)


def test_what_is_no_month_is_not_looked_up() -> None:
    """Nor one to come."""
    ledger = Ledger()
    with pytest.raises(BadRequest):
        result_of(Stating(ledger, ledger, lambda: NOW).month(UserId(1), "2027-01"))
    assert ledger.asked == []
