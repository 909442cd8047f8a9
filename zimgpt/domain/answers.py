"""Answers: how one can end, and what its asker is told and charged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import attrs

from zimgpt.domain import estimates
from zimgpt.domain.ledger import Price, Tokens, Usage, charge, costs
from zimgpt.domain.texts import Language, say


class State(StrEnum):
    """Where an answer is in its life; the last four are its end."""

    QUEUED = "queued"
    STREAMING = "streaming"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    REFUSED = "refused"

    @property
    def ended(self) -> bool:
        """No text will be added any more."""
        return self not in (State.QUEUED, State.STREAMING)


class Finish(StrEnum):
    """Why an answer ended."""

    STOP = "stop"  # the model had said all
    LENGTH = "length"  # max_tokens reached
    FILTERED = "filtered"  # the model's provider held the rest back
    STOPPED = "stopped"  # the asker stopped it
    CUT = "cut"  # the model fell silent or broke off midway
    BUSY = "busy"  # no model had room
    UNREACHABLE = "unreachable"  # no model answered at all
    GAVE_UP = "gave_up"  # every attempt was lost
    EXPIRED = "expired"  # nobody took it in time


NOTES = {
    Finish.LENGTH: "note.length",
    Finish.FILTERED: "note.filtered",
    Finish.STOPPED: "note.stopped",
    Finish.CUT: "note.cut",
    Finish.BUSY: "note.busy",
    Finish.UNREACHABLE: "note.unreachable",
    Finish.GAVE_UP: "note.gave_up",
    Finish.EXPIRED: "note.expired",
}
"""What the asker is told of each end but a plain one: keys of texts."""

SILENT = "note.silent"
UNBEGUN = "note.unbegun"
LOWERED = "note.lowered"


def lowered_note(max_tokens: int, language: Language = Language.ENGLISH) -> str:
    """The sentence for a question whose ``max_tokens`` was cut to the balance."""
    return say(language, LOWERED, words=max(1, max_tokens * 3 // 4))


def sentence(
    state: State, finish: Finish, language: Language = Language.ENGLISH
) -> str | None:
    """What the asker is told of an end; None for a plain one.

    Nobody is told to have paid for an answer that failed or was refused.
    """
    key = _note(state, finish)
    return None if key is None else say(language, key)


def _note(state: State, finish: Finish) -> str | None:
    if state not in (State.FAILED, State.REFUSED):
        return NOTES.get(finish)
    match finish:
        case Finish.STOPPED:
            return UNBEGUN
        case Finish.BUSY | Finish.UNREACHABLE | Finish.GAVE_UP | Finish.EXPIRED:
            return NOTES[finish]
        case _:
            return SILENT


@attrs.frozen
class Ending:
    """How an answer ended and what it costs."""

    state: State
    finish: Finish
    usage: Usage | None
    cost: Tokens
    words: int | None = None
    """Of an essay by a brief."""
    memory: Tokens | None = None
    """What of the cost went into what the chat remembers."""


FREE = Tokens(0)
WHOLE = (Finish.STOP, Finish.LENGTH, Finish.FILTERED)
"""Ends that the model itself chose."""

PROMPT_SLACK = 1_000
COMPLETION_SLACK = 64


def plausible(
    reported: Usage | None, *, prompt_estimate: int, max_tokens: int
) -> Usage | None:
    """The usage that a model reported, or None if the answer cannot have taken it.

    Zero is believed: some answers are free. The slack is for chat formats and for
    models that count a few tokens of their own.
    """
    if (
        reported is None
        or not 0 <= reported.prompt <= 4 * prompt_estimate + PROMPT_SLACK
        or not 0 <= reported.completion <= max_tokens + COMPLETION_SLACK
    ):
        return None
    return reported


def used(
    reported: Usage | None, *, prompt_estimate: int, max_tokens: int, written: int
) -> Usage:
    """What an answer took: as reported if that is plausible, otherwise estimated from
    the bytes written, in the asker's favour."""
    return plausible(
        reported, prompt_estimate=prompt_estimate, max_tokens=max_tokens
    ) or Usage(
        prompt=prompt_estimate * 3 // 4,
        completion=estimates.at_least(written),
        estimated=True,
    )


def ended_in_parts(
    finish: Finish,
    *,
    written: int,
    parts: Sequence[tuple[Price, Usage]],
    words: int,
    hold: Tokens,
) -> Ending:
    """The end of an essay that took several answers of models; free if there is no
    text of it."""
    if not written:
        return Ending(State.FAILED, finish, None, FREE)
    return Ending(
        State.COMPLETE if finish in WHOLE else State.INTERRUPTED,
        finish,
        summed(usage for _, usage in parts),
        min(costs(parts), hold),
        words=words,
    )


def with_memory(
    ending: Ending, spent: Sequence[tuple[Price, Usage]], hold: Tokens
) -> Ending:
    """The end of an answer before which the memory was made; one that failed is free
    all the same."""
    if not spent or ending.usage is None:
        return ending
    memory = min(costs(spent), hold - ending.cost)
    return attrs.evolve(
        ending,
        usage=summed([ending.usage, *(usage for _, usage in spent)]),
        cost=Tokens(ending.cost + memory),
        memory=Tokens(memory),
    )


def summed(usages: Iterable[Usage]) -> Usage:
    """All of them together; an estimate if one of them is."""
    prompt = completion = 0
    estimated = False
    for usage in usages:
        prompt += usage.prompt
        completion += usage.completion
        estimated |= usage.estimated
    return Usage(prompt, completion, estimated)


def ended(
    finish: Finish,
    *,
    written: int,
    reported: Usage | None,
    prompt_estimate: int,
    max_tokens: int,
    price: Price,
    hold: Tokens,
) -> Ending:
    """The end of an answer from the bytes written and what the model reported.

    Usage that is plausible is believed; otherwise the written text is estimated in
    the asker's favour. Nothing written is free, unless the model itself ended and
    says what it used: then it has read the question and chose to say nothing.
    """
    believed = plausible(
        reported, prompt_estimate=prompt_estimate, max_tokens=max_tokens
    )
    whole = finish in WHOLE
    if not written and not (whole and believed):
        return Ending(State.FAILED, finish, None, FREE)
    usage = believed or used(
        None, prompt_estimate=prompt_estimate, max_tokens=max_tokens, written=written
    )
    state = State.COMPLETE if whole else State.INTERRUPTED
    return Ending(state, finish, usage, charge(price, usage, hold))
