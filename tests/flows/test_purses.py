"""News of balances, told on every open socket of their owner."""

from __future__ import annotations

import attrs
import pytest
from twisted.logger import LogEvent, LogLevel, capturedLogs

from tests.fakes.buying import Sockets
from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.errors import Unavailable
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.purses import Purses

ME, OTHER = UserId(1), UserId(2)


@attrs.define
class Bank:
    """``ports.Wallets``, which may be away."""

    reads: int = 0
    trouble: Exception | None = None

    async def wallet(self, user: UserId) -> Wallet:  # noqa: ARG002 - it is everybody's
        """So much."""
        self.reads += 1
        if self.trouble is not None:
            raise self.trouble
        return Wallet(Tokens(15_000), Tokens(0))


@attrs.define
class Town:
    """A node's purses, with what they need."""

    bank: Bank = attrs.Factory(Bank)
    sockets: Sockets = attrs.Factory(Sockets)
    elsewhere: list[UserId] = attrs.Factory(list)

    @property
    def purses(self) -> Purses:
        """The flow."""
        return Purses(self.bank, self.sockets, self.elsewhere.append)


def test_a_change_here_is_told_here_and_passed_on() -> None:
    """What it is now is known already, and is not read again."""
    town = Town()

    town.purses.changed(ME, Wallet(Tokens(9), Tokens(0)))

    assert town.sockets.wallets == [(ME, 9)]
    assert town.elsewhere == [ME]
    assert town.bank.reads == 0


def test_a_change_elsewhere_is_read_where_somebody_watches() -> None:
    """And nowhere else; it is not passed on again."""
    town = Town()
    town.sockets.open.add(ME)

    town.purses.heard(ME)
    town.purses.heard(OTHER)

    assert town.sockets.wallets == [(ME, 15_000)]
    assert town.elsewhere == []
    assert town.bank.reads == 1


@pytest.mark.parametrize(
    ("trouble", "level"),
    [(Unavailable(), LogLevel.info), (ValueError("x"), LogLevel.critical)],
)
def test_a_balance_that_cannot_be_read_is_only_noted(
    trouble: Exception, level: LogLevel, tidy: list[LogEvent]
) -> None:
    """It can be asked for; a fault of ours is written down."""
    town = Town(Bank(trouble=trouble))
    town.sockets.open.add(ME)

    with capturedLogs() as events:
        town.purses.heard(ME)
    tidy.clear()

    assert town.sockets.wallets == []
    assert [event["log_level"] for event in events] == [level]
