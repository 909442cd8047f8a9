"""Paynow beside the nodes of a house: its double in a process, and people who pay."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from signal import SIGKILL
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from tests.system.harness import BOOT, ROOT, House
from tests.system.people import Person
from zimgpt.embedded import children
from zimgpt.embedded.children import Child

Json = dict[str, Any]

ID = 1201
KEY = "key-of-tests"
PATIENCE = 60.0  # seconds
BY_ITSELF = "0771111111"
"""A number that approves five seconds after it was asked."""
BY_HAND = "0771234567"

_wishes = count(1)


def settings(port: int) -> Json:
    """What a node must be told to be paid through the double on this port."""
    return {
        "paynow_usd_id": ID,
        "paynow_usd_key": KEY,
        "paynow_usd_email": "pay@example.org",
        "paynow_url": f"http://127.0.0.1:{port}",
        "public_url": "http://127.0.0.1:9",
        "payments_per_hour": 100_000,
    }


class Till:
    """The double: its ports are known before its nodes are, and it to them later."""

    def __init__(self, folder: Path) -> None:
        self.port, self.console = children.free_ports(2)
        self._folder = folder
        self._child: Child | None = None
        self._doors: Sequence[str] = ()

    def start(self, doors: Sequence[str] = ()) -> None:
        """Begins, or goes on after a death; calls go to these nodes in turn."""
        self._doors = doors or self._doors
        argv = [sys.executable, "-m", "zimgpt.embedded.paynow"]
        argv += ["--port", str(self.port), "--console", str(self.console)]
        argv += ["--merchant", f"USD:{ID}:{KEY}"]
        argv += ["--file", str(self._folder / "paynow.db")]
        argv += [f"--door={door}" for door in self._doors]
        self._child = children.start(
            "the gateway",
            argv,
            log=self._folder / "paynow.log",
            cwd=ROOT,
            orphaned=SIGKILL,
        )
        self._child.until(self._answers, patience=BOOT)

    def end(self) -> None:
        """Kills it, if it has begun."""
        if self._child is not None:
            self._child.kill()

    def control(self, order: str, **body: object) -> Json:
        """One order at its control door."""
        url = f"http://127.0.0.1:{self.console}/control/{order}"
        sent = urllib.request.Request(url, json.dumps(body).encode())
        with urllib.request.urlopen(sent, timeout=PATIENCE) as answer:
            said: Json = json.loads(answer.read())
            return said

    def act(self, reference: str, act: str) -> None:
        """The person, or the gateway, does something."""
        self.control("act", payment=reference, act=act)

    def state(self) -> Json:
        """All payments, and what was asked."""
        state: Json = self._get("state")
        return state

    def payment(self, reference: str) -> Json:
        """One; an empty one if it is not there."""
        payments = self.state()["payments"]
        found: Json = next((p for p in payments if p["reference"] == reference), {})
        return found

    def _get(self, path: str) -> Any:  # noqa: ANN401
        url = f"http://127.0.0.1:{self.console}/control/{path}"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return json.load(answer)

    def _answers(self) -> bool:
        try:
            return "payments" in self.state()
        except OSError:
            return False


def wish(phone: str = BY_HAND, package: str = "taste", **more: object) -> Json:
    """A payment to be begun, under an id that nobody has used."""
    said = {"id": f"wish-{next(_wishes)}", "package": package, "currency": "USD"}
    return {**said, "method": "ecocash", "phone": phone, **more}


def begun(person: Person, wished: Json) -> Json:
    """The payment as it was taken."""
    reply = person.call("POST", "/api/v1/payments", wished)
    assert reply.status == 202, reply
    payment: Json = reply.json
    return payment


def read(person: Person, payment: Json) -> Json:
    """How it stands."""
    found: Json = person.call("GET", f"/api/v1/payments/{payment['id']}").json
    return found


@attrs.frozen
class Shop:
    """A house with its gateway beside it."""

    house: House
    till: Till


@contextmanager
def opened(make_house: Callable[[Json], House]) -> Iterator[Shop]:
    """A house with its gateway beside it, whose calls go to all of its nodes."""
    with TemporaryDirectory(prefix="zimgpt-till-") as folder:
        till = Till(Path(folder))
        with make_house(settings(till.port)) as house:
            try:
                till.start([node.url for node in house.nodes.values()])
                yield Shop(house, till)
            finally:
                till.end()
