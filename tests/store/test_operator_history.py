"""Versions of what is sold and for how much, with who made them."""

from __future__ import annotations

import psycopg2
import pytest

from zimgpt.domain.ledger import Price
from zimgpt.store import operator, operator_catalogue, operator_costs
from zimgpt.store import operator_history as history


@pytest.mark.usefixtures("sound")
def test_each_version_says_who_made_it_and_why(database: str) -> None:
    """The latest first; those that came with the program are nobody's."""
    for number, who in enumerate(("anna", "boris"), 1):
        by = {"who": who, "reason": f"change {number}"}
        with psycopg2.connect(database) as connection:
            operator.set_price(connection, Price("m", number, number), **by)
            operator_costs.set_cost(connection, "m", number, number, **by)
            operator_catalogue.set_package(connection, "taste", number, 50, **by)
            operator_catalogue.set_rate(connection, 2600 + number, sure=False, **by)
        connection.close()

    with psycopg2.connect(database) as connection:
        for told in (history.prices, history.costs, history.rates):
            rows = told(connection, 10)
            assert [row["who"] for row in rows] == ["boris", "anna"], told
            assert rows[0]["reason"] == "change 2"
        [latest, *rest] = history.packages(connection, 10)
        assert (latest["version"], latest["who"], latest["tokens"]) == (3, "boris", 2)
        assert {row["who"] for row in rest} == {"anna", None}
        assert len(history.packages(connection, 2)) == 2
        [cost] = operator_costs.costs(connection)
        assert (cost["prompt_micros"], cost["completion_micros"]) == (2, 2)
    connection.close()
