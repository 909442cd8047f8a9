"""What becomes of a message: its statuses, in order or not, whole or bare."""

from __future__ import annotations

from typing import Any, Final

from zimgpt.embedded.phone.bodies import Update
from zimgpt.embedded.phone.habits import Habits
from zimgpt.embedded.phone.people import Person
from zimgpt.embedded.phone.webhooks import Webhooks
from zimgpt.embedded.phone.world import Bubble, World

ORDER: Final = ("", "sent", "delivered", "read", "played")
TITLES: Final = {
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131049: "Not delivered to maintain a healthy ecosystem",
}
PRICING: Final = {
    "billable": True,
    "pricing_model": "PMP",
    "type": "regular",
    "category": "service",
}
"""What a message within the day is charged as."""


class Statuses:
    """Tells the server, and shows the ticks on the phone."""

    def __init__(self, world: World, habits: Habits, webhooks: Webhooks) -> None:
        self._world = world
        self._habits = habits
        self._webhooks = webhooks

    def follow(self, bubble: Bubble, person: Person) -> None:
        """The usual life of a message that was accepted."""
        habits, dice = self._habits, self._world.dice
        if not habits.statuses:
            return
        steps = [("sent", habits.sent_after), ("delivered", habits.delivered_after)]
        if habits.read_after is not None:
            steps.append(("read", habits.read_after))
        if len(steps) > 2 and dice.random() < habits.skip_delivered:
            del steps[1]
        if dice.random() < habits.shuffle:
            times = [seconds for _, seconds in steps]
            dice.shuffle(times)
            steps = [(s, t) for (s, _), t in zip(steps, times, strict=True)]
        for status, seconds in steps:
            self._world.later(seconds, self.tell, bubble, person, status)
            if dice.random() < habits.duplicate:
                later = seconds + dice.uniform(0, 1)
                self._world.later(later, self.tell, bubble, person, status)

    def fail(self, bubble: Bubble, person: Person | None, code: int) -> None:
        """It was accepted, and is not delivered."""
        title = TITLES.get(code, "Message failed")
        error = {
            "code": code,
            "title": title,
            "message": title,
            "error_data": {"details": title},
        }
        after = self._habits.sent_after
        self._world.later(after, self.tell, bubble, person, "failed", error)

    def seen(self, person: Person) -> None:
        """The person looks at the chat: all that was delivered is read."""
        for bubble in self._world.chats[person.id].bubbles:
            if bubble.ours and bubble.state in ("sent", "delivered"):
                self.tell(bubble, person, "read")

    def tell(
        self,
        bubble: Bubble,
        person: Person | None,
        status: str,
        error: dict[str, Any] | None = None,
    ) -> None:
        """One status, to the server and to the phone."""
        bare = self._world.dice.random() < self._habits.bare
        told: dict[str, Any] = {
            "id": bubble.wamid,
            "status": status,
            "timestamp": str(int(self._world.now())),
        }
        if person is not None:
            told |= person.recipient
        if bubble.opaque is not None:
            told["biz_opaque_callback_data"] = bubble.opaque
        if error is not None:
            told["errors"] = [error]
        elif not bare and status in ("sent", "delivered"):
            told["pricing"] = dict(PRICING)
        contacts = () if person is None or bare else (person.contact,)
        self._webhooks.put(Update(bubble.number, "statuses", told, contacts))
        if status == "failed":
            bubble.state = status
        elif bubble.state != "failed":
            bubble.state = max(bubble.state, status, key=ORDER.index)
        if person is not None:
            self._world.changed(person)
