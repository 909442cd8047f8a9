"""Files that people send, as words; or why they cannot be read."""

from __future__ import annotations

from typing import Final

import attrs

from zimgpt.domain.dialogue.replies import Unreadable
from zimgpt.domain.heard import MediaKind, Sent
from zimgpt.flows.acting import Scene

WHY_NOT: Final = {
    MediaKind.IMAGE: Unreadable.NO_IMAGE,
    MediaKind.VOICE: Unreadable.NO_VOICE,
    MediaKind.DOCUMENT: Unreadable.NO_DOCUMENT,
}


@attrs.frozen
class Interpreting:
    """Reads what this node can read."""

    async def words(self, scene: Scene, media: Sent) -> str | Unreadable:  # noqa: ARG002
        """What a file says, or why it cannot be read."""
        return WHY_NOT[media.kind]
