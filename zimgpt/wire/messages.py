"""Messages to people as they are kept between being thought of and being sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, assert_never

from zimgpt.domain.messages import (
    Button,
    Buttons,
    Choices,
    Document,
    Link,
    Message,
    Row,
    Text,
)

Json = dict[str, Any]


class NotAMessage(Exception):  # noqa: N818 - named for what it is
    """This was written by another version, or by somebody else."""


def to_json(message: Message) -> Json:
    """A message as an object of plain values; ``type`` says which it is."""
    match message:
        case Text(body):
            return {"type": "text", "body": body}
        case Buttons(body, buttons, footer):
            pairs = [[button.id, button.title] for button in buttons]
            return {"type": "buttons", "body": body, "buttons": pairs, "footer": footer}
        case Choices(body, label, rows, footer):
            lines = [[row.id, row.title, row.description] for row in rows]
            said = {"type": "choices", "body": body, "label": label}
            return said | {"rows": lines, "footer": footer}
        case Link(body, label, url, footer):
            said = {"type": "link", "body": body, "label": label}
            return said | {"url": url, "footer": footer}
        case Document(content, filename, caption):
            said = {"type": "document", "content": content}
            return said | {"filename": filename, "caption": caption}
        case _:
            assert_never(message)


def from_json(said: Json) -> Message:
    """The message again; raises NotAMessage."""
    try:
        return _MADE[said["type"]](said)
    except (KeyError, TypeError, ValueError) as error:
        raise NotAMessage(str(error)) from None


def _buttons(said: Json) -> Buttons:
    buttons = tuple(Button(id, title) for id, title in said["buttons"])
    return Buttons(said["body"], buttons, said["footer"])


def _choices(said: Json) -> Choices:
    rows = tuple(Row(id, title, more) for id, title, more in said["rows"])
    return Choices(said["body"], said["label"], rows, said["footer"])


def _link(said: Json) -> Link:
    return Link(said["body"], said["label"], said["url"], said["footer"])


def _document(said: Json) -> Document:
    return Document(said["content"], said["filename"], said["caption"])


def _text(said: Json) -> Text:
    return Text(said["body"])


_MADE: Final[dict[str, Callable[[Json], Message]]] = {
    "text": _text,
    "buttons": _buttons,
    "choices": _choices,
    "link": _link,
    "document": _document,
}
