"""The port for the operator's machines, on a running node."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import attrs
import psycopg2
import pytest
import treq
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from tests.service.home import MODEL, Home, Question
from zimgpt.embedded import children
from zimgpt.service.metrics_work import MOVES

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
KINDS = """
    select pg_get_constraintdef(oid) from pg_constraint
     where conname = 'transfers_kind_check'
"""
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", re.M)


@attrs.frozen
class Port:
    """Where a node tells of itself."""

    home: Home
    port: int

    @property
    def setting(self) -> str:
        """For the node's configuration."""
        return f"tcp:{self.port}:interface=127.0.0.1"

    async def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        url = f"http://127.0.0.1:{self.port}{path}"
        answer = await treq.get(url, agent=self.home.agent, persistent=False)
        return answer.code, await answer.text()


def name_of(family: Family, sample: str) -> str:
    """A histogram has several samples, and is documented by its one name."""
    return family.name if family.type == "histogram" else sample


async def test_a_node_tells_how_it_fares(home: Home) -> None:
    """Every metric that is told is documented, with its kind, and every documented one
    is told; the figures are those of this node."""
    (number,) = children.free_ports(1)
    port = Port(home, number)
    _, url = home.node(metrics_listen=port.setting)
    client = await home.sign_up(url)
    visitor = await home.visit(url)
    await Question(client, "words:3").ask()

    status, text = await port.get("/metrics")

    families = list(text_string_to_metric_families(text))
    samples = {sample.name: sample for f in families for sample in f.samples}
    told = {name_of(f, sample.name): f.type for f in families for sample in f.samples}
    documented = {row[1]: row[2] for row in ROW.finditer(DOCUMENT.read_text())}
    assert status == 200
    assert told == documented
    assert samples["zimgpt_upstream_answered_total"].labels == {"model": MODEL}
    assert samples["zimgpt_upstream_answered_total"].value == 1
    assert samples["zimgpt_upstream_state"].value == 0
    assert samples["zimgpt_sockets"].value == 1
    assert samples["zimgpt_metrics_missing"].value == 0
    assert samples["zimgpt_first_text_seconds_count"].value == 1
    assert samples["zimgpt_whole_answer_seconds_count"].value == 1
    assert samples["zimgpt_answer_tokens_total"].value > 0
    assert samples["zimgpt_broker_connected"].value == 1
    ended = [one for f in families for one in f.samples if "finish" in one.labels]
    assert {one.labels["finish"]: one.value for one in ended}["stop"] == 1
    answered = [one for f in families for one in f.samples if "status" in one.labels]
    assert {one.labels["status"]: one.value for one in answered}["2xx"] >= 2
    await visitor.leave()


async def test_whoever_watches_hears_that_a_node_lives(home: Home) -> None:
    """Also without a database; and there is nothing else on that port."""
    (number,) = children.free_ports(1)
    port = Port(home, number)
    home.node(metrics_listen=port.setting, database_url="postgresql://127.0.0.1:1/none")

    assert await port.get("/livez") == (200, "alive\n")
    assert (await port.get("/api/v1/prices"))[0] == 404
    status, text = await port.get("/readyz")
    assert status == 503
    assert json.loads(text)["parts"]["database"]["ok"] is False


async def test_a_node_says_when_it_is_ready(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part by part; a database of another program's schema is no place for people."""
    monkeypatch.setattr("zimgpt.service.readiness.PATIENCE", 30.0)  # of a busy machine
    (number,) = children.free_ports(1)
    port = Port(home, number)
    _, url = home.node(metrics_listen=port.setting)
    await home.sign_up(url)

    status, text = await port.get("/readyz")

    assert status == 200
    assert json.loads(text)["ready"] is True
    assert {name: one["ok"] for name, one in json.loads(text)["parts"].items()} == {
        "node": True,
        "database": True,
        "migrations": True,
        "broker": True,
        "models": True,
    }
    home.query("insert into migrations (name) values ('9999_of_tomorrow.sql')")
    status, text = await port.get("/readyz")
    assert (status, json.loads(text)["parts"]["migrations"]["is"]) == (
        503,
        "The database was migrated by a newer ZimGPT. Please upgrade this one.",
    )


def test_every_kind_of_transfer_is_told(database: str) -> None:
    """What the ledger knows, its metrics know; a new kind is not left out."""
    with contextlib.closing(psycopg2.connect(database)) as db, db.cursor() as cursor:
        cursor.execute(KINDS)
        ((check,),) = cursor.fetchall()

    assert set(re.findall(r"'(\w+)'", check)) == set(MOVES)
