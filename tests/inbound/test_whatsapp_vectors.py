"""Bodies that others have published, and what they lead to: read where a folder of them
lies beside the checkout, for they are not ours to give away."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator
from pathlib import Path

from tests.fakes.whatsapp import NUMBER
from tests.inbound.test_http_whatsapp import Door
from zimgpt.domain.heard import Chose, Said, Sent
from zimgpt.wire.whatsapp import signature
from zimgpt.wire.whatsapp.events import IdentityNews, Marked, Message, Status
from zimgpt.wire.whatsapp.incoming import read
from zimgpt.wire.whatsapp.stored import stored

Row = dict[str, str]

SECRET = b"zimgpt-test-app-secret"
OF_MESSAGES = (Message, Marked, IdentityNews)
"""What stands among messages: also reactions, edits and changes of a number."""

AGAIN = "dup_redelivery_2.json"
"""Comes after ``dup_redelivery_1.json``, and is nothing new."""


def folder() -> Path | None:
    """Where they are."""
    for above in Path(__file__).resolve().parents[2].parents:
        place = above / "shared" / "vectors" / "whatsapp"
        if place.exists():
            return place
    return None


def table(name: str) -> Iterator[tuple[Row, Path]]:
    """Rows of an index, each with the folder its file is in; none without any."""
    place = folder()
    if place is None:
        return
    with (place / name).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row, (place / name).parent


def turns(door: Door) -> int:
    """What somebody said to us that words can be made of: text, taps and captions."""
    said = [
        stored(base64.b64decode(row["body"])).heard
        for row in door.kept.rows.values()
        if row["kind"] == "message"
    ]
    return sum(
        isinstance(one, Said | Chose) or (isinstance(one, Sent) and bool(one.caption))
        for one in said
    )


def test_published_bodies() -> None:
    """Each is answered with 200, and all its messages and statuses are found, unless
    their senders are no people but places for some."""
    for row, place in table("sources.csv"):
        body = (place / row["file"]).read_bytes()
        items = read(body).items
        messages = sum(isinstance(one, OF_MESSAGES) for one in items)
        statuses = sum(isinstance(one, Status) for one in items)

        assert Door().post(body).status == 200, row["file"]
        if row["placeholder_values"] == "0" and "..." not in row["sender_bsuid"]:
            assert messages == int(row["n_messages"]), row["file"]
            assert statuses == int(row["n_statuses"]), row["file"]


def test_bodies_that_are_wrong_or_hard() -> None:
    """Each is answered as it must be, and wakes as many turns as it has."""
    for row, place in table("bad/index.csv"):
        door = Door()
        if row["file"] == AGAIN:
            door.post((place / "dup_redelivery_1.json").read_bytes())
        before = turns(door)
        answer = door.post((place / row["file"]).read_bytes())
        found = str(turns(door) - before)

        wanted = (
            ("0", "1") if row["jobs_to_queue"] == "0 or 1" else (row["jobs_to_queue"],)
        )
        if row["file"] == AGAIN:
            wanted = ("0",)
        assert str(answer.status) == row["expected_http"], row["file"]
        assert found in wanted, row["file"]


def test_sizes_that_are_made() -> None:
    """Three megabytes are taken, and what is over four is not."""
    place = folder()
    if place is None:
        return
    envelope = json.loads((place / "bad" / "text_body_4096.json").read_text("utf-8"))
    message = envelope["entry"][0]["changes"][0]["value"]["messages"][0]
    for letters, status, found in (
        ("x" * 2_999_100, 200, 1),
        ("y" * 4_194_314, 413, 0),
    ):
        message["id"] = f"wamid.{len(letters)}"
        message["text"]["body"] = letters
        door = Door()

        assert door.post(json.dumps(envelope, indent=1).encode()).status == status
        assert turns(door) == found


def test_signatures_of_exact_bytes() -> None:
    """The right one is believed; one of the same JSON written again only where that
    gives the very same bytes."""
    for row, place in table("wire/signatures.csv"):
        body = (place / row["file"]).read_bytes()
        size, right, *wrong = list(row.values())[1:]

        assert len(body) == int(size), row["file"]
        assert signature.verified(right, body, [SECRET]), row["file"]
        for other in wrong:
            assert signature.verified(other, body, [SECRET]) == (other == right)


def test_what_names_no_number_is_not_for_us() -> None:
    """It is kept and answered with 200, and wakes nobody; with our number it does."""
    said = {"from": "263771234567", "type": "text", "text": {"body": "Hi"}}
    messages = [{"id": "wamid.1", "timestamp": "1790000000", **said}]
    ours = {"metadata": {"phone_number_id": NUMBER}}

    for more, found in (({}, 0), (ours, 1)):
        change = {"field": "messages", "value": {"messages": messages, **more}}
        entry = {"id": "1", "changes": [change]}
        top = {"object": "whatsapp_business_account", "entry": [entry]}
        door = Door()

        assert door.post(json.dumps(top).encode()).status == 200
        assert (turns(door), len(door.kept.rows)) == (found, 1)
