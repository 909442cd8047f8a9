"""Voice notes, pictures and documents on WhatsApp: words, an answer, a price."""

from __future__ import annotations

from tests.fakes.openai_files import note_says, picture
from tests.outbound.papers import PDF, word
from tests.system.harness import wait_until
from tests.system.phone import Exchange, Somebody, body
from tests.system.soundness import assert_sound
from tests.wire.notes import note

OGG = "audio/ogg; codecs=opus"
BALANCE = """
    select a.balance from whatsapp_contacts c
      join accounts a on a.user_id = c.user_id and a.kind = 'available'
     where c.bsuid = %s
"""
BAN = """
    select ban_user(user_id, 'tests', 'r') from whatsapp_contacts where bsuid = %s
"""
ANSWERED = """
    select coalesce(sum(r.settled), 0) from reservations r
      join whatsapp_contacts c on c.user_id = r.user_id where c.bsuid = %s
"""


def paid(exchange: Exchange, someone: Somebody) -> tuple[int, int]:
    """What answers cost so far, and what everything did."""
    [(balance,)] = exchange.house.query(BALANCE, someone.bsuid)
    [(answered,)] = exchange.house.query(ANSWERED, someone.bsuid)
    return int(answered), 1_000_000 - balance


def test_a_voice_note_is_a_question(exchange: Exchange, someone: Somebody) -> None:
    """What is said is asked. Listening is charged by the second, and shown beside what
    the answer cost."""
    someone.ask("menu")

    someone.give(note(12.1, note_says("words:5 mvura inobva kupi")), OGG, "note.ogg")
    answer = body(someone.next())

    answered, everything = paid(exchange, someone)
    assert exchange.house.upstream.asked("words:5 mvura inobva kupi")
    assert answer.startswith("w0 w1 w2 w3 w4\n")
    assert everything - answered == 121
    assert f"Cost: {answered} · Reading the file: 121 · Balance: " in answer
    assert "Voice note: -121" in someone.ask("statement")
    assert_sound(exchange.house)


def test_a_spoken_command_is_one(exchange: Exchange, someone: Somebody) -> None:
    """Who says Menu gets the menu."""
    someone.ask("hi")

    someone.give(note(1.0, note_says("Balance.")), OGG, "note.ogg")

    assert "Tokens: 999,990" in body(someone.next())


def test_a_picture_with_a_question(exchange: Exchange, someone: Somebody) -> None:
    """The model that answers gets the caption, and what the picture says."""
    someone.ask("menu")

    someone.give(
        picture("2x + 3 = 7"), "image/png", "sum.png", "words:4 solve this, please"
    )
    answer = body(someone.next())

    answered, everything = paid(exchange, someone)
    asked = "words:4 solve this, please\n\n2x + 3 = 7"
    assert exchange.house.upstream.asked(asked)
    assert answer.startswith("w0 w1 w2 w3\n")
    assert everything - answered == 70
    assert_sound(exchange.house)


def test_a_picture_is_nobodys_password(exchange: Exchange, someone: Somebody) -> None:
    """A one-time phrase or a command in a picture or document of somebody else's does
    nothing but be asked about."""
    someone.ask("menu")

    someone.give(picture("words:3 ZIM-7K3M9QPA"), "image/png", "trap.png")
    answer = body(someone.next())
    someone.give(b"LOCK", "text/plain", "trap.txt")
    second = body(someone.next())

    assert answer.startswith("w0 w1 w2\n")
    assert exchange.house.upstream.asked("LOCK")
    assert "signed out" not in second


def test_documents_are_read(exchange: Exchange, someone: Somebody) -> None:
    """PDF, Word and text become part of the question, and reading them is free."""
    someone.ask("menu")

    someone.give(PDF, "application/pdf", "mitemo.pdf", "words:3 what is this?")
    of_pdf = body(someone.next())
    someone.give(
        word("words:2 Mhoro"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "mhoro.docx",
    )
    of_word = body(someone.next())

    asked = exchange.house.upstream.requests()
    questions = [request["messages"][-1]["content"] for request in asked]
    assert "words:3 what is this?\n\n1\nMitemo\nMhoro shamwari." in questions
    assert "words:2 Mhoro\nMaize | 3 t" in questions
    assert of_pdf.startswith("w0 w1 w2\n")
    assert of_word.startswith("w0 w1\n")
    answered, everything = paid(exchange, someone)
    assert answered == everything
    assert_sound(exchange.house)


def test_what_cannot_be_read_costs_nothing(exchange: Exchange) -> None:
    """The person is told kindly what to do, and has all tokens that they had."""
    files = (
        (note(2.0), OGG, "We could not understand that voice note"),
        (note(2.0, note_says("fault:500")), OGG, "We could not understand that voice"),
        (b"ID3" + bytes(100), "audio/mpeg", "We can listen only to voice notes record"),
        (note(601.0), OGG, "That file is too large"),
        (picture(), "image/png", "We could not make out that picture"),
        (picture("fault:nonsense"), "image/png", "We could not make out that picture"),
        (b"MZ\x00\x01", "application/zip", "We cannot read that kind of document"),
        (bytes(5 * 1024 * 1024 + 1), "application/pdf", "That file is too large"),
    )
    people = [exchange.phones.somebody() for _ in files]
    for person, (content, mime, _) in zip(people, files, strict=True):
        person.give(content, mime, "file")
    for person, (_, _, sentence) in zip(people, files, strict=True):
        assert "Welcome" in body(person.next())
        told = body(person.next())

        assert told.startswith(sentence)
        assert "Nothing was charged" in told
        assert paid(exchange, person) == (0, 0)
    assert_sound(exchange.house)


def test_who_is_not_answered_was_not_heard(
    exchange: Exchange, someone: Somebody
) -> None:
    """When the model gives no answer, listening to the question is free, too."""
    someone.ask("menu")

    someone.give(note(30.0, note_says("words:3 fault:html please")), OGG, "note.ogg")
    answer = body(someone.next())

    assert "You were not charged" in answer
    assert paid(exchange, someone) == (0, 0)
    assert "Given back: +300" in someone.ask("statement")
    assert_sound(exchange.house)


def test_a_changed_file_is_not_read(exchange: Exchange, someone: Somebody) -> None:
    """What does not have the digest that WhatsApp signed is thrown away."""
    someone.ask("menu")
    exchange.phones.control("habits", damage=True)
    try:
        someone.give(b"words:3 read me", "text/plain", "note.txt")
        assert "did not arrive whole" in body(someone.next())
    finally:
        exchange.phones.control("habits", damage=False)


def test_help_says_what_files_cost(exchange: Exchange, someone: Somebody) -> None:
    """Before anything is sent."""
    someone.ask("hi")

    helped = someone.ask("help")

    assert "A voice note costs 600 in tokens a minute" in helped
    assert "A picture costs 70 in tokens" in helped
    wait_until(lambda: paid(exchange, someone) == (0, 0))


def test_whoever_is_banned_is_not_listened_to(
    exchange: Exchange, someone: Somebody
) -> None:
    """Their voice notes and pictures are neither read nor charged for."""
    someone.ask("menu")
    ban = (
        "select ban_user(user_id, 'tests', 'r') from whatsapp_contacts where bsuid = %s"
    )
    exchange.house.query(ban, someone.bsuid)

    someone.give(note(12.1, note_says("words:5 banned")), OGG, "note.ogg")
    first = body(someone.next())
    someone.give(picture("2x = 7"), "image/png", "sum.png", "of the banned")
    second = body(someone.next())

    assert "was closed" in first
    assert "was closed" in second
    asked = [
        one["messages"][-1]["content"] for one in exchange.house.upstream.requests()
    ]
    assert not [text for text in asked if "banned" in text]
    assert paid(exchange, someone) == (0, 0)
    assert_sound(exchange.house)
