"""Mobile numbers of Zimbabwe, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zimgpt.domain.phones import NotAMobileNumber, Phone, masked, parse

ECONET = Phone("+263771234567")


@pytest.mark.parametrize(
    "written",
    [
        "+263771234567",
        "263771234567",
        "00263771234567",
        "0771234567",
        "771234567",
        "0771 234 567",
        "+263 77 123 4567",
        "(077) 123-4567",
        "077.123.4567",
        "  0771234567  ",
        "+263 (0) 771 234 567",
    ],
)
def test_one_number_has_many_spellings(written: str) -> None:
    """Every usual way of writing a number is the same person."""
    assert parse(written) == ECONET


@pytest.mark.parametrize(
    "written",
    ["0712345678", "0731234567", "0771234567", "0781234567", "0712 000 000"],
)
def test_every_network_is_served(written: str) -> None:
    """NetOne, Telecel and both ranges of Econet have mobile numbers."""
    assert parse(written).startswith("+2637")


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "hello",
        "0",
        "077123456",  # a digit short
        "07712345678",  # a digit long
        "0242 700 000",  # a landline in Harare
        "+27 82 123 4567",  # South Africa
        "+1 202 555 0123",
        "0771234567 ext. 5",
        "0771234567;ext=5",
        "+" * 41,
        "0771234567" * 10,
        "07712345677" + "é" * 3,
    ],
)
def test_others_are_refused_with_a_sentence(written: str) -> None:
    """Landlines, other countries and slips are told how to write a number."""
    with pytest.raises(NotAMobileNumber, match="0771 234 567"):
        parse(written)


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_refused(written: str) -> None:
    """Nothing that a person can type breaks the door."""
    try:
        phone = parse(written)
    except NotAMobileNumber:
        return

    assert phone.startswith("+2637")
    assert len(phone) == 13


@given(st.integers(min_value=0, max_value=9_999_999))
def test_a_number_in_its_one_form_stays(digits: int) -> None:
    """What was understood once is understood again, and the same."""
    phone = f"+26377{digits:07}"

    assert parse(parse(phone)) == phone


def test_only_three_digits_are_shown() -> None:
    """Logs and lists never show a whole number."""
    assert masked(ECONET) == "…567"
