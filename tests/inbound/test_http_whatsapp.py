"""The webhook: nothing unsigned is believed, nothing signed is lost or sent again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import attrs
import pytest
from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogPublisher
from zope.interface import implementer

from tests.fakes.whatsapp import NUMBER, Update, signed, webhook
from tests.inbound.browser import Answer, Browser
from zimgpt.domain.errors import Unavailable
from zimgpt.flows.ports import Ticket
from zimgpt.flows.ports.contacts import Received
from zimgpt.flows.receiving import Receiving
from zimgpt.inbound.channel import LARGEST_WEBHOOK
from zimgpt.inbound.routes_whatsapp import WhatsAppRoutes

PATH = "/webhooks/whatsapp"
OLD, NEW = "old-secret", "new-secret"
TOKEN = "verify-me"
Json = dict[str, Any]


@attrs.define
class Kept:
    """Keeps items by their keys, unless it is away."""

    rows: dict[str, Json] = attrs.Factory(dict)
    away: bool = False

    async def receive(self, items: Sequence[Json], origin: str) -> Received:
        """All or nothing."""
        if self.away:
            raise Unavailable
        fresh = [item for item in items if item["key"] not in self.rows]
        self.rows |= {item["key"]: item for item in fresh}
        tickets = tuple(Ticket(item["key"], origin, None) for item in fresh)
        return Received(len(fresh), tickets)


@attrs.define
class Stopped:
    """Remembers why sending was stopped."""

    reasons: list[str] = attrs.Factory(list)

    async def pause_number(self, wait: timedelta | None, reason: str) -> None:
        """Stops."""
        assert wait is None
        self.reasons.append(reason)


@attrs.define
class Door:
    """The webhook with what is behind it."""

    kept: Kept = attrs.Factory(Kept)
    stopped: Stopped = attrs.Factory(Stopped)
    published: list[str] = attrs.Factory(list)
    secrets: tuple[str, ...] = (OLD, NEW)
    browser: Browser = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        receiving = Receiving(
            self.kept,
            self.stopped,  # type: ignore[arg-type]  # all that it asks of a post
            NUMBER,
            "here",
            lambda ticket: self.published.append(ticket.job),
        )
        secrets = [secret.encode() for secret in self.secrets]
        routes = WhatsAppRoutes(receiving, secrets, TOKEN)
        self.browser = Browser(routes.router.resource())

    def post(self, body: bytes, signature: str | None = None) -> Answer:
        """A webhook, signed with the newer secret unless said otherwise."""
        signature = signed(body, NEW) if signature is None else signature
        headers = {"X-Hub-Signature-256": signature} if signature else {}
        return self.browser.ask("POST", PATH, body=body, headers=headers)

    def shake(self, **query: str) -> Answer:
        """A handshake."""
        asked = {
            "hub.mode": "subscribe",
            "hub.verify_token": TOKEN,
            "hub.challenge": "1158201444",
        } | {name.replace("_", ".", 1): value for name, value in query.items()}
        line = "&".join(f"{name}={value}" for name, value in asked.items())
        return self.browser.ask("GET", f"{PATH}?{line}")


@pytest.fixture
def door() -> Door:
    """The webhook."""
    return Door()


@pytest.fixture
def lines() -> Iterator[list[LogEvent]]:
    """What is logged."""
    found: list[LogEvent] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        found.append(event)

    globalLogPublisher.addObserver(observe)
    yield found
    globalLogPublisher.removeObserver(observe)


def text(wamid: str, said: str = "Hi", number: str = NUMBER) -> Update:
    """A message of somebody."""
    message = {
        "id": wamid,
        "from": "263771234567",
        "timestamp": "1790000000",
        "type": "text",
        "text": {"body": said},
    }
    return Update(number, "messages", message)


def body(*updates: Update) -> bytes:
    """A webhook with these."""
    return webhook(updates, {NUMBER: "15550783881"})


# ---- the handshake


def test_the_handshake(door: Door) -> None:
    """Who knows our word is answered with exactly the challenge, as plain text."""
    answer = door.shake()

    assert (answer.status, answer.body) == (200, b"1158201444")
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "query",
    [
        {"hub_verify_token": "guessed"},
        {"hub_mode": "unsubscribe"},
        {"hub_challenge": "%3Cscript%3E"},
        {"hub_challenge": ""},
    ],
)
def test_a_wrong_handshake(door: Door, query: Json) -> None:
    """Anything else is refused, and nothing is mirrored."""
    answer = door.shake(**query)

    assert answer.status == 403
    assert b"script" not in answer.body


# ---- signatures


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_both_secrets_count_while_one_replaces_the_other(
    door: Door, secret: str
) -> None:
    """A webhook signed with either is kept."""
    sent = body(text("wamid.1", "J'ai mangé des pâtes 😀"))

    assert door.post(sent, signed(sent, secret)).status == 200

    assert list(door.kept.rows) == ["m:wamid.1"]


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        signed(b"another body", NEW),
        signed(body(text("wamid.1")), "third-secret"),
        signed(body(text("wamid.1")), NEW).upper(),
    ],
)
def test_what_is_not_signed_leaves_no_trace(door: Door, signature: str) -> None:
    """It is refused, and neither kept nor published."""
    assert door.post(body(text("wamid.1")), signature).status == 403

    assert (door.kept.rows, door.published) == ({}, [])


@pytest.mark.parametrize("secrets", [(), ("",), (NEW, "")])
def test_without_a_secret_nothing_is_believed(secrets: tuple[str, ...]) -> None:
    """A secret that is missing or empty opens the door to nobody."""
    door = Door(secrets=secrets)
    sent = body(text("wamid.1"))

    assert door.post(sent, signed(sent, "")).status == 403
    assert door.kept.rows == {}


# ---- bodies


def test_a_large_webhook_is_kept(door: Door) -> None:
    """A thousand messages in one, of some megabytes, are all kept."""
    sent = body(*(text(f"wamid.{n}", "x" * 3_000) for n in range(1_000)))
    assert 3_000_000 < len(sent) < LARGEST_WEBHOOK

    assert door.post(sent).status == 200

    assert 1_000 == len(door.kept.rows) == len(door.published)


def test_a_webhook_that_is_too_large(door: Door) -> None:
    """More than four megabytes are refused from their length."""
    assert door.post(b" " * (LARGEST_WEBHOOK + 1)).status == 413


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"not json",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"object":"whatsapp_business_account","entry":7}',
        b'{"object":"whatsapp_business_account"}',
    ],
)
def test_signed_nonsense_is_not_sent_again(
    door: Door, lines: list[LogEvent], sent: bytes
) -> None:
    """What is signed and not understood is answered with 200, said in the log, and
    stops nothing."""
    assert door.post(sent).status == 200

    assert door.kept.rows == {}
    assert all(event["log_level"] < LogLevel.critical for event in lines)
    assert door.post(body(text("wamid.1"))).status == 200


@pytest.mark.parametrize(
    "update",
    [
        text("wamid.1", number="999999"),
        Update(
            NUMBER, "messages", {"id": "wamid.1", "from": "26377", "type": "hologram"}
        ),
        Update("", "holograms", {"anything": 1}),
        Update("", "smb_message_echoes", {"message_echoes": []}),
    ],
)
def test_what_is_unknown_is_kept_and_ignored(door: Door, update: Update) -> None:
    """Other numbers, types and fields are kept and answered with 200."""
    assert door.post(body(update, text("wamid.2"))).status == 200

    assert len(door.kept.rows) == 2
    assert door.kept.rows["m:wamid.2"]["kind"] == "message"


def test_another_numbers_message_is_nobodys(door: Door) -> None:
    """What came to another number of the same app wakes no lane of ours."""
    door.post(body(text("wamid.1", number="999999")))

    assert door.kept.rows["m:wamid.1"]["kind"] == "notice"


def test_the_same_again(door: Door) -> None:
    """A delivery that is repeated is answered alike, and is nothing new."""
    for _ in range(3):
        assert door.post(body(text("wamid.1"), text("wamid.2"))).status == 200

    assert len(door.published) == 2


def test_a_database_that_is_away(door: Door) -> None:
    """What could not be kept is not acknowledged, so that it comes again."""
    door.kept.away = True
    assert door.post(body(text("wamid.1"))).status == 503

    door.kept.away = False
    assert door.post(body(text("wamid.1"))).status == 200
    assert list(door.kept.rows) == ["m:wamid.1"]


# ---- alarms


def test_a_blocked_account_stops_sending(door: Door, lines: list[LogEvent]) -> None:
    """A failure that concerns the whole number stops it and is told at once."""
    status = {
        "id": "wamid.9",
        "status": "failed",
        "timestamp": "1790000000",
        "recipient_id": "263771234567",
        "errors": [{"code": 131042, "title": "Business eligibility payment issue"}],
    }

    assert door.post(body(Update(NUMBER, "statuses", status))).status == 200

    assert door.stopped.reasons == ["131042: Business eligibility payment issue"]
    assert LogLevel.critical in [event["log_level"] for event in lines]


def test_an_account_update_is_told(door: Door, lines: list[LogEvent]) -> None:
    """Whoever runs this hears of what happens to the account."""
    news = Update("", "account_update", {"event": "ACCOUNT_RESTRICTION"})

    assert door.post(body(news)).status == 200

    told = [e for e in lines if e["log_level"] is LogLevel.critical]
    assert [(event["name"], event["state"]) for event in told] == [
        ("account_update", "ACCOUNT_RESTRICTION")
    ]
