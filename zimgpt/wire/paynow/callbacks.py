"""What comes unasked. However well it is signed, it is a hint and no more.

The signature does not say where values begin and end, holds for ever, and can be had by
anybody who knows a poll address. So of a callback only the reference is kept, to ask
the gateway ourselves at the address that it gave us when the payment began. Addresses
and amounts in it are never used.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from zimgpt.domain.topups.news import Status
from zimgpt.wire.paynow.forms import MOST_CALLBACK
from zimgpt.wire.paynow.judging import Verdict, judge
from zimgpt.wire.paynow.replies import news


class NotGenuine(Exception):  # noqa: N818 - named for what came
    """This was not signed with our key. The gateway sends its own again if our key was
    changed and not yet known here."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.value)
        self.verdict = verdict


@attrs.frozen
class Hint:
    """A payment of which there may be news; the words are for the evidence alone."""

    reference: str
    status: Status
    word: str
    minor: int | None


def parse(body: bytes, keys: Sequence[str]) -> Hint:
    """The hint in a callback; raises NotGenuine."""
    if len(body) > MOST_CALLBACK:
        raise NotGenuine(Verdict.NOT_A_MESSAGE)
    verdict, fields = judge(body, keys)
    if verdict is not Verdict.OK:
        raise NotGenuine(verdict)
    said = news(fields)
    return Hint(said.reference[:64], said.status, said.word, said.minor)
