"""Documents read by a child process, which may die of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.error import ProcessDone
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

import zimgpt
from zimgpt.domain.dialogue.replies import Unreadable
from zimgpt.outbound import document_text

SECONDS: Final = 10.0
AT_ONCE: Final = 2
MOST_SAID: Final = 4 * document_text.LONGEST
"""Bytes of its words; whoever says more is not our program any more."""

ROOT: Final = Path(zimgpt.__file__).parents[1]


@attrs.define
class Documents:
    """Reads a few documents at the same time; others wait for their turn."""

    _reactor: Any
    _seconds: float = SECONDS
    _program: tuple[str, ...] = ("-m", document_text.__name__)
    _turns: DeferredSemaphore = attrs.Factory(lambda: DeferredSemaphore(AT_ONCE))

    log = Logger()

    async def text(self, content: bytes) -> str | Unreadable:
        """The words of a PDF, Word or text file."""
        if len(content) > document_text.MOST_BYTES:
            return Unreadable.TOO_LARGE
        await self._turns.acquire()
        try:
            said, status = await self._asked(content)
        finally:
            self._turns.release()
        if status == document_text.UNKNOWN:
            return Unreadable.NO_DOCUMENT
        if status != 0:
            self.log.info("a document was not read: status {status}", status=status)
            return Unreadable.NO_DOCUMENT
        return said.decode("utf-8", "replace").strip() or Unreadable.EMPTY

    def _asked(self, content: bytes) -> Deferred[tuple[bytes, int | None]]:
        child = _Child(content)
        self._reactor.spawnProcess(
            child,
            sys.executable,
            [sys.executable, "-P", "-s", *self._program],
            env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            path="/",
        )
        timer = self._reactor.callLater(self._seconds, child.kill)

        def ended(
            result: tuple[bytes, int | None],
        ) -> tuple[bytes, int | None]:
            if timer.active():
                timer.cancel()
            return result

        return child.ended.addCallback(ended)


class _Child(ProcessProtocol):
    """Gets a file, says its words, and ends."""

    transport: Any  # Twisted's, without a type for processes

    def __init__(self, content: bytes) -> None:
        self.ended: Deferred[tuple[bytes, int | None]] = Deferred(lambda _: self.kill())
        self._content = content
        self._said = bytearray()

    def connectionMade(self) -> None:
        """It has begun."""
        self.transport.write(self._content)
        self.transport.closeStdin()

    def outReceived(self, data: bytes) -> None:
        """Words."""
        self._said += data
        if len(self._said) > MOST_SAID:
            self.kill()

    def errReceived(self, data: bytes) -> None:
        """What libraries think of the file is for nobody."""

    def kill(self) -> None:
        """Ends it at once, if it has not ended."""
        if self.transport.pid is not None:
            self.transport.signalProcess("KILL")

    def processEnded(self, reason: Failure) -> None:
        """It is gone; the status is None when it was killed."""
        status = (
            0 if reason.check(ProcessDone) else getattr(reason.value, "exitCode", 1)
        )
        if not self.ended.called:
            self.ended.callback((bytes(self._said), status))
