"""The way to people's phones: a messenger's own service."""

from __future__ import annotations

from typing import Protocol

import attrs

from zimgpt.domain.messages import Message
from zimgpt.wire.whatsapp.people import Person
from zimgpt.wire.whatsapp.troubles import Trouble


class SendTrouble(Exception):  # noqa: N818 - named for what happened
    """The messenger refused; nothing was sent."""

    def __init__(
        self, trouble: Trouble, code: int | None, why: str, asked: float | None = None
    ) -> None:
        super().__init__(why)
        self.trouble = trouble
        self.code = code
        self.asked = asked
        """Seconds it asked us to wait."""


class FileTooLarge(SendTrouble):
    """A person's file is larger than we take."""

    def __init__(self) -> None:
        super().__init__(Trouble.INBOUND_MEDIA, None, "The file is too large.")


class Unheard(Exception):  # noqa: N818 - named for what happened
    """The messenger's answer did not come: nobody knows whether it was sent."""


@attrs.frozen
class File:
    """Bytes that came from the messenger, checked."""

    mime: str
    content: bytes = attrs.field(repr=False)


class Messenger(Protocol):
    """The way to people's phones."""

    async def send(
        self,
        to: Person,
        message: Message,
        *,
        our_id: str,
        reply_to: str | None = None,
        media: str | None = None,
    ) -> str:
        """The message's id there; raises SendTrouble or Unheard."""
        ...

    async def read(self, wamid: str, *, typing: bool) -> None:
        """Marks as read, and shows that we type; failures are not told."""
        ...

    async def upload(self, content: bytes, mime: str, filename: str) -> str:
        """The file's id there; raises SendTrouble or Unheard."""
        ...

    async def fetch(self, media: str, *, sha256: str, most: int) -> File:
        """A person's file of at most so many bytes; raises SendTrouble or Unheard."""
        ...
