"""Refusals of the Graph API, in the form that all its errors have."""

from __future__ import annotations

import attrs


@attrs.frozen
class Refused(Exception):  # noqa: N818 - a refusal is an answer
    """An error with one of Meta's codes."""

    http: int
    code: int
    message: str
    subcode: int | None = None
    wait: int | None = None
    transient: bool = False

    def body(self, trace: str) -> dict[str, object]:
        """What is answered."""
        error: dict[str, object] = {
            "message": f"(#{self.code}) {self.message}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.message},
            "fbtrace_id": trace,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.transient:
            error["is_transient"] = True
        return {"error": error}


def unknown_object(thing: str) -> Refused:
    """There is no such number or file, or the token may not see it."""
    return Refused(400, 100, f"Object with ID '{thing}' does not exist", subcode=33)


def missing(name: str) -> Refused:
    """A parameter is not there."""
    return Refused(400, 131008, f"Required parameter is missing: {name}")


def invalid(name: str, why: str) -> Refused:
    """A parameter has a value that is not allowed."""
    return Refused(400, 131009, f"Parameter value is not valid: {name} {why}")


def malformed(why: str) -> Refused:
    """The request is not one."""
    return Refused(400, 100, f"Invalid parameter: {why}")
