"""Essays by a brief: sections, what fails in them, their length and their price."""

from __future__ import annotations

from typing import Final

import attrs
import pytest
from twisted.internet.defer import Deferred

from tests.fakes.memory import LEASE, PRICE, Database
from tests.fakes.results import result_of
from tests.fakes.room import Notes, Room, joined
from tests.fakes.scribe import Scribe
from zimgpt.domain import bills
from zimgpt.domain.answers import Finish, State
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.essays import counting
from zimgpt.domain.essays.briefs import Brief, Level, Section, Step, Style
from zimgpt.domain.essays.sources import headed
from zimgpt.domain.ledger import Tokens, costs
from zimgpt.domain.questions import Kind
from zimgpt.domain.texts import Language, say

OUTLINE: Final = tuple(
    Section(name, ("a point",))
    for name in ("Introduction", "Rain", "Rock", "People", "Conclusion")
)
BRIEF: Final = Brief(level=Level.ZIMSEC_O, words=3_000, outline=OUTLINE)


@attrs.define
class Study:
    """A node with a scribe, and the essays that are ordered of it."""

    room: Room
    scribe: Scribe

    def order(self, brief: Brief) -> AnswerId:
        """An essay that was accepted, with its hold."""
        answer = self.room.ask()
        line = self.room.db.lines[answer]
        bill = bills.of_essay(PRICE, Tokens(10**6), line.new.text, brief)
        self.room.db.balances[line.new.user] += line.new.terms.hold - bill.terms.hold
        line.new = attrs.evolve(
            line.new,
            kind=Kind.ESSAY,
            brief=brief,
            terms=bill.terms,
            prompt_estimate=bill.estimate,
        )
        return answer

    def write(self, answer: AnswerId, seconds: float = 600) -> Deferred[bool]:
        """Time passes until the essay has ended, or for so long."""
        job = self.room.begin(answer)
        self.wait(job, seconds)
        return job

    def wait(self, job: Deferred[bool], seconds: float = 600) -> None:
        """Time passes."""
        for _ in range(int(seconds / 0.05)):
            if job.called:
                return
            self.room.tick(0.05)

    def outcome(self, answer: AnswerId) -> tuple[State, Finish | None]:
        """How it ended."""
        line = self.room.db.lines[answer]
        return line.state, line.finish

    def text(self, answer: AnswerId) -> str:
        """What is stored of it."""
        return self.room.db.lines[answer].text

    def headings(self, answer: AnswerId) -> list[str]:
        """Of its sections."""
        lines = self.text(answer).splitlines()
        return [line[3:] for line in lines if line.startswith("## ")]


@pytest.fixture
def study() -> Study:
    """A node, whose models are one scribe."""
    db = Database()
    scribe = Scribe(db.clock)
    return Study(Room(db, models=scribe), scribe)


def test_an_essay_follows_its_outline(study: Study) -> None:
    """Every section under its heading, each told its points, what was written before
    and its length; complete, and paid for as it was used."""
    answer = study.order(BRIEF)

    assert result_of(study.write(answer)) is True

    assert study.outcome(answer) == (State.COMPLETE, Finish.STOP)
    assert study.headings(answer) == [one.heading for one in OUTLINE]
    line = study.room.db.lines[answer]
    assert line.words == counting.of_essay(line.text, Language.ENGLISH)
    assert 2_700 <= line.words <= 3_300
    second = study.scribe.asked[1][0][-1].content
    assert 'Write the section "Rain"' in second
    assert "- a point" in second
    assert "c1w400" in second
    assert line.settled == costs((PRICE, usage) for usage in study.scribe.used)
    assert line.settlements == 1


@pytest.mark.parametrize("percent", [60, 85, 130])
@pytest.mark.parametrize("words", [150, 600, 3_000])
def test_the_length_is_held(study: Study, percent: int, words: int) -> None:
    """Within a tenth, by a model that always writes too much or too little."""
    study.scribe.percent = percent
    answer = study.order(attrs.evolve(BRIEF, words=words))

    study.write(answer)

    written = study.room.db.lines[answer].words or 0
    assert study.outcome(answer) == (State.COMPLETE, Finish.STOP)
    assert abs(written - words) <= words // 10


def test_who_sends_no_outline_gets_one_made(study: Study) -> None:
    """Unseen, and as a part of the price."""
    answer = study.order(attrs.evolve(BRIEF, outline=(), words=800))
    notes = Notes()
    joined(study.room, answer, notes)

    study.write(answer)

    assert study.headings(answer) == ["Introduction", "Rain", "Rock", "Conclusion"]
    assert notes.text_so_far == study.text(answer)
    assert study.room.db.lines[answer].settled == costs(
        (PRICE, usage) for usage in study.scribe.used
    )


def test_references_are_marked(study: Study) -> None:
    """Under their heading, to be checked by the student, without links; not counted."""
    brief = attrs.evolve(BRIEF, style=Style.APA, words=300, language=Language.SHONA)
    answer = study.order(brief)

    study.write(answer)

    body, _, sources = study.text(answer).partition(headed(Language.SHONA))
    assert counting.words(body) == study.room.db.lines[answer].words
    assert sources.strip() == "Moyo, T. (2019). Rain. See"
    assert say(Language.SHONA, "essay.references.check") in study.text(answer)


def test_a_section_that_breaks_off_goes_on(study: Study) -> None:
    """From its last whole sentence, in the same answer; what came is charged."""
    study.scribe.faults = {2: "cut", 4: "busy", 5: "cut", 7: "nothing"}
    answer = study.order(BRIEF)

    study.write(answer)

    assert study.outcome(answer) == (State.COMPLETE, Finish.STOP)
    assert study.headings(answer) == [one.heading for one in OUTLINE]
    assert "half a sent" not in study.text(answer)
    assert 2_700 <= (study.room.db.lines[answer].words or 0) <= 3_300
    again = study.scribe.asked[2][0][-1].content
    assert 'Go on with the section "Rain"' in again
    whole = costs((PRICE, usage) for usage in study.scribe.used)
    charged = study.room.db.lines[answer].settled or 0
    assert whole < charged < whole + 3_000


def test_an_essay_that_cannot_be_ended_is_paid_as_far_as_it_came(study: Study) -> None:
    """And says that it broke off."""
    study.scribe.faults = dict.fromkeys(range(3, 99), "busy")
    answer = study.order(BRIEF)

    study.write(answer)

    assert study.outcome(answer) == (State.INTERRUPTED, Finish.CUT)
    assert study.headings(answer) == ["Introduction", "Rain"]
    charged = study.room.db.lines[answer].settled
    assert charged == costs((PRICE, usage) for usage in study.scribe.used)


@pytest.mark.parametrize(
    ("faults", "finish"),
    [
        (dict.fromkeys(range(1, 99), "busy"), Finish.BUSY),
        (dict.fromkeys(range(1, 99), "nothing"), Finish.CUT),
        ({1: "nothing", **dict.fromkeys(range(2, 99), "busy")}, Finish.BUSY),
    ],
)
@pytest.mark.parametrize("outline", [(), OUTLINE])
def test_an_essay_of_which_nothing_came_is_free(
    study: Study, faults: dict[int, str], finish: Finish, outline: tuple[Section, ...]
) -> None:
    """Even where an outline was made for it."""
    study.scribe.faults = faults
    answer = study.order(attrs.evolve(BRIEF, outline=outline))

    study.write(answer)

    assert study.outcome(answer) == (State.FAILED, finish)
    assert study.room.db.lines[answer].settled == 0


@pytest.mark.parametrize("after", [0.02, 0.3, 1.0, 2.5])
def test_the_asker_can_stop_an_essay(study: Study, after: float) -> None:
    """At any moment; what was written is kept and paid for."""
    answer = study.order(BRIEF)
    job = study.room.begin(answer)
    study.wait(job, after)

    study.room.answering.stop(answer)
    study.wait(job, 10)

    line = study.room.db.lines[answer]
    expected = State.INTERRUPTED if line.text else State.FAILED
    assert study.outcome(answer) == (expected, Finish.STOPPED)
    assert bool(line.settled) == bool(line.text)


def test_an_essay_can_be_stopped_while_it_waits_for_a_model(study: Study) -> None:
    """Without waiting for the next try."""
    study.scribe.faults = dict.fromkeys(range(2, 99), "busy")
    answer = study.order(BRIEF)
    job = study.room.begin(answer)
    study.wait(job, 4)

    study.room.answering.stop(answer)
    study.wait(job, 2)

    assert study.outcome(answer) == (State.INTERRUPTED, Finish.STOPPED)


@pytest.mark.parametrize("after", [0.1, 0.7, 1.3, 2.0, 2.9])
def test_an_essay_survives_the_death_of_its_node(study: Study, after: float) -> None:
    """Another attempt writes all of it anew; readers are told, and it is paid once."""
    answer = study.order(BRIEF)
    study.wait(study.room.begin(answer), after)
    for attempt in tuple(study.room.answering._attempts.values()):
        study.room.writer.discard(attempt.draft)  # the process is gone
    study.room.clock.advance(LEASE + 1)

    study.write(answer)

    line = study.room.db.lines[answer]
    assert study.outcome(answer) == (State.COMPLETE, Finish.STOP)
    assert (line.epoch, line.settlements) == (2, 1)
    assert study.headings(answer) == [one.heading for one in OUTLINE]


def test_the_charge_is_never_above_the_hold(study: Study) -> None:
    """Even if a model counts far more than it should."""
    answer = study.order(BRIEF)
    line = study.room.db.lines[answer]
    line.new = attrs.evolve(
        line.new, terms=attrs.evolve(line.new.terms, hold=Tokens(100))
    )

    study.write(answer)

    assert line.settled == 100


def test_an_outline_is_an_answer_of_its_own(study: Study) -> None:
    """One short call, shown as it comes."""
    brief = attrs.evolve(BRIEF, outline=(), step=Step.OUTLINE)
    answer = study.order(brief)

    study.write(answer)

    [(messages, most)] = study.scribe.asked
    assert most == study.room.db.lines[answer].new.terms.max_tokens
    assert "about 3000 words in English" in messages[0].content
    assert study.text(answer).startswith("## Introduction")
    assert study.outcome(answer) == (State.COMPLETE, Finish.STOP)
    assert study.room.db.lines[answer].usage == study.scribe.used[0]
