"""Mobile numbers of Zimbabwe, however they are written."""

from __future__ import annotations

from typing import NewType

import phonenumbers
from phonenumbers import PhoneNumberType

from zimgpt.domain.errors import Refusal

Phone = NewType("Phone", str)
"""A mobile number in E.164 form: ``+263`` and nine digits."""

LONGEST = 40  # written with spaces, brackets and dashes


class NotAMobileNumber(Refusal):
    """That is not a Zimbabwean mobile number. Write it like 0771 234 567 or +263 771 234 567."""  # noqa: E501

    code = "phone_invalid"


def parse(written: str) -> Phone:
    """The number in one form; refuses landlines and other countries.

    ``+263…``, ``263…``, ``00263…``, ``0771…`` and ``771…`` are all understood, with
    spaces, dots, dashes or brackets anywhere.
    """
    if len(written) > LONGEST:
        raise NotAMobileNumber
    try:
        number = phonenumbers.parse(written, "ZW")
    except phonenumbers.NumberParseException:
        raise NotAMobileNumber from None
    if (
        number.country_code != 263
        or number.extension
        or phonenumbers.number_type(number) is not PhoneNumberType.MOBILE
    ):
        raise NotAMobileNumber
    return Phone(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    )


def masked(phone: Phone) -> str:
    """What may be shown or logged: the last three digits."""
    return "…" + phone[-3:]
