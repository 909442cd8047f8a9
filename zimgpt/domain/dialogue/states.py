"""Where a dialogue stands: values that are stored between two messages.

Each remembers the conversation under way, so that whoever looks at the menu or orders
an essay in between can chat on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

import attrs

from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.essays.briefs import Section, Style
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language
from zimgpt.domain.topups.networks import Method


class Level(StrEnum):
    """For whom an essay is written."""

    O_LEVEL = "o"
    A_LEVEL = "a"
    CAMBRIDGE_O = "co"
    CAMBRIDGE_A = "ca"
    UNIVERSITY = "u"
    GENERAL = "g"


@attrs.frozen
class Brief:
    """What an essay shall be. What was not asked yet is as it would be left open."""

    topic: str
    level: Level = Level.GENERAL
    words: int = 500
    language: Language = Language.ENGLISH
    style: Style = Style.NONE
    points: tuple[str, ...] = ()
    """That it shall cover."""
    outline: tuple[Section, ...] = ()
    """That it shall follow, if there is one."""
    beside: ConversationId | None = None
    """Where that outline was written: the essay is found there, too."""

    def written_in(self, language: Language) -> Brief:
        """The same in this language; an outline in another is of no use to it."""
        if language == self.language:
            return self
        return attrs.evolve(self, language=language, outline=(), beside=None)


@attrs.frozen(kw_only=True)
class Menu:
    """The menu was shown last: a typed number picks its row, other words are asked."""

    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class Chatting:
    """Words are questions. Without a conversation, the next one begins it."""

    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class ChoosingLanguage:
    """The languages were shown."""

    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class EssayTopic:
    """An essay was wanted; its topic is awaited."""

    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class Ordering:
    """An essay has a topic. Every step keeps all that was chosen, so whoever goes back
    to one of them loses nothing that was said at another."""

    brief: Brief
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class EssayLevel(Ordering):
    """Its level is awaited."""


@attrs.frozen(kw_only=True)
class EssayLength(Ordering):
    """Its length in words is awaited."""


@attrs.frozen(kw_only=True)
class EssayLanguage(Ordering):
    """The language to write it in is awaited."""


@attrs.frozen(kw_only=True)
class EssayStyle(Ordering):
    """How sources shall be cited is awaited."""


@attrs.frozen(kw_only=True)
class EssayPoints(Ordering):
    """What it shall cover is awaited, or that there is nothing to say of that."""


@attrs.frozen(kw_only=True)
class EssayPricing(Ordering):
    """The brief is whole; its price is being worked out."""


@attrs.frozen(kw_only=True)
class EssayConfirm(Ordering):
    """The price was shown; a yes is awaited, or the wish to see an outline first."""

    tokens: Tokens
    """The most that it costs."""
    usual: Tokens
    sketch: Tokens
    """The most that an outline costs."""


@attrs.frozen(kw_only=True)
class EssayOutlining(Ordering):
    """An outline was ordered, and comes by itself; what they say to it is awaited."""

    answer: AnswerId


@attrs.frozen(kw_only=True)
class EssayOutlined(Ordering):
    """The price of an essay that follows its brief's outline was shown; a yes is
    awaited, or the outline as it shall be."""

    tokens: Tokens
    """The most that it costs."""
    usual: Tokens


@attrs.frozen(kw_only=True)
class BuyFor:
    """Tokens for somebody else were wanted; that one's number is awaited."""

    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class BuyPackage:
    """The packages were shown. ``gift``: whose tokens they will be, if not the
    person's."""

    gift: Phone | None = None
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class BuyNumber:
    """The number that pays is awaited; ``method`` is how, if they chose that."""

    package: str
    method: Method | None = None
    gift: Phone | None = None
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class BuyMethod:
    """The ways to pay were shown."""

    package: str
    number: Phone | None = None
    gift: Phone | None = None
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class BuyConfirm:
    """What is bought and how it is paid was shown; a yes is awaited."""

    package: str
    number: Phone | None
    method: Method
    gift: Phone | None = None
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class Forgetting:
    """Whether to delete all chats was asked; a yes is awaited."""

    conversation: ConversationId | None = None


Step = TypeVar("Step", bound=Ordering)


def step(kind: type[Step], state: Ordering, **chosen: Any) -> Step:  # noqa: ANN401
    """Another step of the same order, with what was chosen now; of a kind that has
    nothing but its order."""
    brief = attrs.evolve(state.brief, **chosen)
    return kind(brief=brief, conversation=state.conversation)


Essay: TypeAlias = (
    EssayTopic
    | EssayLevel
    | EssayLength
    | EssayLanguage
    | EssayStyle
    | EssayPoints
    | EssayPricing
    | EssayConfirm
    | EssayOutlining
    | EssayOutlined
)
Buying: TypeAlias = BuyFor | BuyPackage | BuyNumber | BuyMethod | BuyConfirm
State: TypeAlias = Menu | Chatting | ChoosingLanguage | Essay | Buying | Forgetting
