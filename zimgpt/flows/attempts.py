"""One try at a job, from its claim on."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from zimgpt.flows.drafts import Draft
from zimgpt.flows.ports import Claim


class Attempt:
    """One claimed job: its draft, and the way to end it early."""

    def __init__(self, claim: Claim, draft: Draft) -> None:
        self.claim = claim
        self.draft = draft
        self.lost = False
        self.writing: Deferred[Any] | None = None
        draft.on_lost = self.lose

    def stop(self) -> None:
        """The asker has heard enough."""
        self.draft.abort()
        if self.writing is not None and not self.draft.begun:
            self.writing.cancel()

    def lose(self) -> None:
        """Another attempt has taken over."""
        self.lost = True
        self.stop()
