"""What this program expects to find in RabbitMQ, declared on every connection.

::

    (default exchange) ─ zimgpt.jobs ─────────→ one of the nodes that work
                            └ rejected, or 5 deliveries ─→ zimgpt.dead
    zimgpt.dead ──────── zimgpt.jobs.dead ────→ operators
    (default exchange) ─ zimgpt.node.<node> ──→ that node
    zimgpt.nodes ─────── every node's queue

A node's queue lives as long as its connection, and nobody else can read it: a message
to a dead node comes back as unroutable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # it imports the reactor
    from pika.adapters.twisted_connection import TwistedChannel

JOBS: Final = "zimgpt.jobs"
DEAD: Final = "zimgpt.jobs.dead"
DEAD_EXCHANGE: Final = "zimgpt.dead"
NODES: Final = "zimgpt.nodes"

DELIVERIES: Final = 5
"""Times that a job is offered; attempts are counted in PostgreSQL, this is a stop."""


def node_queue(node: str) -> str:
    """The queue of a node's messages."""
    return f"zimgpt.node.{node}"


async def declare(channel: TwistedChannel, node: str) -> None:
    """Makes what is missing; fails with ChannelClosedByBroker on a difference.

    Dead letters move at most once, which is RabbitMQ's default. At least once would
    cost a worker process for each queue, and RabbitMQ 3.10 starts no quorum queue any
    more once such a worker has died at the wrong moment. A letter that is lost is
    written again by ``flows.burying``.
    """
    await declare_dead(channel)
    await channel.queue_declare(
        JOBS,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERIES,
            "x-dead-letter-exchange": DEAD_EXCHANGE,
        },
    )
    await channel.exchange_declare(NODES, "fanout", durable=True)
    await channel.queue_declare(node_queue(node), exclusive=True, auto_delete=True)
    await channel.queue_bind(node_queue(node), NODES)


async def declare_dead(channel: TwistedChannel) -> int:
    """Makes what lacks of the way to the dead letters; how many lie there."""
    await channel.exchange_declare(DEAD_EXCHANGE, "fanout", durable=True)
    declared = await channel.queue_declare(
        DEAD, durable=True, arguments={"x-queue-type": "quorum"}
    )
    await channel.queue_bind(DEAD, DEAD_EXCHANGE)
    return int(declared.method.message_count)
