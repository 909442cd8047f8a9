"""What any messenger must do: the double of WhatsApp, and a real number of yours.

The double is trusted because the same promises are kept by Meta's own: set
ZIMGPT_TEST_WHATSAPP_PHONE_ID, ZIMGPT_TEST_WHATSAPP_TOKEN and ZIMGPT_TEST_WHATSAPP_TO (a
number that has written to yours within the last day) to run them there; it gets three
messages.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
import pytest_twisted

from tests.fakes.whatsapp import NUMBER, TOKEN, Server, listen, phones
from zimgpt.domain.messages import Button, Buttons, Document, Text
from zimgpt.flows.ports.messenger import Messenger, SendTrouble
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.whatsapp import make_whatsapp
from zimgpt.wire.whatsapp.people import Person
from zimgpt.wire.whatsapp.troubles import Trouble

META = "https://graph.facebook.com/v25.0"
REAL = "ZIMGPT_TEST_WHATSAPP_"


@attrs.frozen
class There:
    """A messenger, somebody who may be written to, and the same with a bad key."""

    messenger: Messenger
    person: Person
    stranger: Messenger


@pytest_twisted.async_yield_fixture(  # type: ignore[untyped-decorator]
    params=["double", "meta"] if f"{REAL}TOKEN" in os.environ else ["double"]
)
async def there(request: pytest.FixtureRequest) -> AsyncIterator[There]:
    """Each that there is."""
    from twisted.internet import reactor

    made = phones(Server(), reactor)
    made.habits.statuses = False
    made.acting.say(made.world.people["tendai"], "Hi")
    listening: Any
    listening, address = listen(made)
    url, number, token, to = f"{address}/v25.0", NUMBER, TOKEN, "263771234567"
    if request.param == "meta":
        url = META
        number, token, to = (
            os.environ[f"{REAL}{name}"] for name in ("PHONE_ID", "TOKEN", "TO")
        )
    connections = Connections(reactor)
    yield There(
        make_whatsapp(url, number, token, connections, reactor),
        Person(to, None),
        make_whatsapp(url, number, "EAAGnotakey", connections, reactor),
    )
    await connections.close()
    made.close()
    await listening.stopListening()


async def test_messages_get_ids_of_their_own(there: There) -> None:
    """Two of the same words are two messages: nobody makes one of them."""
    sent = [
        await there.messenger.send(there.person, Text("Mhoro"), our_id="contract")
        for _ in range(2)
    ]

    assert len(set(sent)) == 2


async def test_buttons_are_taken(there: There) -> None:
    """Interactive messages within the limits are not refused."""
    question = Buttons("Are you well?", (Button("y", "Yes"), Button("n", "No")))

    assert await there.messenger.send(there.person, question, our_id="contract")


async def test_a_file_that_is_not_there_is_refused(there: There) -> None:
    """As a fault of ours, of which nothing was sent."""
    paper = Document("answer:1", "answer.pdf")

    with pytest.raises(SendTrouble) as caught:
        await there.messenger.send(there.person, paper, our_id="c", media="1" * 15)

    assert caught.value.trouble is Trouble.OUR_BUG


async def test_an_upload_gets_an_id(there: There) -> None:
    """By which it can be fetched again, whole."""
    content = b"%PDF-1.4\n%%EOF\n"

    media = await there.messenger.upload(content, "application/pdf", "a.pdf")
    file = await there.messenger.fetch(media, sha256="", most=1000)

    assert (file.content, file.mime) == (content, "application/pdf")


async def test_a_bad_key_stops_everything(there: There) -> None:
    """Whatever is asked with it."""
    with pytest.raises(SendTrouble) as sent:
        await there.stranger.send(there.person, Text("Hi"), our_id="c")
    with pytest.raises(SendTrouble) as fetched:
        await there.stranger.fetch("123456789012345", sha256="", most=10)

    assert {sent.value.trouble, fetched.value.trouble} == {Trouble.STOP}


async def test_a_lost_mark_costs_nothing(there: There) -> None:
    """Marking what was never written is not told to anybody."""
    await there.messenger.read("wamid.never", typing=False)
