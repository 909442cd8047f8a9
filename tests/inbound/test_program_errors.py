"""What programs that speak to OpenAI are told when something went wrong."""

from __future__ import annotations

import json

import pytest

from zimgpt.domain.api_keys import KeyBudgetSpent
from zimgpt.domain.errors import BadRequest, NotFound, NotSignedIn, Refusal
from zimgpt.domain.questions import QuestionTooLong
from zimgpt.inbound.program_errors import body_of
from zimgpt.wire.completions import NoSuchModel, Unsupported


@pytest.mark.parametrize(
    ("refusal", "type_", "code", "param"),
    [
        (BadRequest(), "invalid_request_error", "bad_request", None),
        (NotFound(), "invalid_request_error", "not_found", None),
        (NoSuchModel(), "invalid_request_error", "model_not_found", None),
        (NotSignedIn(), "invalid_request_error", "invalid_api_key", None),
        (QuestionTooLong(), "invalid_request_error", "context_length_exceeded", None),
        (KeyBudgetSpent(), "insufficient_quota", "insufficient_quota", None),
        (
            Unsupported("tools"),
            "invalid_request_error",
            "unsupported_parameter",
            "tools",
        ),
    ],
)
def test_an_error_in_openais_shape(
    refusal: Refusal, type_: str, code: str, param: str | None
) -> None:
    """Four members, by the names that its libraries know."""
    told = json.loads(body_of(refusal))

    assert told == {
        "error": {
            "message": refusal.message,
            "type": type_,
            "param": param,
            "code": code,
        }
    }
