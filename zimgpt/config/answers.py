"""The settings of how answers are written, and how patiently models are waited for."""

from __future__ import annotations

import attrs

from zimgpt.config import values
from zimgpt.config.limits import LimitSettings
from zimgpt.config.setting import setting

GROUP = "Answers"


@attrs.frozen(kw_only=True)
class AnswerSettings(LimitSettings):
    """What a worker does, and when it gives up on a model."""

    answers_at_once: int = setting(
        GROUP,
        values.whole(1, 100_000),
        "How many answers this node writes at the same time; others wait.",
        default=1000,
    )
    tick_ms: int = setting(
        GROUP,
        values.whole(10, 1000),
        "How often the text of all answers is stored and sent on, in milliseconds.",
        default=100,
    )
    lease_seconds: float = setting(
        GROUP,
        values.number(1, 600),
        "How long a node that says nothing keeps its answers. Shorter: quicker help"
        " after a crash. Longer: more patience with a slow database.",
        default=30.0,
        shown="30",
    )
    hold_minutes: float = setting(
        GROUP,
        values.number(0.1, 1440),
        "How long tokens stay set aside for an answer that nobody is writing. After"
        " that it has failed, and they go back to their owner.",
        default=15.0,
        shown="15",
    )
    remembered_tokens: int = setting(
        GROUP,
        values.whole(0, 1_000_000),
        "How much of a conversation goes with each new question, in tokens of the"
        " model. People pay for what is remembered.",
        default=3000,
    )
    connect_seconds: float = setting(
        GROUP,
        values.number(0.1, 600),
        "How long connecting to a model may take, its name's look-up included. Four"
        " tries of three seconds and the waits between them take 15.",
        default=3.0,
        shown="3",
    )
    first_byte_seconds: float = setting(
        GROUP,
        values.number(0.1, 600),
        "How long a model may take to begin its answer.",
        default=30.0,
        shown="30",
    )
    idle_seconds: float = setting(
        GROUP,
        values.number(0.1, 600),
        "How long a model may pause within an answer.",
        default=20.0,
        shown="20",
    )
    whole_seconds: float = setting(
        GROUP,
        values.number(0.1, 3600),
        "How long a whole answer may take.",
        default=300.0,
        shown="300",
    )
    breaker_failures: int = setting(
        GROUP,
        values.whole(1, 1_000_000),
        "How often a model may fail, less the answers it gives meanwhile, before it"
        " is left alone for a while.",
        default=10,
    )
    breaker_within_seconds: float = setting(
        GROUP,
        values.number(0.1, 3600),
        "How long such a failure counts.",
        default=30.0,
        shown="30",
    )
    breaker_rest_seconds: float = setting(
        GROUP,
        values.number(0.1, 3600),
        "How long such a model is left alone. After that one question tries it again,"
        " and the others follow when it answers.",
        default=15.0,
        shown="15",
    )
