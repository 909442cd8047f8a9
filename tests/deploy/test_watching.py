"""Alerts and dashboard, held against the figures that nodes really tell.

That the page of metrics is what a running node tells is tested in tests/service.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from zimgpt.domain.answers import Finish
from zimgpt.service.metrics import STATES
from zimgpt.service.metrics_machine import CLASSES
from zimgpt.service.metrics_payments import STATES as PAYMENTS
from zimgpt.service.metrics_work import MOVES

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| .+ \|$", re.M)
PAGE = (ROOT / "docs/reference/metrics.md").read_text()
TROUBLES = (ROOT / "docs/howto/troubleshooting.md").read_text()
TOLD = dict(ROW.findall(PAGE)) | {"up": "gauge"}  # up is Prometheus' own
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load(
        (ROOT / "deploy/prometheus/zimgpt-alerts.yaml").read_text()
    )["groups"]
    for rule in group["rules"]
]
BOARD = json.loads((ROOT / "deploy/grafana/zimgpt.json").read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
LABELS = {
    "state": {*STATES, *PAYMENTS, "idle", "busy", "missing"},
    "status": set(CLASSES),
    "kind": set(MOVES),
    "finish": {str(finish) for finish in Finish},
    "job": {"zimgpt"},
    "verdict": {"mismatch"},
}
USED = re.compile(r"\b(zimgpt_\w+|process_\w+|up)\b(?:\{([^}]*)\})?")


def expressions() -> Iterator[str]:
    """All of both."""
    yield from (rule["expr"] for rule in RULES)
    for panel in PANELS:
        yield from (target["expr"] for target in panel["targets"])


@pytest.mark.parametrize("expression", [*expressions()])
def test_what_is_watched_is_told(expression: str) -> None:
    """Every name is a metric's, histograms are asked by their buckets, counters by
    their growth, and every label and value exists."""
    for name, chosen in USED.findall(expression):
        known = TOLD.get(name) or TOLD.get(name.removesuffix("_bucket"))
        assert known is not None, name
        if known == "counter":
            assert re.search(rf"(rate|increase)\({name}", expression)
        if known == "histogram":
            assert name.endswith("_bucket")
        for label, values in re.findall(r'(\w+)=~?"([^"]*)"', chosen):
            assert set(values.split("|")) <= LABELS[label]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    """In its own words, and in a paragraph of the page on trouble."""
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary", "do"}
    headings = re.findall(r"^## (.*)$", TROUBLES, re.M)
    assert any(rule["alert"] in heading for heading in headings)


def test_every_chapter_of_figures_is_on_the_dashboard() -> None:
    """With most of its figures."""
    shown = {
        name.removesuffix("_bucket")
        for panel in PANELS
        for target in panel["targets"]
        for name, _ in USED.findall(target["expr"])
    }

    for chapter in PAGE.split("\n## ")[1:]:
        figures = {name for name, _ in ROW.findall(chapter)}
        assert len(figures & shown) * 2 >= len(figures), chapter.splitlines()[0]


def test_panels_do_not_cover_each_other() -> None:
    """Each has its place, its number and a source that can be chosen."""
    places = [tuple(panel["gridPos"][key] for key in "xy") for panel in PANELS]

    assert len(set(places)) == len(PANELS)
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    assert {panel["datasource"]["uid"] for panel in PANELS} == {"${source}"}
