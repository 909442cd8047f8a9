"""Runs drills and prints one line for each: ``python -m tests.drills --help``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.drills.drill import Drill, Line, Order, Servers, carry_out
from tests.drills.registry import DRILLS

SHOWN = 10  # faults


def main() -> int:
    """The exit status: 0 when every drill passed and every control failed."""
    arguments = _arguments()
    named = [d for d in DRILLS if not arguments.names or d.id in arguments.names]
    lines: list[Line] = []
    loads: list[float] = []
    with Servers() as servers:
        for drill in named:
            for order in _orders(drill, arguments):
                began, busy = time.monotonic(), os.getloadavg()[0]
                line = carry_out(drill, order, servers)
                lines.append(line)
                loads.append(busy)
                _show(line, time.monotonic() - began)
                if arguments.json:  # at once: a long run may be cut short
                    _write(arguments.json, lines, loads)
    broken = sum(len(line.violations) for line in lines if not line.order.control)
    failed = [line for line in lines if not line.passed]
    sys.stdout.write(f"invariants: {broken} violated\n")
    sys.stdout.write(f"{len(lines) - len(failed)} of {len(lines)} as they must be\n")
    return 1 if failed else 0


def _orders(drill: Drill, arguments: argparse.Namespace) -> Iterator[Order]:
    trials = drill.quick if arguments.quick else arguments.trials or drill.trials
    if not trials:
        return
    if not arguments.control:
        yield Order(trials, arguments.seed)
    if not arguments.no_control:
        trials = (
            min(trials, drill.control_trials or trials)
            if arguments.quick
            else (drill.control_trials or trials)
        )
        yield Order(trials, arguments.seed, control=True)


def _show(line: Line, seconds: float) -> None:
    sys.stdout.write(f"{line} ({seconds:.0f} s)\n")
    if not line.passed:
        for fault in (*line.result.faults, *line.violations)[:SHOWN]:
            sys.stdout.write(f"    {fault}\n")
    sys.stdout.flush()


def _write(file: Path, lines: Sequence[Line], loads: Sequence[float]) -> None:
    file.write_text(json.dumps([*map(_record, lines, loads)]))


def _record(line: Line, load: float) -> dict[str, object]:
    return {
        "id": line.drill.id,
        "promise": line.drill.promise,
        "trials": line.order.trials,
        "control": line.drill.mutant if line.order.control else None,
        "figure": line.result.figure,
        "passed": line.passed,
        "date": time.strftime("%Y-%m-%d"),
        "machine": _machine(),
        "load": round(load, 1),
    }


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{os.cpu_count()} cores, {memory / 2**30:.0f} GiB"


def _arguments() -> argparse.Namespace:
    ids = [drill.id for drill in DRILLS]
    parser = argparse.ArgumentParser(prog="python -m tests.drills")
    parser.add_argument(
        "names", nargs="*", metavar="ID", help=f"all if none: {', '.join(ids)}"
    )
    parser.add_argument("--trials", type=int, help="instead of each drill's own")
    parser.add_argument(
        "--quick", action="store_true", help="as few trials as the test command"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--control",
        action="store_true",
        help="only with what is wrong on purpose: the drill must notice",
    )
    parser.add_argument(
        "--no-control", action="store_true", help="only without what is wrong"
    )
    parser.add_argument("--json", type=Path, help="a file for the figures")
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in ids:
            parser.error(f"there is no drill {name}: {', '.join(ids)}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
