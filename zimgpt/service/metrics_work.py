"""What a node tells of answers and tokens."""

from __future__ import annotations

from typing import Final

from zimgpt.domain.answers import Finish
from zimgpt.flows.counting import Counting
from zimgpt.flows.tallying import Tally
from zimgpt.observe.metrics import Measure, Metric

MOVES: Final = (
    "purchase",
    "voucher",
    "grant",
    "reserve",
    "settle",
    "refund",
    "adjust",
    "voice",
    "picture",
    "clawback",
    "reinstate",
)
"""The ledger's kinds of transfers; one that did not happen is told as 0."""

WRITING: Final[tuple[Measure[Tally], ...]] = (
    Measure(
        "zimgpt_first_text_seconds",
        "histogram",
        "From the claim of a question to its first text, stored and shown.",
        lambda tally: tally.first_text,
    ),
    Measure(
        "zimgpt_whole_answer_seconds",
        "histogram",
        "From the claim of a question to the commit that ends its answer.",
        lambda tally: tally.whole,
    ),
    Measure(
        "zimgpt_answers_ended_total",
        "counter",
        "Answers that this node ended, by the way in which they did.",
        lambda tally: {finish: tally.ended[finish] for finish in Finish},
        "finish",
    ),
    Measure(
        "zimgpt_answer_tokens_total",
        "counter",
        "Tokens that people were charged for answers of this node.",
        lambda tally: tally.tokens,
    ),
)
LEDGER: Final[tuple[Measure[Counting], ...]] = (
    Measure(
        "zimgpt_questions_total",
        "counter",
        "Questions that were accepted, which is when their hold is made.",
        lambda counting: counting.transfers["reserve"],
    ),
    Measure(
        "zimgpt_transfers_total",
        "counter",
        "Transfers of the ledger.",
        lambda counting: {kind: counting.transfers[kind] for kind in MOVES},
        "kind",
    ),
    Measure(
        "zimgpt_tokens_total",
        "counter",
        "Tokens moved by them: sold by purchase, given by grant, spent by settle.",
        lambda counting: {kind: counting.tokens[kind] for kind in MOVES},
        "kind",
    ),
    Measure(
        "zimgpt_holds_open",
        "gauge",
        "Questions whose tokens are set aside just now.",
        lambda counting: counting.set_aside.holds,
    ),
    Measure(
        "zimgpt_holds_tokens",
        "gauge",
        "Tokens that are set aside just now.",
        lambda counting: counting.set_aside.tokens,
    ),
)


def of_writing(tally: Tally) -> tuple[Metric, ...]:
    """How soon and how this node's answers came."""
    return tuple(measure.of(tally) for measure in WRITING)


def of_ledger(counting: Counting) -> tuple[Metric, ...]:
    """What moved in the ledger of all nodes since this one began, a minute late."""
    return tuple(measure.of(counting) for measure in LEDGER)
