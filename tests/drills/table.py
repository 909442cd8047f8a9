"""Writes what drills have shown into the page that promises it.

    python -m tests.drills --json FIGURES.json
    python -m tests.drills.table FIGURES.json ...

What is between the two marks of docs/explanation/reliability.md is made anew: days and
machines, and a row for each drill, of the last file that knows it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.drills.registry import DRILLS

Record = dict[str, Any]

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "reliability.md"
BEGIN = "<!-- made by tests.drills.table -->"
END = "<!-- end -->"
HEAD = """\
Measured {days} on {machines}. *Load* is the machine's load average just before a run:
as far as it exceeds the number of cores, others had to wait, and so had the drill.

| drill | promise | trials | shown | control: what was wrong | noticed | load |
|---|---|---|---|---|---|---|
"""


def table(files: list[Path]) -> str:
    """The table's text, in the order in which all drills are run."""
    runs: dict[str, Record] = {}
    controls: dict[str, Record] = {}
    for file in files:
        for record in json.loads(file.read_text()):
            into = runs if record["control"] is None else controls
            into[record["id"]] = record
    days, machines = (
        ", ".join(sorted({run[key] for run in runs.values()}))
        for key in ("date", "machine")
    )
    ids = [drill.id for drill in DRILLS if drill.id in runs]
    rows = "".join(_row(runs[id], controls.get(id)) for id in ids)
    return HEAD.format(days=days, machines=machines) + rows


def _row(run: Record, control: Record | None) -> str:
    shown = run["figure"] + ("" if run["passed"] else " — **fails**")
    wrong = control["control"] if control else "none"
    noticed = "—" if control is None else "yes" if control["passed"] else "**no**"
    told = (run["id"], run["promise"], run["trials"], shown)
    cells = (*told, wrong, noticed, run["load"])
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |\n"


def main(files: list[Path]) -> None:
    """Puts the table into the page."""
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(files)}\n{END}{after}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
