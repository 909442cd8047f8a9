"""Tokens that operators give or take by hand because of a payment, outside the reactor.

Each function works in its caller's transaction and never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.domain.errors import Refusal
from zimgpt.domain.ledger import Tokens


class NotCorrected(Refusal):
    """This payment cannot be corrected so."""

    SENTENCES: ClassVar[Mapping[str, str]] = {
        "differs": "This key was used for another correction. Nothing was changed.",
        "open": "This payment may still be credited by itself: have it checked. Nothing"
        " was changed.",
        "credited": "The tokens of this payment are credited. A present is made with"
        " `zimgpt grant`. Nothing was changed.",
        "uncredited": "The tokens of this payment are not in the wallet, so none are"
        " taken. Nothing was changed.",
        "too_much": "This is more than the payment brought and earlier refunds left."
        " Nothing was changed.",
        "spent": "The wallet has only {available} tokens. Nothing was changed.",
    }


@attrs.frozen
class Corrected:
    """The balance after it; not ``new`` if the same was done under its key before, so
    that nothing changed."""

    new: bool
    available: Tokens


def correct(
    connection: Connection, id: str, tokens: int, *, key: str, who: str, reason: str
) -> Corrected:
    """Gives tokens to whom a payment is for, or takes them if below zero, once for each
    key; raises NotCorrected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select outcome, available from correct_payment(%s, %s, %s, %s, %s)",
            (id, key, tokens, who, reason),
        )
        ((outcome, available),) = cursor.fetchall()
    if outcome not in ("corrected", "repeat"):
        sentence = NotCorrected.SENTENCES[outcome]
        raise NotCorrected(sentence.format(available=available))
    return Corrected(outcome == "corrected", Tokens(available))


def given(connection: Connection, id: str) -> int:
    """How many tokens were given by hand because of a payment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(tokens), 0)::bigint from payment_corrections"
            " where payment_id = %s and tokens > 0",
            (id,),
        )
        ((tokens,),) = cursor.fetchall()
    return int(tokens)
