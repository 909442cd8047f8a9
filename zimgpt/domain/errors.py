"""What can go wrong, each with a code for programs and a sentence for people."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """Something the person asked for cannot be done; the message says what to do."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        """The sentence to show."""
        return str(self)


class BadRequest(Refusal):
    """This request is not understood."""

    code = "bad_request"


class NotFound(Refusal):
    """There is no such thing here."""

    code = "not_found"


class NotSignedIn(Refusal):
    """Please sign in first."""

    code = "not_signed_in"


class Unavailable(Refusal):
    """The service cannot reach its database just now. Nothing was lost or charged; please try again in a moment."""  # noqa: E501

    code = "unavailable"
