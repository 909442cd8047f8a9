"""What programs that speak to OpenAI are told when something went wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.inbound.browser import Connection
from tests.inbound.house import House
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


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /v1/models HTTP/1.1\r\nHost: two words\r\n\r\n", 400),
        ("GET /v1/models HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n", 400),
        ("GET /v1/other HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        ("PUT /v1/models HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405),
        (
            "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
            "Content-Length: 99999\r\n\r\n",
            413,
        ),
        (
            "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
            "Content-Encoding: gzip\r\n\r\n",
            415,
        ),
    ],
)
def test_every_refusal_is_in_openais_shape(
    tmp_path: Path, head: str, status: int
) -> None:
    """Those from before a route is found, too."""
    connection = Connection(House(str(tmp_path)).browser.site)

    connection.send(head.encode())

    [answer] = connection.answers()
    assert answer.status == status
    assert {*answer.json["error"]} == {"message", "type", "param", "code"}
    assert answer.json["error"]["type"] == "invalid_request_error"
