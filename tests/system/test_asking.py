"""The whole path: signed up, asked, answered, paid for."""

from __future__ import annotations

from tests.system.harness import House, text_of, words_in
from tests.system.people import Person
from tests.system.soundness import assert_sound


def test_a_chat_remembers(house: House, person: Person) -> None:
    """The third question of a chat is asked together with the first two and what was
    answered, and each answer costs what the model says that it used."""
    talk = person.connect()
    questions = ["Where is Nyanga? words:7", "And Chimanimani? words:9", "words:3 Why?"]

    first = talk.finish(talk.ask("1", questions[0]))
    again = {"conversation": first.accepted["conversation"]}
    second = talk.finish(talk.ask("2", questions[1], **again))
    third = talk.finish(talk.ask("3", questions[2], **again))

    [asked] = house.upstream.asked(questions[2])
    assert [text_of(7), text_of(9), text_of(3)] == [
        shown.text for shown in (first, second, third)
    ]
    assert [m["content"] for m in asked["messages"][1:]] == [
        questions[0],
        text_of(7),
        questions[1],
        text_of(9),
        questions[2],
    ]
    assert third.end is not None
    assert words_in(asked) + 3 == third.end["cost"]
    assert_sound(house)


def test_an_essay_remembers_nothing(house: House, person: Person) -> None:
    """An essay is asked for alone, whatever was asked before it."""
    talk = person.connect()
    talk.finish(talk.ask("1", "A secret: blue. words:2"))

    essay = talk.finish(talk.ask("2", "On rivers. words:40", kind="essay"))

    [asked] = house.upstream.asked("On rivers. words:40")
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert "essay" in asked["messages"][0]["content"]
    assert text_of(40) == essay.text


def test_the_wallet_pays_exactly_what_was_used(house: House, person: Person) -> None:
    """What is gone from the balance is the prompt and the answer as the model counts
    them; nothing stays held."""
    talk = person.connect()
    before, _ = person.balance()

    shown = talk.finish(talk.ask("1", "What is maize? words:25"))

    [asked] = house.upstream.asked("What is maize? words:25")
    used = words_in(asked) + 25
    assert shown.end == {
        "type": "done",
        "a": 1,
        "cost": used,
        "balance": before - used,
        "finish": "stop",
    }
    assert (before - used, 0) == person.balance()
    [(prompt, completion, source)] = house.query(
        "select prompt_tokens, completion_tokens, usage_source from answers"
        " where id = %s",
        shown.answer,
    )
    assert (words_in(asked), 25, "upstream") == (prompt, completion, source)


def test_http_gives_the_same(house: House, person: Person) -> None:
    """Asked by POST and read by long polls, an answer is as whole as on a socket, and
    its parts come while it is written."""
    body = {"id": "over http", "text": "Who built this? words:90 delay:30"}

    accepted = person.call("POST", "/api/v1/answers", body)

    assert accepted.status == 202
    path = f"/api/v1/answers/{accepted.json['answer']}"
    parts, place = [], {"epoch": 0, "seq": 0}
    while True:
        query = f"?epoch={place['epoch']}&seq={place['seq']}&wait=10"
        more = person.call("GET", path + query).json
        parts.append(more["text"])
        place = {"epoch": more["epoch"], "seq": more["seq"]}
        if "finish" in more:
            break
    assert text_of(90) == "".join(parts)
    assert len([part for part in parts if part]) > 2
    [asked] = house.upstream.asked(body["text"])
    assert ("complete", "stop", words_in(asked) + 90) == (
        more["state"],
        more["finish"],
        more["cost"],
    )


def test_text_comes_while_it_is_written(person: Person) -> None:
    """The first words are shown long before the last are written."""
    talk = person.connect()

    shown = talk.ask("1", "words:150 delay:20")
    talk.until(lambda message: "t" in message)
    early = shown.text
    talk.finish(shown)

    assert len(early) < len(text_of(150)) / 4
    assert len(shown.texts) >= 5
