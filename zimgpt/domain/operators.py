"""Who runs the service from its admin pages, and how they prove it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final, NewType

import attrs

from zimgpt.domain.accounts import LONGEST, SessionId, WrongPassword, obvious
from zimgpt.domain.errors import Refusal

OperatorId = NewType("OperatorId", int)

NAME: Final = re.compile(r"[a-z][a-z0-9._-]{0,31}")
SHORTEST: Final = 12
"""Characters of a password: it opens everybody's wallet."""
IDLE: Final = timedelta(minutes=20)
ABSOLUTE: Final = timedelta(hours=8)
CODE_WITHIN: Final = timedelta(minutes=5)
"""How long a right password waits for its code."""


class WrongName(Refusal):
    """An operator's name is 1 to 32 small letters, digits, dots, dashes and underscores, and begins with a letter."""  # noqa: E501

    code = "operator_name"


class WeakOperatorPassword(Refusal):
    """An operator's password has 12 to 128 characters, is not made of few different ones, and is not one that many people use."""  # noqa: E501

    code = "password_weak"


class WrongOperator(WrongPassword):
    """The name or the password is wrong."""


class WrongOperatorCode(WrongPassword):
    """This code is wrong, or was used before. Please wait for the next one."""

    code = "wrong_code"


class CodesUnreadable(Refusal):
    """Codes cannot be checked: the secret of this phone was sealed with a key that this server does not have. `zimgpt doctor` tells more."""  # noqa: E501

    code = "codes_unreadable"


@attrs.frozen
class Operator:
    """A signed-in operator: ``name`` is what is kept with whatever they do."""

    session: SessionId
    id: OperatorId
    name: str


def check_name(name: str) -> str:
    """The name; raises WrongName."""
    if not NAME.fullmatch(name):
        raise WrongName
    return name


def check_password(password: str) -> None:
    """Raises WeakOperatorPassword for what guessers try first (ASVS 5.0, 6.2)."""
    if not SHORTEST <= len(password) <= LONGEST or obvious(password):
        raise WeakOperatorPassword
