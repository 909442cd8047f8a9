"""All rooms behind the real server, with people in memory and stand-ins for answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.web.resource import Resource

from tests.fakes.buying import Friends
from tests.fakes.buying import Shop as Buying
from tests.fakes.keys import MemoryKeys
from tests.fakes.people import NOON, MemoryAccounts, MemorySessions, PlainPasswords
from tests.fakes.preferences import MemoryPreferences
from tests.fakes.proofs import MemoryProofs
from tests.fakes.vouchers import MemoryVouchers, Purse
from tests.inbound.browser import ORIGIN, SURFACE, Browser
from zimgpt.domain.accounts import SessionId, UserId
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.essays.briefs import Brief, Level, Step, checked
from zimgpt.domain.essays.quotes import Quote
from zimgpt.domain.ledger import Price, Tokens
from zimgpt.domain.papers.files import File, Format, file_name
from zimgpt.domain.questions import Kind, TurnReplaced
from zimgpt.domain.statements import Movement, MovementKind, Payment, Statement, stated
from zimgpt.domain.statements import month as read_month
from zimgpt.domain.texts import Language
from zimgpt.flows import asking
from zimgpt.flows.completing import Completing
from zimgpt.flows.conversing import Conversing
from zimgpt.flows.keyring import Keyring
from zimgpt.flows.ordering import Order
from zimgpt.flows.ports import ConversationInfo, Reading, TurnInfo
from zimgpt.flows.proving import Proving
from zimgpt.flows.redeeming import Redeeming
from zimgpt.flows.signing_in import SigningIn
from zimgpt.inbound.http import Rooms, Root
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.limits import Gate, Limits
from zimgpt.inbound.routes_accounts import AccountRoutes
from zimgpt.inbound.routes_answers import AnswerRoutes
from zimgpt.inbound.routes_completions import CompletionRoutes
from zimgpt.inbound.routes_conversations import ConversationRoutes
from zimgpt.inbound.routes_documents import DocumentRoutes
from zimgpt.inbound.routes_essays import EssayRoutes
from zimgpt.inbound.routes_keys import KeyRoutes
from zimgpt.inbound.routes_notices import NoticeRoutes, Said
from zimgpt.inbound.routes_payments import PaymentRoutes
from zimgpt.inbound.routes_paynow import PaynowRoutes
from zimgpt.inbound.routes_preferences import PreferenceRoutes
from zimgpt.inbound.routes_proofs import ProofRoutes
from zimgpt.inbound.routes_service import Offer, ServiceRoutes
from zimgpt.inbound.routes_vouchers import VoucherRoutes
from zimgpt.inbound.website import Website

PHONE = "0771 234 567"
PASSWORD = "mukanda wangu"
ANSWER = AnswerId("00000002-0000-4000-8000-000000000001")
CONVERSATION = ConversationId("00000001-0000-4000-8000-000000000001")
NOTHING = "0000000f-0000-4000-8000-000000000001"


ME = UserId(1)


class Wall:
    """Where the operator has put up one notice."""

    async def notices(self) -> Sequence[Said]:
        """It."""
        texts = {"en": "Tonight at eight we mend something.", "sn": "Manheru ano."}
        return [Said("mend", texts, NOON)]


@attrs.define
class Shelf:
    """One conversation of one turn, of the first person."""

    owner: UserId = ME
    title: str = "Food"
    deleted: bool = False
    asked: list[dict[str, object]] = attrs.Factory(list)

    async def list(
        self, user: UserId, *, search: str, before: ConversationId | None, limit: int
    ) -> tuple[ConversationInfo, ...]:
        """It, unless something is searched for."""
        self.asked.append({"search": search, "before": before, "limit": limit})
        if search or user != self.owner:
            return ()
        return (ConversationInfo(CONVERSATION, Kind.CHAT, self.title, NOON),)

    async def turns(
        self,
        user: UserId,
        conversation: ConversationId,
        *,
        before: AnswerId | None,
        limit: int,
        replaced_by: AnswerId | None = None,
        after: AnswerId | None = None,
        texts: bool = True,
    ) -> tuple[TurnInfo, ...]:
        """An answer that was stopped and one that is being written."""
        self._check(user, conversation)
        self.asked.append({"before": before, "limit": limit})
        if after is not None:
            self.asked[-1] |= {"after": after, "texts": texts}
        if replaced_by is not None:
            return ()
        if after == NOTHING:
            raise TurnReplaced
        return (
            TurnInfo(
                answer=ANSWER,
                question="Sadza?",
                text="Ehe",
                state=State.INTERRUPTED,
                finish=Finish.STOPPED,
                cost=Tokens(7),
                asked_at=NOON,
            ),
            TurnInfo(
                answer=AnswerId(NOTHING),
                question="Nyama?",
                text="",
                state=State.QUEUED,
                finish=None,
                cost=Tokens(0),
                asked_at=NOON,
            ),
        )

    async def info(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[ConversationInfo, str | None]:
        """It, and what is remembered of it."""
        self._check(user, conversation)
        line = ConversationInfo(CONVERSATION, Kind.CHAT, self.title, NOON)
        return line, "They like sadza."

    async def rename(
        self, user: UserId, conversation: ConversationId, title: str
    ) -> None:
        """Gives it another title."""
        self._check(user, conversation)
        self.title = title

    async def delete(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[AnswerId, ...]:
        """Hides it."""
        self._check(user, conversation)
        self.deleted = True
        return ()

    def _check(self, user: UserId, conversation: ConversationId) -> None:
        if (user, conversation) != (self.owner, CONVERSATION):
            raise NotFound


@attrs.define
class Desk:
    """Accepts every question, and answers readers with what it is given."""

    asked: list[tuple[UserId, asking.Question, str]] = attrs.Factory(list)
    stopped: list[tuple[UserId, AnswerId]] = attrs.Factory(list)
    positions: list[dict[str, object]] = attrs.Factory(list)
    refusal: Exception | None = None
    lowered: bool = False
    reading: Reading | Deferred[Reading] | None = None
    hurried: bool = False

    async def ask(
        self, user: UserId, question: asking.Question, channel: str
    ) -> asking.Accepted:
        """Accepts."""
        if self.refusal is not None:
            raise self.refusal
        self.asked.append((user, question, channel))
        return asking.Accepted(
            answer=ANSWER,
            conversation=CONVERSATION,
            max_tokens=1024,
            hold=Tokens(1100),
            available=Tokens(3900),
            lowered=self.lowered,
            fresh=True,
        )

    async def stop(self, user: UserId, answer: AnswerId) -> None:
        """Remembers."""
        if answer != ANSWER:
            raise NotFound
        self.stopped.append((user, answer))

    async def read(
        self, user: UserId, answer: AnswerId, *, epoch: int, seq: int, wait: float
    ) -> Reading:
        """What the test has put there."""
        if answer != ANSWER or self.reading is None:
            raise NotFound
        self.positions.append({"user": user, "epoch": epoch, "seq": seq, "wait": wait})
        if isinstance(self.reading, Deferred):
            return await self.reading
        return self.reading


@attrs.define
class Orders:
    """One order, of an outline that has been written, at a price."""

    priced: list[tuple[UserId, str, Brief]] = attrs.Factory(list)

    async def quote(self, user: UserId, topic: str, brief: Brief) -> Quote:
        """The same for all."""
        brief = checked(topic, brief)
        self.priced.append((user, topic, brief))
        return Quote(Tokens(9000), Tokens(6000), Tokens(600), Tokens(5000), 1500)

    async def look(self, user: UserId, answer: AnswerId) -> Order:
        """It."""
        if (user, answer) != (ME, ANSWER):
            raise NotFound
        return Order(
            answer=ANSWER,
            conversation=CONVERSATION,
            topic="Rivers",
            brief=Brief(level=Level.ZIMSEC_O, words=3000, step=Step.OUTLINE),
            state=State.COMPLETE,
            text="## Floods\n- rain\n\n## Conclusion\n- so",
            words=None,
            prompts="v1",
            cost=Tokens(60),
        )


@attrs.frozen
class Shop:
    """One model."""

    async def offers(self) -> Sequence[Offer]:
        """Its price."""
        return [Offer("Small (demo)", Price("small", 250, 1_000))]


@attrs.define
class Press:
    """Makes a file of one answer and of one conversation, and one statement."""

    asked: list[tuple[UserId, object, Language]] = attrs.Factory(list)
    title: str = "Food"
    refusal: Exception | None = None

    async def answer(
        self, user: UserId, answer: AnswerId, kind: Format, language: Language
    ) -> File:
        """Its name says what it was made of."""
        if answer != ANSWER:
            raise NotFound
        return self._made(user, kind, language)

    async def conversation(
        self,
        user: UserId,
        conversation: ConversationId,
        kind: Format,
        language: Language,
    ) -> File:
        """The same."""
        if conversation != CONVERSATION:
            raise NotFound
        return self._made(user, kind, language)

    async def month(self, user: UserId, month: str) -> Statement:
        """A purchase and an answer."""
        self.asked.append((user, month, Language.ENGLISH))
        paid = Payment(
            reference="ZG-1",
            provider_reference="77",
            amount_minor=250,
            currency="USD",
        )
        moved = (
            Movement(at=NOON, kind=MovementKind.PURCHASE, tokens=9_000, payment=paid),
            Movement(
                at=NOON, kind=MovementKind.CHAT, tokens=-7, title="Food", answer=ANSWER
            ),
        )
        return stated(read_month(month, NOON), 1_000, moved)

    async def file(
        self, user: UserId, month: str, kind: str, language: Language
    ) -> File:
        """No more than a name."""
        self.asked.append((user, month, language))
        return File(f"ZimGPT {month}.{kind}", b"made")

    def _made(self, user: UserId, kind: Format, language: Language) -> File:
        if self.refusal is not None:
            raise self.refusal
        self.asked.append((user, kind, language))
        return File(file_name(self.title, kind), b"made")


@attrs.define
class House:
    """Everything, and a browser in front of it."""

    folder: str
    accounts: MemoryAccounts = attrs.Factory(MemoryAccounts)
    passwords: PlainPasswords = attrs.Factory(PlainPasswords)
    shelf: Shelf = attrs.Factory(Shelf)
    desk: Desk = attrs.Factory(Desk)
    press: Press = attrs.Factory(Press)
    orders: Orders = attrs.Factory(Orders)
    proofs: MemoryProofs = attrs.Factory(MemoryProofs)
    preferences: MemoryPreferences = attrs.Factory(MemoryPreferences)
    clock: Clock = attrs.Factory(Clock)
    ended: list[SessionId] = attrs.Factory(list)
    numbers: Iterator[int] = attrs.Factory(count)
    websocket: Resource = attrs.Factory(Resource)
    buying: Buying = attrs.Factory(Buying)
    limits: Limits = attrs.Factory(Limits)
    gate: Gate = attrs.field(init=False)
    proving: Proving = attrs.field(init=False)
    keys: MemoryKeys = attrs.field(factory=MemoryKeys)
    programs: CompletionRoutes = attrs.field(init=False)
    rooms: Rooms = attrs.field(init=False)
    browser: Browser = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        signing_in = SigningIn(
            accounts=self.accounts,
            sessions=MemorySessions(self.accounts),
            passwords=self.passwords,
            new_id=lambda: f"00000009-0000-4000-8000-{next(self.numbers):012}",
            new_secret=lambda: next(self.numbers).to_bytes(32),
            on_ended=self.ended.extend,
        )
        identity = Identity(signing_in, SURFACE)
        self.proving = Proving(
            self.proofs,
            signing_in,
            self.clock,
            "263771000000",
            lambda: f"0000000a-0000-4000-8000-{next(self.numbers):012}",
            lambda: next(self.numbers).to_bytes(32, "little"),
        )
        self.gate = Gate(lambda: 0.0, self.limits)
        keyring = Keyring(
            self.keys,
            lambda: f"0000000b-0000-4000-8000-{next(self.numbers):012}",
            lambda: next(self.numbers).to_bytes(32),
        )
        self.programs = CompletionRoutes(
            keyring,
            Completing(self.desk, self.keys, self.desk, lambda: "an id"),
            lambda: NOON,
        )
        self.rooms = Rooms(
            accounts=AccountRoutes(signing_in, identity, self.gate),
            conversations=ConversationRoutes(
                Conversing(self.shelf, self.desk.stop), identity
            ),
            answers=AnswerRoutes(self.desk, self.desk, identity, self.gate),
            essays=EssayRoutes(self.orders, identity),
            service=ServiceRoutes(Shop()),
            notices=NoticeRoutes(Wall()),
            payments=PaymentRoutes(
                self.buying.topping_up, identity, self.gate, Friends()
            ),
            paynow=PaynowRoutes(self.buying.callbacks),
            proofs=ProofRoutes(self.proving, identity, self.gate),
            preferences=PreferenceRoutes(self.preferences, identity),
            keys=KeyRoutes(keyring, identity),
            completions=self.programs,
            documents=DocumentRoutes(self.press, self.press, identity, self.gate),
            vouchers=VoucherRoutes(
                Redeeming(MemoryVouchers(), Purse(), self.buying.sockets.tell_wallet),
                identity,
                self.gate,
            ),
        )
        root = Root(self.rooms, websocket=self.websocket, website=Website(self.folder))
        self.browser = Browser(root)

    def person(self, phone: str = PHONE) -> Browser:
        """A new account, and a program that is signed in to it by its token."""
        entry = {"phone": phone, "password": PASSWORD, "token": True}
        answer = self.browser.ask("POST", "/api/v1/accounts", json=entry)
        assert answer.status == 201, answer.body
        return self.signed_in(Authorization=f"Bearer {answer.json['token']}")

    def own_page(self, phone: str = PHONE) -> Browser:
        """A new account, and our own page in a browser that is signed in to it."""
        self.browser.ask(
            "POST",
            "/api/v1/accounts",
            json={"phone": phone, "password": PASSWORD},
            headers={"Origin": ORIGIN},
        )
        entry: dict[str, Any] = {"phone": phone, "password": PASSWORD}
        answer = self.browser.ask(
            "POST", "/api/v1/sessions", json=entry, headers={"Origin": ORIGIN}
        )
        cookie = (answer.header("Set-Cookie") or "").split(";")[0]
        sent = {"Cookie": cookie, "Origin": ORIGIN}
        return self.signed_in(**sent, **{"X-ZG-CSRF": answer.json["csrf"]})

    def signed_in(self, **headers: str) -> Browser:
        """A browser of its own that always sends these."""
        browser = Browser(self.browser.site.resource)
        browser.headers.update(headers)
        return browser
