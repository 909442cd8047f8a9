"""What a store of payments promises, in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import attrs
import pytest
from pytest_twisted import blockon
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from tests.fakes.payments import MemoryPayments
from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups import Currency, Method, TopUp
from zimgpt.domain.topups.packages import Deal, chosen, deal
from zimgpt.domain.topups.states import (
    Cancelled,
    Created,
    Credited,
    Disputed,
    Doubt,
    Failed,
    Order,
    Pending,
    Place,
    Reason,
    Refunded,
    Review,
    Sent,
    Unknown,
)
from zimgpt.flows.ports.payments import Approve, EnterCode, PayCode, Prompt, Visit
from zimgpt.flows.ports.topups import (
    Decision,
    Evidence,
    Heard,
    Kept,
    NewPayment,
    Opening,
    PaymentId,
    Payments,
    Source,
)
from zimgpt.store.invariants import violations
from zimgpt.store.payments import PgPayments
from zimgpt.store.pool import Pool

PHONE = Phone("+263772345678")
PLACE = Place(poll="https://gateway/1", gateway_reference="77", code="https://g/otp")
LEASE = timedelta(seconds=20)
SAID = Evidence(
    source=Source.POLL, word="Paid", minor=50, matched=True, body=b"status=Paid"
)


STATES: tuple[Callable[[Order], TopUp], ...] = (
    Unknown,
    lambda order: Pending(order, PLACE),
    lambda order: Cancelled(order, PLACE),
    Cancelled,
    lambda order: Failed(order, Reason.AT_THE_WALLET, PLACE),
    lambda order: Failed(order, Reason.ABSENT),
    lambda order: Review(order, Doubt.AMOUNT, PLACE),
    lambda order: Refunded(order, False, PLACE),
    lambda order: Disputed(order, False, PLACE),
)


@attrs.frozen
class Till:
    """A store, two people, and how much somebody has."""

    payments: Payments
    ann: UserId
    ben: UserId
    available: Callable[[UserId], int]

    async def new(self, client_id: str = "p1", **other: object) -> NewPayment:
        """Ann's payment of the smallest package."""
        catalogue = await self.payments.catalogue()
        agreed: Deal = deal(chosen(catalogue.packages, "taste"), Currency.USD)
        id = str(uuid4())
        made = NewPayment(
            id=PaymentId(id),
            user=self.ann,
            payer=self.ann,
            channel="web",
            client_id=client_id,
            reference=f"ZG-{id[:12]}",
            deal=agreed,
            method=Method.ECOCASH,
            phone=PHONE,
        )
        return attrs.evolve(made, **other)  # type: ignore[arg-type]

    async def opened(self, client_id: str = "p1", **other: object) -> Kept:
        """As it is kept."""
        new = await self.new(client_id, **other)
        opening, id = await self.payments.open(new, 5)
        assert (opening, id) == (Opening.OPENED, new.id)
        return await self.payments.read(id)

    async def becomes(self, kept: Kept, topup: TopUp, **other: object) -> Kept:
        """After a decision."""
        made = {"topup": topup, "prompt": kept.prompt, **other}
        decision = Decision(**made)  # type: ignore[arg-type]
        assert await self.payments.apply(kept, decision) is not None
        return await self.payments.read(kept.id)


@pytest.fixture(params=["memory", "postgresql"])
def place(request: pytest.FixtureRequest) -> Iterator[Till]:
    """Two people without tokens."""
    if request.param == "memory":
        memory = MemoryPayments(Clock())
        yield Till(memory, UserId(1), UserId(2), lambda user: memory.balances[user])
        return
    from twisted.internet import reactor

    url = request.getfixturevalue("database")
    pool = Pool(reactor, url, 2)
    blockon(Deferred.fromCoroutine(pool.start()))  # type: ignore[no-untyped-call]
    with Clerk(url, superuser=True) as owner:
        ann, ben = UserId(owner.person(0)), UserId(owner.person(0))
        yield Till(PgPayments(pool), ann, ben, lambda user: owner.wallet(user)[0])
    pool.close()
    assert violations(url) == []


async def test_what_is_kept_is_what_was_agreed_to(place: Till) -> None:
    """Price, tokens and whose they are, before anybody is asked; and nothing is due."""
    kept = await place.opened()

    order = kept.topup.order
    assert isinstance(kept.topup, Created)
    assert (str(order.amount), order.tokens, order.method) == (
        "US$0.50",
        10_000,
        Method.ECOCASH,
    )
    assert (kept.payer, kept.user, kept.phone) == (place.ann, place.ann, PHONE)
    assert (kept.version, kept.polls, kept.prompt) == (1, 0, None)
    assert await place.payments.due(10, LEASE) == []


async def test_a_client_s_id_names_one_payment(place: Till) -> None:
    """Of each payer; another wish under it differs."""
    first = await place.opened()
    again = await place.new()
    other = attrs.evolve(again, phone=Phone("+263771111111"))

    assert await place.payments.open(again, 5) == (Opening.REPEAT, first.id)
    assert await place.payments.open(other, 5) == (Opening.DIFFERS, first.id)
    found = await place.payments.begun(place.ann, "p1")
    assert found is not None
    assert found.id == first.id
    assert await place.payments.begun(place.ben, "p1") is None
    assert await place.payments.begun(place.ann, "p2") is None


async def test_so_many_may_wait(place: Till) -> None:
    """Of one payer; what has come to an end does not count."""
    first = await place.opened("0")
    await place.opened("1")
    assert (await place.payments.open(await place.new("2"), 2))[0] is Opening.TOO_MANY

    await place.becomes(first, Sent(first.topup.order))
    sent = await place.payments.read(first.id)
    await place.becomes(sent, Failed(sent.topup.order, Reason.NOT_SENT))

    assert (await place.payments.open(await place.new("2"), 2))[0] is Opening.OPENED


async def test_a_decision_on_what_has_moved_on_is_not_written(place: Till) -> None:
    """Of two on the same version the first counts, with its evidence and its tokens."""
    kept = await place.opened()
    sent = await place.becomes(kept, Sent(kept.topup.order))
    waiting = await place.becomes(sent, Pending(sent.topup.order, PLACE))
    paid = Decision(
        topup=Credited(kept.topup.order, PLACE),
        prompt=None,
        credit="purchase",
        answered=True,
        evidence=SAID,
    )

    first = await place.payments.apply(waiting, paid)
    second = await place.payments.apply(waiting, paid)

    assert first == waiting.version + 1
    assert second is None
    assert place.available(place.ann) == 10_000
    after = await place.payments.read(kept.id)
    assert after.credited_at is not None
    assert (after.polls, after.misses) == (1, 0)


async def test_what_was_spent_can_be_taken_back(place: Till) -> None:
    """Once between a dispute and its refund, and once more after it was given back."""
    kept = await place.opened()
    order = kept.topup.order
    kept = await place.becomes(kept, Sent(order))
    kept = await place.becomes(
        kept, Credited(order, PLACE), credit="purchase", evidence=SAID
    )
    kept = await place.becomes(kept, Disputed(order, True, PLACE), clawback="clawback")
    assert place.available(place.ann) == 0
    kept = await place.becomes(
        kept, Credited(order, PLACE, reinstated=True), credit="reinstate"
    )
    assert place.available(place.ann) == 10_000
    assert kept.topup == Credited(order, PLACE, reinstated=True)
    kept = await place.becomes(kept, Refunded(order, True, PLACE), clawback="reclaim")
    assert place.available(place.ann) == 0
    assert kept.topup == Refunded(order, True, PLACE)


@pytest.mark.parametrize(
    "prompt",
    [
        Approve("Dial *151#"),
        PayCode("123", "25-Nov-2026 17:10", ("a://b", "c://d")),
        EnterCode("AB12"),
        Visit("https://gateway/pay"),
    ],
)
async def test_what_the_person_is_to_do_is_kept(place: Till, prompt: Prompt) -> None:
    """For whoever asks later, on whatever device."""
    kept = await place.opened()
    sent = await place.becomes(kept, Sent(kept.topup.order))

    after = await place.becomes(sent, Pending(sent.topup.order, PLACE), prompt=prompt)

    assert after.prompt == prompt
    assert after.topup == Pending(sent.topup.order, PLACE)


async def test_every_state_is_read_as_it_was_written(place: Till) -> None:
    """With what it knows of the gateway, and why."""
    for number, made in enumerate(STATES):
        payer = place.ann if number % 2 else place.ben
        kept = await place.opened(str(number), payer=payer)
        sent = await place.becomes(kept, Sent(kept.topup.order))
        topup = made(sent.topup.order)

        assert (await place.becomes(sent, topup)).topup == topup


async def test_each_is_due_to_one(place: Till) -> None:
    """For a while; and again when its next time has come."""
    kept = await place.opened()
    now = timedelta(0)
    kept = await place.becomes(kept, Sent(kept.topup.order), wait=now)

    assert list(await place.payments.due(10, LEASE)) == [kept.id]
    assert await place.payments.due(10, LEASE) == []
    await place.becomes(kept, kept.topup, wait=now, answered=False, absents=2)
    assert list(await place.payments.due(10, LEASE)) == [kept.id]
    after = await place.payments.read(kept.id)
    assert (after.version, after.polls, after.misses, after.absents) == (2, 1, 1, 2)


async def test_looks_are_taken_in_turns(place: Till) -> None:
    """The second within two seconds is none; what has not been sent, or is just being
    sent, is not looked at."""
    kept = await place.opened()
    assert not await place.payments.take_look(kept.id, LEASE)
    sent = await place.becomes(kept, Sent(kept.topup.order))
    assert not await place.payments.take_look(kept.id, LEASE)
    await place.becomes(sent, Pending(sent.topup.order, PLACE))

    assert await place.payments.take_look(kept.id, LEASE)
    assert not await place.payments.take_look(kept.id, LEASE)
    assert (await place.payments.read(kept.id)).hinted


async def test_a_call_is_kept(place: Till) -> None:
    """A genuine one is a reason to ask, now or soon; others are not, and what is about
    no payment, or one in another currency, is unknown."""
    kept = await place.opened()
    sent = await place.becomes(kept, Sent(kept.topup.order))
    await place.becomes(sent, Pending(sent.topup.order, PLACE))

    async def hear(currency: Currency = Currency.USD, **other: object) -> Heard:
        said = attrs.evolve(SAID, **other)  # type: ignore[arg-type]
        return await place.payments.hear(kept.id, currency, said, LEASE)

    assert await hear(genuine=False) is Heard.LATER
    assert await hear() is Heard.ASK
    assert await hear() is Heard.LATER
    assert await hear(Currency.ZWG) is Heard.UNKNOWN
    nobodys = PaymentId(str(uuid4()))
    assert (
        await place.payments.hear(nobodys, Currency.USD, SAID, LEASE) is Heard.UNKNOWN
    )


async def test_lists_have_pages_and_owners(place: Till) -> None:
    """Latest first."""
    made = [await place.opened(str(number)) for number in range(3)]
    await place.opened("x", payer=place.ben, user=place.ben)

    first = await place.payments.list(place.ann, None, 2)
    rest = await place.payments.list(place.ann, first[-1].id, 2)

    assert [one.id for one in (*first, *rest)] == [one.id for one in made[::-1]]
    with pytest.raises(NotFound):
        await place.payments.mine(place.ben, made[0].id)
    with pytest.raises(NotFound):
        await place.payments.read(PaymentId(str(uuid4())))


async def test_figures_count_what_is_under_way(place: Till) -> None:
    """By state."""
    kept = await place.opened("0")
    await place.opened("1")
    await place.becomes(kept, Sent(kept.topup.order))

    figures = await place.payments.figures()

    assert (figures["created"], figures["sent"]) == (1, 1)
