"""Whole nodes in processes of their own, with a model to ask, as operators run them.

    with House(database, nodes=[Plan("one")]) as house:
        house["one"].url ...

Each node is a ``twistd zimgpt``; everything is ended by its own process id.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL, SIGTERM
from types import TracebackType
from typing import Any, Self

import attrs
import psycopg2

from tests.fakes import openai_script
from zimgpt.domain.ledger import Price
from zimgpt.embedded import children
from zimgpt.embedded.children import Child
from zimgpt.embedded.server import COMMAND
from zimgpt.store import operator

Json = dict[str, Any]
Row = tuple[Any, ...]

MODEL = "fake"
ONE_FOR_ONE = Price(MODEL, 1000, 1000)
BOOT = 120.0  # seconds on a busy machine; one or two on a quiet one
GENEROUS: Json = {
    "welcome_tokens": 1_000_000,
    "answers_per_account": 1_000,
    "questions_per_minute": 100_000,
    "messages_per_minute": 100_000,
    "sockets_per_account": 1_000,
    "node_sign_ups_per_hour": 100_000,
}
"""One person of a test does the work of many."""
UPSTREAM = (sys.executable, "-m", "tests.fakes.openai")
ROOT = Path(__file__).parents[2]


def wait_until(
    true: Callable[[], object], patience: float = 60.0, what: str = ""
) -> None:
    """Looks again and again; AssertionError when it does not come true in time."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, f"not within {patience} s: {what or true}"
        time.sleep(0.02)


class Upstream:
    """The fake model's process."""

    def __init__(self, folder: Path, command: Sequence[str] = UPSTREAM) -> None:
        (self._port,) = children.free_ports(1)
        self._child = children.start(
            "the model",
            [*command, str(self._port)],
            log=folder / "model.log",
            cwd=ROOT,
            orphaned=SIGKILL,
        )
        self._child.until(self._answers, patience=BOOT)

    @property
    def url(self) -> str:
        """Its base URL, for configurations."""
        return f"http://127.0.0.1:{self._port}/v1"

    def stats(self) -> Json:
        """How often it was asked, and how many streams are open."""
        stats: Json = self._get("stats")
        return stats

    def requests(self) -> list[Json]:
        """The last bodies that it was sent, oldest first."""
        requests: list[Json] = self._get("requests")
        return requests

    def asked(self, text: str) -> list[Json]:
        """Those whose last message is this one."""
        return [
            body for body in self.requests() if body["messages"][-1]["content"] == text
        ]

    def end(self) -> None:
        """Kills it."""
        self._child.kill()

    def _get(self, path: str) -> Any:  # noqa: ANN401
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/{path}") as answer:
            return json.load(answer)

    def _answers(self) -> bool:
        try:
            return "calls" in self.stats()
        except OSError:
            return False


def text_of(words: int) -> str:
    """What the model writes."""
    return openai_script.text(words)


def words_in(body: Json) -> int:
    """Prompt tokens that the model counts for a request."""
    return sum(len(message["content"].split()) for message in body["messages"])


@attrs.frozen
class Plan:
    """A node to be: its name, what it does, and settings of its own."""

    name: str
    roles: str = "web,worker"
    settings: Mapping[str, object] = attrs.Factory(dict)
    command: Sequence[str | Path] = COMMAND


class Node:
    """One node; it may be started again after its end."""

    def __init__(self, plan: Plan, folder: Path, environ: Mapping[str, str]) -> None:
        (self.port,) = children.free_ports(1)
        self.name = plan.name
        self._command = plan.command
        self._folder = folder
        self._starts = 0
        self._child: Child | None = None
        own = {f"ZIMGPT_{key.upper()}": str(v) for key, v in plan.settings.items()}
        self._environ = {
            **environ,
            "ZIMGPT_NODE": plan.name,
            "ZIMGPT_ROLES": plan.roles,
            "ZIMGPT_LISTEN": f"tcp:{self.port}:interface=127.0.0.1",
            **own,
        }

    @property
    def url(self) -> str:
        """Where it listens, if it serves the web."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def child(self) -> Child:
        """Its process."""
        assert self._child is not None
        return self._child

    def begin(self, name: str | None = None) -> None:
        """Starts it, under another name if one is given; ``ready`` waits for it."""
        if name is not None:
            self.name = self._environ["ZIMGPT_NODE"] = name
        self._starts += 1
        self._child = children.start(
            f"node {self.name}",
            self._command,
            log=self._folder / f"{self.port}-{self._starts}.log",
            env=self._environ,
            cwd=ROOT,
            orphaned=SIGKILL,
        )

    def tell(self, **settings: object) -> None:
        """Settings that it has from its next start on."""
        told = {f"ZIMGPT_{key.upper()}": str(v) for key, v in settings.items()}
        self._environ = {**self._environ, **told}

    def ready(self) -> None:
        """Returns when it is up."""
        self.child.until(lambda: " is up: " in self._last_log(), patience=BOOT)

    def kill(self) -> None:
        """Ends it as a power cut does."""
        self.child.kill()

    def ask_to_stop(self) -> None:
        """Tells it to drain and end."""
        self.child.send(SIGTERM)

    def wait(self) -> int:
        """Its exit status, when it has ended."""
        return self.child.process.wait(timeout=90)

    def end(self) -> None:
        """Sees to it that nothing is left."""
        if self._child is not None:
            self._child.kill()

    def log(self) -> str:
        """Everything that it said in all its lives."""
        return "".join(
            path.read_text(errors="replace")
            for path in sorted(self._folder.glob(f"{self.port}-*.log"))
        )

    def _last_log(self) -> str:
        return self.child.log.read_text(errors="replace")


class House:
    """Nodes that share a database, a broker and a model."""

    def __init__(
        self,
        database: str,
        *,
        nodes: Sequence[Plan],
        broker: str = "local:",
        upstream: Sequence[str] = UPSTREAM,
        price: Price = ONE_FOR_ONE,
        **settings: object,
    ) -> None:
        self.database = database
        self._price = price
        self._plans = nodes
        self._upstream = upstream
        self.broker = broker
        self._settings = GENEROUS | {"broker": broker} | settings
        self._ends = ExitStack()
        self.nodes: dict[str, Node] = {}
        self.upstream: Upstream

    def __enter__(self) -> Self:
        folder = Path(tempfile.mkdtemp(prefix="zimgpt-house-"))
        with ExitStack() as ends:
            ends.callback(shutil.rmtree, folder, ignore_errors=True)
            self.upstream = Upstream(folder, self._upstream)
            ends.callback(self.upstream.end)
            self._set_price()
            for plan in self._plans:
                node = Node(plan, folder, self._environ())
                self.nodes[plan.name] = node
                ends.callback(node.end)
                node.begin()
            for node in self.nodes.values():
                node.ready()
            self._ends = ends.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ends.close()

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    def query(self, sql: str, *params: object) -> list[Row]:
        """Rows, as the superuser reads them; a statement without rows gives none."""
        connection = psycopg2.connect(self.database)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, params or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def tracebacks(self) -> list[str]:
        """Which nodes have logged one."""
        return [
            f"{node.name}: {node.log()}"
            for node in self.nodes.values()
            if "Traceback" in node.log()
        ]

    def _set_price(self) -> None:
        connection = psycopg2.connect(self.database)
        with connection:
            operator.set_price(connection, self._price)
        connection.close()

    def _environ(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("ZIMGPT_")}
        given = {f"ZIMGPT_{k.upper()}": str(v) for k, v in self._settings.items()}
        return (
            clean
            | given
            | {
                "ZIMGPT_DATABASE_URL": self.database,
                "ZIMGPT_MODEL_NAME": MODEL,
                "ZIMGPT_MODEL_URL": self.upstream.url,
                "ZIMGPT_VOICE_URL": self.upstream.url,
                "ZIMGPT_PICTURE_URL": self.upstream.url,
            }
        )
