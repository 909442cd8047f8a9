"""States as they are stored, and back again.

What was stored by another version, or is damaged, leads to the menu: a person loses an
order that was not placed yet, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

import attrs

from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.dialogue import states
from zimgpt.domain.dialogue.states import Brief, Level, Menu, State
from zimgpt.domain.essays.briefs import Section, Style
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import Phone, parse
from zimgpt.domain.texts import Language
from zimgpt.domain.topups.networks import Method

VERSION: Final = 1

Saved = dict[str, str | int | dict[str, Any] | None]
Made = TypeVar("Made")

_NAMES: Final[dict[str, type[State]]] = {
    "menu": states.Menu,
    "chatting": states.Chatting,
    "language": states.ChoosingLanguage,
    "essay.topic": states.EssayTopic,
    "essay.level": states.EssayLevel,
    "essay.length": states.EssayLength,
    "essay.language": states.EssayLanguage,
    "essay.style": states.EssayStyle,
    "essay.pricing": states.EssayPricing,
    "essay.points": states.EssayPoints,
    "essay.confirm": states.EssayConfirm,
    "essay.outlining": states.EssayOutlining,
    "essay.outlined": states.EssayOutlined,
    "buy.for": states.BuyFor,
    "buy.package": states.BuyPackage,
    "buy.number": states.BuyNumber,
    "buy.method": states.BuyMethod,
    "buy.confirm": states.BuyConfirm,
    "forgetting": states.Forgetting,
}
_STORED: Final = {state: name for name, state in _NAMES.items()}


def save(state: State) -> Saved:
    """The state as an object for JSON, flat but for an order's brief."""
    fields = attrs.asdict(state, value_serializer=_plain)
    return {"v": VERSION, "state": _STORED[type(state)], **fields}


def _plain(_owner: object, _field: object, value: Any) -> Any:  # noqa: ANN401
    """As JSON has it: of an enumeration the word, of a tuple a list."""
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, str) else value


def restored(saved: Mapping[str, Any]) -> State:
    """The state that was saved; the menu for anything else."""
    try:
        if saved["v"] != VERSION:
            return Menu()
        return _made(_NAMES[saved["state"]], saved)
    except Exception:  # whatever is wrong with it, it is no state of ours
        return Menu()


def _made(kind: type[Made], saved: Mapping[str, Any]) -> Made:
    """Each of its fields as it was saved; raises whatever is wrong with one."""
    return kind(
        **{
            field.name: _FIELDS[field.name](saved[field.name])
            for field in attrs.fields(cast("type[attrs.AttrsInstance]", kind))
        }
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def _conversation(value: object) -> ConversationId | None:
    return None if value is None else ConversationId(_text(value))


def _phone(value: object) -> Phone | None:
    return None if value is None else parse(_text(value))


def _method(value: object) -> Method | None:
    return None if value is None else Method(_text(value))


def _points(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_text, value))


def _outline(value: object) -> tuple[Section, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(
        Section(_text(one["heading"]), _points(one["points"]), _share(one["words"]))
        for one in value
    )


def _share(value: object) -> int | None:
    return None if value is None else _count(value)


def _tokens(value: object) -> Tokens:
    return Tokens(_count(value))


_FIELDS: Final[dict[str, Callable[[Any], Any]]] = {
    "brief": lambda value: _made(Brief, value),
    "conversation": _conversation,
    "beside": _conversation,
    "topic": _text,
    "level": lambda value: Level(_text(value)),
    "words": _count,
    "language": lambda value: Language(_text(value)),
    "style": lambda value: Style(_text(value)),
    "tokens": _tokens,
    "usual": _tokens,
    "sketch": _tokens,
    "points": _points,
    "outline": _outline,
    "answer": lambda value: AnswerId(_text(value)),
    "package": _text,
    "number": _phone,
    "gift": _phone,
    "method": _method,
}
