"""WhatsApp beside the nodes of a house: its double in a process, and its people."""

from __future__ import annotations

import json
import secrets
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from signal import SIGKILL
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from tests.system.harness import BOOT, ROOT, House, wait_until
from tests.system.people import Reply, call
from zimgpt.embedded import children
from zimgpt.embedded.children import Child
from zimgpt.embedded.phone.bodies import Update, signed, webhook
from zimgpt.embedded.phone.people import DISPLAY, NUMBER

Json = dict[str, Any]

SECRET = "app-secret-of-tests"
TOKEN = "access-token-of-tests"
VERIFY = "verify-token-of-tests"
PATH = "/webhooks/whatsapp"
PATIENCE = 90.0  # seconds; our pace alone is some of them

RESTED = """
    update whatsapp_outgoing o set sent_at = o.sent_at - interval '1 minute'
      from whatsapp_contacts c where c.id = o.contact_id and c.bsuid = %s
"""

_numbers = count(1)


def settings(port: int) -> Json:
    """What a node must be told to use the double on this port."""
    return {
        "whatsapp_phone_id": NUMBER,
        "whatsapp_number": DISPLAY,
        "whatsapp_token": TOKEN,
        "whatsapp_app_secret": SECRET,
        "whatsapp_verify_token": VERIFY,
        "whatsapp_url": f"http://127.0.0.1:{port}/v25.0",
    }


class Telephony:
    """The double: started before its nodes know it, and told of one of them later."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = children.free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._child: Child | None = None

    def start(self, node: str) -> None:
        """Begins, and posts to this node."""
        argv = [sys.executable, "-m", "zimgpt.embedded.phone"]
        argv += ["--port", str(self.port), "--webhook", node + PATH]
        argv += ["--secret", SECRET, "--verify-token", VERIFY, "--token", TOKEN]
        child = children.start(
            "the phones",
            argv,
            log=self._folder / "phones.log",
            cwd=ROOT,
            orphaned=SIGKILL,
        )
        self._child = child
        child.until(self._shaken, patience=BOOT)

    def end(self) -> None:
        """Kills it, if it has begun."""
        if self._child is not None:
            self._child.kill()

    def control(self, act: str, **body: object) -> Json:
        """One order at its control door."""
        answer: Json = self.post(f"/control/{act}", body)
        return answer

    def state(self) -> Json:
        """What was posted and sent."""
        state: Json = self.get("/control/state")
        return state

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401
        """JSON there, and what comes back."""
        sent = urllib.request.Request(self.url + path, json.dumps(body).encode())
        with urllib.request.urlopen(sent, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or b"{}")

    def get(self, path: str) -> Any:  # noqa: ANN401
        """JSON from there."""
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
            return json.load(answer)

    def raw(self, path: str) -> bytes:
        """A file from there."""
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE) as answer:
            content: bytes = answer.read()
            return content

    def somebody(
        self, phone: str | None = None, *, hidden: bool = False, reachable: bool = True
    ) -> Somebody:
        """A new person with a phone; one who is hidden shows no number."""
        number = next(_numbers)
        id = f"p{number}"
        digits = (phone or f"+26377{4_000_000 + number}").removeprefix("+")
        bsuid = f"ZW.{secrets.randbelow(10**15) + 10**15}"
        self.control(
            "person",
            id=id,
            name=f"Person {number}",
            phone=digits,
            bsuid=bsuid,
            shows_phone=not hidden,
            reachable=reachable,
        )
        return Somebody(self, id, "+" + digits, bsuid, hidden)

    def _shaken(self) -> bool:
        try:
            return bool(self.state()["shaken"])
        except OSError:
            return False


@attrs.define
class Somebody:
    """A person, who writes and looks at what comes."""

    phones: Telephony
    id: str
    phone: str
    bsuid: str
    hidden: bool
    seen: int = 0
    """Messages of ours that ``next`` has returned."""

    def say(self, text: str) -> str:
        """Types and sends; returns the wamid."""
        wamid: str = self.phones.control("say", person=self.id, text=text)["wamid"]
        return wamid

    def give(self, content: bytes, mime: str, name: str, caption: str = "") -> None:
        """Sends a file."""
        query = urllib.parse.urlencode({"name": name, "caption": caption})
        sent = urllib.request.Request(
            f"{self.phones.url}/phones/{self.id}/give?{query}",
            content,
            {"Content-Type": mime},
        )
        with urllib.request.urlopen(sent, timeout=PATIENCE):
            pass

    def bubbles(self) -> list[Json]:
        """What we have sent to them, oldest first."""
        chat = self.phones.get(f"/phones/{self.id}")
        return [bubble for bubble in chat["bubbles"] if bubble["ours"]]

    def chat(self) -> Json:
        """The whole chat."""
        chat: Json = self.phones.get(f"/phones/{self.id}")
        return chat

    def next(self, patience: float = PATIENCE) -> Json:
        """The next message of ours."""
        found: list[Json] = []

        def came() -> bool:
            found[:] = self.bubbles()[self.seen :]
            return bool(found)

        wait_until(came, patience, "a message to come")
        self.seen += 1
        return found[0]

    def ask(self, text: str) -> str:
        """Types, and reads what comes next."""
        self.say(text)
        return body(self.next())

    def tap(self, message: Json, title: str) -> None:
        """Taps the button or row with this title."""
        for id, shown in choices(message):
            if shown == title:
                wamid = message["wamid"]
                self.phones.post(f"/phones/{self.id}/tap", {"wamid": wamid, "id": id})
                return
        raise AssertionError(f"{title} is none of {choices(message)}")

    def hears_nothing(self, seconds: float) -> bool:
        """Whether nothing comes for a while."""
        time.sleep(seconds)
        return len(self.bubbles()) == self.seen

    def message(self, text: str, wamid: str, *, ago: float = 0.0) -> Update:
        """A message of theirs as Meta would tell it, sent so many seconds ago."""
        said: Json = {
            "id": wamid,
            "timestamp": str(int(time.time() - ago)),
            "type": "text",
            "text": {"body": text},
            "from_user_id": self.bsuid,
        }
        contact: Json = {"profile": {"name": self.id}, "user_id": self.bsuid}
        if not self.hidden:
            said["from"] = contact["wa_id"] = self.phone.removeprefix("+")
        return Update(NUMBER, "messages", said, (contact,))


def new_wamid() -> str:
    """One that nobody has used."""
    return "wamid." + secrets.token_urlsafe(24)


def post(node: str, updates: Sequence[Update] | bytes, secret: str = SECRET) -> Reply:
    """Posts a signed webhook by hand."""
    if not isinstance(updates, bytes):
        updates = webhook(updates, {NUMBER: DISPLAY})
    headers = {"X-Hub-Signature-256": signed(updates, secret)}
    return call(node, "POST", PATH, updates, headers)


def body(message: Json) -> str:
    """The words of a message of ours."""
    content = message["content"]
    match message["kind"]:
        case "text":
            return str(content["body"])
        case "interactive":
            return str(content["body"]["text"])
        case _:
            return str(content.get("caption", ""))


def choices(message: Json) -> list[tuple[str, str]]:
    """Ids and titles of what can be tapped."""
    action = message["content"].get("action", {})
    buttons = [
        (b["reply"]["id"], b["reply"]["title"]) for b in action.get("buttons", ())
    ]
    rows = [
        (r["id"], r["title"]) for s in action.get("sections", ()) for r in s["rows"]
    ]
    return buttons + rows


@attrs.frozen
class Exchange:
    """A house with WhatsApp beside it."""

    house: House
    phones: Telephony
    node: str

    @property
    def url(self) -> str:
        """Where the node is that webhooks are posted to."""
        return self.house[self.node].url

    def rest(self, someone: Somebody) -> None:
        """Lets the pace of the last minute hold nothing up."""
        self.house.query(RESTED, someone.bsuid)

    def asks(self, someone: Somebody, *lines: str) -> None:
        """Types each line when the answer to the one before has come, at once."""
        for line in lines:
            someone.ask(line)
            self.rest(someone)


@contextmanager
def joined(make_house: Callable[[Json], House], node: str) -> Iterator[Exchange]:
    """A house with WhatsApp beside it, posting to one of its nodes."""
    with TemporaryDirectory(prefix="zimgpt-phones-") as folder:
        phones = Telephony(Path(folder))
        with make_house(settings(phones.port)) as house:
            try:
                phones.start(house[node].url)
                yield Exchange(house, phones, node)
            finally:
                phones.end()
