"""An answer belongs to its asker, wherever and whenever they read it."""

from __future__ import annotations

import uuid

import pytest

from tests.system.harness import House, text_of
from tests.system.people import Person
from tests.system.talking import Shown


@pytest.mark.parametrize("pieces", [1, 4])
def test_a_cut_socket_costs_no_word(person: Person, pieces: int) -> None:
    """After a cut, reading from the place that was reached gives exactly the rest."""
    talk = person.connect()
    shown = talk.ask("1", "words:150 delay:20")
    for _ in range(pieces):
        talk.until(lambda message: "t" in message)
    talk.socket.drop()
    before = shown.text

    talk = person.connect()
    talk.finish(talk.read(shown))

    assert text_of(150) == shown.text
    assert 0 < len(before) < len(text_of(150))
    assert shown.resets == 0


def test_an_answer_finishes_without_its_asker(person: Person) -> None:
    """What was written while nobody listened is there, whole, with its price."""
    talk = person.connect()
    shown = talk.ask("1", "words:20 delay:5")
    talk.socket.drop()

    later = person.connect()
    reread = later.finish(later.read(Shown(shown.answer)))

    assert text_of(20) == reread.text
    assert reread.end is not None
    assert reread.end["finish"] == "stop"


def test_a_place_that_never_was_starts_over(person: Person) -> None:
    """A reader with a wrong epoch or a seq from the future is given everything."""
    talk = person.connect()
    shown = talk.finish(talk.ask("1", "words:12"))

    for epoch, seq in (7, 1), (1, 999):
        wrong = Shown(shown.answer, epoch, seq, ["what it thinks it has"])
        assert text_of(12) == talk.finish(talk.read(wrong)).text


def test_another_persons_answer_is_not_there(house: House, person: Person) -> None:
    """Reading or stopping another's answer is answered as if there were none, and so
    is an id that never was."""
    shown = person.connect().ask("1", "words:5 delay:20")
    thief = Person.sign_up(house["one"].url)
    talk = thief.connect()

    for answer in (shown.answer, str(uuid.uuid4()), "no id at all"):
        for kind in ("read", "stop"):
            refusal = talk.request(type=kind, answer=answer)
            assert (refusal["type"], refusal["code"]) == ("error", "not_found")
        for method, path in ("GET", ""), ("POST", "/stop"):
            answer = answer.replace(" ", "-")
            reply = thief.call(method, f"/api/v1/answers/{answer}{path}")
            assert (reply.status, reply.json["error"]["code"]) == (404, "not_found")
    talk = person.connect()
    assert text_of(5) == talk.finish(talk.read(Shown(shown.answer))).text
