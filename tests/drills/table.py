"""Writes what drills have shown into the page that promises it.

    python -m tests.drills --json FIGURES.json
    python -m tests.drills.table FIGURES.json ...

What is between the two marks of docs/explanation/reliability.md is made anew: a row for
each drill, of the last file that knows it; a row that no file knows stays as it was.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.drills.registry import DRILLS

Record = dict[str, Any]

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "reliability.md"
BEGIN = "<!-- made by tests.drills.table -->"
END = "<!-- end -->"
HEAD = """\
*Measured* names the day, the machine and its load average just before the run: as far
as that exceeds the number of cores, others had to wait, and so had the drill.

| drill | promise | trials | shown | control: what was wrong | noticed | measured |
|---|---|---|---|---|---|---|
"""


def table(files: Sequence[Path], before: str) -> str:
    """The table's text, in the order in which all drills are run; ``before`` is what
    it was."""
    runs: dict[str, Record] = {}
    controls: dict[str, Record] = {}
    for file in files:
        for record in json.loads(file.read_text()):
            into = runs if record["control"] is None else controls
            into[record["id"]] = record
    rows = _rows(before) | {id: _row(run, controls.get(id)) for id, run in runs.items()}
    return HEAD + "".join(rows[drill.id] for drill in DRILLS if drill.id in rows)


def _rows(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return {line.split("|")[1].strip(): f"{line}\n" for line in lines}


def _row(run: Record, control: Record | None) -> str:
    shown = run["figure"] + ("" if run["passed"] else " — **fails**")
    wrong = control["control"] if control else "none"
    noticed = "—" if control is None else "yes" if control["passed"] else "**no**"
    where = f"{run['date']}, {run['machine']}, load {run['load']}"
    told = (run["id"], run["promise"], run["trials"], shown)
    cells = (*told, wrong, noticed, where)
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |\n"


def main(files: Sequence[Path]) -> None:
    """Puts the table into the page."""
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(files, old)}\n{END}{after}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
