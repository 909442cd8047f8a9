"""Makes a 30-page essay in every format, and tells how long it took the machine.

    python -m bench.documents [--rounds 5] [--at-once 2] [--out FILE]

Each file is made as a node makes it: in a child process, beside a reactor that should
do its turns every five milliseconds. ``seconds`` are on the clock; ``cpu`` is the work
of the child, which does not depend on what else the machine does. ``stall`` is the
longest that a turn was late meanwhile, and ``idle`` the same while nothing was made.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any, Final

from pypdf import PdfReader
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import LoopingCall, deferLater, react

from zimgpt.domain.papers.files import Format
from zimgpt.domain.papers.manuscripts import Manuscript, Section
from zimgpt.domain.texts import Language
from zimgpt.outbound.press import Press
from zimgpt.wire.papers.orders import Setting

TURN: Final = 0.005
PAGES: Final = 30
SENTENCE: Final = (
    "The people rose because their land, their **cattle** and their labour were taken"
    " from them, and because *svikiro* gave the rising words and a purpose. "
)


def essay() -> str:
    """Some thirty pages: headings, paragraphs, lists, tables and footnotes."""
    parts = []
    for number in range(1, 31):
        parts += [
            f"## Part {number}",
            SENTENCE * 9 + f"[^{number}]",
            SENTENCE * 7,
            "1. Land\n   - fields\n   - pastures\n2. Cattle",
            "| Year | Head |\n|---|---:|\n| 1894 | 250,000 |\n| 1896 | 41,000 |",
            f"[^{number}]: A source, page {number}.",
        ]
    return "\n\n".join(parts)


class Lateness:
    """How late the reactor's turns are."""

    def __init__(self, reactor: Any) -> None:  # noqa: ANN401
        self.most = 0.0
        self._last = time.perf_counter()
        self._loop = LoopingCall(self._turn)
        self._loop.clock = reactor
        self._loop.start(TURN)

    def _turn(self) -> None:
        now = time.perf_counter()
        self.most = max(self.most, now - self._last - TURN)
        self._last = now

    def taken(self) -> float:
        """Milliseconds since it was last asked for."""
        most, self.most = self.most, 0.0
        return round(most * 1000, 1)


def _worked() -> float:
    """Seconds of work of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def measured(reactor: Any, rounds: int, at_once: int) -> dict[str, Any]:  # noqa: ANN401
    """Medians of seconds, and the worst of milliseconds."""
    press, late = Press(reactor), Lateness(reactor)
    section = Section(question="", text=essay(), asked_at=datetime.now(UTC))
    manuscript = Manuscript(
        title="The rising of 1896", language=Language.ENGLISH, sections=(section,)
    )
    late.taken()
    await deferLater(reactor, 2.0)
    result: dict[str, Any] = {"idle_ms": late.taken(), "load": os.getloadavg()[0]}
    for kind in Format:
        seconds, work, stalls, content = [], [], [], b""
        for _ in range(rounds):
            late.taken()
            began, worked = time.perf_counter(), _worked()
            made = [
                Deferred.fromCoroutine(press.made(Setting(manuscript, kind)))
                for _ in range(at_once)
            ]
            content, *_ = await gatherResults(made)
            seconds.append(time.perf_counter() - began)
            work.append((_worked() - worked) / at_once)
            stalls.append(late.taken())
        result[kind] = {
            "seconds": round(median(seconds), 2),
            "worst": round(max(seconds), 2),
            "cpu": round(median(work), 2),
            "stall_ms": max(stalls),
            "bytes": len(content),
        }
        if kind is Format.PDF:
            result["pages"] = len(PdfReader(BytesIO(content)).pages)
    return result


def main() -> int:
    """Prints one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m bench.documents")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a file of such lines")
    arguments = parser.parse_args()
    results: list[dict[str, Any]] = []

    async def run(reactor: Any) -> None:  # noqa: ANN401
        results.append(await measured(reactor, arguments.rounds, arguments.at_once))

    try:
        react(lambda reactor: Deferred.fromCoroutine(run(reactor)))
    except SystemExit as end:
        if end.code:
            raise
    line = json.dumps({"at_once": arguments.at_once, **results[0]})
    print(line)
    if arguments.out is not None:
        with arguments.out.open("a") as out:
            out.write(line + "\n")
    return 0 if results[0]["pages"] >= PAGES else 1


if __name__ == "__main__":
    sys.exit(main())
