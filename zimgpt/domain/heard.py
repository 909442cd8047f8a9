"""What a person did in a messenger, as far as a dialogue can make sense of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import attrs


class MediaKind(StrEnum):
    """Kinds of file that can be understood."""

    IMAGE = "image"
    VOICE = "voice"
    DOCUMENT = "document"


@attrs.frozen
class Said:
    """Words: typed, or read from a file of the kind ``source``."""

    text: str
    source: MediaKind | None = None

    @property
    def own(self) -> bool:
        """Whether they are the person's own, typed or spoken. What stands in a document
        may be anybody's, and is no command."""
        return self.source in (None, MediaKind.VOICE)


@attrs.frozen
class Chose:
    """A tap on one of our buttons or rows; ``id`` is the one we gave it."""

    id: str
    title: str


@attrs.frozen
class Sent:
    """A file. ``media`` is the messenger's id for it; ``sha256`` is hexadecimal, or
    empty where none was given."""

    kind: MediaKind
    media: str
    mime: str
    sha256: str
    caption: str = ""
    filename: str = ""


@attrs.frozen
class Unclear:
    """Something that nobody here can read: a sticker, a contact, a place.

    ``kind`` is the messenger's word for it.
    """

    kind: str


Heard: TypeAlias = Said | Chose | Sent | Unclear
