"""A rail: the way to somebody's wallet, through a gateway, in one currency."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import attrs

from zimgpt.domain.phones import Phone
from zimgpt.domain.topups.money import Currency
from zimgpt.domain.topups.news import News, Status
from zimgpt.domain.topups.states import Order, Place, Reason

# ---- what the person is to do -------------------------------------------------------


@attrs.frozen
class Approve:
    """Approve it on the phone, with the wallet's PIN, which is typed there alone."""

    words: str = ""
    """The gateway's own."""


@attrs.frozen
class PayCode:
    """Give a code to the wallet's app: by hand, as a picture or by a link."""

    code: str
    expires: str
    """In the gateway's words; shown, and never reckoned with."""
    links: tuple[str, ...]


@attrs.frozen
class EnterCode:
    """Type here the code that the wallet sent; ``reference`` says which it is."""

    reference: str


@attrs.frozen
class Visit:
    """Pay on the gateway's own page."""

    url: str


Prompt: TypeAlias = Approve | PayCode | EnterCode | Visit


# ---- what is asked, and what comes of it ---------------------------------------------


@attrs.frozen(kw_only=True)
class PaymentRequest:
    """A payment to begin. Its row is committed before anybody is asked."""

    order: Order
    phone: Phone | None
    """Whose wallet pays; None only on the gateway's page."""
    result_url: str = attrs.field(repr=False)
    """Where the gateway may tell of changes; nobody can guess it."""
    return_url: str
    """Where the person comes back to, which says nothing about the payment."""
    info: str = ""


@attrs.frozen
class Opened:
    """It waits for the person."""

    place: Place
    prompt: Prompt
    body: bytes = attrs.field(default=b"", eq=False, repr=False)
    """The whole answer, for the evidence."""


@attrs.frozen
class Traced:
    """The gateway does know it."""

    news: News
    place: Place


@attrs.frozen
class Hint:
    """A call that was signed with our key. It may be old, cut anew or sent again, so it
    is a reason to ask, and nothing else."""

    reference: str
    status: Status
    word: str
    minor: int | None


class NotSent(Exception):  # noqa: N818 - named for what happened
    """The payment service could not be reached, so nothing was asked of it."""


class Declined(Exception):  # noqa: N818 - named for what happened
    """The payment service said no; nothing was paid and nothing can be."""

    def __init__(self, reason: Reason, words: str = "") -> None:
        super().__init__(words or reason.value)
        self.reason = reason


class Unheard(Exception):  # noqa: N818 - named for what happened
    """The payment service's answer did not come or was not to be understood, so nobody
    knows what it did."""


class WrongCode(Exception):  # noqa: N818 - named for what happened
    """The code was not the right one."""


class NotGenuine(Exception):  # noqa: N818 - named for what came
    """What came was not signed with a key of ours."""

    def __init__(self, verdict: str) -> None:
        super().__init__(verdict)
        self.verdict = verdict
        """Which kind of nothing it was."""


class Rail(Protocol):
    """One gateway, in one currency."""

    @property
    def currency(self) -> Currency:
        """What it takes."""
        ...

    async def initiate(self, request: PaymentRequest) -> Opened:
        """Begins a payment, once; raises NotSent, Declined or Unheard. After Unheard it
        is traced, never begun again."""
        ...

    async def poll(self, place: Place) -> News:
        """How it stands; raises Unheard, which changes nothing."""
        ...

    async def trace(self, reference: str) -> Traced | None:
        """Looks for it by our reference; None when the gateway says that there is no
        such payment. Raises Unheard."""
        ...

    async def submit_code(self, place: Place, code: str) -> News:
        """Hands in a code; raises NotSent, WrongCode, Declined or Unheard."""
        ...

    def parse_callback(self, body: bytes) -> Hint:
        """What a call is worth; raises NotGenuine."""
        ...
