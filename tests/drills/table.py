"""Writes what drills have shown into the page that promises it.

    python -m tests.drills --json FIGURES.json
    python -m tests.drills.table FIGURES.json ...

The rows between the two marks of docs/explanation/reliability.md are made anew: one for
each drill, of the last file that knows it, with its date and machine.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Record = dict[str, Any]

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "reliability.md"
BEGIN = "<!-- made by tests.drills.table -->"
END = "<!-- end -->"
HEAD = """\
| drill | promise | trials | shown | control: what was wrong on purpose | noticed |
|---|---|---|---|---|---|
"""


def table(files: list[Path]) -> str:
    """The table's text, in the order in which the files name the drills first."""
    runs: dict[str, Record] = {}
    controls: dict[str, Record] = {}
    for file in files:
        for record in json.loads(file.read_text()):
            into = runs if record["control"] is None else controls
            into[record["id"]] = record
    return HEAD + "".join(_row(run, controls.get(id)) for id, run in runs.items())


def _row(run: Record, control: Record | None) -> str:
    shown = run["figure"] + ("" if run["passed"] else " — **fails**")
    wrong = control["control"] if control else "none"
    noticed = "—" if control is None else "yes" if control["passed"] else "**no**"
    cells = (run["id"], run["promise"], run["trials"], shown, wrong, noticed)
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |\n"


def main(files: list[Path]) -> None:
    """Puts the table into the page."""
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(files)}\n{END}{after}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
