"""What operators ask of the database and set in it, outside the reactor.

Each function works in its caller's transaction and never commits.
"""

from __future__ import annotations

from datetime import datetime

import attrs
from psycopg2.errors import NoDataFound
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Price, Tokens
from zimgpt.domain.phones import Phone

NOTE = "select note_act(%s, %s, %s, %s)"
MOST_REASON = 250
"""Characters of a reason, of four bytes at most each."""


class NoAccount(NotFound):
    """Nobody has signed up with that number."""

    code = "no_account"


@attrs.frozen
class PriceRow:
    """A model's price, and since when it is valid."""

    price: Price
    valid_from: datetime


@attrs.frozen
class Granted:
    """The balance after a grant; not ``new`` if its key was used before, so that
    nothing changed."""

    new: bool
    available: Tokens


def list_prices(connection: Connection) -> tuple[PriceRow, ...]:
    """The price of each model that is valid now, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (model) model, prompt_millis, completion_millis,"
            "       valid_from"
            "  from prices where valid_from <= now()"
            " order by model, valid_from desc, id desc"
        )
        return tuple(
            PriceRow(Price(model, prompt, completion), valid_from)
            for model, prompt, completion, valid_from in cursor.fetchall()
        )


def set_price(
    connection: Connection, price: Price, *, who: str = "zimgpt", reason: str = ""
) -> None:
    """Makes this the model's price from now on; what was asked before keeps its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into prices (model, prompt_millis, completion_millis)"
            " values (%(model)s, %(prompt_millis)s, %(completion_millis)s)",
            attrs.asdict(price),
        )
        cursor.execute(NOTE, (who, "price", f"model {price.model}", reason))


def grant(
    connection: Connection,
    phone: Phone,
    tokens: Tokens,
    *,
    key: str,
    reason: str,
    who: str = "zimgpt",
) -> Granted:
    """Gives tokens to the account of a number, once for each key; raises NoAccount."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "select grant_tokens(%s, %s, %s, %s)", (phone, key, tokens, reason)
            )
        except NoDataFound:
            raise NoAccount from None
        rows = cursor.fetchall()
        cursor.execute(
            "select a.balance, u.id from accounts a join users u on u.id = a.user_id"
            " where u.phone_e164 = %s and a.kind = 'available'",
            (phone,),
        )
        ((new,),), ((available, user),) = rows, cursor.fetchall()
        if new:
            why = f"{tokens} tokens under key {key}: {reason}"[:MOST_REASON]
            cursor.execute(NOTE, (who, "grant", f"user {user}", why))
    return Granted(new, Tokens(available))
