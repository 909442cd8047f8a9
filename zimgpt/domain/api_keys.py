"""Keys of programs: what they are, what one may take, and why one is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NewType

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import BadRequest, NotSignedIn, Refusal
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.rates import TooFast

KeyId = NewType("KeyId", str)

PREFIX: Final = "zg-"
"""What every key begins with, so that scanners of leaks can know one."""

SHOWN: Final = 4
"""Letters at a key's end that its owner sees again."""

MOST: Final = 20
"""Live keys of one person."""

USUAL_PER_MINUTE: Final = 30
MOST_PER_MINUTE: Final = 600
LONGEST_NAME: Final = 100  # characters
MOST_BUDGET: Final = 10**15


class WrongKey(NotSignedIn):
    """This API key is wrong or was revoked. Please make a new one on your account page."""  # noqa: E501

    code = "invalid_api_key"


class KeyBudgetSpent(Refusal):
    """The budget of this API key does not cover this question. Please raise it on your account page."""  # noqa: E501

    code = "key_budget_spent"


class TooManyKeys(Refusal):
    """You have as many API keys as one account can have. Please revoke one first."""

    code = "too_many_keys"


class KeyTooFast(TooFast):
    """This API key makes more requests in a minute than it may. Please wait a moment and try again."""  # noqa: E501

    code = "key_too_fast"


@attrs.frozen(kw_only=True)
class Grant:
    """What a key is called and may do; ``budget`` is tokens in its life, None for no
    limit of its own; ``per_minute`` is requests."""

    name: str
    budget: Tokens | None = None
    per_minute: int = USUAL_PER_MINUTE


@attrs.frozen(kw_only=True)
class ApiKey:
    """A live key; ``taken`` is what its answers have cost and hold now."""

    id: KeyId
    user: UserId
    hint: str
    grant: Grant
    taken: Tokens
    created_at: datetime
    used_at: datetime | None

    def covered(self, available: Tokens) -> Tokens:
        """What of a wallet's balance this key may take."""
        if self.grant.budget is None:
            return available
        return min(available, Tokens(max(self.grant.budget - self.taken, 0)))


def checked(grant: Grant) -> Grant:
    """The grant with its name trimmed; raises BadRequest for what none can be."""
    name = grant.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadRequest("A key's name has 1 to 100 characters on one line.")
    if grant.budget is not None and not 0 <= grant.budget <= MOST_BUDGET:
        raise BadRequest("A key's budget is a number of tokens, or null.")
    if not 1 <= grant.per_minute <= MOST_PER_MINUTE:
        raise BadRequest("A key makes 1 to 600 requests per minute.")
    return attrs.evolve(grant, name=name)
