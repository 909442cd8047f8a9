"""Everything that can go wrong with one payment, and payments as they usually are."""

from __future__ import annotations

from random import Random
from typing import Any, Final

import attrs

ANSWERS: Final = ("lost", "never", "hash", "html", "500")
POLLS: Final = ("500", "502", "html", "hang", "reset", "hash", "unsigned")
FORGERIES: Final = (
    "hash",
    "other-key",
    "unsigned",
    "doubled",
    "renamed",
    "cut",
    "foreign-poll",
    "unknown",
)
AMOUNTS: Final = ("short", "long", "commas", "bare", "three")
WORDS: Final = ("Paid", "Awaiting Delivery")
AFTERWARDS: Final = ("disputed", "refunded")


@attrs.frozen(kw_only=True)
class Troubles:
    """Switches; as they stand here, nothing goes wrong. Times are seconds."""

    answer: str = ""
    """To the initiation: ``lost`` when it was taken, or ``never`` taken at all; with a
    wrong ``hash``, or ``html`` or a ``500`` instead of it, but taken all the same."""
    lost: bool = False
    """No callback is sent at all."""
    copies: int = 1
    """How often each is sent, at once or ``apart`` seconds."""
    apart: float = 0.0
    reordered: bool = False
    """The first callbacks come after the last."""
    early: bool = False
    """A callback comes before the answer to the initiation."""
    poll: str = ""
    """What is answered to polls and traces until ``poll_until`` after the beginning."""
    poll_until: float = 0.0
    lag: float = 0.0
    """So late do polls know what callbacks tell."""
    untraced: float = 0.0
    """So long does a trace not find it."""
    forged: tuple[str, ...] = ()
    """Callbacks of others, sent along with ours."""
    amount: str = ""
    """Charged ``short`` or ``long``, or written with ``commas``, ``bare`` of cents or
    with ``three`` decimals."""
    word: str = "Paid"
    delivered_after: float = 0.0
    """When what awaits delivery is delivered; 0: never."""
    cancelled_first: float = 0.0
    """Cancelled first, and paid so much later; 0: not."""
    afterwards: str = ""
    """``disputed`` or ``refunded``, ``afterwards_after`` it was paid."""
    afterwards_after: float = 3600.0
    commas: bool = False
    """Our reference with a thousands separator."""
    capital: bool = False
    middle: bool = False
    no_number: bool = False
    """The answer to the initiation does not name our reference."""

    def __attrs_post_init__(self) -> None:
        for said, known in (
            ((self.answer,), ("", *ANSWERS)),
            ((self.poll,), ("", *POLLS)),
            (self.forged, FORGERIES),
            ((self.amount,), ("", *AMOUNTS)),
            ((self.word,), WORDS),
            ((self.afterwards,), ("", *AFTERWARDS)),
        ):
            for one in said:
                if one not in known:
                    raise ValueError(f"there is no {one!r} among {known}")

    @property
    def honest(self) -> bool:
        """Whether what is charged is what was asked for."""
        return self.amount not in ("short", "long")


def read(said: dict[str, Any]) -> Troubles:
    """Troubles by their names; raises ValueError or TypeError."""
    forged = tuple(said.pop("forged", ()))
    return Troubles(forged=forged, **said)


def drawn(dice: Random, chance: float) -> Troubles:
    """Some of everything, each with this chance."""

    def happens(times: float = 1.0) -> bool:
        return dice.random() < chance * times

    forged = tuple(kind for kind in FORGERIES if happens())
    return Troubles(
        answer=dice.choice(ANSWERS) if happens() else "",
        lost=happens(2),
        copies=dice.randint(2, 10) if happens(2) else 1,
        apart=dice.choice((0.0, 90.0, 600.0)),
        reordered=happens(),
        early=happens(),
        poll=dice.choice(POLLS) if happens() else "",
        poll_until=dice.choice((5.0, 60.0, 600.0)),
        lag=20.0 if happens() else 0.0,
        untraced=dice.choice((0.0, 100.0, 700.0)) if happens() else 0.0,
        forged=forged,
        amount=dice.choice(AMOUNTS) if happens() else "",
        word=dice.choice(WORDS),
        delivered_after=dice.choice((0.0, 30.0, 3600.0)),
        cancelled_first=dice.choice((1.0, 600.0, 82_800.0)) if happens() else 0.0,
        afterwards=dice.choice(AFTERWARDS) if happens() else "",
        afterwards_after=dice.choice((1.0, 60.0, 86_400.0)),
        commas=happens(3),
        capital=happens(2),
        middle=happens(2),
        no_number=happens(2),
    )
