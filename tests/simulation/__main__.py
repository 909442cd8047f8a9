"""Lives through seeded worlds: ``python -m tests.simulation --help``."""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.simulation.many import lived, quiet
from tests.simulation.mutants import MUTANTS
from tests.simulation.world import run


def main() -> int:
    """The exit status: 0 if every world was sound."""
    arguments = _arguments()
    if arguments.seed is not None:
        return _one(arguments)
    began = time.monotonic()
    seeds = range(arguments.start, arguments.start + arguments.seeds)
    broken = asked = again = 0
    for report in lived(seeds, arguments.processes, arguments.mutant):
        asked += report.asked
        again += report.again
        if report.faults:
            broken += 1
            sys.stdout.write(f"{report}\n")
    sys.stdout.write(
        f"{len(seeds)} worlds, {asked} answers, {again} written again,"
        f" {broken} worlds broken ({time.monotonic() - began:.0f} s)\n"
    )
    return 1 if broken else 0


def _one(arguments: argparse.Namespace) -> int:
    quiet()
    report = run(arguments.seed, arguments.mutant)
    if arguments.trace:
        sys.stdout.write("\n".join(report.lines) + "\n")
    if report.faults:
        sys.stdout.write(f"{report}\n")
    sys.stdout.write(f"seed {report.seed}: {report.digest}\n")
    return 1 if report.faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, help="this world alone")
    parser.add_argument(
        "--trace", action="store_true", help="with everything that happens in it"
    )
    parser.add_argument("--seeds", type=int, default=1_000, help="so many worlds")
    parser.add_argument("--start", type=int, default=1, help="from this one on")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument(
        "--mutant", choices=[*MUTANTS], help="with this fault, which must be noticed"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
