"""How this WhatsApp behaves: switches, and faults for the next requests."""

from __future__ import annotations

from collections import deque
from typing import Final

import attrs

FAULTS: Final = frozenset(
    {
        "drop",  # accepted, and the connection breaks before the answer
        "slow",  # answered after ``seconds``
        "html-500",
        "html-502",
        "unavailable",  # 503 with code 2
        "truncated",  # accepted, with half of the JSON
        "no-status",  # accepted, and never heard of again
        "code",  # refused with ``code`` and ``http``
        "fail",  # accepted, and a failed status with ``code``
    }
)


@attrs.frozen
class Fault:
    """What happens to one request."""

    kind: str
    code: int = 131000
    http: int = 500
    seconds: float = 1.0


@attrs.define
class Habits:
    """Chances are from 0 to 1; delays are in seconds."""

    window_refusal: str = "late"
    """A text outside the window: ``late`` (accepted, then failed) or ``sync``."""
    limits: bool = True
    """Whether the rates are limited."""
    statuses: bool = True
    sent_after: float = 0.05
    delivered_after: float = 0.3
    read_after: float | None = None
    """None: when the person looks at the phone."""
    shuffle: float = 0.0
    """The chance that a message's statuses come in another order."""
    duplicate: float = 0.0
    skip_delivered: float = 0.0
    bare: float = 0.0
    """The chance that a status comes without contacts, ids, conversation, pricing."""
    batch: float = 0.0
    """Seconds that webhooks are gathered for."""
    redeliver: float = 0.0
    """The chance that an update is sent again, later, in another batch."""
    damage: bool = False
    """Whether files arrive in another order of their bytes."""
    faults: deque[Fault] = attrs.Factory(deque)

    def change(self, **switches: object) -> None:
        """Sets switches by their names; raises ValueError for others."""
        for name, value in switches.items():
            if name == "faults" or name not in attrs.fields_dict(Habits):
                raise ValueError(f"there is no switch {name}")
            setattr(self, name, value)

    def next(self, fault: Fault, times: int = 1) -> None:
        """Makes the next requests to send a message go wrong."""
        if fault.kind not in FAULTS:
            raise ValueError(f"there is no fault {fault.kind}")
        self.faults.extend([fault] * times)

    def take(self) -> Fault | None:
        """The next request's fault."""
        return self.faults.popleft() if self.faults else None
