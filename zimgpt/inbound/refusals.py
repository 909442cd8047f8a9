"""What went wrong, as HTTP: one table from refusals to status codes, one JSON shape."""

from __future__ import annotations

from typing import Final

import msgspec
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.server import Request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from zimgpt.domain.accounts import Banned, PhoneTaken, TooManyTries, WrongPassword
from zimgpt.domain.api_keys import KeyBudgetSpent, TooManyKeys
from zimgpt.domain.errors import NotFound, NotSignedIn, Refusal, Unavailable
from zimgpt.domain.ledger import InsufficientTokens, NoPrice
from zimgpt.domain.operators import CodesUnreadable
from zimgpt.domain.papers.files import NotWritten
from zimgpt.domain.questions import QuestionDiffers, TurnOpen, TurnReplaced
from zimgpt.domain.rates import TooFast
from zimgpt.domain.topups.refusals import (
    NoCodeAwaited,
    PaymentDiffers,
    PaymentsOff,
    PriceChanged,
)
from zimgpt.domain.vouchers import VoucherExpired, VoucherRevoked, VoucherUsed
from zimgpt.flows.ports import PasswordsBusy
from zimgpt.flows.ports.back_office import DeskBusy
from zimgpt.flows.ports.documents import DocumentFailed, DocumentsBusy
from zimgpt.inbound.replies import as_json

log = Logger()


class OriginRefused(Refusal):
    """This request came from another web site. Please use ZimGPT's own pages, or a bearer token."""  # noqa: E501

    code = "origin_refused"


class NotMeta(Refusal):
    """This is for WhatsApp's own messages, which are signed."""

    code = "not_signed"


class NotGateway(Refusal):
    """This is for the payment gateway's own messages, which are signed."""

    code = "not_gateway"


class ForgedRefused(Refusal):
    """This request lacks the header X-ZG-CSRF of your session. Please load the page again."""  # noqa: E501

    code = "csrf_refused"


class MethodRefused(Refusal):
    """This address does not take that method."""

    code = "method_not_allowed"


class TooSlow(Refusal):
    """This request took too long to arrive."""

    code = "too_slow"


class TooLarge(Refusal):
    """This request is too large. Please keep it under 64 KiB."""

    code = "too_large"


class NotJson(Refusal):
    """Please send JSON: Content-Type application/json, in UTF-8, not compressed."""

    code = "not_json"


class Broken(Refusal):
    """Something went wrong here. It was written down; please try again."""

    code = "internal"


STATUS: Final[dict[type[Refusal], int]] = {
    NotSignedIn: 401,
    WrongPassword: 401,
    InsufficientTokens: 402,
    KeyBudgetSpent: 402,
    Banned: 403,
    ForgedRefused: 403,
    NotMeta: 403,
    OriginRefused: 403,
    NotFound: 404,
    MethodRefused: 405,
    TooSlow: 408,
    NotWritten: 409,
    NoCodeAwaited: 409,
    PaymentDiffers: 409,
    PhoneTaken: 409,
    PriceChanged: 409,
    QuestionDiffers: 409,
    TurnOpen: 409,
    TurnReplaced: 409,
    TooManyKeys: 409,
    VoucherExpired: 409,
    VoucherRevoked: 409,
    VoucherUsed: 409,
    TooLarge: 413,
    NotJson: 415,
    TooFast: 429,
    TooManyTries: 429,
    Broken: 500,
    CodesUnreadable: 500,
    DocumentFailed: 500,
    DeskBusy: 503,
    DocumentsBusy: 503,
    NoPrice: 503,
    PasswordsBusy: 503,
    PaymentsOff: 503,
    Unavailable: 503,
}
"""Every other refusal is about what was asked: 400."""

RETRY: Final = {429: b"60", 503: b"5"}
"""Seconds after which trying again makes sense."""


class Error(msgspec.Struct, frozen=True):
    """A code for programs and a sentence for people."""

    code: str
    message: str


class ErrorBody(msgspec.Struct, frozen=True):
    """The JSON of every answer that is not a success."""

    error: Error


def status_of(refusal: Refusal) -> int:
    """The status code of a refusal, or of the nearest class that has one."""
    for kind in type(refusal).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 400


def body_of(refusal: Refusal) -> bytes:
    """The JSON of a refusal."""
    return msgspec.json.encode(ErrorBody(Error(refusal.code, refusal.message)))


def refuse(request: Request, refusal: Refusal) -> bytes:
    """Sets status and headers; returns the body."""
    status = status_of(refusal)
    if isinstance(refusal, TooFast):
        request.setHeader(b"Retry-After", b"%d" % refusal.retry)
    elif status in RETRY:
        request.setHeader(b"Retry-After", RETRY[status])
    if status == 401:
        request.setHeader(b"WWW-Authenticate", b"Bearer")
    return as_json(request, status, body_of(refusal))


def tell(request: Request, failure: Failure) -> bytes:
    """The answer to whatever a route raised; what was not foreseen is logged.

    A door is where every exception must end: the asker gets a sentence, never a
    traceback.
    """
    error = failure.value
    if isinstance(error, MethodNotAllowed):
        request.setHeader(b"Allow", ", ".join(sorted(error.valid_methods or ())))
        return refuse(request, MethodRefused())
    if isinstance(error, HTTPException):
        return refuse(request, NotFound())
    if isinstance(error, Refusal):
        return refuse(request, error)
    log.failure(
        "{method} {path} went wrong",
        failure,
        method=request.method.decode("ascii", "replace"),
        path=request.path.decode("ascii", "replace"),
    )
    return refuse(request, Broken())
