"""How a command says that it did not work."""

from __future__ import annotations

FAILED = 1
MISUSED = 2


class CommandFailed(Exception):  # noqa: N818 - it is told to a person, not handled
    """The message is a sentence for the operator; ``code`` is the exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code
