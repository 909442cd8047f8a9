"""What became of the requests of a site, in figures."""

from __future__ import annotations

from collections import Counter

import attrs

from zimgpt.domain.histograms import DOORS, Histogram


@attrs.define
class Answered:
    """Answers by the class of their status, and how long webhooks took."""

    classes: Counter[str] = attrs.field(factory=Counter)
    """By ``2xx`` to ``5xx``."""
    webhooks: Histogram = attrs.field(factory=lambda: Histogram(DOORS))

    def note(self, status: int, seconds: float, *, webhook: bool) -> None:
        """One more, so many seconds after it was read."""
        self.classes[f"{status // 100}xx"] += 1
        if webhook:
            self.webhooks.add(seconds)
