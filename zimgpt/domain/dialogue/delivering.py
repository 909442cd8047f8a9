"""An answer that has ended, as the messages that bring it to its asker."""

from __future__ import annotations

from datetime import datetime

import attrs

from zimgpt.domain.answers import Finish, State
from zimgpt.domain.chat_format import Parts, fitted, formatted
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.dialogue import outlining, papers, replies
from zimgpt.domain.dialogue.facts import About
from zimgpt.domain.essays import outlines
from zimgpt.domain.essays.briefs import Brief, Step
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.messages import Message, Text


@attrs.frozen(kw_only=True)
class Delivery:
    """What there is to tell; ``late`` is when it was asked, in the person's own time,
    if that is so long ago that they must be told which question this belongs to."""

    answer: AnswerId
    essay: bool
    question: str
    text: str
    state: State
    finish: Finish
    cost: Tokens
    read: Tokens = replies.NOTHING
    """What it cost to read the file that the question came in."""
    late: datetime | None = None
    brief: Brief | None = None
    """Of an essay that was ordered by one."""
    label: str = ""
    """What must be known of whoever wrote it, such as that it is a demo."""


def delivered(delivery: Delivery, about: About) -> tuple[Message, ...]:
    """The messages, in the order in which they are to arrive."""
    tongue = about.language
    end = replies.ending(tongue, delivery.state, delivery.finish)
    cost = _footer(delivery, about)
    label = f"_[{delivery.label}]_" if delivery.label and delivery.text else ""
    tail = "\n".join(line for line in (end, label, cost) if line)
    if delivery.brief is not None and delivery.brief.step is Step.OUTLINE:
        return _outline(delivery, delivery.brief, tail, about)
    text = formatted(delivery.text) if delivery.text else ""
    if delivery.late is not None:
        head = replies.late(tongue, delivery.late, delivery.question)
        text = f"{head}\n\n{text}".strip()
    if not text:
        return (Text(tail or replies.trouble(about).body),)
    fit = fitted(text, tail)
    if isinstance(fit, Parts):
        parts: tuple[Message, ...] = tuple(map(Text, fit.texts))
        if not delivery.essay:
            return parts
        return (*parts, papers.files_offered(tongue, delivery.answer))
    paper = papers.whole(tongue, delivery.answer, essay=delivery.essay)
    return (Text(fit.first), paper, papers.word_offered(tongue, delivery.answer))


def _outline(
    delivery: Delivery, brief: Brief, tail: str, about: About
) -> tuple[Message, ...]:
    """An outline, and how to go on from it; for one that cannot be read as such there
    is a plain one."""
    tongue, answer = about.language, delivery.answer
    if not delivery.text:
        return (outlining.failed(tongue, answer, tail or replies.trouble(about).body),)
    sections = outlines.parsed(delivery.text) or outlines.plain(brief)
    parts = [outlining.written(sections), tail]
    if delivery.late is not None:
        parts.insert(0, replies.late(tongue, delivery.late, delivery.question))
    body = "\n\n".join(filter(None, parts))
    return (Text(body), outlining.offered(tongue, answer))


def _footer(delivery: Delivery, about: About) -> str:
    if not delivery.cost:
        return ""
    return replies.footer(about, delivery.cost, delivery.read)
