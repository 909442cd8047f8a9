"""What operators ask of the database and set in it."""

from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812

from zimgpt.domain.ledger import Price, Tokens
from zimgpt.domain.phones import Phone
from zimgpt.store import operator

PHONE = Phone("+263771234567")


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """A transaction on a new database in which one number has 100 tokens."""
    opened = psycopg2.connect(database)
    with opened.cursor() as cursor:
        cursor.execute("select open_account(%s, 'hash', 100)", (PHONE,))
    yield opened
    opened.close()


def test_prices(connection: Connection) -> None:
    """The latest price of each model that is valid yet, by name."""
    assert operator.list_prices(connection) == ()

    operator.set_price(connection, Price("b", 1, 2))
    operator.set_price(connection, Price("a", 0, 3))
    operator.set_price(connection, Price("b", 4, 5))
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into prices (model, prompt_millis, completion_millis, valid_from)"
            " values ('a', 9, 9, now() + interval '1 day')"
        )

    listed = [row.price for row in operator.list_prices(connection)]
    assert listed == [Price("a", 0, 3), Price("b", 4, 5)]


def test_a_grant_is_made_once(connection: Connection) -> None:
    """Another with the same key changes nothing."""
    first = operator.grant(connection, PHONE, Tokens(50), key="k", reason="sorry")
    again = operator.grant(connection, PHONE, Tokens(50), key="k", reason="sorry")

    assert first == operator.Granted(new=True, available=Tokens(150))
    assert again == operator.Granted(new=False, available=Tokens(150))


def test_a_grant_to_nobody(connection: Connection) -> None:
    """A number without an account is refused in a sentence."""
    with pytest.raises(operator.NoAccount, match="Nobody has signed up"):
        operator.grant(
            connection, Phone("+263770000000"), Tokens(1), key="k", reason="r"
        )
