"""The life of a payment, whatever happens to it and in whatever order."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as some

from zimgpt.domain.ledger import Tokens
from zimgpt.domain.topups import Amount, Currency, Event, Method, TopUp, stage
from zimgpt.domain.topups.acts import Act, Alert, ClawBack, Concern, Credit, Initiate
from zimgpt.domain.topups.events import (
    Absent,
    Accepted,
    Approved,
    Begin,
    Dismissed,
    Heard,
    Refused,
    Reinstated,
    Unheard,
)
from zimgpt.domain.topups.looking import Question, next_look
from zimgpt.domain.topups.news import News, Status
from zimgpt.domain.topups.states import (
    Cancelled,
    Created,
    Credited,
    Disputed,
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
from zimgpt.flows.settling import decided

ORDER = Order(
    id="p",
    reference="ZG-1",
    amount=Amount(50, Currency.USD),
    tokens=Tokens(10_000),
    method=Method.ECOCASH,
)
PLACE = Place(poll="https://gateway/1", gateway_reference="77")
WAITING = Pending(ORDER, PLACE)


def news(status: Status, **other: object) -> News:
    """What the gateway says of exactly what was agreed to."""
    said = News(
        reference="ZG-1",
        gateway_reference="77",
        minor=50,
        status=status,
        word=status.value,
    )
    return attrs.evolve(said, **other)  # type: ignore[arg-type]


def heard(status: Status, **other: object) -> Heard:
    """And that it was heard."""
    return Heard(news(status, **other))


PAID = heard(Status.PAID)

EVENTS: some.SearchStrategy[Event] = some.one_of(
    some.just(Begin()),
    some.just(Accepted(PLACE)),
    some.sampled_from(Reason).map(Refused),
    some.just(Unheard()),
    some.builds(
        heard,
        some.sampled_from(Status),
        minor=some.sampled_from([50, 50, 50, 49, 5_000, None]),
        reference=some.sampled_from(["ZG-1", "ZG-1", "ZG-1", "ZG-2"]),
        gateway_reference=some.sampled_from(["77", "77", "77", "78", ""]),
    ),
    some.builds(Heard, some.sampled_from(Status).map(news), some.just(PLACE)),
    some.builds(Absent, some.integers(1, 5), some.floats(0, 2_000)),
    some.just(Approved()),
    some.just(Reinstated()),
    some.just(Dismissed()),
)


def live(events: list[Event]) -> tuple[list[TopUp], list[Act]]:
    """Every state that a payment goes through, and all that was to be done."""
    states: list[TopUp] = [Created(ORDER)]
    acts: list[Act] = []
    for event in events:
        after, more = decided(states[-1], event)
        states.append(after)
        acts += more
    return states, acts


@given(some.lists(EVENTS, max_size=40))
def test_tokens_come_once_and_go_once(events: list[Event]) -> None:
    """Each transfer has a key of its own and is of the tokens that were agreed to; in
    the end the tokens are there or not, as the state says."""
    states, acts = live(events)

    moved = [act for act in acts if isinstance(act, Credit | ClawBack)]
    given_ = {act.key for act in moved if isinstance(act, Credit)}
    taken = {act.key for act in moved if isinstance(act, ClawBack)}
    assert all(act.tokens == ORDER.tokens for act in moved)
    assert len(given_ & {"purchase:p", "manual:p"}) <= 1
    assert given_ <= {"purchase:p", "manual:p", "reinstate:p"}
    assert taken <= {"clawback:p", "reclaim:p"}
    has = isinstance(states[-1], Credited)
    assert len(given_) - len(taken) == has


@given(some.lists(EVENTS, max_size=40))
def test_the_gateway_is_asked_for_money_once(events: list[Event]) -> None:
    """Whatever is heard, and however often it is begun."""
    _, acts = live(events)

    assert sum(isinstance(act, Initiate) for act in acts) <= 1


@given(some.lists(EVENTS, max_size=40))
def test_a_payment_never_goes_back(events: list[Event]) -> None:
    """What was credited stays so or is reversed; what was reversed comes back by a
    person alone; nothing is begun anew; what was agreed to never changes."""
    states, _ = live(events)
    ranks = {
        Created: 0,
        Sent: 1,
        Unknown: 2,
        Pending: 2,
        Cancelled: 3,
        Failed: 3,
        Review: 4,
        Credited: 5,
        Disputed: 6,
        Refunded: 7,
    }

    for event, (before, after) in zip(events, pairwise(states), strict=True):
        assert after.order is ORDER
        if ranks[type(after)] < ranks[type(before)]:
            given_up = isinstance(before, Failed) and before.reason is Reason.ABSENT
            back = isinstance(before, Disputed) and isinstance(event, Reinstated)
            assert back or (given_up and isinstance(event, Accepted))


@given(some.lists(EVENTS, max_size=40))
def test_only_exact_news_credit(events: list[Event]) -> None:
    """Of this payment, to the cent; or a person who has looked at it."""
    states, _ = live(events)

    for event, (before, after) in zip(events, pairwise(states), strict=True):
        if isinstance(after, Credited) and not isinstance(before, Credited):
            if isinstance(event, Heard):
                assert event.news.status is Status.PAID
                assert (event.news.reference, event.news.minor) == ("ZG-1", 50)
            else:
                assert isinstance(event, Approved | Reinstated)


@given(some.lists(EVENTS, max_size=20), EVENTS)
def test_news_may_come_twice(events: list[Event], again: Event) -> None:
    """The second time changes nothing more."""
    states, _ = live([*events, again])

    after, acts = decided(states[-1], again)

    if not isinstance(again, Heard) or isinstance(states[-1], Credited | Refunded):
        assert not any(isinstance(act, ClawBack) for act in acts) or after != states[-1]
    assert stage(after) == stage(states[-1]) or isinstance(again, Begin | Unheard)


@pytest.mark.parametrize(
    "before",
    [
        Sent(ORDER),
        Unknown(ORDER),
        WAITING,
        Cancelled(ORDER, PLACE),
        Failed(ORDER, Reason.AT_THE_WALLET, PLACE),
        Failed(ORDER, Reason.ABSENT),
    ],
)
def test_a_late_success_is_a_success(before: TopUp) -> None:
    """Also after the gateway has called it cancelled or failed."""
    after, acts = decided(before, PAID)

    assert isinstance(after, Credited)
    assert Credit("purchase:p", ORDER.tokens) in acts


@pytest.mark.parametrize(
    "said",
    [
        heard(Status.PAID, minor=49),
        heard(Status.PAID, minor=100_000),
        heard(Status.PAID, minor=None),
        heard(Status.PAID, reference="ZG-2"),
        heard(Status.PAID, gateway_reference="78"),
    ],
)
def test_what_is_not_exact_is_looked_at(said: Heard) -> None:
    """Nothing is scaled and nothing lost: a person decides, nothing changes it back."""
    after, acts = decided(WAITING, said)

    assert isinstance(after, Review)
    assert Alert(Concern.MISMATCH) in acts
    assert not any(isinstance(act, Credit) for act in acts)
    assert decided(after, PAID) == (after, ())
    approved, more = decided(after, Approved())
    assert isinstance(approved, Credited)
    assert Credit("manual:p", ORDER.tokens) in more


def test_a_dispute_takes_the_tokens_once() -> None:
    """With the refund that follows, however often either is heard; a person can give
    them back, after which the old dispute is settled and a refund takes them again."""
    said = [PAID, *[heard(Status.DISPUTED)] * 3, *[heard(Status.REFUNDED)] * 3, PAID]
    states, acts = live([Begin(), Accepted(PLACE), *said])
    assert states[-1] == Refunded(ORDER, clawed=True, place=PLACE)
    assert [a.key for a in acts if isinstance(a, ClawBack)] == ["clawback:p"]

    back, given_ = decided(Disputed(ORDER, True, PLACE), Reinstated())
    assert given_[0] == Credit("reinstate:p", ORDER.tokens)
    assert decided(back, heard(Status.DISPUTED)) == (back, ())
    gone, taken = decided(back, heard(Status.REFUNDED))
    assert isinstance(gone, Refunded)
    assert taken[0] == ClawBack("reclaim:p", ORDER.tokens)


def test_silence_is_not_failure() -> None:
    """What nobody answered to is asked about; it is given up only when the gateway has
    said often and for long enough that there is no such payment."""
    states, _ = live([Begin(), Unheard()])
    unknown = states[-1]
    assert isinstance(unknown, Unknown)
    look = next_look(unknown, 0, timedelta(0))
    assert look is not None
    assert look.question is Question.TRACE

    for tries, seconds in [(1, 5.0), (2, 700.0), (9, 599.0)]:
        assert decided(unknown, Absent(tries, seconds)) == (unknown, ())
    after, _ = decided(unknown, Absent(3, 600.0))
    assert after == Failed(ORDER, Reason.ABSENT)
    assert isinstance(decided(after, Accepted(PLACE))[0], Pending)


@pytest.mark.parametrize("age", [0, 4, 61, 119, 300, 599])
def test_who_pays_within_ten_minutes_is_asked_about_within_one(age: int) -> None:
    """While the person stands there with the phone."""
    look = next_look(WAITING, 5, timedelta(seconds=age))

    assert look is not None
    assert look.wait <= timedelta(seconds=50)


@pytest.mark.parametrize(
    ("topup", "days"),
    [
        (WAITING, 7),
        (Cancelled(ORDER, PLACE), 1),
        (Failed(ORDER, Reason.AT_THE_WALLET, PLACE), 1),
        (Credited(ORDER, PLACE), 30),
        (Disputed(ORDER, True, PLACE), 30),
    ],
)
def test_looks_come_to_an_end(topup: TopUp, days: int) -> None:
    """Each state is looked at for its time, ever more rarely, and no longer."""
    last = timedelta(days=days)

    assert next_look(topup, 99, last - timedelta(seconds=1)) is not None
    assert next_look(topup, 99, last) is None


@pytest.mark.parametrize(
    "topup", [Created(ORDER), Failed(ORDER, Reason.NOT_SENT), Refunded(ORDER, True)]
)
def test_some_need_no_look(topup: TopUp) -> None:
    """Of which the gateway knows nothing, or has said its last word."""
    assert next_look(topup, 0, timedelta(days=1)) is None
