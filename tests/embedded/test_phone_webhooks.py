"""What the double posts: signed exactly, repeated, shuffled, in any batches."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twisted.internet.task import Clock

from tests.fakes.whatsapp import (
    SECRET,
    Bubble,
    Fault,
    NothingThere,
    Phones,
    Server,
    phones,
)
from zimgpt.embedded.phone.bodies import Update
from zimgpt.embedded.phone.checking import check
from zimgpt.wire.whatsapp import incoming, signature
from zimgpt.wire.whatsapp.events import IdentityNews, Marked, Notice


def made(**habits: object) -> tuple[Phones, Server, Clock]:
    """A double, its server and its clock."""
    clock, server = Clock(), Server()
    double = phones(server, clock)
    double.habits.change(**habits)
    return double, server, clock


def keys(server: Server) -> list[str]:
    """The keys of all that was posted, in order."""
    return [item.key for body, _ in server.posts for item in incoming.read(body).items]


def sent(double: Phones, text: str = "a") -> Any:  # noqa: ANN401
    """A message of ours that was accepted, without HTTP."""
    order: Any = {
        "messaging_product": "whatsapp",
        "to": "+263771234567",
        "type": "text",
        "text": {"body": text},
    }
    number = next(iter(double.world.numbers))
    return double.graph._accept(number, check(order), Fault(""))


def test_bodies_are_signed_as_they_are() -> None:
    """ASCII, lower-case escapes, escaped slashes; our reader takes them."""
    double, server, clock = made()

    double.acting.say(double.world.people["tendai"], "J'ai mangé 🍝 https://a.b/")
    clock.advance(0)

    ((body, header),) = server.posts
    assert rb"mang\u00e9 \ud83c\udf5d https:\/\/a.b\/" in body
    assert signature.verified(header, body, [SECRET.encode()])
    (message,) = incoming.read(body).messages
    assert (message.person.phone, message.name) == ("263771234567", "Tendai")


def test_nothing_is_posted_before_the_handshake() -> None:
    """It waits, and comes then."""
    clock, server = Clock(), Server()
    double = phones(None, clock)
    double.webhooks.through(server.post)

    double.acting.say(double.world.people["nomsa"], "Hi")
    clock.advance(1)
    before = len(server.posts)
    double.webhooks.handshaken()

    assert (before, len(server.posts)) == (0, 1)
    assert double.webhooks.idle


def test_what_is_not_taken_comes_again() -> None:
    """Ever more slowly, with the same bytes, until there is a 200."""
    double, server, clock = made()
    server.status = 503

    double.acting.say(double.world.people["nomsa"], "Hi")
    clock.pump([0, 1, 2])
    server.status = 200
    busy = not double.webhooks.idle
    clock.pump([4, 60])

    assert len({body for body, _ in server.posts}) == 1
    assert (len(server.posts), busy, double.webhooks.idle) == (4, True, True)


def test_redelivery_has_other_batches_and_the_same_keys() -> None:
    """So a hash of the body catches nothing, and a wamid does."""
    double, server, clock = made()
    for n in range(12):
        double.acting.say(double.world.people["nomsa"], f"{n}")
        clock.advance(0)
    first = keys(server)
    server.posts.clear()

    count = double.webhooks.redeliver()

    assert sorted(keys(server)) == sorted(first)
    assert len(server.posts) == count < 12


def test_updates_are_gathered_into_one_webhook() -> None:
    """Of several people at once, when it is told to."""
    double, server, clock = made(batch=1.0)
    for id in ("tendai", "nomsa", "rudo"):
        double.acting.say(double.world.people[id], id)
    clock.advance(1)

    ((body, _),) = server.posts
    assert [m.name for m in incoming.read(body).messages] == ["Tendai", "Nomsa", "Rudo"]


def test_statuses_misbehave_when_told() -> None:
    """Shuffled, doubled, without delivered, bare: and the end is always read."""
    double, server, clock = made(
        read_after=0.6, shuffle=1.0, duplicate=1.0, bare=1.0, skip_delivered=1.0
    )
    double.acting.say(double.world.people["tendai"], "Hi")
    for _ in range(5):
        sent(double)
    clock.pump([0.05] * 60)

    told = [s for body, _ in server.posts for s in incoming.read(body).statuses]
    assert {status.status for status in told} == {"sent", "read"}
    assert len(told) == 20
    assert [status.status for status in told] != ["sent"] * 10 + ["read"] * 10
    assert {status.pricing for status in told} == {None}
    assert {b.state for b in double.world.sends} == {"read"}


def test_updates_may_come_twice_by_themselves() -> None:
    """Without any failure of the server, as in the field."""
    double, server, clock = made(redeliver=1.0)

    double.acting.say(double.world.people["tendai"], "Hi")
    clock.pump([0, 2, 2])

    assert len(keys(server)) == 2
    assert len(set(keys(server))) == 1


def test_the_latency_of_the_server_is_known() -> None:
    """Median and share over a second, against what Meta wants."""
    double, _, _ = made()
    double.webhooks.answers.extend([(200, 0.1)] * 99 + [(200, 1.5)])
    good = double.webhooks.latency()
    double.webhooks.answers.extend([(200, 1.5)])

    assert (good.posts, good.median, good.over_a_second) == (100, 0.1, 0.01)
    assert good.good
    assert not double.webhooks.latency().good


def test_people_tap_what_they_were_shown() -> None:
    """The reply has the id and the title that we gave."""
    double, server, clock = made()
    world, person = double.world, double.world.people["tendai"]
    double.acting.say(person, "Hi")
    buttons = {"buttons": [{"type": "reply", "reply": {"id": "b", "title": "B"}}]}
    rows = {"sections": [{"rows": [{"id": "r", "title": "R"}]}]}
    for wamid, action in (("w1", buttons), ("w2", rows)):
        content = {"action": action, "body": {"text": "a"}}
        world.put(person, Bubble(wamid, 0.0, True, "interactive", content))

    double.acting.tap(person, "w1", "b")
    double.acting.tap(person, "w2", "r")
    clock.advance(0)

    read = [m for body, _ in server.posts for m in incoming.read(body).messages]
    assert [(m.sort, m.reply_to) for m in read[1:]] == [
        ("interactive", "w1"),
        ("interactive", "w2"),
    ]
    for wamid, id in (("w1", "x"), ("w9", "b")):
        with pytest.raises(NothingThere):
            double.acting.tap(person, wamid, id)


def test_people_change_their_number() -> None:
    """The news has the old one as the sender; a new scoped id comes with it."""
    double, server, clock = made()
    person = double.world.people["tendai"]
    old = person.bsuid

    double.acting.change_number(person, "263779999999")
    double.acting.react(person, "w1", "👍")
    clock.advance(0)

    items = [i for body, _ in server.posts for i in incoming.read(body).items]
    news, marked = items
    assert isinstance(news, IdentityNews)
    assert isinstance(marked, Marked)
    assert (news.person.bsuid, news.became.phone) == (old, "263779999999")
    assert marked.person.phone == "263779999999"
    assert person.bsuid != old


def test_news_of_the_account_can_be_sent() -> None:
    """Under its own field."""
    double, server, _ = made()

    value = {"event": "DISABLED_UPDATE"}
    double.webhooks.send([Update("", "account_update", value)])

    ((body, _),) = server.posts
    (notice,) = incoming.read(body).of(Notice)
    assert (notice.field, notice.event) == ("account_update", "DISABLED_UPDATE")
    assert json.loads(body)["object"] == "whatsapp_business_account"


@pytest.mark.parametrize("name", ["faults", "no_such"])
def test_only_switches_can_be_switched(name: str) -> None:
    """Anything else is a mistake of the drill."""
    double, _, _ = made()

    with pytest.raises(ValueError, match="no switch"):
        double.habits.change(**{name: 1})
    with pytest.raises(ValueError, match="no fault"):
        double.habits.next(Fault(name))
