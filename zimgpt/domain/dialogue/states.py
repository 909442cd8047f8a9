"""Where a dialogue stands: values that are stored between two messages.

Each remembers the conversation under way, so that whoever looks at the menu or orders
an essay in between can chat on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

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
    """What an essay shall be."""

    topic: str
    level: Level
    words: int
    language: Language
    style: Style = Style.NONE
    points: tuple[str, ...] = ()
    """That it shall cover."""
    outline: tuple[Section, ...] = ()
    """That it shall follow, if there is one."""
    beside: ConversationId | None = None
    """Where that outline was written: the essay is found there, too."""


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
class EssayLevel:
    """Its level is awaited."""

    topic: str
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class EssayLength:
    """Its length in words is awaited."""

    topic: str
    level: Level
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class EssayLanguage:
    """The language to write it in is awaited."""

    topic: str
    level: Level
    words: int
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class EssayStyle:
    """How sources shall be cited is awaited."""

    topic: str
    level: Level
    words: int
    language: Language
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class EssayPoints:
    """What it shall cover is awaited, or that there is nothing to say of that."""

    topic: str
    level: Level
    words: int
    language: Language
    style: Style = Style.NONE
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class EssayPricing:
    """The brief is whole; its price is being worked out."""

    topic: str
    level: Level
    words: int
    language: Language
    style: Style = Style.NONE
    points: tuple[str, ...] = ()
    outline: tuple[Section, ...] = ()
    beside: ConversationId | None = None
    conversation: ConversationId | None = None

    @property
    def brief(self) -> Brief:
        """All that was chosen."""
        return _brief(self)


@attrs.frozen(kw_only=True)
class EssayConfirm:
    """The price was shown; a yes is awaited, or the wish to see an outline first."""

    topic: str
    level: Level
    words: int
    language: Language
    style: Style = Style.NONE
    points: tuple[str, ...] = ()
    tokens: Tokens
    """The most that it costs."""
    usual: Tokens
    sketch: Tokens
    """The most that an outline costs."""
    conversation: ConversationId | None = None

    @property
    def brief(self) -> Brief:
        """All that was chosen."""
        return _brief(self)


@attrs.frozen(kw_only=True)
class EssayOutlining:
    """An outline was ordered, and comes by itself; what they say to it is awaited."""

    topic: str
    level: Level
    words: int
    language: Language
    style: Style = Style.NONE
    points: tuple[str, ...] = ()
    answer: AnswerId
    conversation: ConversationId | None = None


@attrs.frozen(kw_only=True)
class EssayOutlined:
    """The price of an essay that follows this outline was shown; a yes is awaited, or
    the outline as it shall be."""

    topic: str
    level: Level
    words: int
    language: Language
    style: Style = Style.NONE
    points: tuple[str, ...] = ()
    outline: tuple[Section, ...]
    beside: ConversationId | None = None
    tokens: Tokens
    """The most that it costs."""
    usual: Tokens
    conversation: ConversationId | None = None

    @property
    def brief(self) -> Brief:
        """All that was chosen."""
        return _brief(self)


def _brief(state: EssayPricing | EssayConfirm | EssayOutlined) -> Brief:
    return Brief(
        topic=state.topic,
        level=state.level,
        words=state.words,
        language=state.language,
        style=state.style,
        points=state.points,
        outline=() if isinstance(state, EssayConfirm) else state.outline,
        beside=None if isinstance(state, EssayConfirm) else state.beside,
    )


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
