"""D36 and D37: webhooks that come again and again, in any order and size, and webhooks
that are not WhatsApp's."""

from __future__ import annotations

import hmac
import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from statistics import median, pstdev
from typing import Any
from urllib.parse import urlsplit

import attrs

from tests.drills.drill import Drill, Order, Result, Servers
from tests.drills.figures import p95
from tests.drills.mutants import command
from tests.system.harness import House, Plan, wait_until
from tests.system.phone import (
    PATH,
    SECRET,
    Exchange,
    Somebody,
    body,
    joined,
    new_wamid,
)
from zimgpt.embedded.phone.bodies import Update, signed, webhook
from zimgpt.embedded.phone.people import DISPLAY, NUMBER
from zimgpt.embedded.server import COMMAND
from zimgpt.store import invariants

Json = dict[str, Any]

SOON = 0.05  # seconds: what one post in twenty may take
MEGABYTE = 1024 * 1024
AT_REST = 90.0  # seconds
MESSAGES = "select count(*) from inbox where kind = 'message'"
SIGNATURE = "X-Hub-Signature-256"


@attrs.define
class Line:
    """One connection to a node, on which webhooks are posted one after the other."""

    connection: http.client.HTTPConnection
    answers: list[tuple[int, float]] = attrs.Factory(list)

    @classmethod
    @contextmanager
    def to(cls, url: str) -> Iterator[Line]:
        """To this node, for as long as it is needed."""
        place = urlsplit(url)
        assert place.hostname
        line = cls(http.client.HTTPConnection(place.hostname, place.port, timeout=30))
        try:
            yield line
        finally:
            line.connection.close()

    def post(self, content: bytes, headers: dict[str, str] | None = None) -> int:
        """Posts, signed unless other headers are given; returns the status."""
        if headers is None:
            headers = {SIGNATURE: signed(content, SECRET)}
        began = time.perf_counter()
        status = 0
        with suppress(OSError, http.client.HTTPException):
            with suppress(OSError):  # who is refused hears it before all is sent
                self.connection.request("POST", PATH, content, headers)
            answer = self.connection.getresponse()
            answer.read()
            status = answer.status
        if status in (0, 413):
            self.connection.close()
        self.answers.append((status, time.perf_counter() - began))
        return status


@contextmanager
def _exchange(servers: Servers, order: Order, mutant: str) -> Iterator[Exchange]:
    starts = command(mutant) if order.control else COMMAND
    nodes = [Plan("line", command=starts)]
    with (
        servers.database() as url,
        joined(lambda more: House(url, nodes=nodes, **more), "line") as made,
    ):
        made.phones.control("habits", limits=False)
        yield made
        wait_until(lambda: not invariants.violations(url, at_rest=True), AT_REST)


# ---- D36: again and again ----------------------------------------------------------


def repeat(servers: Servers, order: Order) -> Result:
    """A question comes so many times; then all sorts of webhooks, each once."""
    with _exchange(servers, order, "hear-again") as made, Line.to(made.url) as line:
        someone = made.phones.somebody()
        someone.ask("menu")
        again = _again(made, someone, line, order.trials)
        odd = list(_odd(made, someone, line))
    times = [seconds for _, seconds in line.answers[: order.trials]]
    slowest = p95(times)
    slow = [f"one in twenty took {slowest:.3f} s"] if slowest > SOON else []
    statuses = Counter(status for status, _ in line.answers)
    figure = (
        f"one effect of {order.trials} copies, p95 {slowest * 1000:.1f} ms,"
        f" answers {dict(statuses)}"
    )
    return Result(figure, (*again, *odd, *slow))


def _again(made: Exchange, someone: Somebody, line: Line, copies: int) -> Sequence[str]:
    update = someone.message("words:5 once", new_wamid())
    chance = random.Random(copies)
    for _ in range(copies):
        others = [
            someone.message(f"never {n}", f"{update.thing['id']}-{n}", ago=200_000)
            for n in range(chance.randint(0, 3))
        ]
        batch = [*others, update]
        chance.shuffle(batch)
        line.post(_written(batch))
    answer = body(someone.next())
    someone.hears_nothing(3)
    asked = len(made.house.upstream.asked("words:5 once"))
    charged = made.house.query("select 1 from reservations where state = 'settled'")
    effects = (len(someone.bubbles()) - 1, asked, len(charged))
    if effects != (1, 1, 1) or not answer.startswith("w0 w1 w2 w3 w4\n"):
        return [f"effects: {effects[0]} messages, {asked} asked, {len(charged)} paid"]
    return []


def _odd(made: Exchange, someone: Somebody, line: Line) -> Iterator[str]:
    """Large, strange and misdirected ones: all are taken, and do nothing."""
    before = made.house.query("select count(*) from questions")
    for name, updates, wanted in (
        ("a thousand statuses", _statuses(1000), 200),
        ("three megabytes", _padded(someone, 3 * MEGABYTE), 200),
        ("five megabytes", _padded(someone, 5 * MEGABYTE), 413),
        ("an unknown type", [_of_type(someone, "hologram")], 200),
        ("another number", [attrs.evolve(_new(someone), number="99999")], 200),
    ):
        status = line.post(_written(updates))
        if status != wanted:
            yield f"{name}: answered {status}, not {wanted}"
    yield from _shuffled_news(made, someone, line)
    after = made.house.query("select count(*) from questions")
    if before != after:
        yield f"effects: {before} questions became {after}"


def _shuffled_news(made: Exchange, someone: Somebody, line: Line) -> Iterator[str]:
    """News of a message come last first."""
    [(id, wamid)] = made.house.query(
        "select id::text, wamid from whatsapp_outgoing where wamid is not null limit 1"
    )
    for status in ("read", "delivered", "sent", "read"):
        told = {"id": wamid, "status": status, "timestamp": str(int(time.time()))}
        news = told | {"biz_opaque_callback_data": id, "recipient_id": someone.phone}
        line.post(_written([Update(NUMBER, "statuses", news)]))
    state = "select state from whatsapp_outgoing where id = %s"
    if made.house.query(state, id) != [("read",)]:
        yield f"news in another order led to {made.house.query(state, id)}"


def _new(someone: Somebody) -> Update:
    return someone.message("words:3 nobody asked this", new_wamid())


def _of_type(someone: Somebody, sort: str) -> Update:
    update = _new(someone)
    thing = {**update.thing, "type": sort, sort: {"depth": 3}}
    del thing["text"]
    return attrs.evolve(update, thing=thing)


def _statuses(count: int) -> list[Update]:
    return [
        Update(NUMBER, "statuses", {"id": new_wamid(), "status": "delivered"})
        for _ in range(count)
    ]


def _padded(someone: Somebody, size: int) -> list[Update]:
    """News whose unknown fields are as long as that."""
    long = {"id": new_wamid(), "status": "sent", "future_field": "x" * size}
    return [Update(NUMBER, "statuses", long)]


def _written(updates: Sequence[Update]) -> bytes:
    return webhook(updates, {NUMBER: DISPLAY})


# ---- D37: not WhatsApp's -----------------------------------------------------------


def forge(servers: Servers, order: Order) -> Result:
    """So many webhooks whose signature is not theirs."""
    with (
        _exchange(servers, order, "believe-anybody") as made,
        Line.to(made.url) as line,
    ):
        someone = made.phones.somebody()
        someone.ask("menu")
        before = made.house.query(MESSAGES)
        content = _written([_new(someone)])
        forged = {name: line.post(*what) for name, what in _forged(content).items()}
        first, last = _mutate(line, content, order)
        faults = [
            f"{name} was believed" for name, status in forged.items() if status != 403
        ]
        statuses = Counter(status for status, _ in line.answers)
        if set(statuses) != {403}:
            faults.append(f"something was believed: {dict(statuses)}")
        if made.house.query(MESSAGES) != before:
            faults.append("a row was kept of what was believed")
        if line.post(content) != 200:
            faults.append("after all that the true one was not taken")
        someone.next()
    split, sigma = abs(median(first) - median(last)), pstdev(first + last)
    if split >= sigma:
        faults.append(f"the time tells: {split * 1e6:.0f} us apart")
    figure = (
        f"{len(line.answers) - 1} forged, {statuses[403]} refused with 403,"
        f" time split {split * 1e6:.1f} us of sigma {sigma * 1e6:.0f} us"
    )
    return Result(figure, tuple(faults))


def _forged(content: bytes) -> dict[str, tuple[bytes, dict[str, str]]]:
    """What is wrong with a webhook, and what is posted."""
    good = signed(content, SECRET)
    again = json.dumps(json.loads(content)).encode()
    sha1 = hmac.digest(SECRET.encode(), content, "sha1").hex()
    changed = content.replace(b"nobody", b"Nobody")
    return {
        "no signature": (content, {}),
        "an empty one": (content, {SIGNATURE: ""}),
        "SHA-1 alone": (content, {"X-Hub-Signature": f"sha1={sha1}"}),
        "another secret's": (content, {SIGNATURE: signed(content, SECRET + "x")}),
        "no secret's": (content, {SIGNATURE: signed(content, "")}),
        "that of a body written again": (content, {SIGNATURE: signed(again, SECRET)}),
        "one of another body": (changed, {SIGNATURE: good}),
        "one without its name": (content, {SIGNATURE: good.removeprefix("sha256=")}),
        "one that is cut": (content, {SIGNATURE: good[:-1]}),
        "one in capitals": (content, {SIGNATURE: "sha256=" + good[7:].upper()}),
    }


def _mutate(
    line: Line, content: bytes, order: Order
) -> tuple[list[float], list[float]]:
    """Signatures that differ at their first sign and at their last, in turns, and now
    and then a body that differs; how long the two took."""
    chance = random.Random(order.seed)
    good = signed(content, SECRET)
    took: tuple[list[float], list[float]] = ([], [])
    for trial in range(order.trials):
        if trial % 10 == 9:
            place = chance.randrange(len(content))
            changed = bytes([content[place] ^ (1 << chance.randrange(7))])
            wrong = content[:place] + changed + content[place + 1 :]
            line.post(wrong, {SIGNATURE: good})
            continue
        place = 7 if trial % 2 else len(good) - 1
        sign = chance.choice([c for c in "0123456789abcdef" if c != good[place]])
        line.post(content, {SIGNATURE: good[:place] + sign + good[place + 1 :]})
        took[trial % 2].append(line.answers[-1][1])
    return took


DRILLS = (
    Drill(
        id="D36",
        promise="A webhook that comes a thousand times, in any batches, has one effect;"
        " large, strange and misdirected ones have none.",
        run=repeat,
        trials=1000,
        quick=0,
        mutant="a message is known by its webhook, not by its id",
        symptom="effects: ",
        control_trials=40,
        seconds=30,
    ),
    Drill(
        id="D37",
        promise="What WhatsApp did not sign is refused, leaves no row, and learns"
        " nothing from the time that takes.",
        run=forge,
        trials=10_000,
        quick=200,
        mutant="whatever looks like a signature is believed",
        symptom="was believed",
        control_trials=200,
        seconds=60,
    ),
)
