"""``flows.ports.back_office.People`` by the functions of the command line."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.accounts import UserId
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone, masked
from zimgpt.flows.ports.back_office import By, Row
from zimgpt.store import operator, operator_people
from zimgpt.store.deskwork import Deskwork
from zimgpt.store.operator import NOTE, NoAccount

LATEST = 20
"""Payments of a person that are shown with them."""


@attrs.frozen
class DeskPeople:
    """Each call is a transaction of its own."""

    _desk: Deskwork

    async def search(
        self, digits: str, before: UserId | None, limit: int
    ) -> Sequence[Row]:
        """Newest first, of numbers the last digits."""
        found = await self._desk.do(
            lambda c: operator_people.found(c, digits, limit, before)
        )
        return [_masked(attrs.asdict(one)) for one in found]

    async def shown(self, user: UserId) -> Row:
        """All but the moves, which come in pages."""
        story = await self._desk.do(lambda c: operator_people.shown(c, user, LATEST))
        told = attrs.asdict(story)
        del told["moves"]
        return {**told, "person": _masked(story.person)}

    async def moves(
        self, user: UserId, before: int | None, limit: int
    ) -> Sequence[Row]:
        """A page of them."""
        return await self._desk.do(
            lambda c: operator_people.moves(c, user, before, limit)
        )

    async def number(self, user: UserId, by: By) -> Phone | None:
        """Noted in the same commit."""

        def work(connection: Connection) -> Phone | None:
            phone = _phone(connection, user)
            with connection.cursor() as cursor:
                cursor.execute(NOTE, (by.who, "see_number", f"user {user}", by.reason))
            return phone

        return await self._desk.do(work)

    async def grant(self, user: UserId, tokens: Tokens, key: str, by: By) -> Row:
        """As ``zimgpt grant`` does; raises NoAccount for who has no number any more."""

        def work(connection: Connection) -> Row:
            phone = _phone(connection, user)
            if phone is None:
                raise NoAccount
            granted = operator.grant(
                connection, phone, tokens, key=key, reason=by.reason, who=by.who
            )
            return attrs.asdict(granted)

        return await self._desk.do(work)

    async def ban(self, user: UserId, by: By) -> bool:
        """As ``zimgpt users ban`` does."""
        return await self._desk.do(
            lambda c: operator_people.ban(c, user, who=by.who, reason=by.reason)
        )

    async def unban(self, user: UserId, by: By) -> bool:
        """As ``zimgpt users unban`` does."""
        return await self._desk.do(
            lambda c: operator_people.unban(c, user, who=by.who, reason=by.reason)
        )


def _phone(connection: Connection, user: UserId) -> Phone | None:
    phone: Phone | None = operator_people.shown(connection, user, 0).person["phone"]
    return phone


def _masked(person: Row) -> Row:
    phone = person["phone"]
    return {**person, "phone": None if phone is None else masked(phone)}
