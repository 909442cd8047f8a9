"""An essay from its brief to its last word, through power cuts and lost connections."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan
from tests.system.people import Person
from tests.system.soundness import assert_sound
from tests.system.talking import Declined, Shown
from zimgpt.domain.essays import counting
from zimgpt.domain.texts import Language

Json = dict[str, Any]

TOPIC = "Why do rivers flood? delay:1"
BRIEF: Json = {"level": "zimsec_a", "words": 1_500}
SLOW = "Why do rivers flood? delay:20"
"""None of these ends, and gives back what is left of its hold, before all are asked."""
CUTS = (0.4, 1.3)
"""Seconds after which the power goes, in each of the node's lives."""


@pytest.fixture(scope="module")
def home(postgres: PostgreSQL) -> Iterator[House]:
    """A node of its own, for it dies."""
    with postgres.database() as url, House(url, nodes=[Plan("one")]) as home:
        yield home


def read_on(person: Person, shown: Shown, seconds: float) -> None:
    """Reads for so long, and then the connection is gone."""
    talk = person.connect()
    talk.read(shown)
    end = time.monotonic() + seconds
    while shown.end is None and time.monotonic() < end:
        talk.hear()
    talk.socket.drop()


def test_from_brief_to_essay_through_power_cuts(home: House) -> None:
    """Price, outline, edited outline, essay: complete, of the length that was asked,
    read to its end on the way, and charged once, as it was said to cost at most."""
    person = Person.sign_up(home["one"].url)
    talk = person.connect()
    outlined = talk.finish(
        talk.ask("o", TOPIC, kind="essay", brief=BRIEF | {"step": "outline"})
    )
    order = person.call("GET", f"/api/v1/essays/{outlined.answer}").json
    edited = [*order["outline"][:2], {"heading": "People"}, order["outline"][2]]
    brief = BRIEF | {"outline": edited}
    price = person.call(
        "POST", "/api/v1/essays/price", {"text": TOPIC, "brief": brief}
    ).json
    before, _ = person.balance()
    essay: Json = {"kind": "essay", "brief": brief}
    essay["conversation"] = outlined.accepted["conversation"]

    shown = talk.ask("e", TOPIC, **essay)
    for seconds in CUTS:
        read_on(person, shown, seconds * random.uniform(0.5, 1.5))
        home["one"].kill()
        home["one"].begin()
        home["one"].ready()
    talk = person.connect()
    again = talk.ask("e", TOPIC, **essay)
    read_on(person, shown, 0.2)
    talk = person.connect()
    talk.finish(talk.read(shown))

    assert again.answer == shown.answer
    assert shown.accepted["hold"] == price["most"]
    assert shown.end is not None
    assert shown.end["finish"] == "stop"
    assert 1_350 <= shown.end["words"] <= 1_650
    assert counting.of_essay(shown.text, Language.ENGLISH) == shown.end["words"]
    headings = [line[3:] for line in shown.text.splitlines() if line[:3] == "## "]
    assert headings == ["Introduction", "Rain", "People", "Conclusion"]
    assert person.balance() == (before - shown.end["cost"], 0)
    assert shown.end["cost"] <= price["most"]
    told = person.call("GET", f"/api/v1/essays/{shown.answer}").json
    assert (told["words"], told["prompts"]) == (shown.end["words"], "v1")
    assert_sound(home)


def test_an_essay_that_the_balance_does_not_cover_is_refused(home: House) -> None:
    """With its price, and not shortened; the price door has said so before."""
    person = Person.sign_up(home["one"].url)
    talk = person.connect()
    brief = BRIEF | {"words": 5_000, "style": "apa", "language": "sn"}
    body = {"text": SLOW, "brief": brief}
    most = person.call("POST", "/api/v1/essays/price", body).json["most"]
    available, _ = person.balance()
    held = [
        talk.ask(str(number), SLOW, kind="essay", brief=brief)
        for number in range(available // most)
    ]

    with pytest.raises(Declined) as refusal:
        talk.ask("one more", SLOW, kind="essay", brief=brief)
    price = person.call("POST", "/api/v1/essays/price", body).json

    assert refusal.value.code == "insufficient_tokens"
    assert not price["enough"]
    assert price["covered"] < 5_000
    for shown in held:
        talk.say(type="stop", answer=shown.answer)
    for shown in held:
        talk.finish(shown)
    assert_sound(home)


def test_a_repeat_has_the_same_brief(home: House) -> None:
    """Another one under a used id is another question."""
    talk = Person.sign_up(home["one"].url).connect()
    talk.finish(talk.ask("1", TOPIC, kind="essay", brief=BRIEF | {"step": "outline"}))

    with pytest.raises(Declined) as refusal:
        talk.ask("1", TOPIC, kind="essay", brief=BRIEF)

    assert refusal.value.code == "id_reused"
