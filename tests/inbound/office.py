"""The admin rooms behind the real server, with people and payments in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count

import attrs
from klein import Klein

from tests.fakes.operators import MemoryOperators
from tests.fakes.results import result_of
from tests.inbound.browser import ORIGIN, SURFACE, Answer, Browser
from tests.inbound.house import House
from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.one_time_codes import code_at, secret_of, step_at
from zimgpt.domain.phones import Phone
from zimgpt.flows.admitting import Admitting
from zimgpt.flows.ports.back_office import By, Decided, Row, Wanted
from zimgpt.inbound.admin.doors import Admin
from zimgpt.inbound.admin.identity import AdminIdentity
from zimgpt.inbound.admin.routes_payments import AdminPaymentRoutes
from zimgpt.inbound.admin.routes_people import PeopleRoutes
from zimgpt.inbound.admin.routes_record import RecordRoutes
from zimgpt.inbound.admin.routes_session import SessionRoutes
from zimgpt.inbound.http import Root
from zimgpt.inbound.surface import Surface
from zimgpt.inbound.website import Website

PASSWORD = "four words of nobody"
SECRET = secret_of(b"s" * 20)
NUMBER = Phone("+263771234567")
ALONE = "https://desk.example:8443"
"""A host for operators alone."""
Done = tuple[object, ...]


@attrs.define
class Files:
    """What the desk has in it: person 7, payment ZG-1, and what was done."""

    done: list[Done] = attrs.Factory(list)
    asked: list[Done] = attrs.Factory(list)

    async def search(
        self, digits: str, before: UserId | None, limit: int
    ) -> Sequence[Row]:
        """The one."""
        self.asked.append((digits, before, limit))
        return [{"id": 7, "phone": "…567"}]

    async def shown(self, thing: UserId | str) -> Row:
        """A person or a payment."""
        if thing not in (7, "ZG-1"):
            raise NotFound
        return {"this": thing}

    async def moves(
        self, user: UserId, before: int | None, limit: int
    ) -> Sequence[Row]:
        """None."""
        self.asked.append((user, before, limit))
        return []

    async def number(self, user: UserId, by: By) -> Phone | None:
        """The whole."""
        self.done.append(("number", user, by))
        return NUMBER

    async def grant(self, user: UserId, tokens: Tokens, key: str, by: By) -> Row:
        """Given."""
        self.done.append(("grant", user, tokens, key, by))
        return {"new": True, "available": tokens}

    async def ban(self, user: UserId, by: By) -> bool:
        """Banned."""
        self.done.append(("ban", user, by))
        return True

    async def unban(self, user: UserId, by: By) -> bool:
        """They were not."""
        self.done.append(("unban", user, by))
        return False

    async def listed(self, wanted: Wanted, limit: int) -> Sequence[Row]:
        """None."""
        self.asked.append((wanted, limit))
        return []

    async def queue(self) -> Sequence[Row]:
        """One."""
        return [{"merchant_ref": "ZG-1"}]

    async def check(self, payment: str, by: By) -> None:
        """Asked."""
        self.done.append(("check", payment, by))

    async def decide(self, payment: str, decision: Decided, by: By) -> str:
        """Decided."""
        self.done.append((decision.__name__, payment, by))
        return "credited"

    async def correct(self, payment: str, tokens: int, key: str, by: By) -> Row:
        """Corrected."""
        self.done.append(("correct", payment, tokens, key, by))
        return {"new": True, "available": 0}

    async def acts(self, before: int | None, limit: int) -> Sequence[Row]:
        """None."""
        self.asked.append((before, limit))
        return []


@attrs.define
class Office:
    """The site with its admin pages, one operator, and their browser."""

    house: House
    origins: tuple[str, ...] = (ORIGIN,)
    operators: MemoryOperators = attrs.Factory(MemoryOperators)
    files: Files = attrs.Factory(Files)
    more: Callable[[AdminIdentity], Mapping[bytes, Klein]] = lambda _: {}
    """Rooms beside those of people, payments and the record."""
    browser: Browser = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        numbers = count(1)
        admitting = Admitting(
            operators=self.operators,
            passwords=self.house.passwords,
            new_id=lambda: f"session {next(numbers)}",
            new_secret=lambda: next(numbers).to_bytes(32, "little"),
        )
        hashed = result_of(self.house.passwords.hash(PASSWORD))
        self.operators.add("tariro", hashed, SECRET)
        surface = Surface(frozenset(self.origins), secure=False)
        identity = AdminIdentity(admitting, surface)
        rooms = {
            b"session": SessionRoutes(admitting, identity, self.house.gate).router,
            b"users": PeopleRoutes(self.files, identity).router,
            b"payments": AdminPaymentRoutes(self.files, identity).router,
            b"acts": RecordRoutes(self.files, identity).router,
            **self.more(identity),
        }
        root = Root(
            self.house.rooms,
            websocket=self.house.websocket,
            website=Website(self.house.folder),
            admin=Admin(
                rooms if self.origins else {},
                origins=self.origins,
                public=SURFACE.origins,
            ),
        )
        self.browser = Browser(root)
        self.browser.headers["Origin"] = ORIGIN

    def knock(self, password: str = PASSWORD) -> Answer:
        """The first step of signing in."""
        return self.browser.ask(
            "POST",
            "/admin/api/session",
            json={"name": "tariro", "password": password},
        )

    def prove(self, knocked: Answer, code: str | None = None) -> Answer:
        """The second, with what the phone shows."""
        self.keep(knocked)
        shown = code_at(SECRET, step_at(self.operators.now))
        return self.browser.ask(
            "POST", "/admin/api/session/code", json={"code": code or shown}
        )

    def keep(self, answer: Answer) -> None:
        """What the page keeps of an answer: the cookie, and the proof."""
        cookie = answer.header("Set-Cookie")
        assert cookie is not None
        self.browser.headers["Cookie"] = cookie.split(";")[0]
        self.browser.headers["X-ZG-CSRF"] = answer.json["csrf"]

    def enter(self) -> Browser:
        """Both steps; the browser that is in."""
        inside = self.prove(self.knock())
        assert inside.status == 201, inside.body
        self.keep(inside)
        return self.browser
