"""Runs the load kit against this checkout and its peers, and prints medians and ratios.

    python -m bench --kit FOLDER [--runs 3] [--streams 100 500] [--out FILE.jsonl]

The kit is a folder with `run.sh PEER N DELAY_MS`, which prints one JSON line: a mock
model, a load client and servers to compare with. Peers take turns within each run, so
that whatever else the machine does hits all of them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OURS = "zimgpt"
PEERS = ("twisted-raw", "fastapi-aiohttp")
DELAY_MS = 20

COLUMNS = {
    "server_cpu_s_per_1k": ("CPU us/token", 1000),
    "broker_cpu_s_per_1k": ("broker us", 1000),
    "db_cpu_s_per_1k": ("db us", 1000),
    "ttft_over_p50_ms": ("first p50 ms", 1),
    "ttft_over_p99_ms": ("first p99 ms", 1),
    "lat_p50_ms": ("token p50 ms", 1),
    "lat_p99_ms": ("token p99 ms", 1),
    "net_bytes_per_token": ("bytes/token", 1),
    "kb_per_conn_idle": ("kB idle", 1),
    "kb_per_conn_stream": ("kB stream", 1),
    "base_mb": ("MB start", 1),
    "lost": ("lost", 1),
    "errors": ("errors", 1),
}


def main() -> int:
    """Measures and prints one table for each number of streams."""
    arguments = _arguments()
    results: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    with arguments.out.open("a") as out:
        for run in range(arguments.runs):
            for streams in arguments.streams:
                for peer, line in _measured(arguments, streams):
                    results[streams, peer].append(line)
                    out.write(json.dumps(line) + "\n")
                    out.flush()
                    _progress(run, streams, peer)
    for streams in arguments.streams:
        _table(streams, {p: r for (n, p), r in results.items() if n == streams})
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    kit = os.environ.get("ZIMGPT_TEST_LOAD_KIT")
    parser.add_argument("--kit", type=Path, default=kit, required=kit is None)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--streams", type=int, nargs="+", default=[100, 500])
    parser.add_argument("--tokens", type=int, default=250)
    parser.add_argument("--peers", nargs="*", default=PEERS)
    parser.add_argument("--out", type=Path, default=Path("var/bench.jsonl"))
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    return arguments


def _measured(
    arguments: argparse.Namespace, streams: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    for peer in (f"file:{HERE / 'zimgpt.json'}", *arguments.peers):
        command = [str(arguments.kit / "run.sh"), peer, str(streams), str(DELAY_MS)]
        command += ["--tokens", str(arguments.tokens)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            sys.exit(f"{peer} did not run: {done.stderr[-2000:]}")
        yield (
            OURS if peer.startswith("file:") else peer,
            json.loads(done.stdout.splitlines()[-1]),
        )


def _progress(run: int, streams: int, peer: str) -> None:
    print(f"run {run + 1}: {peer} with {streams} streams", file=sys.stderr, flush=True)


def _table(streams: int, results: dict[str, list[dict[str, Any]]]) -> None:
    print(f"\n{streams} streams, a token every {DELAY_MS} ms, medians\n")
    print("| | " + " | ".join(title for title, _ in COLUMNS.values()) + " | x raw |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    base = _median(results.get("twisted-raw", []), "server_cpu_s_per_1k")
    for peer, lines in results.items():
        cells = [_median(lines, key) * scale for key, (_, scale) in COLUMNS.items()]
        ratio = _median(lines, "server_cpu_s_per_1k") / base if base else 0.0
        row = " | ".join(f"{cell:.3g}" for cell in cells)
        print(f"| {peer} | {row} | {ratio:.2f} |")


def _median(lines: list[dict[str, Any]], key: str) -> float:
    values = [line[key] for line in lines if line.get(key) is not None]
    return statistics.median(values) if values else 0.0


if __name__ == "__main__":
    sys.exit(main())
