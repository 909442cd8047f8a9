"""Whole webhooks: everything in them is found, and nothing in them can hurt."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from time import thread_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire import whatsapp_bodies as wa
from zimgpt.domain.heard import Said
from zimgpt.wire.whatsapp import incoming, statuses
from zimgpt.wire.whatsapp.events import (
    Delivery,
    Error,
    Fault,
    Notice,
    Other,
    Pricing,
    Rank,
)
from zimgpt.wire.whatsapp.incoming import MalformedBody
from zimgpt.wire.whatsapp.people import Person

HELLO = wa.message("text", {"body": "Mhoro"})


def names(delivery: Delivery) -> list[str]:
    """What was kept without being understood."""
    return [other.name for other in delivery.of(Other)]


def test_a_message_says_who_when_and_where() -> None:
    """All that the envelope and the message tell."""
    context = {"from": "15550783881", "id": "wamid.quoted"}
    said = HELLO | {"context": context, "from_parent_user_id": "ZW.ENT.7"}

    (message,) = incoming.read(wa.messages(said)).messages

    assert message.person == Person(wa.PHONE, wa.BSUID, "ZW.ENT.7")
    assert (message.wamid, message.number) == (wa.WAMID, wa.NUMBER)
    assert message.key == f"m:{wa.WAMID}"
    assert (message.name, message.sort) == ("Tendai", "text")
    assert message.at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert message.heard == Said("Mhoro")
    assert message.reply_to == "wamid.quoted"
    assert (message.group, message.forwarded, message.errors) == (None, False, ())
    assert json.loads(message.raw) == said


@pytest.mark.parametrize(
    ("context", "forwarded"),
    [
        ({"forwarded": True}, True),
        ({"frequently_forwarded": True}, True),
        ({"forwarded": "no"}, False),
        ([], False),
    ],
)
def test_forwarded_messages_are_known(context: object, forwarded: bool) -> None:
    """Whether once or often."""
    (message,) = incoming.read(wa.messages(HELLO | {"context": context})).messages

    assert message.forwarded is forwarded
    assert message.reply_to is None


@pytest.mark.parametrize(
    ("sender", "person"),
    [
        ({"from": wa.PHONE, "from_user_id": None}, Person(wa.PHONE, wa.BSUID)),
        ({"from": None}, Person(wa.PHONE, wa.BSUID)),
        ({"from": ""}, Person(wa.PHONE, wa.BSUID)),
        ({"from": "+263 77 123-4567"}, Person(wa.PHONE, wa.BSUID)),
        ({"from": 263771234567}, Person(wa.PHONE, wa.BSUID)),
        (
            {"from": "263772000000", "from_user_id": None},
            Person("263772000000", None),
        ),
        ({"from": None, "from_user_id": "ZW.other"}, Person(None, "ZW.other")),
    ],
)
def test_the_sender_is_the_messages_own(sender: wa.Json, person: Person) -> None:
    """A contact adds what is missing, and only the one that is the sender's."""
    (message,) = incoming.read(wa.messages(HELLO | sender)).messages

    assert message.person == person


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ({"from": None, "from_user_id": None}, "message:without sender"),
        ({"from": "1 or 1=1"}, "message:without sender"),
        ({"from": "12", "from_user_id": "zw.1"}, "message:without sender"),
        ({"from": "15550783881"}, "message:from ourselves"),
        ({"id": None}, "message:without id"),
        ({"id": ""}, "message:without id"),
        ({"id": 5}, "message:without id"),
        ({"id": "x" * 10_000}, "message:without id"),
    ],
)
def test_a_message_from_nobody_is_kept_and_not_answered(
    sender: wa.Json, name: str
) -> None:
    """It has a name to be counted by, and its bytes."""
    delivery = incoming.read(wa.messages(HELLO | sender))

    assert delivery.messages == ()
    assert names(delivery) == [name]
    assert json.loads(delivery.items[0].raw)["type"] == "text"


@pytest.mark.parametrize(
    "contacts",
    [None, [], "x", [5], [{}], [{"profile": None, "wa_id": wa.PHONE}]],
)
def test_contacts_may_be_missing(contacts: object) -> None:
    """The message is read without them."""
    (message,) = incoming.read(wa.messages(HELLO, contacts=contacts)).messages

    assert (message.person.phone, message.name) == (wa.PHONE, "")


@pytest.mark.parametrize(
    ("stamp", "year"),
    [
        ("1790000000", 2026),
        (1790000000, 2026),
        ("1790000000123", 2026),
        ("4102444800", 2100),
        ("soon", None),
        (None, None),
        (True, None),
        (1.5, None),
        ("-1", None),
        ("9" * 15, None),
        ("9" * 5000, None),
    ],
)
def test_times_are_read_or_missing(stamp: object, year: int | None) -> None:
    """Seconds or milliseconds, as a string or a number."""
    (message,) = incoming.read(wa.messages(HELLO | {"timestamp": stamp})).messages

    assert (message.at and message.at.year) == year


def test_a_group_is_told() -> None:
    """What was said before others is not answered there."""
    (message,) = incoming.read(wa.messages(HELLO | {"group_id": "G1"})).messages

    assert message.group == "G1"


def test_everything_in_every_entry_is_found_in_order() -> None:
    """Entries, changes, messages, statuses and errors, all of them."""
    texts = [HELLO | {"id": f"wamid.{n}"} for n in range(6)]
    first = wa.webhook(
        wa.value(messages=texts[:2], statuses=[wa.status(), wa.status("read")]),
        wa.value(messages=texts[2:4], errors=[{"code": 130429, "title": "Slow"}]),
    )
    second = wa.webhook(wa.value(messages=texts[4:]))
    first["entry"] += second["entry"]

    delivery = incoming.read(wa.body(first))

    assert [m.wamid for m in delivery.messages] == [f"wamid.{n}" for n in range(6)]
    assert [s.status for s in delivery.statuses] == ["sent", "read"]
    assert [f.error for f in delivery.of(Fault)] == [Error(130429, "Slow")]


def test_each_key_is_there_once() -> None:
    """The first of two messages with one id stays; so do statuses and errors."""
    again = HELLO | {"text": {"body": "other"}}
    top = wa.webhook(
        wa.value(messages=[HELLO, again], statuses=[wa.status(), wa.status()]),
        wa.value(messages=[HELLO], errors=[{"code": 1}, {"code": 1}]),
    )

    delivery = incoming.read(wa.body(top))

    assert [item.key.partition(":")[0] for item in delivery.items] == ["m", "s", "e"]
    assert delivery.messages[0].heard == Said("Mhoro")


def test_a_key_outlives_other_batches_and_other_orders_of_fields() -> None:
    """What is the same has the same key and the same bytes, however it came."""
    backwards = dict(reversed(HELLO.items()))
    error = {"code": 131031, "title": "Locked"}

    one = incoming.read(wa.messages(HELLO, errors=[error]))
    other = incoming.read(
        wa.body(wa.webhook(wa.value(), wa.value(messages=[backwards])))
    )
    third = incoming.read(wa.body(wa.webhook(wa.value(errors=[error]))))

    assert one.items[0].key == other.items[0].key
    assert one.items[0].raw == other.items[0].raw
    assert one.items[1].key == third.items[0].key


def test_a_status_says_all_it_knows() -> None:
    """Whose, how far, what it costs, and our own id."""
    pricing = {"billable": True, "pricing_model": "PMP", "type": "regular"}
    told = wa.status(
        "delivered",
        recipient_user_id=wa.BSUID,
        biz_opaque_callback_data="job-42",
        pricing=pricing | {"category": "service"},
    )

    (status,) = incoming.read(wa.statuses(told)).statuses

    assert status.key == f"s:{wa.WAMID}:delivered"
    assert (status.rank, status.ours) == (Rank.DELIVERED, "job-42")
    assert status.recipient == Person(wa.PHONE, wa.BSUID)
    assert status.pricing == Pricing(True, "PMP", "regular", "service")
    assert (status.errors, status.group) == ((), False)


def test_a_failed_status_says_why() -> None:
    """Codes are numbers, also where they came as strings; details may be missing."""
    errors = [
        {"code": "131049", "title": "Not sent", "error_data": {"details": "Cap"}},
        {"code": 1, "error_data": "plain"},
        "junk",
        {},
    ]

    (status,) = incoming.read(wa.statuses(wa.status("failed", errors=errors))).statuses

    assert status.rank is Rank.FAILED
    assert status.errors == (
        Error(131049, "Not sent", "Cap"),
        Error(1, "", "plain"),
        Error(None),
    )


@pytest.mark.parametrize(
    ("told", "recipient", "group"),
    [
        ({"recipient_id": None}, Person(), False),
        (
            {"recipient_id": "", "recipient_user_id": "ZW.1"},
            Person(None, "ZW.1"),
            False,
        ),
        ({"recipient_id": "grp", "recipient_type": "group"}, Person(), True),
    ],
)
def test_a_recipient_may_be_missing(
    told: wa.Json, recipient: Person, group: bool
) -> None:
    """The wamid alone says which message it is."""
    (status,) = incoming.read(wa.statuses(wa.status() | told)).statuses

    assert (status.recipient, status.group) == (recipient, group)


@pytest.mark.parametrize("told", [{"id": None}, {"status": None}, {"status": "a b"}])
def test_a_status_of_nothing_is_kept(told: wa.Json) -> None:
    """It has a name to be counted by."""
    delivery = incoming.read(wa.statuses(wa.status() | told))

    assert names(delivery) == ["status:without id"]


@pytest.mark.parametrize(
    ("known", "news", "then"),
    [
        (Rank.UNKNOWN, Rank.SENT, Rank.SENT),
        (Rank.SENT, Rank.QUEUED, Rank.SENT),
        (Rank.READ, Rank.DELIVERED, Rank.READ),
        (Rank.SENT, Rank.UNKNOWN, Rank.SENT),
        (Rank.SENT, Rank.FAILED, Rank.FAILED),
        (Rank.DELIVERED, Rank.FAILED, Rank.DELIVERED),
        (Rank.PLAYED, Rank.FAILED, Rank.PLAYED),
        (Rank.FAILED, Rank.SENT, Rank.FAILED),
        (Rank.FAILED, Rank.READ, Rank.READ),
        (Rank.FAILED, Rank.FAILED, Rank.FAILED),
    ],
)
def test_ranks_only_go_forward(known: Rank, news: Rank, then: Rank) -> None:
    """In whatever order news comes."""
    assert statuses.after(known, news) is then


@given(st.lists(st.sampled_from(list(Rank)), max_size=6), st.randoms())
def test_the_last_word_does_not_depend_on_the_order(
    every: list[Rank], dice: Random
) -> None:
    """The same statuses shuffled end at the same rank."""
    shuffled = list(every)
    dice.shuffle(shuffled)

    assert _end(every) is _end(shuffled)


def _end(every: list[Rank]) -> Rank:
    known = Rank.UNKNOWN
    for news in every:
        known = statuses.after(known, news)
    return known


@pytest.mark.parametrize("word", ["warning", "deleted", "teleported"])
def test_statuses_that_are_not_known_mean_nothing(word: str) -> None:
    """They are kept under their key, and change no rank."""
    (status,) = incoming.read(wa.statuses(wa.status(word))).statuses

    assert (status.rank, status.key) == (Rank.UNKNOWN, f"s:{wa.WAMID}:{word}")


def test_news_of_the_account_is_told() -> None:
    """Its field, its event, and a key of its own for each."""
    ban = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}
    top = wa.webhook(ban, {"event": "VERIFIED_ACCOUNT"}, "x", field="account_update")

    delivery = incoming.read(wa.body(top))

    notices = delivery.of(Notice)
    assert [notice.event for notice in notices] == [
        "DISABLED_UPDATE",
        "VERIFIED_ACCOUNT",
        "",
    ]
    assert {notice.field for notice in notices} == {"account_update"}
    assert len({notice.key for notice in notices}) == 3
    assert json.loads(notices[0].raw)["value"] == ban


@pytest.mark.parametrize(
    ("top", "name"),
    [
        (wa.webhook({"message_echoes": []}, field="smb_message_echoes"), None),
        (wa.webhook({}, field="no such field"), "field:none"),
        (wa.webhook("junk"), "field:messages"),
        ({"object": "page", "entry": []}, "object:page"),
        ({}, "object:none"),
    ],
)
def test_what_is_not_for_us_is_kept_under_a_name(
    top: wa.Json, name: str | None
) -> None:
    """Echoes, calls, groups, other products: named, and never answered."""
    delivery = incoming.read(wa.body(top))

    assert names(delivery) == [name or "field:smb_message_echoes"]


def test_junk_never_stops_its_neighbours() -> None:
    """It is counted by where it was."""
    good = wa.value(messages=[None, 5, "x", [], HELLO], statuses="x")
    top = wa.webhook(good)
    top["entry"][0]["changes"] += [None, []]
    top["entry"] = [0, *top["entry"], "y", {"changes": {}}]

    delivery = incoming.read(wa.body(top))

    assert [message.wamid for message in delivery.messages] == [wa.WAMID]
    assert delivery.junk == {"entry": 2, "change": 3, "message": 4, "status": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b"[]",
        b"null",
        b"5",
        b'"x"',
        b'{"a":"\xff"}',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[" * 3_000_000,
        b'"' + b"x" * incoming.LARGEST + b'"',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_webhook_is_malformed(body: bytes) -> None:
    """One error for all, and its sentence can be read."""
    with pytest.raises(MalformedBody, match=r"^This webhook is "):
        incoming.read(body)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"1790000000"', b"9" * 5000),
        (b'"1790000000"', b"123456789012345678901234567890"),
        (b'"1790000000"', b"NaN"),
        (b'"1790000000"', b"1e999"),
        (b"Mhoro", b"\\ud83d"),
        (b"Mhoro", b"\\u0000"),
        (b'{"object"', b'\xef\xbb\xbf{"object"'),
    ],
)
def test_odd_json_still_has_its_message(old: bytes, new: bytes) -> None:
    """Endless digits, NaN, half characters, NUL and a BOM spoil only themselves."""
    (message,) = incoming.read(wa.messages(HELLO).replace(old, new)).messages

    assert message.wamid == wa.WAMID
    assert b"\\u0000" not in message.raw
    message.raw.decode()


def test_a_large_webhook_costs_what_its_messages_do() -> None:
    """A thousand updates in one, as documented, are no dearer than a thousand alone."""
    texts = [HELLO | {"id": f"wamid.{n}"} for n in range(1000)]
    body, alone = wa.messages(*texts), [wa.messages(text) for text in texts]

    def cost(*bodies: bytes) -> float:
        gc.collect()
        start = thread_time()
        for one in bodies:
            incoming.read(one)
        return thread_time() - start

    assert len(incoming.read(body).messages) == 1000
    assert any(cost(body) < 2 * cost(*alone) for _ in range(3))  # others work, too


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([wa.PHONE, wa.BSUID, wa.WAMID, "text", "\ud800", "\x00"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "text", "body", "from", "errors", "code", "context"]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """Every container in it, with every key of it."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


@settings(max_examples=400)
@given(data=st.data())
def test_any_part_may_be_anything(data: st.DataObject) -> None:
    """Wherever something else stands, the result is a Delivery that can be stored."""
    top: Any = wa.webhook(
        wa.value(
            messages=[deepcopy(HELLO), wa.message("image", {"id": "1"})],
            statuses=[wa.status("failed", errors=[{"code": 1}], pricing={})],
            errors=[{"code": 1}],
        )
    )
    where, key = data.draw(st.sampled_from(list(_places(top))))
    where[key] = data.draw(json_values)

    delivery = incoming.read(wa.body(top))

    for item in delivery.items:
        assert "\x00" not in item.key
        assert b"\\u0000" not in item.raw
        json.loads(item.raw.decode())


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,entry\\ud8 0', max_size=60))
def test_any_bytes_are_read_or_malformed(body: bytes | str) -> None:
    """Never another error."""
    with suppress(MalformedBody):
        incoming.read(body if isinstance(body, bytes) else body.encode())
