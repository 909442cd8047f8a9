"""What went wrong, as programs that speak to OpenAI understand it.

https://platform.openai.com/docs/guides/error-codes; the official libraries send a
request again by themselves after 408, 409, 429 and 5xx, unless ``x-should-retry`` says
that it would be in vain.
"""

from __future__ import annotations

from typing import Final

import msgspec
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.server import Request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from zimgpt.domain.api_keys import KeyBudgetSpent
from zimgpt.domain.errors import NotFound, NotSignedIn, Refusal
from zimgpt.domain.ledger import InsufficientTokens
from zimgpt.domain.questions import QuestionDiffers, QuestionTooLong
from zimgpt.domain.rates import TooFast
from zimgpt.inbound.refusals import Broken, MethodRefused, refuse, status_of
from zimgpt.inbound.replies import as_json
from zimgpt.wire.completions import NoSuchModel, Unsupported

log = Logger()

NO_MORE: Final = (InsufficientTokens, KeyBudgetSpent)
CODES: Final[dict[type[Refusal], str]] = {
    InsufficientTokens: "insufficient_quota",
    KeyBudgetSpent: "insufficient_quota",
    NotSignedIn: "invalid_api_key",
    QuestionTooLong: "context_length_exceeded",
    TooFast: "rate_limit_exceeded",
}
"""OpenAI's names, where it has one for what ours means."""


class ProgramError(msgspec.Struct, frozen=True):
    """The four members of every error of OpenAI's."""

    message: str
    type: str
    param: str | None
    code: str


class ProgramErrorBody(msgspec.Struct, frozen=True):
    """The JSON of every answer at ``/v1`` that is not a success."""

    error: ProgramError


def body_of(refusal: Refusal) -> bytes:
    """The JSON of a refusal."""
    code = next(
        (CODES[kind] for kind in type(refusal).__mro__ if kind in CODES), refusal.code
    )
    param = refusal.param if isinstance(refusal, Unsupported) else None
    told = ProgramError(refusal.message, _type(refusal), param, code)
    return msgspec.json.encode(ProgramErrorBody(told))


def _type(refusal: Refusal) -> str:
    if isinstance(refusal, NO_MORE):
        return "insufficient_quota"
    if isinstance(refusal, TooFast):
        return "rate_limit_error"
    return "server_error" if _status(refusal) >= 500 else "invalid_request_error"


def _status(refusal: Refusal) -> int:
    if isinstance(refusal, NO_MORE):
        return 429  # as OpenAI does, where we say 402
    return 404 if isinstance(refusal, NoSuchModel) else status_of(refusal)


def tell(request: Request, failure: Failure) -> bytes:
    """The answer to whatever a route raised; what was not foreseen is logged."""
    error = failure.value
    if isinstance(error, MethodNotAllowed):
        request.setHeader(b"Allow", ", ".join(sorted(error.valid_methods or ())))
        error = MethodRefused()
    elif isinstance(error, HTTPException):
        error = NotFound("There is nothing at this address.")
    elif not isinstance(error, Refusal):
        log.failure("a program's request went wrong", failure)
        error = Broken()
    return refused(request, error)


def refused(request: Request, refusal: Refusal) -> bytes:
    """Sets status and headers; returns the body."""
    refuse(request, refusal)
    if isinstance(refusal, (*NO_MORE, QuestionDiffers)):
        request.setHeader(b"x-should-retry", b"false")
    return as_json(request, _status(refusal), body_of(refusal))
