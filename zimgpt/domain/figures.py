"""What an operator wants to see of a stretch of time, added up from what rows say.

Money is whole cents of its currency, what models cost is millionths of a US dollar,
waiting is milliseconds. Where the cost of a model is not known, neither is what was
earned, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

import attrs

from zimgpt.domain.stretches import Stretch
from zimgpt.domain.topups.money import Currency

PICOS: Final = 1_000_000
"""Millionths of a millionth in a millionth."""
MICROS_OF_CENT: Final = 10_000

KINDS: Final = ("chat", "essay")
CHANNELS: Final = ("web", "whatsapp", "api")
HOUSE: Final = ("issued", "granted", "spent")
"""The ledger's accounts from which tokens come and to which they go."""


# ---- what rows say, each of one step ------------------------------------------------


@attrs.frozen(kw_only=True)
class Asked:
    """Questions of one kind and channel; tokens are the model's. ``uncosted`` answers
    took some of a model whose cost is not known."""

    at: datetime
    kind: str
    channel: str
    questions: int
    failed: int
    prompt: int
    completion: int
    cost_picos: int
    uncosted: int


@attrs.frozen(kw_only=True)
class Waited:
    """Milliseconds until the first text and the whole answer: for half of ``answers``
    at most, and for nineteen of twenty. None where none was whole."""

    at: datetime
    answers: int
    first_half: int
    first_most: int
    whole_half: int | None
    whole_most: int | None


@attrs.frozen(kw_only=True)
class Moved:
    """What one account of the house gave (below zero) or took."""

    at: datetime
    account: str
    tokens: int


@attrs.frozen(kw_only=True)
class Taken:
    """Money in one currency; ``cents`` is the same, less what went back, by the price
    of its packages in US cents."""

    at: datetime
    currency: str
    payments: int
    paid: int
    returned: int
    cents: int


@attrs.frozen(kw_only=True)
class Messaged:
    """Messages that the messenger counted."""

    at: datetime
    category: str
    billable: bool
    messages: int


@attrs.frozen(kw_only=True)
class Rows:
    """All of a stretch."""

    asked: Sequence[Asked] = ()
    waited: Sequence[Waited] = ()
    moved: Sequence[Moved] = ()
    taken: Sequence[Taken] = ()
    messaged: Sequence[Messaged] = ()

    def __add__(self, more: Rows) -> Rows:
        return Rows(
            asked=(*self.asked, *more.asked),
            waited=(*self.waited, *more.waited),
            moved=(*self.moved, *more.moved),
            taken=(*self.taken, *more.taken),
            messaged=(*self.messaged, *more.messaged),
        )


# ---- what is drawn ------------------------------------------------------------------

Line = tuple[int, ...]
"""A number for each step."""
Gaps = tuple[int | None, ...]
"""The same, with None where nothing is known."""


@attrs.frozen(kw_only=True)
class Figures:
    """Lines by name, each with a number for every step of ``stretch``."""

    stretch: Stretch
    kinds: Mapping[str, Line]
    channels: Mapping[str, Line]
    failed: Line
    prompt: Line
    completion: Line
    sold: Line
    given: Line
    spent: Line
    revenue: Mapping[str, Line]
    """Less what went back, so that it may be below zero."""
    payments: Line
    cents: Line
    """All currencies together, in US cents."""
    cost: Gaps
    margin: Gaps
    """What came in less what models cost, in millionths of a dollar."""
    uncosted: Line
    charged: Mapping[str, Line]
    free: Line
    waits: tuple[Waited | None, ...]
    overall: Waited | None
    """Of the whole stretch: halves cannot be added up."""


Row = TypeVar("Row", Asked, Waited, Moved, Taken, Messaged)


@attrs.frozen
class _Steps:
    """Puts rows into their steps; those without any are zero."""

    moments: tuple[datetime, ...]

    def line(self, rows: Iterable[Row], number: Callable[[Row], int]) -> Line:
        sums = dict.fromkeys(self.moments, 0)
        for row in rows:
            sums[row.at] += number(row)
        return tuple(sums.values())

    def lines(
        self,
        names: Iterable[str],
        rows: Sequence[Row],
        name: Callable[[Row], str],
        number: Callable[[Row], int],
    ) -> dict[str, Line]:
        return {
            one: self.line((row for row in rows if name(row) == one), number)
            for one in names
        }


def figures(stretch: Stretch, rows: Rows, overall: Waited | None) -> Figures:
    """All lines of a stretch."""
    steps = _Steps(stretch.moments)
    asked, taken = rows.asked, rows.taken
    house = steps.lines(HOUSE, rows.moved, lambda row: row.account, _tokens)
    charged, free = _parted(rows.messaged)
    categories = sorted({row.category for row in charged})
    cents = steps.line(taken, lambda row: row.cents)
    uncosted = steps.line(asked, lambda row: row.uncosted)
    cost = _cost(steps.line(asked, lambda row: row.cost_picos), uncosted)
    return Figures(
        stretch=stretch,
        kinds=steps.lines(KINDS, asked, lambda row: row.kind, _questions),
        channels=steps.lines(CHANNELS, asked, lambda row: row.channel, _questions),
        failed=steps.line(asked, lambda row: row.failed),
        prompt=steps.line(asked, lambda row: row.prompt),
        completion=steps.line(asked, lambda row: row.completion),
        sold=tuple(-one for one in house["issued"]),
        given=tuple(-one for one in house["granted"]),
        spent=house["spent"],
        revenue=steps.lines(Currency, taken, lambda row: row.currency, _kept),
        payments=steps.line(taken, lambda row: row.payments),
        cents=cents,
        cost=cost,
        margin=_margin(cents, cost),
        uncosted=uncosted,
        charged=steps.lines(categories, charged, lambda row: row.category, _messages),
        free=steps.line(free, _messages),
        waits=_waits(steps.moments, rows.waited),
        overall=overall,
    )


def _parted(messaged: Sequence[Messaged]) -> tuple[list[Messaged], list[Messaged]]:
    """What the messenger charges, and what it does not."""
    charged = [row for row in messaged if row.billable]
    return charged, [row for row in messaged if not row.billable]


def _waits(
    moments: tuple[datetime, ...], waited: Sequence[Waited]
) -> tuple[Waited | None, ...]:
    """One for each step; None where nobody waited."""
    found = {row.at: row for row in waited}
    return tuple(found.get(moment) for moment in moments)


def _tokens(row: Moved) -> int:
    return row.tokens


def _questions(row: Asked) -> int:
    return row.questions


def _kept(row: Taken) -> int:
    return row.paid - row.returned


def _messages(row: Messaged) -> int:
    return row.messages


def _cost(picos: Line, uncosted: Line) -> Gaps:
    """Millionths of a dollar; a fraction is rounded up, so that no cost is lost."""
    return tuple(
        None if unknown else -(-some // PICOS)
        for some, unknown in zip(picos, uncosted, strict=True)
    )


def _margin(cents: Line, cost: Gaps) -> Gaps:
    return tuple(
        None if spent is None else came * MICROS_OF_CENT - spent
        for came, spent in zip(cents, cost, strict=True)
    )


def whole(line: Gaps) -> int | None:
    """The sum; None if any part of it is not known."""
    return None if None in line else sum(one for one in line if one is not None)
