"""Our client of the Graph API against its double, over real sockets."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet.task import Clock

from tests.fakes.whatsapp import (
    NUMBER,
    TOKEN,
    Fault,
    Person,
    Phones,
    Server,
    listen,
    phones,
)
from zimgpt.domain.messages import (
    Button,
    Buttons,
    Choices,
    Document,
    Link,
    Message,
    Row,
    Text,
)
from zimgpt.flows.ports.messenger import FileTooLarge, SendTrouble, Unheard
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.whatsapp import WhatsApp, make_whatsapp
from zimgpt.wire.whatsapp import people
from zimgpt.wire.whatsapp.troubles import Trouble

TENDAI = people.Person("263771234567", None)
PICTURE = b"\x89PNG" + bytes(2000)


@attrs.frozen
class Double:
    """The double, our client of it, and the clock of what lives for a while there."""

    phones: Phones
    url: str
    client: WhatsApp
    clock: Clock
    connections: Connections

    @property
    def tendai(self) -> Person:
        """Whom we write to."""
        return self.phones.world.people["tendai"]

    async def send(self, message: Message, **more: Any) -> str:  # noqa: ANN401
        """The id that a message got."""
        return await self.client.send(TENDAI, message, our_id="ours-1", **more)

    def given(self, content: bytes = PICTURE) -> tuple[str, str]:
        """The id and the hash of a file that somebody sent."""
        self.phones.acting.give(self.tendai, content, "image/png", "a.png")
        file = self.phones.world.chats["tendai"].bubbles[-1].content["id"]
        return file, hashlib.sha256(content).hexdigest()

    def without_key(self, token: str = "wrong") -> WhatsApp:
        """A client whose key is not known there."""
        from twisted.internet import reactor

        return make_whatsapp(
            f"{self.url}/v25.0/", NUMBER, token, self.connections, reactor
        )


@pytest_twisted.async_yield_fixture  # type: ignore[untyped-decorator]
async def double() -> AsyncIterator[Double]:
    """A person has just written, so that they may be written to."""
    from twisted.internet import reactor

    clock = Clock()
    made = phones(Server(), clock)
    made.acting.say(made.world.people["tendai"], "Hi")
    listening: Any
    listening, url = listen(made)
    connections = Connections(reactor)
    client = make_whatsapp(f"{url}/v25.0", NUMBER, TOKEN, connections, reactor)
    yield Double(made, url, client, clock, connections)
    await connections.close()
    made.close()
    await listening.stopListening()


# ---- messages --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (Text("Mhoro *shamwari*"), "text"),
        (Buttons("Yes?", (Button("y", "Yes"), Button("n", "No"))), "interactive"),
        (Choices("Which?", "Open", (Row("a", "First", "of all"),)), "interactive"),
        (Link("Pay here", "Pay", "https://example.org/pay"), "interactive"),
    ],
)
async def test_each_kind_arrives(double: Double, message: Message, kind: str) -> None:
    """On the phone, with our id, and under the id that we are told."""
    wamid = await double.send(message)

    bubble = double.phones.world.sends[-1]
    assert (bubble.wamid, bubble.kind, bubble.opaque) == (wamid, kind, "ours-1")


async def test_a_document_is_uploaded_and_sent(double: Double) -> None:
    """The bytes, their type and their name are on the phone as they were given."""
    media = await double.client.upload(b"%PDF-1.4 ...", "application/pdf", "essay.pdf")
    await double.send(Document("answer:1", "essay.pdf", "All of it"), media=media)

    file = double.phones.world.files.get(media)
    assert file is not None
    assert (file.content, file.mime, file.name) == (
        b"%PDF-1.4 ...",
        "application/pdf",
        "essay.pdf",
    )
    assert double.phones.world.sends[-1].content["filename"] == "essay.pdf"


async def test_a_reply_quotes_its_question(double: Double) -> None:
    """The message says which one it answers."""
    theirs = double.phones.world.chats["tendai"].bubbles[0].wamid

    await double.send(Text("Yes"), reply_to=theirs)

    assert double.phones.world.sends[-1].reply_to == theirs


async def test_reading_marks_and_typing_show(double: Double) -> None:
    """The person sees that they were read, and, if so, that we type."""
    world = double.phones.world
    theirs = world.chats["tendai"].bubbles[0]

    await double.client.read(theirs.wamid, typing=False)
    assert (theirs.state, world.typing(double.tendai)) == ("read", False)
    await double.client.read(theirs.wamid, typing=True)
    assert world.typing(double.tendai)


async def test_a_mark_that_is_refused_is_let_go(double: Double, log: list[str]) -> None:
    """It is worth a line in the log and nothing more."""
    await double.client.read("wamid.unknown", typing=True)

    assert any(line.startswith("not marked as read") for line in log)


# ---- what goes wrong --------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "trouble", "code"),
    [
        (Fault("html-500"), Trouble.RETRY, None),
        (Fault("html-502"), Trouble.RETRY, None),
        (Fault("unavailable"), Trouble.RETRY, 2),
        (Fault("code", 131056, 400), Trouble.SLOW_USER, 131056),
        (Fault("code", 131047, 400), Trouble.WINDOW_CLOSED, 131047),
        (Fault("code", 131026, 400), Trouble.FINAL, 131026),
        (Fault("code", 131031, 403), Trouble.STOP, 131031),
        (Fault("code", 100, 400), Trouble.OUR_BUG, 100),
        (Fault("code", 1, 500), Trouble.RETRY, 1),
        (Fault("code", 1, 400), Trouble.OUR_BUG, 1),
    ],
)
async def test_a_refusal_is_understood(
    double: Double, fault: Fault, trouble: Trouble, code: int | None
) -> None:
    """Nothing was sent, and what is to be done is known."""
    double.phones.habits.next(fault)

    with pytest.raises(SendTrouble) as caught:
        await double.send(Text("Hi"))

    assert (caught.value.trouble, caught.value.code) == (trouble, code)
    assert double.phones.world.sends == []


async def test_a_wait_that_was_asked_for_is_handed_on(double: Double) -> None:
    """By Retry-After, in seconds."""
    bucket = double.phones.world.throughput[NUMBER]
    for _ in range(80):
        bucket.take(double.phones.world.now(), force=True)

    with pytest.raises(SendTrouble) as caught:
        await double.send(Text("Hi"))

    assert (caught.value.trouble, caught.value.asked) == (Trouble.SLOW_DOWN, 1.0)


@pytest.mark.parametrize("kind", ["drop", "truncated"])
async def test_after_a_broken_answer_nobody_knows(double: Double, kind: str) -> None:
    """The message was sent, and no error may claim that it was not."""
    double.phones.habits.next(Fault(kind))

    with pytest.raises(Unheard):
        await double.send(Text("Hi"))

    assert len(double.phones.world.sends) == 1


async def test_after_silence_nobody_knows(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that does not come in time may still be on its way."""
    monkeypatch.setattr("zimgpt.outbound.whatsapp.PATIENCE", 0.1)
    double.phones.habits.next(Fault("slow", seconds=60))

    with pytest.raises(Unheard, match=r"nothing came for 0\.1 s"):
        await double.send(Text("Hi"))


async def test_a_refused_connection_sent_nothing(double: Double) -> None:
    """So it may be tried again."""
    from twisted.internet import reactor

    nowhere = make_whatsapp(
        "http://127.0.0.1:1/v25.0", NUMBER, TOKEN, double.connections, reactor
    )

    with pytest.raises(SendTrouble) as caught:
        await nowhere.send(TENDAI, Text("Hi"), our_id="ours-1")

    assert caught.value.trouble is Trouble.RETRY


async def test_what_cannot_be_sent_is_not_tried(double: Double) -> None:
    """A text over the limit is a fault of ours, found before anything is asked."""
    with pytest.raises(SendTrouble) as caught:
        await double.send(Text("x" * 4097))

    assert caught.value.trouble is Trouble.OUR_BUG
    assert double.phones.graph.requests == []


async def test_the_key_is_in_no_error_and_no_log(
    double: Double, log: list[str]
) -> None:
    """Not even when the other side repeats it."""
    secret = "EAAG-very-secret"
    client = double.without_key(secret)

    with pytest.raises(SendTrouble) as caught:
        await client.send(TENDAI, Text("Hi"), our_id="ours-1")
    await client.read("wamid.x", typing=False)

    assert caught.value.trouble is Trouble.STOP
    assert secret not in f"{client!r} {caught.value!r} {' '.join(log)}"


# ---- files -------------------------------------------------------------------------


async def test_a_file_is_fetched_whole(double: Double) -> None:
    """In two steps, with its type."""
    media, digest = double.given()

    file = await double.client.fetch(media, sha256=digest, most=10_000)

    assert (file.content, file.mime) == (PICTURE, "image/png")


async def test_a_file_that_is_too_large_is_not_fetched(double: Double) -> None:
    """Its size is known before it comes."""
    media, digest = double.given()

    with pytest.raises(FileTooLarge):
        await double.client.fetch(media, sha256=digest, most=1000)


async def test_a_file_that_is_larger_than_was_said_is_cut_off(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever says little and sends much is read to the limit and no further."""
    media, digest = double.given()
    file = double.phones.world.files.get(media)
    assert file is not None
    monkeypatch.setattr(
        double.phones.world.files,
        "at",
        lambda _: attrs.evolve(file, content=bytes(100_000)),
    )

    with pytest.raises(FileTooLarge):
        await double.client.fetch(media, sha256=digest, most=50_000)


async def test_a_damaged_file_is_refused(double: Double) -> None:
    """Its hash is not the one that the webhook told."""
    media, _ = double.given()

    with pytest.raises(SendTrouble) as caught:
        await double.client.fetch(media, sha256="0" * 64, most=10_000)

    assert caught.value.trouble is Trouble.INBOUND_MEDIA


async def test_an_address_that_has_ended_is_asked_for_again(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once: then the file is gone."""
    media, digest = double.given()
    files = double.phones.world.files
    found, asked = files.at, []

    def at(word: str) -> Any:  # noqa: ANN401
        asked.append(word)
        return None if len(asked) == 1 else found(word)

    monkeypatch.setattr(files, "at", at)
    file = await double.client.fetch(media, sha256=digest, most=10_000)
    assert file.content == PICTURE
    assert len(set(asked)) == 2

    monkeypatch.setattr(files, "at", lambda _: None)
    with pytest.raises(SendTrouble, match="gone"):
        await double.client.fetch(media, sha256=digest, most=10_000)


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/file",
        "http://127.0.0.1:1/file",
        "http://fbsbx.com.evil.example/file",
        "http://lookaside.fbsbx.com@evil.example/file",
        "http://notfbsbx.com/file",
        "ftp://lookaside.fbsbx.com/file",
        "file:///etc/passwd",
    ],
)
async def test_the_key_goes_to_no_strange_host(
    double: Double, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """Whatever the look-up says, such an address is not asked."""
    media, digest = double.given()
    monkeypatch.setattr(
        "zimgpt.embedded.phone.graph._written",
        lambda *_: b'{"id":"%s","url":"%s"}' % (media.encode(), url.encode()),
    )

    with pytest.raises(SendTrouble, match="strange host"):
        await double.client.fetch(media, sha256=digest, most=10_000)


@pytest.mark.parametrize(
    "url",
    [
        "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
        "https://fbsbx.com/a",
        "https://scontent.whatsapp.net/a",
        "https://graph.facebook.com/a",
    ],
)
def test_the_hosts_of_files_are_trusted(url: str) -> None:
    """Over TLS, as the API itself is."""
    client = make_whatsapp(
        "https://graph.facebook.com/v25.0", NUMBER, TOKEN, Connections(Clock()), Clock()
    )

    assert client._trusted(url)
    assert not client._trusted(url.replace("https:", "http:"))


@pytest.mark.parametrize("media", ["", "12/../3", "12?x=1", "١٢", "1" * 41])
async def test_only_ids_are_looked_up(double: Double, media: str) -> None:
    """What is no id would change the address that is asked."""
    with pytest.raises(SendTrouble, match="no file's id"):
        await double.client.fetch(media, sha256="", most=10_000)


async def test_a_file_is_not_looked_for_elsewhere(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redirect, by which the key could be led away, is an error."""
    media, digest = double.given()

    def redirect(_: object, request: Any, word: str) -> bytes:  # noqa: ANN401
        request.redirect(b"http://127.0.0.1:1/elsewhere")
        return b"moved"

    endpoints = double.phones.graph.app.endpoints
    moved = functools.update_wrapper(redirect, endpoints["_bytes"])
    monkeypatch.setitem(endpoints, "_bytes", moved)

    with pytest.raises(SendTrouble, match="says 302"):
        await double.client.fetch(media, sha256=digest, most=10_000)
