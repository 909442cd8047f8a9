"""Every type of message, and what it says to us."""

from __future__ import annotations

import base64

import pytest

from tests.wire import whatsapp_bodies as wa
from zimgpt.domain.heard import Chose, Heard, MediaKind, Said, Sent, Unclear
from zimgpt.wire.whatsapp import incoming
from zimgpt.wire.whatsapp.events import IdentityNews, Mark, Marked

DIGEST = bytes(range(32))
SHA = base64.b64encode(DIGEST).decode()
HEX = DIGEST.hex()
FLOW = {"name": "flow", "body": "Sent", "response_json": "{not json"}


def heard(sort: str, body: object, **more: object) -> Heard:
    """What one message of a type says."""
    delivery = incoming.read(wa.messages(wa.message(sort, body, **more)))
    (message,) = delivery.messages
    return message.heard


@pytest.mark.parametrize(
    ("sort", "body", "says"),
    [
        ("text", {"body": "Mhoro 👍"}, Said("Mhoro 👍")),
        (
            "interactive",
            {"type": "list_reply", "list_reply": {"id": "a", "title": "A"}},
            Chose("a", "A"),
        ),
        (
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "b", "title": "B"}},
            Chose("b", "B"),
        ),
        (
            "interactive",
            {"type": "nfm_reply", "nfm_reply": FLOW},
            Unclear("interactive:nfm_reply"),
        ),
        (
            "interactive",
            {"type": "call_permission_reply", "call_permission_reply": {}},
            Unclear("interactive:call_permission_reply"),
        ),
        (
            "interactive",
            {"type": "list_reply", "button_reply": {"id": "b", "title": "B"}},
            Unclear("interactive:list_reply"),
        ),
        ("interactive", None, Unclear("interactive")),
        ("button", {"payload": "p", "text": "T"}, Chose("p", "T")),
        ("button", {"text": "T"}, Said("T")),
        (
            "image",
            {"id": "1", "mime_type": "image/jpeg", "sha256": SHA, "caption": "Who?"},
            Sent(MediaKind.IMAGE, "1", "image/jpeg", HEX, "Who?"),
        ),
        (
            "audio",
            {"id": "2", "mime_type": "audio/ogg; codecs=opus", "voice": True},
            Sent(MediaKind.VOICE, "2", "audio/ogg", ""),
        ),
        (
            "document",
            {"id": "3", "mime_type": "application/pdf", "filename": "café.pdf"},
            Sent(MediaKind.DOCUMENT, "3", "application/pdf", "", "", "café.pdf"),
        ),
        ("video", {"id": "4", "mime_type": "video/mp4"}, Unclear("video")),
        ("sticker", {"id": "5", "mime_type": "image/webp"}, Unclear("sticker")),
        ("location", {"latitude": 1.5, "longitude": "x"}, Unclear("location")),
        ("contacts", [{"phones": [{"phone": "1"}]}], Unclear("contacts")),
        ("order", {"product_items": [{"quantity": -3}]}, Unclear("order")),
        ("unsupported", {"type": "poll_update"}, Unclear("unsupported:poll_update")),
        ("unknown", None, Unclear("unknown")),
        ("hologram", {"type": 5}, Unclear("hologram")),
    ],
)
def test_types_of_messages(sort: str, body: object, says: Heard) -> None:
    """Words and taps are read, files are named, the rest is told by its type."""
    assert heard(sort, body) == says


@pytest.mark.parametrize(
    "said",
    ["", " \n\t", "\u200b\u200d", "\u202e", 5, None, ["a"]],
)
def test_words_that_nobody_can_see_are_none(said: object) -> None:
    """A blank text is not a question."""
    assert heard("text", {"body": said}) == Unclear("text")


def test_text_is_kept_whole_and_fit_to_be_stored() -> None:
    """Any length; NUL and half characters are replaced, line ends stay."""
    said = "a\x00b\r\n" + "x" * 65_000

    assert heard("text", {"body": said}) == Said(said.replace("\x00", "\ufffd"))
    assert heard("text", {"body": "half \ud83d!"}) == Said("half \ufffd!")


@pytest.mark.parametrize(
    "media", [None, 5, "", "../../1", "1/2", "1?x", "\u0661", "1" * 41]
)
def test_a_file_whose_id_is_not_digits_is_not_fetched(media: object) -> None:
    """The id becomes part of an address that our token is sent to."""
    assert heard("image", {"id": media, "mime_type": "image/png"}) == Unclear("image")


def test_a_file_that_came_with_an_error_is_not_fetched() -> None:
    """It is not there."""
    errors = [{"code": 131052}]

    assert heard("image", {"id": "1"}, errors=errors) == Unclear("image")
    assert heard("text", {"body": "Hi"}, errors=errors) == Said("Hi")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.doc", "a.doc"),
        ("a\u202egpj.exe\n", "agpj.exe"),
        ("..", ""),
        ("x" * 5000, "x" * 240),
        (7, ""),
    ],
)
def test_file_names_are_for_showing(written: object, read: str) -> None:
    """No folders, nothing invisible, not too long."""
    said = heard("document", {"id": "1", "filename": written})

    assert isinstance(said, Sent)
    assert said.filename == read


@pytest.mark.parametrize(
    ("sha256", "read"),
    [
        (SHA, HEX),
        (HEX.upper(), HEX),
        ("SfIn", ""),
        ("é", ""),
        (5, ""),
        ("=" * 44, ""),
    ],
)
def test_digests_are_read_or_missing(sha256: object, read: str) -> None:
    """Base64 as documented; hexadecimal is understood as well."""
    said = heard("image", {"id": "1", "sha256": sha256})

    assert isinstance(said, Sent)
    assert said.sha256 == read


@pytest.mark.parametrize(
    ("system", "change", "phone", "bsuid"),
    [
        ({"type": "user_changed_number", "wa_id": "12"}, "number", None, None),
        ({"type": "user_changed_number", "wa_id": "12195"}, "number", "12195", None),
        ({"type": "x", "new_wa_id": "12195"}, "other", "12195", None),
        ({"type": "user_changed_user_id", "user_id": "ZW.1"}, "user_id", None, "ZW.1"),
        ({"type": "customer_identity_changed"}, "identity", None, None),
        (None, "other", None, None),
    ],
)
def test_system_messages_are_news_of_somebody(
    system: object, change: str, phone: str | None, bsuid: str | None
) -> None:
    """Who it was stays beside who it is said to be now."""
    delivery = incoming.read(wa.messages(wa.message("system", system), contacts=None))

    (news,) = delivery.of(IdentityNews)
    assert (news.person.phone, news.person.bsuid) == (wa.PHONE, wa.BSUID)
    assert (news.change, news.became.phone, news.became.bsuid) == (change, phone, bsuid)
    assert delivery.messages == ()


@pytest.mark.parametrize(
    ("sort", "body", "target", "emoji"),
    [
        ("reaction", {"message_id": "wamid.1", "emoji": "👍"}, "wamid.1", "👍"),
        ("reaction", {"message_id": "wamid.1"}, "wamid.1", ""),
        ("edit", {"original_message_id": "wamid.2", "message": {}}, "wamid.2", ""),
        ("revoke", {"original_message_id": "wamid.3"}, "wamid.3", ""),
        ("revoke", None, None, ""),
    ],
)
def test_marks_are_not_questions(
    sort: str, body: object, target: str | None, emoji: str
) -> None:
    """A reaction, an edit and a revocation say which message they are about."""
    delivery = incoming.read(wa.messages(wa.message(sort, body)))

    (marked,) = delivery.of(Marked)
    assert (marked.mark, marked.target, marked.emoji) == (Mark(sort), target, emoji)
    assert delivery.messages == ()
