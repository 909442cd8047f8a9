"""What a node tells of its doors, its ways to others, and its clock."""

from __future__ import annotations

from zimgpt.flows.ports import Broker
from zimgpt.inbound.answered import Answered
from zimgpt.observe.metrics import Metric
from zimgpt.service.lag import Lag
from zimgpt.store.pool import Pool

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")


def of_doors(answered: Answered) -> tuple[Metric, ...]:
    """Requests over HTTP."""
    return (
        Metric(
            "zimgpt_requests_total",
            "counter",
            "HTTP requests that were answered, by the class of their status.",
            lambda: {status: answered.classes[status] for status in CLASSES},
            "status",
        ),
        Metric(
            "zimgpt_webhook_seconds",
            "histogram",
            "From a webhook's last byte to our answer, which is after its commit.",
            lambda: answered.webhooks,
        ),
    )


def of_database(pool: Pool) -> tuple[Metric, ...]:
    """The connections to PostgreSQL."""

    def states() -> dict[str, float]:
        return {
            "idle": pool.idle,
            "busy": pool.connected - pool.idle,
            "missing": pool.size - pool.connected,
        }

    return (
        Metric(
            "zimgpt_database_connections",
            "gauge",
            "Connections to PostgreSQL, of those that there should be.",
            states,
            "state",
        ),
        Metric(
            "zimgpt_database_waiting",
            "gauge",
            "Callers that wait for a connection; each is refused after 5 s.",
            lambda: pool.waiting,
        ),
    )


def of_broker(broker: Broker) -> tuple[Metric, ...]:
    """The connection to RabbitMQ."""
    return (
        Metric(
            "zimgpt_broker_connected",
            "gauge",
            "1 if the broker can be reached, 0 if not; local: always can.",
            lambda: float(broker.connected),
        ),
    )


def of_reactor(lag: Lag) -> tuple[Metric, ...]:
    """The clock that everything on this node goes by."""
    return (
        Metric(
            "zimgpt_reactor_lag_seconds",
            "histogram",
            "By how much a timer of half a second was late.",
            lambda: lag.late,
        ),
    )
