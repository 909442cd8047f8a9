"""What a body is worth: a message with a good signature, or which kind of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from zimgpt.wire.paynow import forms
from zimgpt.wire.paynow.forms import Fields, NotAMessage, Repeated
from zimgpt.wire.paynow.hashing import HASH, verified


class Verdict(StrEnum):
    """What came."""

    OK = "ok"
    MISMATCH = "mismatch"
    MISSING_HASH = "missing_hash"
    ERROR_UNSIGNED = "error_unsigned"
    """A refusal, which the gateway never signs: believed as an answer to a question of
    ours, on our own connection, and nowhere else."""
    REJECT_DUPLICATE = "reject_duplicate"
    NOT_A_MESSAGE = "not_a_message"


def judge(body: bytes, keys: Sequence[str]) -> tuple[Verdict, Fields]:
    """The verdict, and the fields as far as there are any."""
    try:
        fields = forms.parse(body)
    except Repeated:
        return Verdict.REJECT_DUPLICATE, ()
    except NotAMessage:
        return Verdict.NOT_A_MESSAGE, ()
    return _weighed(fields, keys), fields


def _weighed(fields: Fields, keys: Sequence[str]) -> Verdict:
    if not forms.has(fields, "status"):
        return Verdict.NOT_A_MESSAGE
    if not forms.has(fields, HASH):
        if forms.value(fields, "status").lower() == "error":
            return Verdict.ERROR_UNSIGNED
        return Verdict.MISSING_HASH
    return Verdict.OK if verified(fields, keys) else Verdict.MISMATCH
