"""Codes of vouchers, as they are printed and as people type them."""

from __future__ import annotations

import pytest

from zimgpt.domain import vouchers
from zimgpt.domain.vouchers import VoucherMalformed

CODE = vouchers.made(bytes(range(16)))


def test_a_code_is_printed_in_fours() -> None:
    """With what tells it from other words."""
    assert CODE == "ZV-0123-4567-89AB-CDEF"


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        " zv 0123 4567 89ab cdef. ",
        "0123456789ABCDEF",
        "ZV-O I23-4567-89AB-CDEF",
    ],
)
def test_however_it_is_typed(typed: str) -> None:
    """Case, spaces, hyphens and look-alikes do no harm."""
    assert vouchers.read(typed) == "0123456789ABCDEF"


@pytest.mark.parametrize("typed", ["", "ZV-0123", CODE + "0", CODE.replace("A", "U")])
def test_what_is_no_code(typed: str) -> None:
    """It is said before anything is counted."""
    with pytest.raises(VoucherMalformed):
        vouchers.read(typed)


def test_a_question_is_no_voucher() -> None:
    """In a chat only what begins as a voucher is one."""
    assert vouchers.alone("what were they 1 a") is None
    assert vouchers.alone(CODE.lower()) == "0123456789ABCDEF"
