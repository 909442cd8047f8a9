"""What a dialogue must know of a person, and what it hears from its own house."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from zimgpt.domain.conversations import ConversationId
from zimgpt.domain.heard import Heard
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language


@attrs.frozen
class Offer:
    """A package of tokens that can be bought now; the price is in US cents."""

    id: str
    tokens: Tokens
    cents: int

    @property
    def price(self) -> str:
        """As people write it: ``US$2.50``."""
        return f"US${self.cents // 100}.{self.cents % 100:02}"


@attrs.frozen
class About:
    """The facts of one person at this moment; the flow reads them from the store."""

    language: Language
    available: Tokens
    question_cost: Tokens
    """What a usual question costs, at present prices."""
    essay_cost: Tokens
    """What a usual essay costs."""
    welcomed: bool = True
    """The sentence about consent and privacy has been said."""
    opted_out: bool = False
    told_unclear: bool = False
    """Within the last hour we said that such things cannot be read."""
    web_untold: bool = False
    """Their number has sign-ins on the web, of which they have not been told."""
    offers: tuple[Offer, ...] = ()
    """What can be bought; empty while nothing can."""
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


@attrs.frozen
class Began:
    """A question was accepted; what is typed next belongs to this conversation."""

    conversation: ConversationId


Event: TypeAlias = Heard | Quoted | Began
