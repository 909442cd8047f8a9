"""Asks a model that misbehaves, many questions at once, and judges what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import attrs

from tests.drills.troubles import Trouble
from tests.system.harness import House, Json, wait_until
from tests.system.people import Person
from tests.system.talking import Shown
from tests.system.websocket import Silent
from zimgpt.domain.answers import Finish, State, sentence
from zimgpt.store import invariants

AT_ONCE = 64
KINDS = ("chat", "essay")
ANSWERS = """
    select a.id::text, a.state, a.finish_reason, a.text, a.prompt_tokens,
           a.completion_tokens, a.usage_source, r.amount, r.settled
      from answers a join reservations r on r.answer_id = a.id
"""


@attrs.frozen
class Stored:
    """An answer as PostgreSQL has it."""

    answer: str
    state: str
    finish: str
    text: str
    prompt: int | None
    completion: int | None
    source: str | None
    hold: int
    settled: int | None


@attrs.frozen
class Trial:
    """One question, and what its asker saw."""

    row: Trouble
    kind: str
    number: int
    shown: Shown | None
    seconds: float
    read_again: str | None
    """The text, as another connection reads it afterwards."""

    @property
    def question(self) -> str:
        """Each has its own."""
        return question(self.row, self.kind, self.number)

    def __str__(self) -> str:
        return f"{self.row.wish!r} ({self.kind} {self.number})"


def question(row: Trouble, kind: str, number: int) -> str:
    """What is asked; the fake reads the wishes in it."""
    return f"{row.wish} please, {kind} {number}"


def ask_all(
    url: str,
    rows: Sequence[Trouble],
    trials: int,
    *,
    first: int = 0,
    slack: float = 1.0,
) -> list[Trial]:
    """Every row so many times, as a chat and as an essay, all at the same time."""
    person = Person.sign_up(url)
    orders = [
        (row, kind, number)
        for number in range(first, first + trials)
        for row in rows
        for kind in KINDS
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [*pool.map(lambda o: ask(person, o[0], o[1], o[2], slack=slack), orders)]


def come_to_rest(house: House) -> None:
    """Waits until nothing is under way; what never ends is judged as it is."""
    try:
        wait_until(lambda: not invariants.violations(house.database, at_rest=True))
    except AssertionError:
        return


def ask(
    person: Person, row: Trouble, kind: str, number: int, slack: float = 1.0
) -> Trial:
    """One question, up to its end or to the end of all patience."""
    more: Json = {} if row.max_tokens is None else {"max_tokens": row.max_tokens}
    talk = person.connect()
    text = question(row, kind, number)
    began = time.monotonic()
    shown = talk.ask(text, text, kind=kind, **more)
    try:
        talk.finish(shown, row.most * slack)
    except Silent:
        return Trial(row, kind, number, None, time.monotonic() - began, None)
    seconds = time.monotonic() - began
    again = talk.finish(talk.read(Shown(shown.answer))).text
    return Trial(row, kind, number, shown, seconds, again)


def judge(house: House, trials: Sequence[Trial]) -> list[str]:
    """Everything that was not as the rows say."""
    stored = {row[0]: Stored(*row) for row in house.query(ANSWERS)}
    calls = Counter(
        body["messages"][-1]["content"] for body in house.upstream.requests()
    )
    faults = [
        f"{trial}: {fault}"
        for trial in trials
        for fault in _faults(trial, stored, calls[trial.question])
    ]
    alarms = sum(trial.row.alarm for trial in trials)
    told = sum(node.log().count("a use beyond belief") for node in house.nodes.values())
    if told < alarms:
        faults.append(f"the log tells of {told} uses beyond belief, not of {alarms}")
    if house.upstream.stats()["elsewhere"]:
        faults.append("a redirect was followed")
    return faults + [f"a traceback: {line}" for line in house.tracebacks()]


def _faults(trial: Trial, stored: dict[str, Stored], calls: int) -> Iterator[str]:
    row, shown = trial.row, trial.shown
    if shown is None or shown.end is None:
        yield f"no end within {row.most} s"
        return
    one = stored[shown.answer]
    if one.finish != row.finish:
        yield f"finish is {one.finish}, not {row.finish}"
    if trial.seconds < row.least:
        yield f"ended after {trial.seconds:.1f} s, too early"
    if row.calls is not None and calls != row.calls:
        yield f"the model was asked {calls} times, not {row.calls}"
    yield from _text_amiss(trial, shown, one)
    yield from _told_amiss(shown.end, one)
    yield from _charge_amiss(row, shown, one)


def _text_amiss(trial: Trial, shown: Shown, one: Stored) -> Iterator[str]:
    text = trial.row.text
    if text is not None and shown.text != text:
        yield f"shown is {shown.text[-200:]!r}, not {text[-200:]!r}"
    if text is None and not shown.text:
        yield "nothing is shown"
    size = len(shown.text.encode())
    if trial.row.size not in (None, size):
        yield f"{size} bytes are shown, not {trial.row.size}"
    if "\ufffd" in shown.text:
        yield f"a letter is broken in {shown.text[-200:]!r}"
    if (one.text or "") != shown.text or trial.read_again != shown.text:
        yield "what is stored, what is shown and what is read again differ"


def _told_amiss(end: Json, one: Stored) -> Iterator[str]:
    told = end.get("message") if end["type"] == "failed" else end.get("note")
    meant = sentence(State(one.state), Finish(one.finish))
    if told != meant:
        yield f"its asker is told {told!r}, not {meant!r}"
    if one.finish != "stop" and not told:
        yield "its asker is told nothing"
    free = end["type"] == "failed"
    if free and end["refunded"] != one.hold:
        yield f"{end['refunded']} tokens were given back of {one.hold}"
    if not free and end["cost"] != one.settled:
        yield f"its asker is told {end['cost']}, charged was {one.settled}"


def _charge_amiss(row: Trouble, shown: Shown, one: Stored) -> Iterator[str]:
    if row.charge == "free":
        if one.settled or one.state != "failed":
            yield f"{one.settled} tokens were charged for no answer"
        return
    state = "interrupted" if row.finish == "cut" else "complete"
    if one.state != state:
        yield f"it is {one.state}, not {state}"
    source = "upstream" if row.charge == "used" else "estimated"
    if one.source != source:
        yield f"its use is {one.source}, not {source}"
    words = (
        len(shown.text.encode()) // 4 if row.text is None else len(shown.text.split())
    )
    if (one.completion or 0) > words:
        yield f"{one.completion} tokens were charged for {words} shown"
    if one.settled != min(one.hold, (one.prompt or 0) + (one.completion or 0)):
        yield f"{one.settled} tokens were charged, beyond its use or its hold"
