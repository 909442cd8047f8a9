"""The reference page of the database names all that is in it, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.store.clerk import Clerk
from zimgpt.store.invariants import checks

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "schema.md"

TABLES = """
select relname from pg_class
 where relnamespace = 'public'::regnamespace and relkind = 'r'
"""

FUNCTIONS = "select proname from pg_proc where pronamespace = 'public'::regnamespace"

CALLABLE = """
select proname from pg_proc
 where pronamespace = 'public'::regnamespace
   and has_function_privilege('zimgpt_app', oid, 'execute')
"""


@pytest.fixture(scope="module")
def page() -> str:
    """The text of the page."""
    return PAGE.read_text(encoding="utf-8")


def rows(page: str, heading: str) -> dict[str, str]:
    """First cells, without their quotes, and the rest, of the tables of a chapter."""
    chapter = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \|(.*)\|$", chapter, re.MULTILINE))


def test_every_table(page: str, clerk: Clerk) -> None:
    """Each has a row in the chapter of tables, and each row is one."""
    assert set(rows(page, "Tables")) == {name for (name,) in clerk.rows(TABLES)}


def test_every_function(page: str, clerk: Clerk) -> None:
    """The same of functions, and who may call them."""
    documented = rows(page, "Functions")

    assert set(documented) == {name for (name,) in clerk.rows(FUNCTIONS)}
    open_ones = {name for name, said in documented.items() if said.endswith("yes ")}
    assert open_ones == {name for (name,) in clerk.rows(CALLABLE)}


def test_every_invariant(page: str) -> None:
    """What can be printed is what the page says."""
    chapter = page.split("\n## Invariants\n")[1]
    listed = re.findall(r"^\| [a-z ]+ \| (.*) \|$", chapter, re.MULTILINE)[1:]
    names = re.findall(r"^select '((?:[^']|'')+)'", "\n".join(checks()), re.MULTILINE)

    documented = [name for line in listed for name in line.split(" · ")]

    assert len(documented) == len(set(documented))
    assert set(documented) == {name.replace("''", "'") for name in names}


def test_every_key(page: str) -> None:
    """Each kind of key that functions give to transfers is explained."""
    schema = PAGE.parents[2] / "zimgpt" / "store" / "schema" / "0004_money.sql"
    keys = re.findall(r"'(\w+:)' \|\|", schema.read_text(encoding="utf-8"))

    assert {key for key in keys if f"| `{key}" not in page} == set()
