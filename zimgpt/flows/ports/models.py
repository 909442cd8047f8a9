"""Language models, and the two ends of a stream of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import attrs

from zimgpt.domain.answers import Finish
from zimgpt.domain.ledger import Usage
from zimgpt.domain.questions import Message


class ModelBusy(Exception):  # noqa: N818
    """The model refused for now, before writing anything."""


class ModelUnreachable(Exception):  # noqa: N818
    """The model could not be reached, or answered nonsense, before writing anything."""


@attrs.frozen
class Report:
    """How a model ended and what it says it used."""

    finish: Finish
    usage: Usage | None


class Source(Protocol):
    """An open stream of a model, whose reading can be put off."""

    def take(self) -> str:
        """The text of everything received since the last call."""
        ...

    def pause(self) -> None:
        """Leaves what comes in the network's buffers."""
        ...

    def resume(self) -> None:
        """Reads again."""
        ...

    def abort(self) -> None:
        """Closes the stream; its report says STOPPED."""
        ...


class Sink(Protocol):
    """Who takes a model's text."""

    def opened(self, source: Source) -> None:
        """The model has begun to answer."""
        ...

    def ready(self) -> None:
        """Something waits in ``source.take()``."""
        ...


class Models(Protocol):
    """The models in order, as one."""

    async def write(
        self, messages: Sequence[Message], max_tokens: int, sink: Sink
    ) -> tuple[str, Report]:
        """The name of the model that answered, and its report."""
        ...


class Model(Protocol):
    """One model of one upstream."""

    @property
    def name(self) -> str:
        """What it is called, in prices and to its server."""
        ...

    async def write(
        self, prompt: Sequence[Message], max_tokens: int, sink: Sink
    ) -> Report:
        """Streams an answer into the sink until its end.

        Raises ModelBusy or ModelUnreachable only while nothing was written; any
        later trouble is reported as ``Finish.CUT``. What the last bytes brought is
        still to be taken from the source.
        """
        ...
