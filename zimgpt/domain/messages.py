"""What is said to a person in a messenger: kinds of message, without their bytes.

Limits on lengths belong to the messenger and are kept by its wire module; whoever makes
a message here keeps titles short.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs


@attrs.frozen
class Text:
    """Plain words, with the messenger's own marks for bold and the like."""

    body: str


@attrs.frozen
class Button:
    """One of a few answers to tap; ``id`` is ours and comes back, ``title`` is read."""

    id: str
    title: str


@attrs.frozen
class Buttons:
    """Words with one to three buttons under them."""

    body: str
    buttons: tuple[Button, ...]
    footer: str = ""


@attrs.frozen
class Row:
    """One line of a list to choose from."""

    id: str
    title: str
    description: str = ""


@attrs.frozen
class Choices:
    """Words with a list of one to ten rows behind a button called ``label``."""

    body: str
    label: str
    rows: tuple[Row, ...]
    footer: str = ""


@attrs.frozen
class Link:
    """Words with a button called ``label`` that opens an https address."""

    body: str
    label: str
    url: str
    footer: str = ""


@attrs.frozen
class Document:
    """A file; ``content`` names what is in it, for whoever makes the bytes."""

    content: str
    filename: str
    caption: str = ""


Message: TypeAlias = Text | Buttons | Choices | Link | Document
