"""What models cost whoever runs the service, as operators tell us, outside the reactor.

Each function works in its caller's transaction and never commits. Without it everything
works, but nobody knows what is earned.
"""

from __future__ import annotations

from typing import Final

from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from zimgpt.store.operator import NOTE
from zimgpt.store.operator_payments import Row, rows

COSTS: Final = """
    select distinct on (model) model, prompt_micros, completion_micros, valid_from
      from model_costs where valid_from <= clock_timestamp()
     order by model, valid_from desc, id desc
"""
SET: Final = """
    insert into model_costs (model, prompt_micros, completion_micros)
    values (%(model)s, %(prompt)s, %(completion)s)
    returning model, prompt_micros, completion_micros, valid_from
"""


def costs(connection: Connection) -> list[Row]:
    """The cost of each model that is in force, by name: millionths of a US dollar for a
    million of its tokens."""
    return rows(connection, COSTS)


def set_cost(
    connection: Connection,
    model: str,
    prompt: int,
    completion: int,
    *,
    who: str,
    reason: str,
) -> Row:
    """So much from now on; what was asked before keeps the cost of its time."""
    [row] = rows(connection, SET, model=model, prompt=prompt, completion=completion)
    with connection.cursor() as cursor:
        cursor.execute(NOTE, (who, "cost", f"model {model}", reason))
    return row
