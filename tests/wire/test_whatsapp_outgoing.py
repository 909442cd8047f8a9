"""What is sent over WhatsApp, and what is refused before WhatsApp would."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from zimgpt.wire.whatsapp import limits, outgoing
from zimgpt.wire.whatsapp.limits import OverLimit
from zimgpt.wire.whatsapp.outgoing import NoAddress
from zimgpt.wire.whatsapp.people import Person

TO = Person("263771234567", "ZW.1502576394655843")


def sent(message: Message, to: Person = TO, **more: str) -> Any:  # noqa: ANN401
    """The JSON of a message."""
    return json.loads(outgoing.send(to, message, our_id="job-42", **more))


def test_a_text_is_what_is_documented() -> None:
    """Address, kind, words, and our id to come back on each status."""
    assert sent(Text("Mhoro *shamwari*")) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+263771234567",
        "type": "text",
        "text": {"preview_url": False, "body": "Mhoro *shamwari*"},
        "biz_opaque_callback_data": "job-42",
    }


def test_a_person_without_a_number_is_addressed_by_their_id() -> None:
    """As ``recipient``; with neither there is no address."""
    body = sent(Text("a"), Person(None, "ZW.1"))

    assert body["recipient"] == "ZW.1"
    assert "to" not in body
    with pytest.raises(NoAddress):
        sent(Text("a"), Person(None, None, "ZW.ENT.1"))


def test_an_answer_may_quote_its_question() -> None:
    """By the wamid of the message it answers."""
    assert sent(Text("a"), reply_to="wamid.1")["context"] == {"message_id": "wamid.1"}


def test_buttons() -> None:
    """Words, a footer, and replies that come back by their ids."""
    message = Buttons("Sure?", (Button("y", "Yes"), Button("n", "No")), "5 tokens")

    assert sent(message)["interactive"] == {
        "type": "button",
        "body": {"text": "Sure?"},
        "footer": {"text": "5 tokens"},
        "action": {
            "buttons": [
                {"type": "reply", "reply": {"id": "y", "title": "Yes"}},
                {"type": "reply", "reply": {"id": "n", "title": "No"}},
            ]
        },
    }


def test_a_list() -> None:
    """One section, whose title one section does not need."""
    message = Choices("Pick", "Menu", (Row("a", "A", "first"), Row("b", "B")))

    assert sent(message)["interactive"] == {
        "type": "list",
        "body": {"text": "Pick"},
        "action": {
            "button": "Menu",
            "sections": [
                {
                    "rows": [
                        {"id": "a", "title": "A", "description": "first"},
                        {"id": "b", "title": "B"},
                    ]
                }
            ],
        },
    }


def test_a_link() -> None:
    """A button that opens an address."""
    parameters = {"display_text": "Pay", "url": "https://a.example/x"}

    assert sent(Link("Pay here", "Pay", "https://a.example/x"))["interactive"] == {
        "type": "cta_url",
        "body": {"text": "Pay here"},
        "action": {"name": "cta_url", "parameters": parameters},
    }


def test_a_document_is_sent_by_the_id_of_its_upload() -> None:
    """With the name that is shown, and a caption if there is one."""
    essay = Document("essay", "essay.pdf", "Your essay")

    assert sent(essay, media="77")["document"] == {
        "id": "77",
        "filename": "essay.pdf",
        "caption": "Your essay",
    }
    bare = sent(attrs.evolve(essay, caption=""), media="77")["document"]
    assert bare == {"id": "77", "filename": "essay.pdf"}
    with pytest.raises(OverLimit, match=r"document\.id"):
        sent(essay)


def test_a_read_mark_may_show_typing() -> None:
    """One body for both."""
    read = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.1",
    }

    assert json.loads(outgoing.read("wamid.1")) == read
    typing = json.loads(outgoing.read("wamid.1", typing=True))
    assert typing == read | {"typing_indicator": {"type": "text"}}


def test_the_fields_of_an_upload() -> None:
    """They stand beside the file."""
    assert outgoing.upload("application/pdf") == {
        "messaging_product": "whatsapp",
        "type": "application/pdf",
    }


B, R = Button("b", "B"), Row("r", "R")
TWO = (B, Button("c", "B"))
PART = "https://a.example/"


def filled(limit: str, text: str) -> Message:
    """A message that has a text in the part of that name."""
    parts: dict[str, Message] = {
        "text.body": Text(text),
        "body": Buttons(text, (B,)),
        "footer": Link("a", "b", PART, text),
        "button.id": Buttons("a", (Button(text, "b"),)),
        "button.title": Buttons("a", (Button("b", text),)),
        "row.id": Choices("a", "b", (Row(text, "r"),)),
        "row.title": Choices("a", "b", (Row("r", text),)),
        "row.description": Choices("a", "b", (Row("r", "r", text),)),
        "list.label": Choices("a", text, (R,)),
        "link.label": Link("a", text, PART),
        "document.filename": Document("a", text),
        "document.caption": Document("a", "b", text),
    }
    return parts[limit]


@pytest.mark.parametrize(
    ("limit", "most"),
    [
        ("text.body", 4096),
        ("body", 1024),
        ("footer", 60),
        ("button.id", 256),
        ("button.title", 20),
        ("row.id", 200),
        ("row.title", 24),
        ("row.description", 72),
        ("list.label", 20),
        ("link.label", 20),
        ("document.filename", 240),
        ("document.caption", 1024),
    ],
)
def test_every_part_has_its_limit(limit: str, most: int) -> None:
    """In UTF-16 units: an emoji counts twice; the error names the part."""
    sent(filled(limit, "x" * most), media="1")
    sent(filled(limit, "👍" * (most // 2)), media="1")

    for long in ("x" * (most + 1), "👍" * (most // 2) + "x"):
        with pytest.raises(OverLimit) as caught:
            sent(filled(limit, long), media="1")
        assert caught.value.limit == limit


def test_a_lists_words_may_be_as_long_as_a_text() -> None:
    """Other than those of buttons."""
    sent(Choices("x" * 4096, "b", (R,)))
    with pytest.raises(OverLimit):
        sent(Choices("x" * 4097, "b", (R,)))


@pytest.mark.parametrize(
    ("message", "limit"),
    [
        (Text(""), "text.body"),
        (Text(" \n"), "text.body"),
        (Buttons("a", ()), "buttons"),
        (Buttons("a", (B,) * 4), "buttons"),
        (Buttons("a", (B, B)), "button.id"),
        (Buttons("a", TWO), "button.title"),
        (Choices("a", "b", ()), "rows"),
        (Choices("a", "b", tuple(Row(str(n), "r") for n in range(11))), "rows"),
        (Choices("a", "b", (R, R)), "row.id"),
        (Link("a", "b", "javascript:x"), "link.url"),
    ],
)
def test_what_whatsapp_would_refuse_is_refused(message: Message, limit: str) -> None:
    """Empty, too many, twice the same, no address."""
    with pytest.raises(OverLimit, match="WhatsApp would refuse") as caught:
        sent(message)
    assert caught.value.limit == limit


@given(st.text())
def test_units_are_those_of_utf_16(text: str) -> None:
    """Counted without encoding; half characters count as one."""
    assert limits.units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
