"""Buying tokens, with a gateway and a store in memory and a clock of its own."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from tests.fakes.buying import Shop
from tests.fakes.rail import RIGHT_CODE
from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import NotFound, Unavailable
from zimgpt.domain.phones import Phone
from zimgpt.domain.topups import Currency, Method
from zimgpt.domain.topups.news import Status
from zimgpt.domain.topups.packages import NoRate
from zimgpt.domain.topups.refusals import CurrencyOff
from zimgpt.domain.topups.states import (
    Cancelled,
    Credited,
    Failed,
    Pending,
    Reason,
    Refunded,
    Review,
    Sent,
    Unknown,
    stage,
)
from zimgpt.flows.ports.payments import NotSent, Unheard
from zimgpt.flows.ports.topups import Kept
from zimgpt.flows.topping_up import Wish, reference

ANN, BEN = UserId(1), UserId(2)
PHONE = Phone("+263772345678")


@pytest.fixture
def shop() -> Shop:
    """Everything, in memory."""
    return Shop()


def wish(client_id: str = "p1", **other: object) -> Wish:
    """The smallest package by EcoCash."""
    asked: dict[str, object] = {
        "client_id": client_id,
        "package": "taste",
        "currency": Currency.USD,
        "phone": PHONE,
        **other,
    }
    return Wish(**asked)  # type: ignore[arg-type]


async def begin(shop: Shop, **other: object) -> Kept:
    """A payment of Ann's."""
    kept = await shop.topping_up.start(ANN, wish(**other))  # type: ignore[arg-type]
    return await shop.store.read(kept.id)


async def passes(shop: Shop, seconds: float) -> None:
    """Time, with a round of the reconciler in every second of it."""
    for _ in range(int(seconds)):
        shop.clock.advance(1)
        await shop.reconciling.round()


async def test_the_row_is_committed_before_the_gateway_is_asked(shop: Shop) -> None:
    """And with the terms that it will be credited by."""
    shop.rail.held = []

    kept = await begin(shop)

    assert isinstance(kept.topup, Sent)
    assert shop.initiating.running == 1
    shop.rail.held[0].callback(None)
    row = shop.store.row()
    assert isinstance(row.kept.topup, Pending)
    assert row.kept.topup.order.tokens == 10_000
    assert shop.initiating.running == 0


async def test_a_start_that_died_is_taken_up_by_the_next(shop: Shop) -> None:
    """Between keeping it and asking: the person's own repeat goes on from there."""
    shop.store.race = [lambda: _gone(shop)]
    with pytest.raises(Unavailable):
        await begin(shop)
    assert shop.rail.begun == []
    shop.store.away = False

    kept = await begin(shop)

    assert isinstance(kept.topup, Pending)
    assert len(shop.rail.begun) == 1


async def _gone(shop: Shop) -> None:
    shop.store.away = True
    raise Unavailable


async def test_a_start_that_nobody_repeats_is_given_up(shop: Shop) -> None:
    """No phone rings an hour later."""
    shop.store.race = [lambda: _gone(shop)]
    with pytest.raises(Unavailable):
        await begin(shop)
    shop.store.away = False

    await passes(shop, 61)

    topup = shop.store.row().kept.topup
    assert isinstance(topup, Failed)
    assert topup.reason is Reason.NOT_SENT
    assert shop.rail.begun == []


async def test_two_nodes_begin_it_once(shop: Shop) -> None:
    """Whoever comes second asks for nothing."""
    again: list[Deferred[None]] = []

    async def other() -> None:
        again.append(
            Deferred.fromCoroutine(shop.initiating.begin(shop.store.row().kept.id))
        )

    shop.store.race = [other]

    await begin(shop)

    assert len(again) == 1
    assert len(shop.rail.begun) == 1


async def test_an_answer_that_is_lost_is_traced(shop: Shop) -> None:
    """And never begun again: one credit, one request."""
    shop.rail.lost = True
    kept = await begin(shop)
    assert isinstance(kept.topup, Unknown)
    shop.rail.only.status = Status.PAID

    await passes(shop, 6)

    assert isinstance(shop.store.row().kept.topup, Credited)
    assert shop.rail.asked == ["trace"]
    assert len(shop.rail.begun) == 1
    assert shop.store.balances[ANN] == 10_000


async def test_what_the_gateway_never_heard_of_is_given_up_late(shop: Shop) -> None:
    """After ten minutes of being told so, and not before."""
    shop.rail.lost = True
    await begin(shop)
    shop.rail.known.clear()

    await passes(shop, 590)
    assert isinstance(shop.store.row().kept.topup, Unknown)
    await passes(shop, 320)

    topup = shop.store.row().kept.topup
    assert isinstance(topup, Failed)
    assert topup.reason is Reason.ABSENT


async def test_a_lost_call_is_made_up_for(shop: Shop) -> None:
    """Nobody tells us, and it is credited within a minute of being paid."""
    await begin(shop)
    await passes(shop, 200)
    shop.rail.only.status = Status.PAID

    await passes(shop, 52)

    assert isinstance(shop.store.row().kept.topup, Credited)


async def test_ten_copies_of_a_call(shop: Shop) -> None:
    """One question and one credit."""
    kept = await begin(shop)
    shop.rail.only.status = Status.PAID

    for _ in range(10):
        assert await shop.callbacks.hear(Currency.USD, kept.id, b"signed")

    assert shop.rail.asked == ["poll"]
    assert shop.store.balances[ANN] == 10_000
    assert shop.callbacks.heard == {"ok": 10}


async def test_a_reconciler_and_a_call_race(shop: Shop) -> None:
    """Both heard Paid; who is second decides again, and changes nothing."""
    kept = await begin(shop)
    shop.rail.only.status = Status.PAID

    async def quicker() -> None:
        await shop.looking.look(kept.id)

    shop.store.race = [quicker]

    await shop.looking.look(kept.id)

    row = shop.store.row()
    assert row.transfers == ["purchase"]
    assert shop.store.balances[ANN] == 10_000
    assert [event.matched for event in row.events if event.word == "Paid"] == [True] * 2


async def test_a_call_that_is_quicker_than_the_answer(shop: Shop) -> None:
    """Is remembered: the gateway is asked as soon as it is known where."""
    shop.rail.held = []
    kept = await begin(shop)
    shop.rail.only.status = Status.PAID
    assert await shop.callbacks.hear(Currency.USD, kept.id, b"signed")
    assert shop.rail.asked == []

    shop.rail.held[0].callback(None)

    assert isinstance(shop.store.row().kept.topup, Credited)


async def test_a_gateway_whose_answers_lag_is_asked_again_soon(shop: Shop) -> None:
    """It called, and then says that nothing has happened: in five seconds it is asked
    again, and not at the next minute."""
    kept = await begin(shop)
    await passes(shop, 130)
    before = len(shop.rail.asked)
    await shop.callbacks.hear(Currency.USD, kept.id, b"signed")
    shop.rail.only.status = Status.PAID

    await passes(shop, 7)

    assert isinstance(shop.store.row().kept.topup, Credited)
    assert len(shop.rail.asked) == before + 2


async def test_a_late_success(shop: Shop) -> None:
    """Called cancelled, paid an hour later: credited all the same."""
    await begin(shop)
    shop.rail.only.status = Status.CANCELLED
    await passes(shop, 6)
    assert isinstance(shop.store.row().kept.topup, Cancelled)
    shop.rail.only.status = Status.PAID

    await passes(shop, 120)

    assert isinstance(shop.store.row().kept.topup, Credited)


async def test_money_that_goes_back_takes_the_tokens_along(shop: Shop) -> None:
    """Once, however often it is told."""
    kept = await begin(shop)
    for status in (Status.PAID, Status.DISPUTED, Status.REFUNDED, Status.REFUNDED):
        shop.rail.only.status = status
        await shop.looking.look(kept.id)

    row = shop.store.row()
    assert isinstance(row.kept.topup, Refunded)
    assert row.transfers == ["purchase", "clawback"]
    assert shop.store.balances[ANN] == 0
    assert shop.settling.alerts == {"disputed": 1, "refunded": 1}


async def test_another_amount_is_looked_at(shop: Shop) -> None:
    """By a person, who is told; nobody is credited."""
    kept = await begin(shop)
    shop.rail.only.status, shop.rail.only.minor = Status.PAID, 49

    await shop.looking.look(kept.id)

    assert isinstance(shop.store.row().kept.topup, Review)
    assert shop.settling.alerts == {"mismatch": 1}
    assert shop.store.balances[ANN] == 0


async def test_a_gateway_in_trouble_is_asked_less(shop: Shop) -> None:
    """It is asked less while it does not answer, and the payment is credited after."""
    await begin(shop)
    shop.rail.trouble = [Unheard("status 502") for _ in range(200)]
    await passes(shop, 90)
    asked = len(shop.rail.asked)
    assert asked <= 9
    assert isinstance(shop.store.row().kept.topup, Pending)
    shop.rail.trouble.clear()
    shop.rail.only.status = Status.PAID

    await passes(shop, 60)

    assert isinstance(shop.store.row().kept.topup, Credited)


async def test_many_troubles_open_the_circuit(shop: Shop) -> None:
    """After six questions without an answer nobody is asked, until one tries again."""
    kept = await begin(shop)
    shop.rail.trouble = [Unheard("hang") for _ in range(6)]
    for _ in range(6):
        await shop.looking.look(kept.id)
    assert shop.rails.resting

    await shop.looking.look(kept.id)
    assert len(shop.rail.asked) == 6
    shop.clock.advance(15)
    await shop.looking.look(kept.id)

    assert len(shop.rail.asked) == 7
    assert not shop.rails.resting


async def test_i_have_paid(shop: Shop) -> None:
    """Asks at once, but not for every tap."""
    kept = await begin(shop)
    shop.rail.only.status = Status.PAID

    first = await shop.topping_up.check(ANN, kept.id)
    again = await shop.topping_up.check(ANN, kept.id)

    assert isinstance(first.topup, Credited)
    assert isinstance(again.topup, Credited)
    assert shop.rail.asked == ["poll"]
    with pytest.raises(NotFound):
        await shop.topping_up.check(BEN, kept.id)


async def test_a_code_whose_answer_is_lost_is_asked_about(shop: Shop) -> None:
    """Nobody knows whether it was taken, so the gateway is asked how it stands."""
    kept = await begin(shop, method=Method.OMARI)
    shop.rail.trouble = [Unheard("nothing came")]
    shop.rail.only.status = Status.PAID

    after = await shop.topping_up.submit_code(ANN, kept.id, RIGHT_CODE)

    assert isinstance(after.topup, Credited)


async def test_a_gateway_that_is_down_says_so_at_once(shop: Shop) -> None:
    """Nothing was asked of it, so nothing is awaited of it."""
    shop.rail.trouble = [NotSent("ConnectionRefused")]

    kept = await begin(shop)

    assert kept.topup == Failed(kept.topup.order, Reason.NOT_SENT)
    await passes(shop, 100)
    assert shop.rail.asked == []


async def test_a_currency_that_is_switched_off_later(shop: Shop) -> None:
    """A payment that is under way in it stays as it is."""
    kept = await begin(shop)
    shop.rails._rails.clear()

    await shop.looking.look(kept.id)

    assert stage(shop.store.row().kept.topup) == "pending"
    with pytest.raises(CurrencyOff):
        await shop.callbacks.hear(Currency.USD, kept.id, b"signed")


async def test_zig_is_sold_at_the_day_s_rate(shop: Shop) -> None:
    """Where there is an integration, and only with a rate."""
    shop.rails._rails[Currency.ZWG] = shop.rail
    offers = await shop.topping_up.offers()
    assert [str(one.amount) for one in offers.deals[0]] == ["US$0.50", "ZiG 13.40"]
    kept = await begin(shop, currency=Currency.ZWG, cents=1_340)
    shop.store.rate = None

    assert (await shop.topping_up.offers()).currencies == (Currency.USD,)
    assert str(kept.topup.order.amount) == "ZiG 13.40"
    with pytest.raises(NoRate):
        await begin(shop, client_id="p2", currency=Currency.ZWG)


async def test_everybody_who_watches_is_told(shop: Shop) -> None:
    """On this node by its sockets, on others by theirs; the payer of what becomes of
    and whose tokens they are of the balance too."""
    shop.sockets.open = {ANN, BEN}
    kept = await begin(shop, beneficiary=BEN)
    shop.rail.only.status = Status.PAID
    shop.sockets.payments.clear()

    await shop.looking.look(kept.id)

    told = {user: stage(seen.topup).value for user, seen in shop.sockets.payments}
    assert told == {ANN: "credited", BEN: "credited"}
    assert shop.sockets.wallets == [(BEN, 10_000)]
    assert set(shop.elsewhere) == {kept.id}


async def test_news_from_elsewhere_wake_who_waits(shop: Shop) -> None:
    """Whoever waits here reads what another node has written; whoever waits in vain is
    answered in the end, and nobody while the node is going away."""
    kept = await begin(shop)

    def wait() -> Deferred[Kept]:
        return Deferred.fromCoroutine(
            shop.topping_up.read(ANN, kept.id, version=kept.version, wait=25)
        )

    first, second = wait(), wait()
    assert not first.called
    shop.herald.heard(kept.id, (ANN,))
    assert (await first).version == (await second).version == kept.version
    third = wait()
    shop.clock.advance(25)
    assert (await third).id == kept.id
    fourth = wait()
    shop.herald.hurry()
    assert (await fourth).id == kept.id
    assert wait().called


async def test_a_database_that_is_away_stops_nothing_for_ever(shop: Shop) -> None:
    """Rounds and telling go on when it is back."""
    kept = await begin(shop)
    shop.store.away = True
    shop.sockets.open = {ANN}

    await shop.reconciling.round()
    shop.herald.heard(kept.id, (ANN,))
    shop.store.away = False
    shop.rail.only.status = Status.PAID
    await passes(shop, 6)

    assert isinstance(shop.store.row().kept.topup, Credited)
    assert shop.reconciling.figures["pending"] == 1


def test_references_can_be_read_out() -> None:
    """No letter that is mistaken for a digit."""
    made = reference(bytes(range(200, 232)))

    assert made.startswith("ZG-")
    assert len(made) == 15
    assert not set("ILOU") & set(made[3:])
