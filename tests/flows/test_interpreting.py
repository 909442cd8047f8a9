"""Files become words: paid for once, kept, and given back when nothing came of them."""

from __future__ import annotations

from typing import Any, cast

import attrs
import pytest

from tests.fakes.results import result_of
from tests.wire.notes import note
from zimgpt.domain.accounts import UserId
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.dialogue.replies import Unreadable
from zimgpt.domain.heard import MediaKind, Sent
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.texts import Language
from zimgpt.flows.acting import Scene
from zimgpt.flows.interpreting import Interpreting, Paid
from zimgpt.flows.ports.files import NotRead, Sense
from zimgpt.flows.ports.messenger import File, FileTooLarge, SendTrouble, Unheard
from zimgpt.wire.whatsapp.troubles import Trouble

KEY = "wa-1"


@attrs.frozen
class Contact:
    """As much of one as is needed."""

    user: int = 7


@attrs.define
class House:
    """Everything that reading a file needs, in memory."""

    file: File | Exception = attrs.Factory(lambda: File("audio/ogg", note(30.0)))
    says: str | Exception = "Mhoro"
    document: str | Unreadable = "The text."
    balance: int = 1_000
    before: str | None = None
    late: bool = False
    fetched: list[tuple[str, str, int]] = attrs.Factory(list)
    paid: list[tuple[str, int]] = attrs.Factory(list)
    kept_words: list[str] = attrs.Factory(list)
    given_back: int = 0

    async def fetch(self, media: str, *, sha256: str, most: int) -> File:
        """``Messenger``."""
        self.fetched.append((media, sha256, most))
        if isinstance(self.file, Exception):
            raise self.file
        return self.file

    async def words(self, _content: bytes, _mime: str) -> str:
        """``Reader``."""
        assert self.paid, "read before it was paid for"
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    async def text(self, _content: bytes) -> str | Unreadable:
        """``Documents``."""
        return self.document

    async def kept(self, key: str) -> str | None:
        """``Readings``."""
        assert key == KEY
        return self.before

    async def charge(
        self, user: UserId, key: str, sense: Sense, tokens: Tokens
    ) -> bool:
        """``Readings``."""
        assert (user, key) == (7, KEY)
        if tokens > self.balance:
            return False
        self.paid.append((str(sense), tokens))
        return True

    async def keep(self, _key: str, text: str) -> str | None:
        """``Readings``."""
        self.kept_words.append(text)
        return None if self.late else text

    async def give_back(self, _key: str) -> None:
        """``Readings``."""
        self.given_back += 1

    def read(
        self, sent: Sent, *, deaf: bool = False, available: int = 1_000
    ) -> str | Unreadable:
        """What comes of a file."""
        paid = None if deaf else Paid(self, Tokens(100))
        interpreting = Interpreting(
            messenger=cast(Any, self),
            documents=self,
            readings=self,
            voice=paid,
            picture=paid,
        )
        about = About(Language.ENGLISH, Tokens(available), Tokens(40), Tokens(400))
        scene = Scene(cast(Any, Contact()), about, KEY, "wamid.1")
        return result_of(interpreting.words(scene, sent))


VOICE = Sent(MediaKind.VOICE, "1", "audio/ogg", "aa")
IMAGE = Sent(MediaKind.IMAGE, "2", "image/jpeg", "bb", caption="What is it?")
PAPER = Sent(MediaKind.DOCUMENT, "3", "application/pdf", "cc", filename="a.pdf")
JPEG = File("image/jpeg", b"\xff\xd8")


def test_a_voice_note() -> None:
    """It is fetched with its digest, paid for by its length, heard and kept."""
    house = House()

    assert house.read(VOICE) == "Mhoro"
    assert house.fetched == [("1", "aa", 16 * 1024 * 1024)]
    assert (house.paid, house.kept_words) == ([("voice", 50)], ["Mhoro"])
    assert house.given_back == 0


def test_a_picture() -> None:
    """One has one price, and its caption comes before what it shows."""
    house = House(file=JPEG, says="A tree.")

    assert house.read(IMAGE) == "What is it?\n\nA tree."
    assert house.paid == [("picture", 100)]


def test_a_document() -> None:
    """It costs nothing; why it has no words is told as it is."""
    house = House(file=File("application/pdf", b"%PDF-"))

    assert house.read(PAPER) == "The text."
    house.document = Unreadable.EMPTY
    assert house.read(PAPER) is Unreadable.EMPTY
    assert house.paid == []


def test_the_shortest_note_costs_something() -> None:
    """So that nobody sends thousands of them."""
    house = House(file=File("audio/ogg", note(0.1)))

    house.read(VOICE)

    assert house.paid == [("voice", 1)]


def test_long_words_fit_a_question() -> None:
    """What is too long for a question ends where a question ends, between letters."""
    house = House(file=File("text/plain", b""), document="é" * 20_000)

    words = house.read(attrs.evolve(PAPER, caption="a"))

    assert isinstance(words, str)
    assert words.startswith("a\n\né")
    assert len(words.encode()) == 32_767


def test_a_second_try_reads_the_same() -> None:
    """After a crash nothing is fetched, paid or heard again."""
    house = House(before="Heard before.")

    assert house.read(VOICE) == "Heard before."
    assert (house.fetched, house.paid) == ([], [])


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (FileTooLarge(), Unreadable.TOO_LARGE),
        (SendTrouble(Trouble.INBOUND_MEDIA, None, "gone"), Unreadable.BROKEN),
        (Unheard("silence"), Unreadable.BROKEN),
    ],
)
@pytest.mark.parametrize("sent", [VOICE, IMAGE, PAPER])
def test_what_was_not_fetched_is_not_paid_for(
    trouble: Exception, why: Unreadable, sent: Sent
) -> None:
    """The person is told whether to send it again, or something smaller."""
    house = House(file=trouble)

    assert house.read(sent) is why
    assert house.paid == []


@pytest.mark.parametrize(
    ("file", "sent", "why"),
    [
        (File("audio/mpeg", b"ID3"), VOICE, Unreadable.NO_RECORDING),
        (File("audio/ogg", note(601.0)), VOICE, Unreadable.TOO_LARGE),
        (File("image/gif", b"GIF89a"), IMAGE, Unreadable.UNSEEN),
    ],
)
def test_what_cannot_be_read_is_not_paid_for(
    file: File, sent: Sent, why: Unreadable
) -> None:
    """Nor does a model get to see it."""
    house = House(file=file)

    assert house.read(sent) is why
    assert house.paid == []


@pytest.mark.parametrize("says", [NotRead("busy"), "", "  \n"])
def test_what_came_to_nothing_is_given_back(says: str | Exception) -> None:
    """Silence in the recording, and silence of the model."""
    house = House(says=says)

    assert house.read(VOICE) is Unreadable.UNHEARD
    assert house.given_back == 1

    house.file = JPEG
    assert house.read(IMAGE) is Unreadable.UNSEEN
    assert house.given_back == 2


def test_words_that_came_too_late() -> None:
    """What was given back meanwhile is not used: the person is asked to send again."""
    house = House(late=True)

    assert house.read(VOICE) is Unreadable.UNHEARD


def test_who_cannot_pay_for_the_answer_is_not_heard() -> None:
    """Nothing is charged for a question that could not be asked."""
    house = House()

    assert house.read(VOICE, available=89) is Unreadable.NO_TOKENS
    assert house.paid == []

    house.balance = 49
    assert house.read(VOICE, available=90) is Unreadable.NO_TOKENS
    assert house.given_back == 0


def test_nobody_listens_or_looks() -> None:
    """Where no model is configured the person is asked to type, and nothing is
    fetched."""
    house = House()

    assert house.read(VOICE, deaf=True) is Unreadable.NO_VOICE
    assert house.read(IMAGE, deaf=True) is Unreadable.NO_IMAGE
    assert house.fetched == []
