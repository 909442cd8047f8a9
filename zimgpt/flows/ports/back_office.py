"""What operators look at and do from the admin pages.

Everything is done by the functions that the command line uses. Rows are what the
database has, by the names of columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import Refusal
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.events import Approved, Dismissed, Reinstated

Row = Mapping[str, Any]
Decided = type[Approved] | type[Reinstated] | type[Dismissed]


class DeskBusy(Refusal):
    """Too much is asked for at the same time. Please try again in a few seconds."""

    code = "desk_busy"


@attrs.frozen
class By:
    """Whose act something is, and why; kept with it."""

    who: str
    reason: str


class People(Protocol):
    """Whoever has an account; nothing here reads what they asked."""

    async def search(
        self, digits: str, before: UserId | None, limit: int
    ) -> Sequence[Row]:
        """Those in whose numbers these digits stand together, newest first, who came
        before the one of that id."""
        ...

    async def shown(self, user: UserId) -> Row:
        """Everything about one but their words; raises NotFound or NoAccount."""
        ...

    async def moves(
        self, user: UserId, before: int | None, limit: int
    ) -> Sequence[Row]:
        """What moved the balance, latest first, before a row's ``version``."""
        ...

    async def number(self, user: UserId, by: By) -> Phone | None:
        """The whole number; it is noted who wanted to see it."""
        ...

    async def grant(self, user: UserId, tokens: Tokens, key: str, by: By) -> Row:
        """Gives tokens, once for each key: ``new``, and what is ``available``."""
        ...

    async def ban(self, user: UserId, by: By) -> bool:
        """They ask nothing any more and are signed out; False if they were banned."""
        ...

    async def unban(self, user: UserId, by: By) -> bool:
        """They may again; False if they were not banned."""
        ...


@attrs.frozen(kw_only=True)
class Wanted:
    """Which payments are looked for; ``phone`` is the wallet's that pays, or somebody's
    who began it or gets the tokens. ``before`` is the id of the last that was seen."""

    state: str | None = None
    currency: str | None = None
    phone: Phone | None = None
    before: str | None = None


class PaymentDesk(Protocol):
    """Payments; one is named by its reference or its id. Each call about one raises
    NotFound where there is none."""

    async def listed(self, wanted: Wanted, limit: int) -> Sequence[Row]:
        """The newest first."""
        ...

    async def queue(self) -> Sequence[Row]:
        """What needs a person, the oldest first."""
        ...

    async def shown(self, payment: str) -> Row:
        """The whole evidence of one."""
        ...

    async def check(self, payment: str, by: By) -> None:
        """Has the gateway asked now; raises a Refusal if it knows nothing new."""
        ...

    async def decide(self, payment: str, decision: Decided, by: By) -> str:
        """The state after it; raises a Refusal if it is in no state for that."""
        ...

    async def correct(self, payment: str, tokens: int, key: str, by: By) -> Row:
        """Gives tokens by hand, or takes them if below zero, once for each key:
        ``new``, and what is ``available``. Raises a Refusal that says why not."""
        ...


class Record(Protocol):
    """What operators did, here and at the command line."""

    async def acts(self, before: int | None, limit: int) -> Sequence[Row]:
        """The latest first, before the one with that ``id``."""
        ...
