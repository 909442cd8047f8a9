"""What people have chosen, in memory."""

from __future__ import annotations

import attrs

from zimgpt.domain.accounts import UserId
from zimgpt.domain.phones import Phone
from zimgpt.domain.texts import Language
from zimgpt.flows.ports.preferences import Preferences


@attrs.define
class MemoryPreferences:
    """``ports.preferences.Chosen``."""

    languages: dict[UserId, Language | None] = attrs.Factory(dict)
    numbers: dict[UserId, Phone | None] = attrs.Factory(dict)
    """Of who is linked to WhatsApp."""

    async def read(self, user: UserId) -> Preferences:
        """What holds for this person now."""
        return Preferences(
            self.languages.get(user), user in self.numbers, self.numbers.get(user)
        )

    async def answer_in(self, user: UserId, language: Language | None) -> None:
        """Keeps the choice."""
        self.languages[user] = language
