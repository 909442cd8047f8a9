"""What the people do on their phones, each act as the webhook that tells of it."""

from __future__ import annotations

from typing import Any

from zimgpt.embedded.phone import files
from zimgpt.embedded.phone.bodies import Update
from zimgpt.embedded.phone.people import Person
from zimgpt.embedded.phone.webhooks import Webhooks
from zimgpt.embedded.phone.world import Bubble, World


class NothingThere(Exception):  # noqa: N818 - what was missing
    """There is no such person, message or button."""


class Acting:
    """The people's hands. ``number`` is the business's that they write to."""

    def __init__(self, world: World, webhooks: Webhooks, number: str) -> None:
        self._world = world
        self._webhooks = webhooks
        self._number = number

    def person(self, id: str) -> Person:
        """Somebody with a phone; raises NothingThere."""
        try:
            return self._world.people[id]
        except KeyError:
            raise NothingThere(id) from None

    def say(self, person: Person, text: str, reply_to: str | None = None) -> str:
        """Types and sends; returns the wamid."""
        return self.send(person, "text", {"body": text}, reply_to)

    def tap(self, person: Person, wamid: str, id: str) -> str:
        """Taps a button or a row of a message of ours."""
        bubble = self._world.chats[person.id].bubble(wamid)
        if bubble is None or bubble.kind != "interactive":
            raise NothingThere(wamid)
        action = bubble.content["action"]
        for button in action.get("buttons", ()):
            if button["reply"]["id"] == id:
                reply = {"type": "button_reply", "button_reply": button["reply"]}
                return self.send(person, "interactive", reply, wamid)
        for section in action.get("sections", ()):
            for row in section["rows"]:
                if row["id"] == id:
                    reply = {"type": "list_reply", "list_reply": row}
                    return self.send(person, "interactive", reply, wamid)
        raise NothingThere(id)

    def give(
        self, person: Person, content: bytes, mime: str, name: str, caption: str = ""
    ) -> str:
        """Sends a picture, a recording or a document."""
        sort = files.sort_of(mime)
        file = self._world.files.keep(content, mime, name, files.FROM_THEM)
        body: dict[str, Any] = {"id": file.id, "mime_type": mime, "sha256": file.sha256}
        if sort == "audio":
            body["voice"] = True
        if sort == "document":
            body["filename"] = name
        if caption and sort != "audio":
            body["caption"] = caption
        return self.send(person, sort, body)

    def react(self, person: Person, wamid: str, emoji: str) -> str:
        """Puts an emoji on a message; an empty one takes it away."""
        body = {"message_id": wamid, "emoji": emoji}
        return self._tell(person, "reaction", body, None)

    def change_number(self, person: Person, phone: str) -> str:
        """Moves to another number, by which the scoped id changes too."""
        told = {
            "body": f"User {person.name} changed from {person.phone} to {phone}",
            "wa_id": phone,
            "type": "user_changed_number",
        }
        wamid = self._world.wamid()
        message = self._message(person, wamid, "system", told)
        person.phone = phone
        person.bsuid = f"ZW.{self._world.dice.randrange(10**15, 10**16)}"
        self._webhooks.put(Update(self._number, "messages", message))
        self._world.changed(person)
        return wamid

    def send(
        self,
        person: Person,
        sort: str,
        content: dict[str, Any],
        reply_to: str | None = None,
    ) -> str:
        """Any message: it opens the window, and shows in the chat."""
        wamid = self._tell(person, sort, content, reply_to)
        chat = self._world.chats[person.id]
        chat.heard_at = self._world.now()
        self._world.throughput[self._number].take(self._world.now(), force=True)
        bubble = Bubble(
            wamid=wamid,
            at=self._world.now(),
            ours=False,
            kind=sort,
            content=content,
            state="delivered",
            reply_to=reply_to,
            number=self._number,
        )
        self._world.put(person, bubble)
        return wamid

    def _tell(
        self,
        person: Person,
        sort: str,
        content: dict[str, Any],
        reply_to: str | None,
    ) -> str:
        wamid = self._world.wamid()
        message = self._message(person, wamid, sort, content)
        if reply_to is not None:
            ours = self._world.numbers[self._number]
            message["context"] = {"from": ours, "id": reply_to}
        update = Update(self._number, "messages", message, (person.contact,))
        self._webhooks.put(update)
        return wamid

    def _message(
        self, person: Person, wamid: str, sort: str, content: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            **person.sender,
            "id": wamid,
            "timestamp": str(int(self._world.now())),
            "type": sort,
            sort: content,
        }
