"""Nodes for questions that nobody can answer, and nodes that handle those badly."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from zimgpt.broker.rabbitmq import RabbitMQ
from zimgpt.domain.conversations import Remembered
from zimgpt.flows.ports import Claim, DeadJob
from zimgpt.store.drafts import PgDrafts
from zimgpt.store.upkeep import PgDeadJobs

RAISES = "poison: raises"
KILLS = "poison: kills"

LIVING_LEASE = "(v_job.state = 'running' and v_job.lease_until > clock_timestamp())"
SOURCE = "select pg_get_functiondef('claim_job'::regproc)"


def leaseless(source: str) -> str:
    """The statement that makes a claim take what another worker has."""
    assert LIVING_LEASE in source, "claim_job looks at leases in another way now"
    return source.replace(LIVING_LEASE, "false")


_remembered = PgDrafts.remembered
_publish = RabbitMQ.publish


async def _remembered_or_not(self: PgDrafts, claim: Claim) -> Remembered:
    if claim.question.startswith(RAISES):
        raise ZeroDivisionError(claim.question)
    if claim.question.startswith(KILLS):
        os._exit(137)
    return await _remembered(self, claim)


def poisonable() -> None:
    """A node with a fault that some questions bring out."""
    PgDrafts.remembered = _remembered_or_not  # type: ignore[method-assign]


async def _none(self: PgDeadJobs) -> tuple[DeadJob, ...]:
    return ()


async def _never(self: PgDeadJobs, job: str) -> bool:
    return False


def forget_the_dead() -> None:
    """The same, and what is dead is acknowledged like anything else."""
    poisonable()
    PgDeadJobs.all = _none  # type: ignore[method-assign]
    PgDeadJobs.is_dead = _never  # type: ignore[method-assign]


async def _thrice(self: RabbitMQ, message_id: str, body: bytes) -> None:
    for _ in range(3):
        await _publish(self, message_id, body)


def publish_thrice() -> None:
    """The broker is given each job three times."""
    RabbitMQ.publish = _thrice  # type: ignore[method-assign]


def hold_on() -> None:
    """A connection on which something was lost is kept all the same."""
    from zimgpt.broker.link import Link  # it imports the reactor

    def keep(self: Link, reason: Any) -> None:  # noqa: ANN401
        """Nothing."""

    Link.break_off = keep  # type: ignore[method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {
    "poisonable": poisonable,
    "forget-the-dead": forget_the_dead,
    "publish-thrice": publish_thrice,
    "hold-on": hold_on,
}
