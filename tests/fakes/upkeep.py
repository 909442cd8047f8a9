"""Outbox, upkeep and conversations in memory, as the ports promise them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import attrs

from tests.fakes.memory import Database, Record
from zimgpt.domain.accounts import UserId
from zimgpt.domain.answers import Finish
from zimgpt.domain.conversations import AnswerId, ConversationId
from zimgpt.domain.errors import NotFound
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.questions import TurnReplaced
from zimgpt.flows.ports import (
    ConversationInfo,
    DeadJob,
    Figures,
    Ticket,
    TurnInfo,
)

LACKING = 5.0
"""Seconds after which the broker is given again what it surely lacks."""

BEGINNING = datetime(2026, 11, 22, tzinfo=UTC)


@attrs.frozen
class MemoryOutbox:
    """``ports.Outbox``."""

    db: Database

    async def due(self, patience: timedelta, limit: int) -> tuple[Ticket, ...]:
        """Jobs that the broker seems not to have."""

        def effect() -> tuple[Ticket, ...]:
            seconds = patience.total_seconds()
            lines = [one for one in self.db.lines.values() if self._due(one, seconds)]
            lines.sort(key=lambda line: line.published_at)
            for line in lines[:limit]:
                line.published_at = self.db.clock.seconds()
            return tuple(self._ticket(line) for line in lines[:limit])

        return await self.db.commit("due", effect)

    def _due(self, line: Record, patience: float) -> bool:
        now = self.db.clock.seconds()
        if line.published_at >= now - min(patience, LACKING):
            return False
        if line.job_state != "queued":
            return line.job_state == "running" and self.db.idle(line)
        return line.run_after <= now and (
            line.attempts > 0
            or line.published_at < now - patience
            or not line.confirmed
        )

    def _ticket(self, line: Record) -> Ticket:
        row = None if line.confirmed else line.outbox
        return Ticket(line.new.job, line.new.origin, row)

    async def confirm(self, outbox: Sequence[int]) -> None:
        """Notes that the broker has these."""

        def effect() -> None:
            for line in self.db.lines.values():
                line.confirmed = line.confirmed or line.outbox in outbox

        await self.db.commit("confirm", effect)


@attrs.frozen
class MemoryUpkeep:
    """``ports.Upkeep``."""

    db: Database

    async def close_expired(self, limit: int) -> tuple[AnswerId, ...]:
        """Ends what nobody will finish."""

        def effect() -> tuple[AnswerId, ...]:
            now = self.db.clock.seconds()
            due = [
                line
                for line in self.db.lines.values()
                if line.settled is None and line.expires_at < now and self.db.idle(line)
            ]
            for line in due[:limit]:
                self.db.fail(line, Finish.EXPIRED, "failed")
            return tuple(line.new.answer for line in due[:limit])

        return await self.db.commit("close_expired", effect)

    async def erase_deleted(self, limit: int) -> int:
        """Forgets words."""

        def effect() -> int:
            open_ones = {
                one.conversation
                for one in self.db.lines.values()
                if not one.state.ended
            }
            gone = sorted(self.db.deleted - self.db.erased - open_ones)[:limit]
            for line in self.db.lines.values():
                if line.conversation in gone:
                    line.texts.clear()
                    line.last_seq = 0
            self.db.erased.update(gone)
            return len(gone)

        return await self.db.commit("erase_deleted", effect)

    async def forget_confirmed(self) -> int:
        """Drops rows of jobs that have ended."""

        def effect() -> int:
            useless = [
                line
                for line in self.db.lines.values()
                if line.state.ended and not line.confirmed
            ]
            for line in useless:
                line.confirmed = True
            return len(useless)

        return await self.db.commit("forget_confirmed", effect)

    async def figures(self) -> Figures:
        """Counts."""

        def effect() -> Figures:
            states = [line.job_state for line in self.db.lines.values()]
            return Figures(*map(states.count, ("queued", "running", "dead")))

        return await self.db.commit("figures", effect)


@attrs.frozen
class MemoryDeadJobs:
    """``ports.DeadJobs``."""

    db: Database

    async def turn(self, every: timedelta) -> bool:
        """One caller in each stretch."""

        def effect() -> bool:
            now = self.db.clock.seconds()
            if self.db.turns.get("dead", -1e9) > now - every.total_seconds():
                return False
            self.db.turns["dead"] = now
            return True

        return await self.db.commit("turn", effect)

    async def untold(self, limit: int) -> tuple[DeadJob, ...]:
        """Those that were not told of."""
        return await self.db.commit(
            "untold",
            lambda: tuple(_dead(line) for line in self._dead() if not line.told)[
                :limit
            ],
        )

    async def told(self, jobs: Collection[str]) -> None:
        """Notes it."""

        def effect() -> None:
            for line in self._dead():
                line.told = line.told or line.new.job in jobs

        await self.db.commit("told", effect)

    async def all(self) -> tuple[DeadJob, ...]:
        """Every one."""
        return await self.db.commit(
            "all", lambda: tuple(_dead(line) for line in self._dead())
        )

    async def is_dead(self, job: str) -> bool:
        """Whether this is one."""
        return await self.db.commit(
            "is_dead", lambda: any(line.new.job == job for line in self._dead())
        )

    def _dead(self) -> list[Record]:
        return [one for one in self.db.lines.values() if one.job_state == "dead"]


def _dead(line: Record) -> DeadJob:
    return DeadJob(
        job=line.new.job,
        kind=line.new.kind,
        origin=line.new.origin,
        attempts=line.attempts,
        error=line.last_error.partition(":")[0] or "unknown",
    )


@attrs.frozen
class MemoryConversations:
    """``ports.Conversations``, as far as deleting needs it."""

    db: Database

    async def list(
        self,
        user: UserId,
        *,
        search: str,  # noqa: ARG002
        before: ConversationId | None,  # noqa: ARG002
        limit: int,
    ) -> tuple[ConversationInfo, ...]:
        """Titles; nothing is searched."""

        def effect() -> tuple[ConversationInfo, ...]:
            mine = {
                one.conversation: ConversationInfo(
                    one.conversation, one.new.kind, one.new.title, BEGINNING
                )
                for one in self.db.lines.values()
                if one.new.user == user and one.conversation not in self.db.deleted
            }
            return tuple(mine.values())[:limit]

        return await self.db.commit("list", effect)

    async def info(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[ConversationInfo, str | None]:
        """Its title, and its memory."""

        def effect() -> tuple[ConversationInfo, str | None]:
            one = self._mine(user, conversation)[0]
            line = ConversationInfo(
                conversation, one.new.kind, one.new.title, BEGINNING
            )
            return line, self.db.memories.get(conversation, (None, None))[1]

        return await self.db.commit("info", effect)

    async def turns(
        self,
        user: UserId,
        conversation: ConversationId,
        *,
        before: AnswerId | None,  # noqa: ARG002
        limit: int,
        replaced_by: AnswerId | None = None,
        after: AnswerId | None = None,
        texts: bool = True,
    ) -> tuple[TurnInfo, ...]:
        """The last turns."""

        def effect() -> tuple[TurnInfo, ...]:
            all_lines = self._mine(user, conversation)
            here = [line for line in all_lines if line.new.answer == after]
            if after is not None and not here:
                raise NotFound
            if here and here[0].replaced_by != replaced_by:
                raise TurnReplaced
            since = all_lines.index(here[0]) + 1 if here else 0
            lines = [
                line for line in all_lines[since:] if line.replaced_by == replaced_by
            ]
            return tuple(
                TurnInfo(
                    answer=line.new.answer,
                    question=line.new.text,
                    text=line.text if texts else "",
                    state=line.state,
                    finish=line.finish,
                    cost=line.settled or Tokens(0),
                    asked_at=BEGINNING,
                    replaces=line.new.replaces,
                )
                for line in lines[-limit:]
            )

        return await self.db.commit("turns", effect)

    async def rename(
        self,
        user: UserId,
        conversation: ConversationId,
        title: str,  # noqa: ARG002
    ) -> None:
        """Titles stay as they are."""
        await self.db.commit("rename", lambda: self._mine(user, conversation))

    async def delete(
        self, user: UserId, conversation: ConversationId
    ) -> tuple[AnswerId, ...]:
        """Hides it."""

        def effect() -> tuple[AnswerId, ...]:
            lines = self._mine(user, conversation)
            self.db.deleted.add(conversation)
            self.db.memories.pop(conversation, None)
            return tuple(line.new.answer for line in lines if not line.state.ended)

        return await self.db.commit("delete", effect)

    def _mine(self, user: UserId, conversation: ConversationId) -> tuple[Record, ...]:
        lines = tuple(
            one
            for one in self.db.lines.values()
            if (one.new.user, one.conversation) == (user, conversation)
            and conversation not in self.db.deleted
        )
        if not lines:
            raise NotFound("There is no such conversation.")
        return lines
