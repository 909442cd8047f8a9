"""What a dialogue must know of a person, and what it hears from its own house."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

import attrs

from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.dialogue.states import Brief
from zimgpt.domain.heard import Heard
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language
from zimgpt.domain.topups.money import Amount, Currency
from zimgpt.domain.topups.networks import Method

BETWEEN: Final = "."
"""Parts a package from a currency in an offer's id."""


@attrs.frozen
class Offer:
    """A package of tokens at its price in one currency; ``id`` names both."""

    id: str
    tokens: Tokens
    cents: int
    currency: Currency = Currency.USD

    @property
    def package(self) -> str:
        """The package alone."""
        return self.id.partition(BETWEEN)[0]

    @property
    def price(self) -> str:
        """As people write it: ``US$2.50``."""
        return str(Amount(self.cents, self.currency))


def offered(package: str, tokens: Tokens, amount: Amount) -> Offer:
    """What a package is called in a list that has it in several currencies."""
    first = amount.currency is Currency.USD
    id_ = package if first else f"{package}{BETWEEN}{amount.currency}"
    return Offer(id_, tokens, amount.minor, amount.currency)


NOTHING: Final = Tokens(0)


@attrs.frozen
class About:
    """The facts of one person at this moment; the flow reads them from the store."""

    language: Language
    available: Tokens
    question_cost: Tokens
    """What a usual question costs, at present prices."""
    essay_cost: Tokens
    """What a usual essay costs."""
    held: Tokens = NOTHING
    """Set aside for answers under way; no part of what is available."""
    welcomed: bool = True
    """The sentence about consent and privacy has been said."""
    opted_out: bool = False
    told_unclear: bool = False
    """Within the last hour we said that such things cannot be read."""
    web_untold: bool = False
    """Their number has sign-ins on the web, of which they have not been told."""
    offers: tuple[Offer, ...] = ()
    """What can be bought; empty while nothing can."""
    methods: tuple[Method, ...] = ()
    """How it can be paid."""
    awaits_code: str | None = None
    """A payment of theirs that waits for a code which their wallet has sent."""
    phone: Phone | None = None
    """The person's own number, offered as the one that pays."""
    web: str = ""
    """The https address of the web app, or empty."""
    voice_cost: Tokens | None = None
    """What a minute of listening costs; None: nobody listens."""
    picture_cost: Tokens | None = None
    """What looking at a picture costs; None: nobody looks."""

    @property
    def questions(self) -> int:
        """How many usual questions the balance covers."""
        return max(self.available, 0) // max(self.question_cost, 1)

    @property
    def essays(self) -> int:
        """How many usual essays the balance covers."""
        return max(self.available, 0) // max(self.essay_cost, 1)


@attrs.frozen
class Quoted:
    """The price of the essay that was asked about, and how long it can be."""

    tokens: Tokens
    """The most that it costs."""
    usual: Tokens
    words: int
    sketch: Tokens
    """The most that an outline of it costs."""


@attrs.frozen
class Began:
    """A question was accepted; what is typed next belongs to this conversation."""

    conversation: ConversationId


@attrs.frozen
class Sketching:
    """An outline was accepted to be written, as this answer."""

    answer: AnswerId


class Standing(StrEnum):
    """How far an outline is."""

    UNDER_WAY = "under_way"
    THERE = "there"
    FAILED = "failed"
    UNKNOWN = "unknown"


@attrs.frozen
class Outlined:
    """What was found of an outline: a brief with it, if it is there; ``said`` is what
    the person wrote to it."""

    answer: AnswerId
    standing: Standing
    brief: Brief | None = None
    said: str | None = None


Event: TypeAlias = Heard | Quoted | Began | Sketching | Outlined
