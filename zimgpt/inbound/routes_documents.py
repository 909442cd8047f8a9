"""Files to keep and to hand in, and a month of the wallet."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, Protocol
from urllib.parse import quote

import attrs
import msgspec
from twisted.web.server import Request

from zimgpt.domain import statements
from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.papers.files import MEDIA, File, Format
from zimgpt.domain.statements import MovementKind
from zimgpt.domain.texts import Language
from zimgpt.inbound import bodies
from zimgpt.inbound.identity import Identity
from zimgpt.inbound.limits import Gate
from zimgpt.inbound.replies import as_file, reply
from zimgpt.inbound.rooms import room, whole

PARAMETERS: Final = {
    "md": "; charset=utf-8",
    "txt": "; charset=utf-8",
    "csv": "; charset=utf-8; header=present",
}
"""What a browser is told beside the media type."""


class Exporting(Protocol):
    """Makes files of what was written."""

    async def answer(
        self, user: UserId, answer: AnswerId, kind: Format, language: Language
    ) -> File:
        """An ended answer; raises NotFound for what is not theirs, NotWritten."""
        ...

    async def conversation(
        self,
        user: UserId,
        conversation: ConversationId,
        kind: Format,
        language: Language,
    ) -> File:
        """All of its turns; raises NotFound for what is not theirs, NotWritten."""
        ...


class Stating(Protocol):
    """Tells what happened to wallets."""

    async def month(self, user: UserId, month: str) -> statements.Statement:
        """A month as it is written in an address; raises BadRequest."""
        ...

    async def file(
        self, user: UserId, month: str, kind: Literal["csv", "pdf"], language: Language
    ) -> File:
        """The same as a file."""
        ...


class ExportQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which kind of file, and the language of what we write around the text."""

    format: Format = Format.PDF
    language: Language = Language.ENGLISH


class StatementQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which month, and how it is to be told."""

    month: str = ""
    format: Literal["json", "csv", "pdf"] = "json"
    language: Language = Language.ENGLISH


class PaymentRef(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A payment, by our reference and by the payment service's."""

    reference: str
    provider_reference: str | None = None
    amount_minor: int
    currency: str


class Movement(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens that came or went."""

    at: datetime
    kind: MovementKind
    tokens: int
    balance: int
    count: int = 1
    title: str = ""
    answer: str | None = None
    conversation: str | None = None
    payment: PaymentRef | None = None


class StatementTotal(msgspec.Struct, frozen=True):
    """All movements of one kind."""

    kind: MovementKind
    count: int
    tokens: int


class Statement(msgspec.Struct, frozen=True):
    """A month of a wallet; ``opening`` and all movements add up to ``closing``."""

    month: str
    begins: datetime
    ends: datetime
    opening: int
    closing: int
    totals: list[StatementTotal]
    movements: list[Movement]


@attrs.frozen
class DocumentRoutes:
    """Routes of files."""

    _exporting: Exporting
    _stating: Stating
    _identity: Identity
    _gate: Gate
    router = room()

    @router.route("/api/v1/answers/<answer>/export", methods=["GET"])
    @whole
    async def answer(self, request: Request, answer: str) -> bytes:
        """An answer or essay."""
        session = await self._identity.session(request)
        asked = bodies.query(request, ExportQuery)
        wanted = AnswerId(bodies.identifier(answer))
        self._gate.export(session.user)
        file = await self._exporting.answer(
            session.user, wanted, asked.format, asked.language
        )
        return download(request, file)

    @router.route("/api/v1/conversations/<conversation>/export", methods=["GET"])
    @whole
    async def conversation(self, request: Request, conversation: str) -> bytes:
        """All turns of a conversation."""
        session = await self._identity.session(request)
        asked = bodies.query(request, ExportQuery)
        wanted = ConversationId(bodies.identifier(conversation))
        self._gate.export(session.user)
        file = await self._exporting.conversation(
            session.user, wanted, asked.format, asked.language
        )
        return download(request, file)

    @router.route("/api/v1/statement", methods=["GET"])
    @whole
    async def statement(self, request: Request) -> bytes:
        """A month of the wallet."""
        session = await self._identity.session(request)
        asked = bodies.query(request, StatementQuery)
        self._gate.export(session.user)
        if asked.format == "json":
            told = await self._stating.month(session.user, asked.month)
            return reply(request, _statement(told))
        file = await self._stating.file(
            session.user, asked.month, asked.format, asked.language
        )
        return download(request, file)


def download(request: Request, file: File) -> bytes:
    """Sets the headers of a file; returns its bytes."""
    media = MEDIA[file.ending] + PARAMETERS.get(file.ending, "")
    return as_file(request, media, disposition(file.name), file.content)


def disposition(name: str) -> str:
    """``attachment`` with the name twice (RFC 6266, appendix D): for old clients in
    ASCII, and as it is."""
    plain = "".join(sign if sign.isascii() else "_" for sign in name)
    plain = plain.replace("\\", "_").replace('"', "_").replace("%", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _statement(told: statements.Statement) -> Statement:
    return Statement(
        month=str(told.month),
        begins=told.month.begins,
        ends=told.month.ends,
        opening=told.opening,
        closing=told.closing,
        totals=[StatementTotal(one.kind, one.count, one.tokens) for one in told.totals],
        movements=[_movement(one) for one in told.movements],
    )


def _movement(one: statements.Movement) -> Movement:
    return Movement(
        at=one.at,
        kind=one.kind,
        tokens=one.tokens,
        balance=one.balance,
        count=one.count,
        title=one.title,
        answer=one.answer,
        conversation=one.conversation,
        payment=None if one.payment is None else _payment(one.payment),
    )


def _payment(one: statements.Payment) -> PaymentRef:
    return PaymentRef(
        reference=one.reference,
        provider_reference=one.provider_reference,
        amount_minor=one.amount_minor,
        currency=one.currency,
    )
