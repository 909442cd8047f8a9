"""An essay on WhatsApp by an outline, from its brief to its documents."""

from __future__ import annotations

import json
from typing import Any

import attrs

from tests.system.phone import Exchange, Somebody, body, new_wamid, post
from tests.system.soundness import assert_sound
from tests.wire.papers import words_of_docx, words_of_pdf
from zimgpt.domain.essays import counting
from zimgpt.domain.texts import Language

ORDERED = """
    select q.brief ->> 'step', q.brief::text, r.amount, r.settled, a.text, a.state,
           a.conversation_id,
           (select count(*) from jobs j where j.ref = a.id::text)
      from answers a
      join questions q on q.answer_id = a.id
      join reservations r on r.answer_id = a.id
      join whatsapp_contacts c on c.user_id = a.user_id
     where c.bsuid = %s order by a.created_at
"""


def headings(text: str) -> list[str]:
    """The sections of an essay."""
    return [line[3:] for line in text.splitlines() if line.startswith("## ")]


def test_from_brief_to_documents(exchange: Exchange, someone: Somebody) -> None:
    """Brief with points, outline, edited outline, a step back, price, essay, PDF and
    Word: the essay follows the outline as it was changed, as one job with one hold, and
    costs no more than was said."""
    brief = ("essay", "why do rivers flood", "university", "3000", "english", "none")
    exchange.asks(someone, "hi", *brief)
    someone.say("1. Dams\n2. Farmers")
    confirm = someone.next()
    exchange.rest(someone)
    someone.tap(confirm, "Outline first")
    outline, rules = body(someone.next()), someone.next()
    exchange.rest(someone)
    someone.say("1 2\nPeople\n- Farmers\n3")
    changed, _ = body(someone.next()), someone.next()
    exchange.rest(someone)
    exchange.asks(someone, "back")
    someone.say("1. Dams\n2. Farmers")
    kept, price = body(someone.next()), someone.next()
    exchange.rest(someone)
    assert len(exchange.house.query(ORDERED, someone.bsuid)) == 1

    someone.tap(price, "Yes, write it")
    first = someone.next()
    exchange.rest(someone)
    paper, offer = someone.next(), someone.next()
    someone.tap(offer, "Word file")
    word = someone.next()["content"]

    assert outline.startswith("*1. Introduction*\n")
    assert "*2. Rain*\n" in outline
    assert "Cost: " in outline
    assert "ADD and a name" in body(rules)
    assert kept == changed
    assert "*3. People*\n• Farmers\n*4. Conclusion*" in changed
    assert "never more than" in body(price)
    sketch, essay = exchange.house.query(ORDERED, someone.bsuid)
    assert (sketch[0], essay[0], essay[5], essay[7]) == (
        "outline",
        "essay",
        "complete",
        1,
    )
    order: dict[str, Any] = json.loads(essay[1])
    assert order["points"] == ["Dams", "Farmers"]
    assert [one["heading"] for one in order["outline"]] == headings(essay[4])
    assert headings(essay[4]) == ["Introduction", "Rain", "People", "Conclusion"]
    assert 2_700 <= counting.of_essay(essay[4], Language.ENGLISH) <= 3_300
    assert sketch[6] == essay[6]  # both are found together
    held, settled = essay[2:4]
    assert f"never more than {held:,}." in body(price)
    assert settled <= held
    assert "Cost: " in body(first)
    assert paper["content"]["filename"] == "why do rivers flood.pdf"
    assert word["filename"] == "why do rivers flood.docx"
    pdf = exchange.phones.raw(f"/files/{paper['content']['id']}")
    docx = exchange.phones.raw(f"/files/{word['id']}")
    for text in (words_of_pdf(pdf), words_of_docx(docx)):
        assert all(one in text for one in headings(essay[4]))
        assert len(text.split()) > 2_700
    assert_sound(exchange.house)


def test_an_outline_by_its_button_alone(exchange: Exchange, someone: Somebody) -> None:
    """In Shona, without a typed line but the topic, and after a look at the menu."""
    exchange.asks(someone, "hi", "shona", "rondedzero", "mvura", "1", "1", "2", "1")
    someone.say("darika")
    confirm = someone.next()
    someone.tap(confirm, "Hurongwa kutanga")
    someone.next()
    rules = someone.next()
    exchange.rest(someone)
    exchange.asks(someone, "menyu")

    someone.tap(rules, "Shandisai uhu")
    price = someone.next()
    someone.tap(price, "Hongu, nyorai")
    essay = body(someone.next())

    assert essay.startswith("*Introduction*")
    (_, ordered) = exchange.house.query(ORDERED, someone.bsuid)
    assert headings(ordered[4]) == ["Introduction", "Rain", "Conclusion"]
    assert json.loads(ordered[1])["language"] == "sn"
    assert_sound(exchange.house)


def test_an_outline_that_is_anothers(exchange: Exchange, someone: Somebody) -> None:
    """The id in a button leads nobody to what is not theirs."""
    brief = ("essay", "rivers", "university", "300", "english", "none", "skip")
    exchange.asks(someone, "hi", *brief)
    someone.say("outline")
    someone.next()
    exchange.rest(someone)
    rules = someone.next()
    other = exchange.phones.somebody()
    other.ask("hi")
    id_ = next(one["reply"]["id"] for one in rules["content"]["action"]["buttons"])

    heard = other.message("x", new_wamid())
    reply = {"id": id_, "title": "Use this outline"}
    tapped = {"type": "button_reply", "button_reply": reply}
    thing = {**heard.thing, "type": "interactive", "interactive": tapped}
    del thing["text"]
    post(exchange.url, [attrs.evolve(heard, thing=thing)])

    assert "no longer works" in body(other.next())
