"""Who may be a customer and with what password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NewType

import attrs

from zimgpt.domain.common_passwords import COMMON
from zimgpt.domain.errors import Refusal
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone

UserId = NewType("UserId", int)
SessionId = NewType("SessionId", str)

WELCOME: Final = Tokens(5_000)
"""Tokens given once to each number."""

SHORTEST: Final = 8
LONGEST: Final = 128
IDLE: Final = timedelta(days=14)
ABSOLUTE: Final = timedelta(days=30)
FREE_TRIES: Final = 5
LONGEST_LOCK: Final = timedelta(minutes=15)
TAIL: Final = "0123456789!.@#"
"""What people put after a word to please rules that we do not have."""
OBVIOUS: Final = ("zimgpt", "ecocash", "econet", "netone", "onemoney", "password")


class WeakPassword(Refusal):
    """Please choose a password of 8 to 128 characters that is not your number, an obvious word or one that many people use."""  # noqa: E501

    code = "password_weak"


class PhoneTaken(Refusal):
    """This number already has an account. Please sign in."""

    code = "phone_taken"


class WrongPassword(Refusal):
    """The number or the password is wrong."""

    code = "wrong_password"


class Banned(Refusal):
    """This account is closed by whoever runs the service. Write to them if you think that is a mistake."""  # noqa: E501

    code = "banned"


class TooManyTries(Refusal):
    """There were too many wrong passwords. Please wait a few minutes and try again."""

    code = "too_many_tries"


@attrs.frozen
class Session:
    """A signed-in browser or program."""

    id: SessionId
    user: UserId
    phone: Phone


@attrs.frozen
class Wallet:
    """What a person has: free to spend, and set aside for answers under way."""

    available: Tokens
    held: Tokens


def check_password(password: str, phone: Phone) -> None:
    """Refuses a password that guessers would try first.

    Length rules are those of OWASP ASVS 5.0, 6.2: no composition rules, but none of
    the passwords that are tried first anywhere (6.2.4, 6.2.12).
    """
    digits = "".join(filter(str.isdigit, password))
    if (
        not SHORTEST <= len(password) <= LONGEST
        or (len(digits) >= 9 and digits[-9:] == phone[-9:])
        or obvious(password)
    ):
        raise WeakPassword


def obvious(password: str) -> bool:
    """Whether it is one of those that are tried first, whoever's it is."""
    lowered = password.lower()
    return (
        len(set(lowered)) < 4
        or lowered in "01234567890123456789"
        or lowered in "98765432109876543210"
        or lowered in COMMON
        or lowered.rstrip(TAIL) in COMMON
        or any(
            lowered.removeprefix(word).strip(TAIL) == ""
            for word in OBVIOUS
            if lowered.startswith(word)
        )
    )


def lock_after(failures: int, now: datetime) -> datetime | None:
    """Until when an account refuses passwords after this many wrong ones in a row.

    Five are free, then a second, doubling up to a quarter of an hour.
    """
    if failures < FREE_TRIES:
        return None
    seconds = 2 ** min(failures - FREE_TRIES, 16)
    return now + min(timedelta(seconds=seconds), LONGEST_LOCK)
