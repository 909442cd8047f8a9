"""Chats of any length: what is remembered, what it costs, and what is forgotten."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs
import pytest

from tests.fakes.memory import ANN, Database, MemoryQuestions
from tests.fakes.results import begun, result_of
from tests.fakes.room import Room
from tests.fakes.scribe import Scribe
from tests.fakes.upkeep import MemoryConversations
from zimgpt.domain import memories
from zimgpt.domain.answers import State
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.questions import Kind, Message, size
from zimgpt.flows.asking import Asking, Question

WINDOW = 3_000
FACT = re.compile(r"my goat is called (\w+)")


def forgetful(messages: Sequence[Message]) -> str:
    """A model that knows what it is told, and nothing else."""
    told = "\n".join(message.content for message in messages)
    fact = FACT.search(told)
    if messages[0].content.startswith("You keep the memory"):
        kept = f"my goat is called {fact[1]}" if fact else "nothing much"
        return f"The person said: {kept}."
    if "What is my goat called" in messages[-1].content:
        return f"It is called {fact[1]}." if fact else "I do not know."
    return "That is good to hear. " * 12


@attrs.define
class Chat:
    """One person's chat, at a node with a scribe."""

    room: Room
    scribe: Scribe
    conversation: ConversationId | None = None
    asked: int = 0

    def say(self, text: str) -> AnswerId:
        """Asks, and waits for the answer."""
        published: list[str] = []
        asking = Asking(
            MemoryQuestions(self.room.db),
            ["model"],
            WINDOW,
            "here",
            self._new_id,
            lambda ticket: published.append(ticket.job),
        )
        self.asked += 1
        question = Question(f"q{self.asked}", Kind.CHAT, text, self.conversation)
        accepted = result_of(begun(asking.ask(ANN, question, "web")))
        self.conversation = accepted.conversation
        job = begun(self.room.answering.run(published[0]))
        for _ in range(100):
            if job.called:
                break
            self.room.tick(0.1)
        assert result_of(job) is True
        return accepted.answer

    def text(self, answer: AnswerId) -> str:
        """What was answered."""
        return self.room.db.lines[answer].text

    def _new_id(self) -> str:
        return f"id-{len(self.room.db.lines)}-{len(self.room.db.calls)}"


@pytest.fixture
def chat() -> Chat:
    """It has not begun."""
    db = Database(balances={ANN: 10**9})
    scribe = Scribe(db.clock, says=forgetful)
    return Chat(Room(db, models=scribe), scribe)


def test_a_chat_of_two_hundred_turns_remembers_its_third(chat: Chat) -> None:
    """Within the window at every turn, with a memory only now and then."""
    for number in range(200):
        chat.say("my goat is called Chipo" if number == 2 else f"Day {number}. " * 8)

    answer = chat.say("What is my goat called?")

    assert chat.text(answer) == "It is called Chipo."
    asked = [messages for messages, _ in chat.scribe.asked]
    made = [one for one in asked if one[0].content.startswith("You keep")]
    largest = max(size(one) for one in asked if one not in made)
    assert largest < WINDOW + 200
    assert max(size(one) for one in made) < 2 * WINDOW + memories.MOST + 200
    assert 5 < len(made) < 30
    assert chat.room.db.lines[answer].memory is None


def test_the_memory_is_paid_by_the_question_that_needed_it(chat: Chat) -> None:
    """As a part of its cost, which is told."""
    answers = [chat.say(f"Day {number}. " * 8) for number in range(60)]

    lines = [chat.room.db.lines[answer] for answer in answers]
    needed = [line for line in lines if line.memory]
    assert needed
    for line in needed:
        assert line.usage is not None
        assert line.settled == line.usage.prompt + line.usage.completion
        assert 0 < (line.memory or 0) < (line.settled or 0)
        assert (line.settled or 0) <= line.new.terms.hold
    assert all(line.state is State.COMPLETE for line in lines)


def test_a_model_that_does_not_count_is_paid_for_what_was_said(chat: Chat) -> None:
    """The memory and the answer each by their own estimate, below the hold."""
    chat.scribe.counts = False
    answers = [chat.say(f"Day {number}. " * 8) for number in range(40)]

    needed = [line for one in answers if (line := chat.room.db.lines[one]).memory]
    assert needed
    for line in needed:
        assert line.usage is not None
        assert line.usage.estimated
        most = sum(size(messages) for messages, _ in chat.scribe.asked)
        assert line.usage.prompt < min(most, line.new.prompt_estimate)


def test_where_no_memory_can_be_made_the_question_is_answered(chat: Chat) -> None:
    """With what there is, and without a charge for it."""
    answers = []
    for number in range(60):
        made = len(chat.scribe.asked) + 1
        chat.scribe.faults = {}
        if number > 20:
            chat.scribe.faults = {made: "cut"} if _folds(chat) else {}
        answers.append(chat.say(f"Day {number}. " * 8))

    assert all(chat.room.db.lines[one].state.ended for one in answers)
    assert not any(chat.room.db.lines[one].memory for one in answers)
    assert not chat.room.db.memories


def _folds(chat: Chat) -> bool:
    """Whether the next question will put turns into the memory."""
    turns = MemoryQuestions(chat.room.db)
    prospect = result_of(begun(turns.prospect(ANN, chat.conversation, ["model"])))
    return bool(memories.recall(prospect.turns, prospect.memory, WINDOW).fold)


def test_a_forgotten_conversation_has_no_memory(chat: Chat) -> None:
    """Deleting it deletes what was remembered of it."""
    for number in range(60):
        chat.say(f"Day {number}. " * 8)
    assert chat.conversation in chat.room.db.memories
    assert chat.conversation is not None

    result_of(begun(MemoryConversations(chat.room.db).delete(ANN, chat.conversation)))

    assert chat.room.db.memories == {}
