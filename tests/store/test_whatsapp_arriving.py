"""Webhooks in the database: once by their keys, whoever they are from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from tests.store.clerk import Clerk
from tests.store.postbox import Postbox, new_wamid, receive, status
from zimgpt.store.invariants import violations


def test_an_item_is_kept_once(clerk: Clerk) -> None:
    """What comes again, alone or among others, is counted and has no second effect."""
    tendai, rudo = Postbox.of(clerk), Postbox.of(clerk)
    first, second = tendai.item(), rudo.item()

    assert receive(clerk, first) == 1
    assert receive(clerk, second, first) == 1
    assert receive(clerk, first, second) == 0

    seen = "select seen_count from inbox where dedup_key = %s"
    assert clerk.value(seen, first["key"]) == 3
    assert tendai.lane("wa_inbound") == ("queued", False)
    tidy(tendai, rudo)


def test_ten_deliveries_at_once(clerk: Clerk, database: str) -> None:
    """Deliveries of the same items at the same time, in whatever order, keep each once
    and wait for each other without a deadlock."""
    people = [Postbox.of(clerk) for _ in range(20)]
    items = [person.item() for person in people]

    def deliver(number: int) -> int:
        with Clerk(database) as other:
            turned = items[number:] + items[:number]
            return receive(other, *(turned if number % 2 else reversed(turned)))

    with ThreadPoolExecutor(10) as pool:
        fresh = list(pool.map(deliver, range(10)))

    assert sum(fresh) == 20
    assert clerk.rows("select count(*) from inbox") == [(20,)]
    assert clerk.rows("select count(*) from jobs") == [(20,)]
    assert clerk.rows("select count(*) from whatsapp_contacts") == [(20,)]
    tidy(*people)


def test_a_thousand_at_once(clerk: Clerk) -> None:
    """The largest webhook is one commit, and quickly so."""
    people = [Postbox.of(clerk) for _ in range(250)]
    items = [person.item() for person in people for _ in range(4)]
    began = datetime.now(UTC)

    assert receive(clerk, *items) == 1000

    assert datetime.now(UTC) - began < timedelta(seconds=30)  # one, at leisure
    assert clerk.value("select count(*) from jobs") == 250


def test_nobody_writes_in_the_future(clerk: Clerk) -> None:
    """A time to come, or none, counts as now: the day that we may answer in has an
    end."""
    tendai = Postbox.of(clerk)
    receive(clerk, tendai.item(ago=-86_400), tendai.item() | {"at": None})

    late = clerk.value("select heard_at > clock_timestamp() from whatsapp_contacts")
    assert late is False
    assert clerk.value("select count(*) from inbox where sent_at is null") == 0


def test_one_person_by_number_and_id(clerk: Clerk) -> None:
    """A number and an id that came together are one contact from then on, whichever
    comes alone."""
    both = Postbox.of(clerk)
    receive(clerk, both.item())

    receive(clerk, Postbox(clerk, both.phone).item())
    receive(clerk, Postbox(clerk, None, both.bsuid).item())

    assert clerk.value("select count(*) from whatsapp_contacts") == 1


def test_a_number_that_changed_hands(clerk: Clerk) -> None:
    """A new id on a known number is somebody new: the wallet, its number's account on
    the web and the welcome gift stay with the one before."""
    before = Postbox.of(clerk)
    before.write()
    user, made, known = before.account()

    heir = Postbox(clerk, before.phone, "ZW.4711")
    heir.write()
    other, made_too, known_too = heir.account()

    assert (made, known) == (True, False)
    assert (made_too, known_too) == (True, False)
    assert user != other
    assert clerk.wallet(user) == (1000, 0)
    assert clerk.wallet(other) == (0, 0)


def test_the_account_of_the_web(clerk: Clerk) -> None:
    """A number that signed up on the web has its account there, and must be told."""
    tendai = Postbox.of(clerk)
    user = clerk.value("select open_account(%s, 'hash', 500)", tendai.phone)
    tendai.write()

    assert (user, False, True) == tendai.account()
    assert (user, False, False) == tendai.account()

    told = "select web_told from whatsapp_contacts where id = %s"
    assert clerk.value(told, tendai.contact) is False
    assert clerk.wallet(user) == (500, 0)


def test_an_account_is_made_once(clerk: Clerk) -> None:
    """An account without a number has one welcome gift, however often it is made."""
    hidden = Postbox(clerk, None, "ZW.815")
    hidden.write()

    user, made, known = hidden.account()

    assert (made, known) == (True, False)
    assert (user, False, False) == hidden.account()
    assert clerk.wallet(user) == (1000, 0)


def test_a_step_is_taken_once(clerk: Clerk) -> None:
    """Of two steps about the same arrival one is taken, with all that it says."""
    tendai = Postbox.of(clerk)
    arrival = tendai.write()
    says = [{"id": "0" * 31 + "1", "message": {"text": "hello"}, "answer": None}]

    assert tendai.step(arrival, says=says, language="sn", greeted=True)
    assert not tendai.step(arrival, says=says, language="nd")

    row = "select language, greeted_at is not null from whatsapp_contacts"
    assert clerk.row(row) == ("sn", True)
    assert clerk.value("select count(*) from whatsapp_outgoing") == 1
    assert tendai.lane("wa_send") == ("queued", False)


def test_statuses_of_strangers_are_kept(clerk: Clerk) -> None:
    """News of a message that we do not know is kept and changes nothing."""
    assert receive(clerk, status(new_wamid(), "delivered")) == 1
    assert clerk.value("select outcome from inbox") == "done"


def tidy(*people: Postbox) -> None:
    """Deals with what they wrote, and sees that all is at rest."""
    for person in people:
        open_ = "select id from inbox where contact_id = %s and outcome is null"
        rows = person.clerk.rows(open_, person.contact)
        assert person.step(*(id for (id,) in rows))
        lane = person.claim("wa_inbound")
        assert lane is not None
        assert not person.finish(lane.job)


def test_rest(clerk: Clerk, database: str) -> None:
    """When everything was heard, the lanes are at rest."""
    tendai = Postbox.of(clerk)
    tendai.write()
    tidy(tendai)
    clerk.rows("update outbox set confirmed_at = clock_timestamp()")

    assert violations(database, at_rest=True) == []
