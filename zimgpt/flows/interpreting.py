"""Files that people send, as words; or why they cannot be read.

A voice note is listened to and a picture looked at by a model, which is paid for before
it is asked, and given back if nothing comes of it. A document's text is taken out here,
for nothing. What was read is kept, so that a second try after a crash reads the same.
"""

from __future__ import annotations

from math import ceil
from typing import Final

import attrs
from twisted.logger import Logger

from zimgpt.domain.dialogue.replies import Unreadable
from zimgpt.domain.heard import MediaKind, Sent
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.questions import LONGEST
from zimgpt.flows.acting import Scene
from zimgpt.flows.ports.files import Documents, NotRead, Reader, Readings, Sense
from zimgpt.flows.ports.messenger import (
    File,
    FileTooLarge,
    Messenger,
    SendTrouble,
    Unheard,
)
from zimgpt.wire import ogg

MEGABYTE: Final = 1024 * 1024
MOST: Final = {
    MediaKind.IMAGE: 5 * MEGABYTE,
    MediaKind.VOICE: 16 * MEGABYTE,
    MediaKind.DOCUMENT: 5 * MEGABYTE,
}
"""Bytes of a file; for pictures and voice notes they are WhatsApp's own limits."""

LONGEST_NOTE: Final = 600.0
"""Seconds that are listened to at once."""

PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})

WHY_NOT: Final = {
    MediaKind.IMAGE: Unreadable.NO_IMAGE,
    MediaKind.VOICE: Unreadable.NO_VOICE,
}
IN_VAIN: Final = {
    Sense.PICTURE: Unreadable.UNSEEN,
    Sense.VOICE: Unreadable.UNHEARD,
}


@attrs.frozen
class Paid:
    """A model that reads; ``tokens`` is its price, for a minute or for a picture."""

    reader: Reader
    tokens: Tokens


@attrs.frozen(kw_only=True)
class Interpreting:
    """Reads what this node can read."""

    messenger: Messenger
    documents: Documents
    readings: Readings
    voice: Paid | None = None
    picture: Paid | None = None

    log = Logger()

    async def words(self, scene: Scene, media: Sent) -> str | Unreadable:
        """What a file and its caption say, or why it cannot be read."""
        found = await self._found(scene, media)
        if isinstance(found, Unreadable):
            return found
        whole = f"{media.caption}\n\n{found}" if media.caption.strip() else found
        return whole.encode()[:LONGEST].decode(errors="ignore")

    async def _found(self, scene: Scene, media: Sent) -> str | Unreadable:
        if media.kind is MediaKind.DOCUMENT:
            file = await self._fetched(media)
            if isinstance(file, Unreadable):
                return file
            return await self.documents.text(file.content)
        sense, paid = self._by(media.kind)
        if paid is None:
            return WHY_NOT[media.kind]
        kept = await self.readings.kept(scene.client_id)
        if kept:
            return kept
        file = await self._fetched(media)
        if isinstance(file, Unreadable):
            return file
        tokens = _price(sense, paid, file)
        if isinstance(tokens, Unreadable):
            return tokens
        return await self._read(scene, sense, paid.reader, file, tokens)

    def _by(self, kind: MediaKind) -> tuple[Sense, Paid | None]:
        if kind is MediaKind.VOICE:
            return Sense.VOICE, self.voice
        return Sense.PICTURE, self.picture

    async def _fetched(self, media: Sent) -> File | Unreadable:
        try:
            return await self.messenger.fetch(
                media.media, sha256=media.sha256, most=MOST[media.kind]
            )
        except FileTooLarge:
            return Unreadable.TOO_LARGE
        except (SendTrouble, Unheard) as trouble:
            self.log.warn("a file was not fetched: {reason}", reason=str(trouble))
            return Unreadable.BROKEN

    async def _read(
        self, scene: Scene, sense: Sense, reader: Reader, file: File, tokens: Tokens
    ) -> str | Unreadable:
        """Pays, reads and keeps, or gives back."""
        about, key = scene.about, scene.client_id
        # Whoever cannot pay for the answer as well has no use for being heard.
        if about.available < tokens + about.question_cost:
            return Unreadable.NO_TOKENS
        if not await self.readings.charge(scene.user, key, sense, tokens):
            return Unreadable.NO_TOKENS
        try:
            words = await reader.words(file.content, file.mime)
        except NotRead as why:
            self.log.warn("a {sense} was not read: {why}", sense=sense, why=str(why))
            words = ""
        kept = await self.readings.keep(key, words) if words.strip() else None
        if kept:
            return kept
        await self.readings.give_back(key)
        return IN_VAIN[sense]


def _price(sense: Sense, paid: Paid, file: File) -> Tokens | Unreadable:
    if sense is Sense.PICTURE:
        return paid.tokens if file.mime in PICTURES else Unreadable.UNSEEN
    seconds = ogg.seconds(file.content)
    if seconds is None:
        return Unreadable.NO_RECORDING
    if seconds > LONGEST_NOTE:
        return Unreadable.TOO_LARGE
    return Tokens(max(1, ceil(seconds * paid.tokens / 60)))
