"""What operators look at and do from the admin pages.

Everything is done by the functions that the command line uses. Rows are what the
database has, by the names of columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone

Row = Mapping[str, Any]


@attrs.frozen
class By:
    """Whose act something is, and why; kept with it."""

    who: str
    reason: str


class People(Protocol):
    """Whoever has an account; nothing here reads what they asked."""

    async def search(self, digits: str, limit: int) -> Sequence[Row]:
        """Those in whose numbers these digits stand together, newest first."""
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
