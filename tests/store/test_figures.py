"""An operator's figures against all that has happened, row by row."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from twisted.internet import reactor

from tests.store import months
from tests.store.clerk import Clerk
from tests.store.months import COSTS, Answer, Life
from zimgpt.domain.figures import Figures, whole
from zimgpt.domain.stretches import Span, Stretch, stretch_of
from zimgpt.flows.picturing import Picturing
from zimgpt.store.deskwork import Deskwork, threads
from zimgpt.store.figures import DeskStatistics

BEGINS = datetime(2026, 9, 29, 20, tzinfo=UTC)
ENDS = datetime(2026, 11, 2, 3, tzinfo=UTC)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
DEARER = datetime(2026, 10, 15, 9, 30, tzinfo=UTC)
"""When models began to cost twice as much."""

STRETCHES = [
    stretch_of(Span.MONTH, date(2026, 10, 9)),
    stretch_of(Span.WEEK, date(2026, 10, 15)),
    stretch_of(Span.DAY, date(2026, 10, 15)),
    stretch_of(Span.DAY, date(2026, 10, 1)),
]


def lived(random: Random) -> Life:
    """Some weeks, with things at the very moments where days begin and end."""
    some = months.life(random, BEGINS, ENDS, daily=12)
    midnight = datetime(2026, 9, 30, 22, tzinfo=UTC)
    instant = timedelta(microseconds=1)
    for at in (midnight, midnight - instant, midnight + timedelta(days=31)):
        some.answers.extend(months.life(Random(random.random()), at, at, 0).answers)
        some.answers.append(months._answer(random, at))
        some.payments.append(months._payment(random, at))
        some.messages.append(months._message(random, at))
    return some


def summed(stretch: Stretch, things: Iterable[tuple[datetime, int]]) -> tuple[int, ...]:
    """What is at each step, counted without a database."""
    sums = Counter[int]()
    for at, number in things:
        if stretch.begins <= at < stretch.ends:
            sums[(at - stretch.begins) // stretch.step] += number
    return tuple(sums[step] for step in range(len(stretch.moments)))


def picos(answer: Answer) -> int:
    """What it cost."""
    [(prompt, completion)] = [some for model, *some in COSTS if model == answer.model]
    factor = 2 if answer.at >= DEARER else 1
    return factor * (answer.prompt * prompt + answer.completion * completion)


def disc(values: list[int], part: float) -> int | None:
    """The first value that so many are not above."""
    return sorted(values)[math.ceil(len(values) * part) - 1] if values else None


def check_questions(told: Figures, some: Life) -> None:
    """Counts, model tokens and their cost."""

    def line(number: Callable[[Answer], int]) -> tuple[int, ...]:
        return summed(told.stretch, ((one.at, number(one)) for one in some.answers))

    for kind, counts in told.kinds.items():
        assert counts == line(lambda one, kind=kind: one.kind == kind)  # type: ignore[misc]
    for channel, counts in told.channels.items():
        assert counts == line(lambda one, c=channel: one.channel == c)  # type: ignore[misc]
    assert told.failed == line(lambda one: one.state == "failed")
    assert told.prompt == line(lambda one: one.prompt)
    assert told.completion == line(lambda one: one.completion)
    assert told.cost == tuple(-(-cost // 10**6) for cost in line(picos))


def check_tokens_and_money(told: Figures, some: Life) -> None:
    """The ledger's sums, and what was paid for them."""
    stretch, paid = told.stretch, some.payments
    back = [(one, one.returned) for one in paid if one.returned]

    def money(number: Callable[[Any], int]) -> tuple[int, ...]:
        came = [(one.at, number(one)) for one in paid]
        return summed(stretch, [*came, *((at, -number(one)) for one, at in back)])

    assert told.sold == money(lambda one: one.tokens)
    assert told.spent == summed(stretch, ((a.ended, a.charged) for a in some.answers))
    assert told.given == summed(stretch, ((g.at, g.tokens) for g in some.gifts))
    assert told.payments == summed(stretch, ((one.at, 1) for one in paid))
    assert told.cents == money(lambda one: one.cents)
    for currency, line in told.revenue.items():
        assert line == money(lambda one, c=currency: one.minor * (one.currency == c))  # type: ignore[misc]
    assert told.margin == tuple(
        cents * 10_000 - (cost or 0)
        for cents, cost in zip(told.cents, told.cost, strict=True)
    )


def check_messages_and_waits(told: Figures, some: Life) -> None:
    """What WhatsApp counted, and how long people waited."""
    stretch = told.stretch
    for category, line in told.charged.items():
        counted = ((m.at, 1) for m in some.messages if m.category == category)
        assert line == summed(stretch, counted)
    assert told.free == summed(
        stretch, ((m.at, 1) for m in some.messages if not m.billable)
    )
    for moment, waited in zip(stretch.moments, told.waits, strict=True):
        ends = moment + stretch.step
        some_there = [a for a in some.answers if moment <= a.at < ends]
        first = [a.first for a in some_there if a.first is not None]
        ended = [a.whole for a in some_there if a.state == "complete"]
        if waited is None:
            assert not first
            continue
        assert waited.answers == len(first)
        assert (waited.first_half, waited.first_most) == (
            disc(first, 0.5),
            disc(first, 0.95),
        )
        assert (waited.whole_half, waited.whole_most) == (
            disc(ended, 0.5),
            disc(ended, 0.95),
        )


def _house(clerk: Clerk) -> dict[str, int]:
    """What the house's accounts have, by kind."""
    return dict(
        clerk.rows(
            "select a.kind, sum(e.amount)::bigint from entries e"
            " join accounts a on a.id = e.account_id where a.user_id is null group by 1"
        )
    )


@pytest.fixture
def statistics(database: str) -> Iterator[DeskStatistics]:
    """On connections of their own."""
    pool = threads()
    pool.start()
    yield DeskStatistics(Deskwork(reactor, pool, database))  # type: ignore[arg-type]
    pool.stop()


@pytest.fixture
def month(database: str) -> Life:
    """It has happened, by another chance each time."""
    some = lived(Random())
    with Clerk(database, superuser=True) as owner:
        months.write(owner, some)
        months.cost(owner, BEGINS - timedelta(days=9))
        months.cost(owner, DEARER, factor=2)
    return some


async def test_sums_are_those_of_the_rows(
    statistics: DeskStatistics, month: Life
) -> None:
    """Of days by their hours, weeks and months by their days, each at its midnight in
    Zimbabwe, to the token and the cent."""
    picturing = Picturing(statistics, lambda: NOW)
    for stretch in STRETCHES:
        told = await picturing.figures(stretch.span, stretch.first.isoformat())

        assert told.stretch == stretch
        check_questions(told, month)
        check_tokens_and_money(told, month)
        check_messages_and_waits(told, month)


async def test_the_ledger_has_what_its_stretches_have(
    statistics: DeskStatistics, month: Life, database: str
) -> None:
    """All months together sold and spent what the house's accounts say."""
    picturing = Picturing(statistics, lambda: NOW)
    all_of_it = [
        await picturing.figures(Span.MONTH, f"2026-{number}-01")
        for number in ("09", "10", "11")
    ]
    with Clerk(database) as clerk:
        house = _house(clerk)

    assert sum(sum(told.sold) for told in all_of_it) == -house["issued"]
    assert sum(sum(told.given) for told in all_of_it) == -house["granted"]
    assert sum(sum(told.spent) for told in all_of_it) == house["spent"]


async def test_what_a_model_costs_may_not_be_known(
    statistics: DeskStatistics, clerk: Clerk
) -> None:
    """Then neither cost nor margin is: nothing is guessed, and it is said how many
    answers it is about."""
    user = clerk.person(1_000)
    clerk.answered(user)
    clerk.ask(user)  # has taken nothing yet
    now = clerk.value("select now()")
    picturing = Picturing(statistics, lambda: now)

    unknown = await picturing.figures(Span.DAY, "")
    clerk.rows(
        "insert into model_costs (model, prompt_micros, completion_micros, valid_from)"
        " values ('m', 1, 2, now() - interval '1 day')"
    )
    known = await picturing.figures(Span.DAY, "")

    assert whole(unknown.cost) is None
    assert whole(unknown.margin) is None
    assert sum(unknown.uncosted) == 1
    assert whole(known.cost) == 1  # 50 millionths of a millionth, rounded up
    assert sum(known.uncosted) == 0


async def test_the_first_text_has_its_time(clerk: Clerk) -> None:
    """That of its first piece, whichever step keeps it, and of the first attempt."""
    user = clerk.person(1_000)
    silent, told, short = clerk.ask(user), clerk.answered(user), clerk.ask(user)
    clerk.claim(short.job)
    clerk.finish(short.answer, 1, text="All of it at once.")
    clerk.claim(silent.job)
    first = "select first_at from answers where id = %s"
    before = clerk.value(first, silent.answer)
    clerk.append(silent.answer, 1, 1)
    once = clerk.value(first, silent.answer)
    clerk.rows("select release_leases('here')")
    clerk.claim(silent.job)
    clerk.append(silent.answer, 2, 1)

    assert before is None
    assert once is not None
    assert clerk.value(first, silent.answer) == once
    for asked in (told, short):
        assert clerk.value(
            "select first_at between created_at and finished_at from answers"
            " where id = %s",
            asked.answer,
        )


GROWING = {
    "questions_over_time": {"answers", "conversations"},
    "waits_over_time": {"answers"},
    "ledger_over_time": {"entries", "transfers"},
    "money_over_time": {"payments", "transfers"},
    "messages_over_time": {"whatsapp_outgoing"},
}


def test_only_the_stretch_is_read(month: Life, database: str) -> None:
    """With scans forbidden where there is another way, what grows is not scanned."""
    scanned = "select relname from pg_stat_xact_user_tables where seq_scan > 0"
    with Clerk(database, superuser=True) as owner:
        owner.rows("set enable_seqscan = off")
        for function, tables in GROWING.items():
            owner.rows("begin")
            owner.rows(f"select {function}('2026-10-15', '2026-10-16', '1 hour')")
            assert not tables & {name for (name,) in owner.rows(scanned)}, function
            owner.rows("commit")
