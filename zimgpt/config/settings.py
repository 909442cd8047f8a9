"""The table of settings. TOML keys, variables, options, `--help` and
docs/reference/config.md are all made of it."""

from __future__ import annotations

from enum import StrEnum

import attrs

from zimgpt.config import values
from zimgpt.config.answers import AnswerSettings
from zimgpt.config.models import Upstream
from zimgpt.config.setting import setting, settings_of

GROUPS = {
    "Node": "Which node this is and what it does.",
    "Web": "Where browsers and programs come in.",
    "Database": "PostgreSQL, where everything is kept.",
    "Broker": "RabbitMQ, or nothing when there is one node.",
    "Answers": "How many are written at once, and how patiently.",
    "Accounts": "Signing up and signing in.",
    "WhatsApp": "A second way in, by a number of your own.",
    "Payments": "Buying tokens with mobile money, through Paynow.",
    "Files": "Voice notes and pictures, put into words.",
    "Limits": "How much may be asked for, by whom.",
    "Log": "What is written to the log, and how.",
    "Metrics": "What a node tells of itself.",
}

_KEY = "[A-Za-z0-9_-]{43}="
"""32 bytes in the base 64 of URLs, as Fernet takes them."""


def _always(_value: str) -> bool:
    return True


class Role(StrEnum):
    """What a node may do."""

    WEB = "web"
    WORKER = "worker"


class LogFormat(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The least important events that are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


@attrs.frozen(kw_only=True)
class Config(AnswerSettings):
    """Every decision of the operator, checked."""

    node: str = setting(
        "Node",
        values.string(
            "up to 64 letters, digits, - and _, such as town-1", r"[A-Za-z0-9_-]{1,64}"
        ),
        "This node's own name. A node that starts again under the name it had takes"
        " its unfinished work back at once; under another name, others take it when"
        " its leases run out. No two nodes may share one.",
        shown="the host's name and a random ending",
    )
    roles: frozenset[Role] = setting(
        "Node",
        values.several(Role),
        "What this node does: web serves people, worker writes answers.",
        default=frozenset(Role),
        shown="all of them",
    )
    listen: str = setting(
        "Web",
        values.endpoint(),
        "Where to listen for HTTP, as a Twisted server endpoint.",
        default="tcp:8080:interface=127.0.0.1",
    )
    origins: tuple[str, ...] = setting(
        "Web",
        values.origins(),
        "The addresses under which people open the web app, as a browser writes them:"
        " scheme, host and port, no path. A browser that shows another page is"
        " refused. Programs that send no Origin are not concerned.",
        default=(),
        shown="http://127.0.0.1:PORT and http://localhost:PORT of a tcp listen;"
        " required with any other",
    )
    guest_origins: tuple[str, ...] = setting(
        "Web",
        values.origins(),
        "The addresses of other people's pages that may use the API and the websocket"
        " with a bearer token, as a browser writes them. They never get a cookie.",
        default=(),
        shown="none",
    )
    admin_origins: tuple[str, ...] = setting(
        "Web",
        values.origins(),
        "The addresses under which operators open the admin pages, at /admin, as a"
        " browser writes them. A host of their own, such as"
        " https://admin.zimgpt.example, serves nothing else; one of `origins` serves"
        " both. At other hosts there are no such pages.",
        default=(),
        shown="none: there are no admin pages",
    )
    admin_listen: str | None = setting(
        "Web",
        values.endpoint(),
        "Where to listen for the admin pages alone, as a Twisted server endpoint such"
        " as tcp:8081:interface=10.0.0.1, so that they are on a network of yours and on"
        " no other. What comes in at `listen` finds none of them then.",
        default=None,
        shown="they are at `listen`",
    )
    operators_key: str | None = setting(
        "Web",
        values.string(
            "keys as `zimgpt operators key` makes them, with commas between them",
            rf"{_KEY}(,{_KEY})*",
        ),
        "What seals the secrets of operators' phones in the database; the same on every"
        " node. The first key seals, those behind it are old ones that still open"
        " (`zimgpt operators seal`).",
        default=None,
        shown="required with admin_origins",
        holds_secret=_always,
        file_key="operators_key_file",
    )
    database_url: str = setting(
        "Database",
        values.database_url(),
        "Where PostgreSQL is.",
        holds_secret=values.database_password,
        file_key="database_url_file",
    )
    database_connections: int = setting(
        "Database",
        values.whole(1, 500),
        "How many connections this node keeps open.",
        default=8,
    )
    chunks_kept_hours: float = setting(
        "Database",
        values.number(0, 8760),
        "How long after its end an answer is kept in the pieces it was written in, too."
        " Its text stays.",
        default=24.0,
        shown="24",
    )
    inbox_kept_days: float = setting(
        "Database",
        values.number(8, 3650),
        "How long is kept what WhatsApp and Paynow sent us. Its keys stay, so that what"
        " comes twice is known.",
        default=30.0,
        shown="30",
    )
    broker: str = setting(
        "Broker",
        values.broker_url(),
        "How jobs and live text travel: local: within this node alone, or by"
        " RabbitMQ at an amqp: or amqps: URL.",
        default="local:",
        holds_secret=values.url_password,
        file_key="amqp_url_file",
    )
    welcome_tokens: int = setting(
        "Accounts",
        values.whole(0, 1_000_000_000),
        "Tokens given to a number that signs up for the first time.",
        default=5000,
    )
    password_threads: int = setting(
        "Accounts",
        values.whole(1, 64),
        "How many passwords are hashed at the same time, each in a thread.",
        default=2,
    )
    password_queue: int = setting(
        "Accounts",
        values.whole(0, 10_000),
        "How many more may wait for that; the next is asked to come back.",
        default=50,
    )
    log_format: LogFormat = setting(  # noqa: RUF009 - a field, like the others
        "Log",
        values.choice(LogFormat),
        "Lines for people (text) or for programs (json).",
        default=LogFormat.TEXT,
    )
    log_level: LogLevel = setting(  # noqa: RUF009
        "Log",
        values.choice(LogLevel),
        "The least important events that are logged.",
        default=LogLevel.INFO,
    )
    metrics_listen: str | None = setting(
        "Metrics",
        values.endpoint(),
        "Where to listen for Prometheus (/metrics) and for whoever watches whether"
        " this process lives (/livez), as a Twisted server endpoint such as"
        " tcp:9100:interface=127.0.0.1. Nobody is asked who they are there, so let"
        " only your own monitoring reach it.",
        default=None,
        shown="nowhere",
    )
    traces_url: str | None = setting(
        "Metrics",
        values.http_url(),
        "A collector of OpenTelemetry's traces that speaks OTLP over HTTP, such as"
        " http://127.0.0.1:4318: it is told the steps of each answer, and nobody's"
        " words. Needs `pip install zimgpt[traces]`.",
        default=None,
        shown="nowhere",
    )
    models: tuple[Upstream, ...] = ()
    """In the order in which they are tried."""


SETTINGS = settings_of(Config)
"""Every scalar setting, in order."""
