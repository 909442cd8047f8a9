"""A dialogue's flows on memory: somebody writes, and the test sees what is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

import attrs

from tests.fakes.buying import Friends, Shop
from tests.fakes.chat import MemoryChat
from tests.fakes.memory import PRICE, Database, MemoryQuestions
from tests.fakes.vouchers import MemoryVouchers
from zimgpt.domain.accounts import UserId, Wallet
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.dialogue.replies import Line, Unreadable
from zimgpt.domain.errors import NotFound
from zimgpt.domain.heard import Sent
from zimgpt.domain.ledger import Price, Tokens
from zimgpt.domain.messages import Message
from zimgpt.domain.statements import Month
from zimgpt.flows.acting import Acting, Scene
from zimgpt.flows.asking import Accepted, Question
from zimgpt.flows.describing import Describing
from zimgpt.flows.ordering import Order
from zimgpt.flows.paying import Paying
from zimgpt.flows.ports import Ticket
from zimgpt.flows.ports.contacts import ContactId
from zimgpt.flows.ports.messenger import SendTrouble, Unheard
from zimgpt.flows.redeeming import Redeeming
from zimgpt.flows.sketches import Sketches
from zimgpt.flows.talking import Talking
from zimgpt.wire.whatsapp.people import Person

# ruff: noqa: ARG002 - there is one person, whoever is asked for

CHAT = ConversationId("0e6ba8b4-9d0c-4ac8-a3b5-1c3d8a2b9d11")


@attrs.define
class Purse:
    """``ports.Wallets``."""

    available: int = 100_000

    async def wallet(self, user: UserId) -> Wallet:
        """So much."""
        return Wallet(Tokens(self.available), Tokens(0))


@attrs.define
class Board:
    """``describing.Prices``."""

    prices: tuple[Price, ...] = (PRICE,)

    async def of(self, models: Sequence[str]) -> Mapping[str, Price]:
        """Those that there are."""
        return {price.model: price for price in self.prices}


@attrs.define
class Desk:
    """Takes questions, or refuses the next ones as it is told."""

    asked: list[Question] = attrs.Factory(list)
    refusals: list[Exception] = attrs.Factory(list)
    lowered: bool = False

    async def ask(self, user: UserId, question: Question, channel: str) -> Accepted:
        """Commits it."""
        self.asked.append(question)
        if self.refusals:
            raise self.refusals.pop(0)
        return Accepted(
            answer=AnswerId(f"0000000a-0000-4000-8000-{len(self.asked):012}"),
            conversation=question.conversation or CHAT,
            max_tokens=400,
            hold=Tokens(500),
            available=Tokens(4_500),
            lowered=self.lowered,
            fresh=True,
        )


@attrs.define
class Ears:
    """``acting.Interpreter``: each file says the same."""

    words_: str | Unreadable = "What is osmosis?"
    read: list[Sent] = attrs.Factory(list)
    refusal: Exception | None = None

    async def words(self, scene: Scene, media: Sent) -> str | Unreadable:
        """That."""
        if self.refusal is not None:
            raise self.refusal
        self.read.append(media)
        return self.words_


@attrs.define
class Books:
    """``acting.Statements`` and ``ordering.Orders``."""

    entries: tuple[Line, ...] = ()
    earlier: tuple[Month, ...] = ()
    orders: dict[AnswerId, Order] = attrs.Factory(dict)

    async def lines(self, user: UserId) -> Sequence[Line]:
        """The latest."""
        return self.entries

    async def months(self, user: UserId) -> Sequence[Month]:
        """Those before."""
        return self.earlier

    async def order(self, user: UserId, answer: AnswerId) -> Order:
        """Of one person."""
        if answer not in self.orders:
            raise NotFound
        return self.orders[answer]


@attrs.define
class Phone:
    """``ports.Messenger``: notes what it is given; what is in ``trouble`` is raised."""

    sent: list[Message] = attrs.Factory(list)
    replies: list[str | None] = attrs.Factory(list)
    files: list[str] = attrs.Factory(list)
    marks: list[tuple[str, bool]] = attrs.Factory(list)
    trouble: list[SendTrouble | Unheard] = attrs.Factory(list)
    unmarked: bool = False

    async def send(
        self,
        to: Person,
        message: Message,
        *,
        our_id: str,
        reply_to: str | None = None,
        media: str | None = None,
    ) -> str:
        """Takes it."""
        if self.trouble:
            raise self.trouble.pop(0)
        self.sent.append(message)
        self.replies.append(reply_to)
        return f"wamid.{len(self.sent)}"

    async def read(self, wamid: str, *, typing: bool) -> None:
        """Two ticks."""
        if self.unmarked:
            raise ZeroDivisionError
        self.marks.append((wamid, typing))

    async def upload(self, content: bytes, mime: str, filename: str) -> str:
        """Keeps its name."""
        self.files.append(filename)
        return "media.1"

    async def fetch(self, media: str, *, sha256: str, most: int) -> object:
        """Nobody fetches here."""
        raise NotImplementedError


@attrs.define
class Talk:
    """Everything between what somebody wrote and what waits for them."""

    chat: MemoryChat = attrs.Factory(MemoryChat)
    purse: Purse = attrs.Factory(Purse)
    board: Board = attrs.Factory(Board)
    desk: Desk = attrs.Factory(Desk)
    ears: Ears = attrs.Factory(Ears)
    books: Books = attrs.Factory(Books)
    phone: Phone = attrs.Factory(Phone)
    shop: Shop = attrs.Factory(Shop)
    done: list[str] = attrs.Factory(list)
    """Forgetting and locking, as they were asked for."""
    published: list[Ticket] = attrs.Factory(list)
    followed: list[AnswerId] = attrs.Factory(list)
    numbers: Iterator[int] = attrs.Factory(count)

    @property
    def paying(self) -> Paying:
        """Payments."""
        return Paying(self.shop.topping_up, Friends(), self.shop.clock)

    @property
    def describing(self) -> Describing:
        """What is known of them."""
        questions = MemoryQuestions(
            Database(balances={UserId(1): self.purse.available})
        )
        return Describing(
            wallets=self.purse,
            prices=self.board,
            questions=questions,
            models=[PRICE.model],
            paying=self.paying,
        )

    @property
    def acting(self) -> Acting:
        """What is done."""

        async def forget(user: UserId) -> None:
            self.done.append(f"forget {user}")

        async def lock(contact: ContactId) -> None:
            self.done.append(f"lock {contact}")

        return Acting(
            contacts=self.chat,
            describing=self.describing,
            ask=self.desk.ask,
            interpreter=self.ears,
            statements=self.books,
            sketches=Sketches(self.books),
            paying=self.paying,
            redeeming=Redeeming(MemoryVouchers(), self.purse, lambda *_: None),
            forget=forget,
            lock=lock,
            new_id=lambda: f"00000001-0000-4000-8000-{next(self.numbers):012}",
            asked=lambda _, accepted: self.followed.append(accepted.answer),
        )

    @property
    def talking(self) -> Talking:
        """What hears."""
        return Talking(
            contacts=self.chat,
            messenger=self.phone,  # type: ignore[arg-type]
            acting=self.acting,
            clock=self.chat.clock,
            node="here",
            welcome=Tokens(100),
            publish=self.published.append,
        )
