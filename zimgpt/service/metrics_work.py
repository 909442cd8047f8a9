"""What a node tells of answers and tokens."""

from __future__ import annotations

from zimgpt.domain.answers import Finish
from zimgpt.flows.counting import Counting
from zimgpt.flows.tallying import Tally
from zimgpt.observe.metrics import Metric

MOVES = (
    "purchase",
    "grant",
    "reserve",
    "settle",
    "refund",
    "adjust",
    "voice",
    "clawback",
    "reinstate",
)
"""The ledger's kinds of transfers; one that did not happen is told as 0."""


def of_writing(tally: Tally) -> tuple[Metric, ...]:
    """How soon and how this node's answers came."""

    def ended() -> dict[str, float]:
        return {finish: tally.ended[finish] for finish in Finish}

    return (
        Metric(
            "zimgpt_first_text_seconds",
            "histogram",
            "From the claim of a question to its first text, stored and shown.",
            lambda: tally.first_text,
        ),
        Metric(
            "zimgpt_whole_answer_seconds",
            "histogram",
            "From the claim of a question to the commit that ends its answer.",
            lambda: tally.whole,
        ),
        Metric(
            "zimgpt_answers_ended_total",
            "counter",
            "Answers that this node ended, by the way in which they did.",
            ended,
            "finish",
        ),
        Metric(
            "zimgpt_answer_tokens_total",
            "counter",
            "Tokens that people were charged for answers of this node.",
            lambda: tally.tokens,
        ),
    )


def of_ledger(counting: Counting) -> tuple[Metric, ...]:
    """What moved in the ledger of all nodes since this one began, a minute late."""
    return (
        Metric(
            "zimgpt_questions_total",
            "counter",
            "Questions that were accepted, which is when their hold is made.",
            lambda: counting.transfers["reserve"],
        ),
        Metric(
            "zimgpt_transfers_total",
            "counter",
            "Transfers of the ledger.",
            lambda: {kind: counting.transfers[kind] for kind in MOVES},
            "kind",
        ),
        Metric(
            "zimgpt_tokens_total",
            "counter",
            "Tokens moved by them: sold by purchase, given by grant, spent by settle.",
            lambda: {kind: counting.tokens[kind] for kind in MOVES},
            "kind",
        ),
        Metric(
            "zimgpt_holds_open",
            "gauge",
            "Questions whose tokens are set aside just now.",
            lambda: counting.set_aside.holds,
        ),
        Metric(
            "zimgpt_holds_tokens",
            "gauge",
            "Tokens that are set aside just now.",
            lambda: counting.set_aside.tokens,
        ),
    )
