"""What a drill's database, model and clients say about it, set side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from tests.drills.asking import Asked, Asker
from tests.system.harness import House, Json, words_in
from zimgpt.store import invariants

ANSWERS = """
    select a.id::text, q.client_id, a.state, a.text, a.epoch, r.state, r.settled,
           (select count(*) from transfers t where t.idem_key = 'settle:' || a.id)
      from answers a
      join questions q on q.answer_id = a.id
      left join reservations r on r.answer_id = a.id
"""


@attrs.frozen
class Stored:
    """An answer as PostgreSQL has it."""

    answer: str
    client_id: str
    state: str
    text: str | None
    epoch: int
    hold: str | None
    settled: int | None
    settlements: int


@attrs.frozen
class Verdict:
    """A drill's figures, and everything that was wrong."""

    acknowledged: int
    lost: int
    again: int
    """Answers that took more than one attempt."""
    resets: int
    """Times that a client was told to forget what it had shown."""
    slowest: float
    """Seconds from asking to the end."""
    violations: int
    wrong: tuple[str, ...]


def judge(house: House, askers: Sequence[Asker]) -> Verdict:
    """Compares all that was acknowledged with what became of it."""
    stored = {one.answer: one for one in map(_stored, house.query(ANSWERS))}
    calls: dict[str, list[Json]] = {}
    for body in house.upstream.requests():
        calls.setdefault(body["messages"][-1]["content"], []).append(body)
    asked = [one for asker in askers for one in asker.asked if one.shown is not None]
    wrong = [f"client {a.number} broke: {a.broken!r}" for a in askers if a.broken]
    lost = 0
    for one in asked:
        found = [*_faults(one, stored, calls.get(one.message["text"], []))]
        wrong += [f"question {one.id}: {what}" for what in found]
        lost += any(what.startswith("lost") for what in found)
    broken = invariants.violations(house.database, at_rest=True)
    return Verdict(
        acknowledged=len(asked),
        lost=lost,
        again=sum(one.epoch > 1 for one in stored.values()),
        resets=sum(one.shown.resets for one in asked if one.shown is not None),
        slowest=max((one.seconds or 0.0 for one in asked), default=0.0),
        violations=len(broken),
        wrong=(*wrong, *(f"{name}: {row}" for name, row in broken)),
    )


def _stored(row: tuple[object, ...]) -> Stored:
    return Stored(*row)  # type: ignore[arg-type]


def _faults(
    asked: Asked, stored: dict[str, Stored], calls: Sequence[Json]
) -> Iterator[str]:
    shown = asked.shown
    assert shown is not None
    one = stored.get(shown.answer)
    if one is None or one.state != "complete":
        yield f"lost: {one and one.state}"
        return
    if one.text != asked.text:
        yield f"stored text is {one.text!r}"
    if one.hold != "settled" or one.settlements != 1:
        yield f"its hold is {one.hold}, with {one.settlements} settlements"
    if shown.end is None:
        yield "its client was not told of the end"
    else:
        yield from _told_otherwise(asked, one)
    yield from _calls_amiss(one, calls, asked.words)


def _told_otherwise(asked: Asked, one: Stored) -> Iterator[str]:
    shown = asked.shown
    assert shown is not None
    assert shown.end is not None
    if shown.text != asked.text:
        yield f"its client shows {shown.text!r}"
    if shown.end.get("cost") != one.settled:
        yield f"its client was told {shown.end}, charged was {one.settled}"


def _calls_amiss(one: Stored, calls: Sequence[Json], words: int) -> Iterator[str]:
    if not 1 <= len(calls) <= one.epoch:
        yield f"the model was asked {len(calls)} times in {one.epoch} attempts"
        return
    prompts = Counter(str(body["messages"]) for body in calls)
    if len(prompts) > 1:
        yield "its attempts asked different prompts"
    if one.settled != words_in(calls[-1]) + words:
        yield f"{one.settled} tokens were charged for one answer"
