"""Runs drills and prints one line for each: ``python -m tests.drills --help``."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack

from tests.drills import kill
from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ

DRILLS = ("kill",)
SHOWN = 10  # faults


def main() -> int:
    """The exit status: 0 when every drill passed."""
    arguments = _arguments()
    both = arguments.broker == "both"
    brokers = ["local", "rabbitmq"] if both else [arguments.broker]
    controls = [False, True] if arguments.with_control else [arguments.control]
    passed = []
    with ExitStack() as stack:
        postgres = stack.enter_context(PostgreSQL())
        for broker in brokers:
            rabbitmq = None
            if broker == "rabbitmq":
                rabbitmq = stack.enter_context(RabbitMQ())
            for control in controls:
                drill = kill.Drill(
                    broker, arguments.trials, control, seed=arguments.seed
                )
                passed.append(_run(drill, postgres, rabbitmq))
    return 0 if all(passed) else 1


def _run(drill: kill.Drill, postgres: PostgreSQL, rabbitmq: RabbitMQ | None) -> bool:
    verdict = kill.run(drill, postgres, rabbitmq)
    line, passed = kill.report(drill, verdict)
    sys.stdout.write(f"{line}\n")
    for fault in () if passed else verdict.wrong[:SHOWN]:
        sys.stdout.write(f"    {fault}\n")
    sys.stdout.flush()
    return passed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.drills")
    parser.add_argument(
        "names", nargs="*", choices=DRILLS, default="kill", help="all if none is named"
    )
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument(
        "--broker", choices=["local", "rabbitmq", "both"], default="both"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--control",
        action="store_true",
        help="only with nodes that are wrong on purpose: the drill must fail",
    )
    parser.add_argument(
        "--with-control", action="store_true", help="both with them and without"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
