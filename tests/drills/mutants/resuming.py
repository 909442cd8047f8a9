"""A node that counts from the wrong end of a place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.ports import Reading
from zimgpt.store.answers import PgAnswers


def one_too_far() -> None:
    """Whoever comes back is given what follows the piece that it lacks."""
    read = PgAnswers.read

    async def read_beyond(
        self: PgAnswers, user: UserId, answer: AnswerId, epoch: int, seq: int
    ) -> Reading:
        return await read(self, user, answer, epoch, seq + 1 if seq else 0)

    PgAnswers.read = read_beyond  # type: ignore[method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {"one-too-far": one_too_far}
