"""The admin rooms of figures, what is sold, words to everybody and jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import attrs
import pytest
from klein import Klein

from tests.fakes.people import NOON
from tests.inbound.house import House
from tests.inbound.office import Office
from zimgpt.domain.errors import NotFound
from zimgpt.domain.figures import Moved, Rows, Waited
from zimgpt.domain.ledger import Price
from zimgpt.domain.vouchers import digest, read
from zimgpt.flows.picturing import Picturing
from zimgpt.flows.ports.back_office import By, Row
from zimgpt.flows.ports.works import Broadcast
from zimgpt.flows.printing import Printing
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.routes_broadcasts import BroadcastRoutes
from zimgpt.inbound.admin.routes_figures import FigureRoutes
from zimgpt.inbound.admin.routes_jobs import JobRoutes
from zimgpt.inbound.admin.routes_shop import ShopRoutes
from zimgpt.inbound.admin.routes_vouchers import BatchRoutes

BY = By("tariro", "the maker lowered it")
WHY: dict[str, object] = {"reason": BY.reason}
JOB = "00000003-0000-4000-8000-000000000001"
Done = tuple[object, ...]


@attrs.define
class Shop:
    """What is sold: nothing yet; and what was done."""

    done: list[Done]

    async def prices(self) -> Row:
        """None."""
        return {"prices": []}

    async def set_price(self, price: Price, by: By) -> None:
        """Set."""
        self.done.append((price, by))

    async def set_cost(self, model: str, prompt: int, completion: int, by: By) -> Row:
        """Set."""
        self.done.append((model, prompt, completion, by))
        return {}

    async def packages(self) -> Row:
        """None."""
        return {"packages": []}

    async def set_package(self, package: str, tokens: int, cents: int, by: By) -> Row:
        """Set."""
        self.done.append((package, tokens, cents, by))
        return {}

    async def withdraw(self, package: str, by: By) -> Row:
        """Withdrawn."""
        self.done.append((package, by))
        return {}

    async def set_rate(self, cents: int, sure: bool, by: By) -> Row:
        """Set."""
        self.done.append((cents, sure, by))
        return {}


@attrs.define
class Drawer:
    """Batches by name."""

    done: list[Done]
    kept: dict[str, Sequence[bytes]] = attrs.Factory(dict)

    async def list(self) -> Sequence[Row]:
        """Their names."""
        return [{"batch": name} for name in self.kept]

    async def make(
        self, batch: str, tokens: int, digests: Sequence[bytes], ends: timedelta, by: By
    ) -> bool:
        """Made, once for each name."""
        if batch in self.kept:
            return False
        self.kept[batch] = digests
        self.done.append((batch, tokens, ends, by))
        return True

    async def revoke(self, batch: str, by: By) -> bool:
        """Revoked."""
        self.done.append((batch, by))
        return True


@attrs.define
class Horn:
    """Two hundred people listen."""

    done: list[Done]
    left: int = 150

    async def list(self) -> Sequence[Row]:
        """Nothing was said."""
        return []

    async def waiting(self, id: str) -> int:
        """Whoever has not had it."""
        return self.left if id else 0

    async def begin(self, broadcast: Broadcast, by: By) -> bool:
        """Begun."""
        self.done.append((broadcast, by))
        return True

    async def send_some(self, id: str, limit: int) -> int:
        """To the next of them."""
        assert id
        sent = min(limit, self.left)
        self.left -= sent
        return sent


@attrs.define
class Works:
    """One dead job."""

    done: list[Done]
    asked: list[Done] = attrs.Factory(list)

    async def list(self, state: str | None, kind: str | None, limit: int) -> Row:
        """It."""
        self.asked.append((state, kind, limit))
        return {"jobs": [], "counts": []}

    async def shown(self, job: str) -> Row:
        """It alone."""
        if job != JOB:
            raise NotFound
        return {"job": {"id": job}}

    async def retry(self, job: str, by: By) -> None:
        """Tried again."""
        self.done.append(("retry", job, by))

    async def drop(self, job: str, by: By) -> None:
        """Dropped."""
        self.done.append(("drop", job, by))


class Quiet:
    """A time in which one token was spent, at its beginning."""

    async def rows(self, begins: datetime, ends: datetime, step: timedelta) -> Rows:
        """It."""
        assert ends - begins >= step
        return Rows(moved=[Moved(at=begins, account="spent", tokens=1)])

    async def waited(self, begins: datetime, ends: datetime) -> Waited | None:
        """Nobody did."""
        assert begins < ends
        return None


@attrs.define
class Desk:
    """An office with these rooms."""

    office: Office
    done: list[Done]
    works: Works
    drawer: Drawer

    def post(self, address: str, body: Mapping[str, object]) -> tuple[int, str]:
        """What an operator's act comes to: the status, and the code of an error."""
        answer = self.office.enter().ask(
            "POST", f"/admin/api/{address}", json=dict(body)
        )
        return answer.status, "" if answer.status == 200 else answer.code


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Nobody has signed in yet."""
    done: list[Done] = []
    shop, drawer, works = Shop(done), Drawer(done), Works(done)

    def more(identity: AdminIdentity) -> dict[bytes, Klein]:
        sold = ShopRoutes(shop, ["quick"], identity).router
        printing = Printing(drawer, lambda: bytes(range(32)))
        return {
            b"figures": FigureRoutes(Picturing(Quiet(), lambda: NOON), identity).router,
            **dict.fromkeys((b"prices", b"costs", b"packages", b"rates"), sold),
            b"vouchers": BatchRoutes(drawer, printing, identity).router,
            b"broadcasts": BroadcastRoutes(Horn(done), identity).router,
            b"jobs": JobRoutes(works, identity).router,
        }

    return Desk(Office(House(str(tmp_path)), more=more), done, works, drawer)


LOOKS = (
    *("figures", "prices", "packages", "vouchers", "broadcasts", "jobs"),
    *(f"jobs/{JOB}", "broadcasts/x/waiting"),
)
ACTS: dict[str, dict[str, object]] = {
    "prices": {"model": "quick", "prompt": 250, "completion": 1500, **WHY},
    "costs": {"model": "quick", "prompt": 75_000, "completion": 300_000, **WHY},
    "packages": {"package": "taste", "tokens": 12_000, "cents": 50, **WHY},
    "packages/taste/withdraw": WHY,
    "rates": {"cents": 2_710, **WHY},
    "vouchers": {"batch": "fair", "count": 3, "tokens": 5_000, "days": 30, **WHY},
    "vouchers/fair/revoke": WHY,
    "broadcasts": {"id": "outage", "en": "It is back.", "sn": "Yadzoka.", **WHY},
    f"jobs/{JOB}/retry": WHY,
    f"jobs/{JOB}/drop": WHY,
}


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_is_shown_to_strangers(desk: Desk, look: str) -> None:
    """An operator sees it."""
    address = f"/admin/api/{look}"
    assert desk.office.browser.ask("GET", address).status == 401

    assert desk.office.enter().ask("GET", address).status == 200


@pytest.mark.parametrize("act", ACTS)
def test_an_act_needs_an_operator_their_page_and_a_reason(desk: Desk, act: str) -> None:
    """Then it is done once, with their name."""
    address, body = f"/admin/api/{act}", ACTS[act]
    strange = desk.office.browser.ask("POST", address, json=body)
    browser = desk.office.enter()
    headers = {"Origin": "https://evil.example"}
    forged = browser.ask("POST", address, json=body, headers=headers)
    bare = browser.ask("POST", address, json=body | {"reason": ""})

    assert [one.status for one in (strange, forged, bare)] == [401, 403, 400]
    assert desk.done == []
    assert browser.ask("POST", address, json=body).status == 200
    [(*_, by)] = desk.done
    assert by == BY


@pytest.mark.parametrize(
    ("act", "change"),
    [
        ("prices", {"completion": 0}),
        ("prices", {"prompt": 10**9 + 1}),
        ("costs", {"prompt": -1}),
        ("packages", {"package": "Taste It"}),
        ("packages", {"cents": 0}),
        ("rates", {"cents": "27.10"}),
        ("vouchers", {"count": 10_001}),
        ("vouchers", {"batch": "a b"}),
        ("broadcasts", {"en": " "}),
        ("broadcasts", {"web": False, "whatsapp": False}),
        ("broadcasts", {"en": "x" * 1_001}),
        ("broadcasts", {"hours": 721}),
    ],
)
def test_what_commands_refuse_pages_refuse(
    desk: Desk, act: str, change: dict[str, object]
) -> None:
    """The same limits, before anything is done."""
    assert desk.post(act, ACTS[act] | change) == (400, "bad_request")
    assert desk.done == []


def test_codes_are_told_once(desk: Desk) -> None:
    """They are those whose digests were kept; a name makes one batch."""
    browser = desk.office.enter()
    made = browser.ask("POST", "/admin/api/vouchers", json=ACTS["vouchers"])

    codes = made.json["codes"]
    assert [digest(read(code)) for code in codes] == list(desk.drawer.kept["fair"])
    assert made.header("Cache-Control") == "no-store"
    assert codes[0] not in browser.ask("GET", "/admin/api/vouchers").body.decode()
    again = browser.ask("POST", "/admin/api/vouchers", json=ACTS["vouchers"])
    assert again.code == "batch_exists"
    assert desk.done == [("fair", 5_000, timedelta(days=30), BY)]


def test_words_go_out_a_hundred_at_a_time(desk: Desk) -> None:
    """Each call says how many have it now and how many still wait."""
    browser = desk.office.enter()
    steps = [
        browser.ask("POST", "/admin/api/broadcasts/outage/send", json={}).json
        for _ in range(3)
    ]

    assert steps == [
        {"sent": 100, "waiting": 50},
        {"sent": 50, "waiting": 0},
        {"sent": 0, "waiting": 0},
    ]


def test_words_that_nobody_wrote_are_left_out(desk: Desk) -> None:
    """Who reads that language gets English."""
    assert desk.post("broadcasts", ACTS["broadcasts"] | {"hours": 3}) == (200, "")

    texts = {"en": "It is back.", "sn": "Yadzoka."}
    said = Broadcast("outage", texts, True, True, timedelta(hours=3))
    assert desk.done == [(said, BY)]


def test_figures_are_lines_of_a_stretch(desk: Desk) -> None:
    """With the days on which it, and those beside it, begin."""
    browser = desk.office.enter()
    told = browser.ask("GET", "/admin/api/figures?span=week&day=2026-01-07").json

    assert (told["span"], told["first"]) == ("week", "2026-01-05")
    assert (told["previous"], told["next"]) == ("2025-12-29", "2026-01-12")
    assert told["spent"] == [1, 0, 0, 0, 0, 0, 0]
    assert len(told["moments"]) == 7
    assert told["cost"] == [0] * 7
    for wrong in ("span=year", "day=2099-01-01", "day=x", "more=1"):
        assert browser.ask("GET", f"/admin/api/figures?{wrong}").code == "bad_request"


def test_jobs_are_filtered(desk: Desk) -> None:
    """By what is a state; one that is not there is not found."""
    browser = desk.office.enter()
    browser.ask("GET", "/admin/api/jobs?state=dead&kind=chat")

    assert desk.works.asked == [("dead", "chat", 100)]
    assert browser.ask("GET", "/admin/api/jobs?state=ill").status == 400
    assert browser.ask("GET", "/admin/api/jobs/7").status == 404
    assert browser.ask("GET", f"/admin/api/jobs/{JOB[:-1]}2").status == 404
