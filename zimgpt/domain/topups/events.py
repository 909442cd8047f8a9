"""What happens to a payment."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from zimgpt.domain.topups.news import News
from zimgpt.domain.topups.states import Place, Reason


@attrs.frozen
class Begin:
    """The gateway is about to be asked, for the only time."""


@attrs.frozen
class Accepted:
    """It took the payment and waits for the person."""

    place: Place


@attrs.frozen
class Refused:
    """It said no at once, or could not be asked at all; nothing can be paid."""

    reason: Reason


@attrs.frozen
class Unheard:
    """Its answer to being asked did not come, or was not to be understood."""


@attrs.frozen
class Heard:
    """The gateway's own answer to a question of ours; ``place`` if a trace found it."""

    news: News
    place: Place | None = None


@attrs.frozen
class Absent:
    """A trace found nothing, the ``tries``-th time, ``seconds`` after it was sent."""

    tries: int
    seconds: float


@attrs.frozen
class Posted:
    """The transfer is in the ledger."""


@attrs.frozen
class Approved:
    """A person looked at it and says: credit what was agreed to."""


@attrs.frozen
class Reinstated:
    """A person looked at it and says: the dispute was won, give the tokens back."""


@attrs.frozen
class Dismissed:
    """A person looked at it and says: the money went back, there is nothing to do."""


Event: TypeAlias = (
    Begin
    | Accepted
    | Refused
    | Unheard
    | Heard
    | Absent
    | Posted
    | Approved
    | Reinstated
    | Dismissed
)
