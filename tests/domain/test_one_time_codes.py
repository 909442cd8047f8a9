"""Codes of a phone: the standard's own figures, and which of them count as now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from zimgpt.domain import one_time_codes as codes

SECRET = codes.secret_of(b"12345678901234567890 and more")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1; its codes of eight digits end with these six."""
    now = datetime.fromtimestamp(seconds, UTC)

    assert codes.code_at(SECRET, codes.step_at(now)) == code
    assert codes.step_of(SECRET, code, now) == seconds // 30


@pytest.mark.parametrize("away", [-2, -1, 0, 1, 2])
def test_a_clock_may_be_half_a_minute_wrong(away: int) -> None:
    """One step to each side counts, and says which it was; two do not."""
    step = codes.step_at(NOON) + away
    code = codes.code_at(SECRET, step)

    found = codes.step_of(SECRET, code, NOON)

    assert found == (step if abs(away) < 2 else None)


def test_a_code_is_typed_as_it_is_shown() -> None:
    """With a space in the middle."""
    code = codes.code_at(SECRET, codes.step_at(NOON))

    assert codes.step_of(SECRET, f" {code[:3]} {code[3:]} ", NOON) is not None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\uff11" * 6])
def test_what_is_no_code_is_nothing(typed: str) -> None:
    """Letters, other digits, too few and too many."""
    assert codes.step_of(SECRET, typed, NOON) is None


def test_the_address_for_the_app() -> None:
    """Names us and the operator, and holds the secret."""
    address = urlsplit(codes.uri(SECRET, "tariro"))

    assert (address.scheme, address.netloc, address.path) == (
        "otpauth",
        "totp",
        "/ZimGPT:tariro",
    )
    assert parse_qs(address.query) == {"secret": [SECRET], "issuer": ["ZimGPT"]}
    assert codes.step_at(NOON + timedelta(seconds=30)) == codes.step_at(NOON) + 1
