"""Everything a node is made of, from the database up, put together once."""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
from twisted.python.threadpool import ThreadPool

from zimgpt.broker.local import Local
from zimgpt.config import Config
from zimgpt.domain import circuits
from zimgpt.domain.accounts import SessionId
from zimgpt.domain.conversations import AnswerId
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.answering import Answering
from zimgpt.flows.asking import Asking
from zimgpt.flows.breaking import Guarded
from zimgpt.flows.burying import Burying
from zimgpt.flows.completing import Completing
from zimgpt.flows.composing import Composer
from zimgpt.flows.conversing import Conversing
from zimgpt.flows.counting import Counting
from zimgpt.flows.desk import Desk
from zimgpt.flows.exchanging import Exchange
from zimgpt.flows.following import Audience
from zimgpt.flows.forgetting import Forgetting
from zimgpt.flows.keyring import Keyring
from zimgpt.flows.models import Fallback
from zimgpt.flows.ordering import Ordering
from zimgpt.flows.polling import Polling
from zimgpt.flows.ports import Broker
from zimgpt.flows.relaying import Relay
from zimgpt.flows.remembering import Remembering
from zimgpt.flows.signing_in import SigningIn
from zimgpt.flows.sweeping import Sweeping
from zimgpt.flows.tallying import Tally
from zimgpt.flows.tracing import Takes
from zimgpt.flows.writing import Writer
from zimgpt.outbound.connections import Connections
from zimgpt.outbound.openai import OpenAIModel
from zimgpt.outbound.openai_stream import Limits
from zimgpt.service.documents import Papers, make_papers
from zimgpt.service.tracing import make_traces, traced, traced_asking
from zimgpt.store.accounts import PgAccounts
from zimgpt.store.answers import PgAnswers
from zimgpt.store.api_keys import PgApiKeys
from zimgpt.store.conversations import PgConversations
from zimgpt.store.deskwork import threads as operators_threads
from zimgpt.store.drafts import PgDrafts, PgJobs
from zimgpt.store.orders import PgOrders
from zimgpt.store.passwords import Argon2Passwords, threads
from zimgpt.store.pool import Pool
from zimgpt.store.prices import PgPrices
from zimgpt.store.questions import PgQuestions
from zimgpt.store.retention import PgRetention
from zimgpt.store.sessions import PgSessions
from zimgpt.store.turnover import PgTurnover
from zimgpt.store.upkeep import PgDeadJobs, PgOutbox, PgUpkeep

if TYPE_CHECKING:
    from zimgpt.observe.tracing import OpenTelemetry


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A random UUID."""
    return str(uuid.uuid4())


def new_secret() -> bytes:
    """32 bytes that nobody can guess."""
    return secrets.token_bytes(32)


@attrs.frozen
class Programs:
    """What programs need: their keys, and asking by them."""

    keyring: Keyring
    completing: Completing


@attrs.frozen(kw_only=True)
class Parts:
    """A node's parts, each knowing the ones it needs."""

    pool: Pool
    broker: Broker
    connections: Connections
    upstreams: tuple[Guarded, ...]
    hashing: ThreadPool
    passwords: Argon2Passwords
    deskwork: ThreadPool
    """For what operators do."""
    jobs: PgJobs
    questions: PgQuestions
    dead_jobs: PgDeadJobs
    sessions: PgSessions
    prices: PgPrices
    relay: Relay
    audience: Audience
    exchange: Exchange
    answering: Answering
    sweeping: Sweeping
    tally: Tally
    traces: OpenTelemetry | None
    counting: Counting
    forgetting: Forgetting
    signing_in: SigningIn
    conversing: Conversing
    polling: Polling
    ordering: Ordering
    desk: Desk
    papers: Papers
    programs: Programs


def make_broker(config: Config, reactor: Any) -> Broker:  # noqa: ANN401
    """The adapter that the configuration asks for."""
    if config.broker == "local:":
        return Local(reactor, node=config.node, answers_at_once=config.answers_at_once)
    from zimgpt.broker.rabbitmq import RabbitMQ  # pika is loaded where it is used

    return RabbitMQ(
        reactor,
        node=config.node,
        url=config.broker,
        answers_at_once=config.answers_at_once,
        random=random.random,
    )


def make_upstreams(
    config: Config,
    reactor: Any,  # noqa: ANN401
    connections: Connections,
) -> tuple[Guarded, ...]:
    """The configured models in order, each with its circuit breaker."""
    breaks = circuits.Limits(
        failures=config.breaker_failures,
        within=config.breaker_within_seconds,
        rest=config.breaker_rest_seconds,
    )
    limits = Limits(
        first_byte=config.first_byte_seconds,
        idle=config.idle_seconds,
        whole=config.whole_seconds,
    )
    models = (
        OpenAIModel(
            name=upstream.name,
            url=upstream.base_url,
            http=connections.http,
            clock=reactor,
            now=now,
            key=upstream.key or "",
            limits=limits,
        )
        for upstream in config.models
    )
    return tuple(Guarded(model, reactor, breaks) for model in models)


@attrs.frozen
class Stores:
    """What is kept in PostgreSQL, by subject."""

    pool: Pool
    jobs: PgJobs
    drafts: PgDrafts
    questions: PgQuestions
    answers: PgAnswers
    accounts: PgAccounts
    sessions: PgSessions


def make_stores(config: Config, reactor: Any) -> Stores:  # noqa: ANN401
    """Everything on one pool of connections."""
    pool = Pool(reactor, config.database_url, config.database_connections)
    hold = timedelta(minutes=config.hold_minutes)
    return Stores(
        pool,
        PgJobs(pool, timedelta(seconds=config.lease_seconds), hold),
        PgDrafts(pool),
        PgQuestions(pool, hold, config.answers_per_account),
        PgAnswers(pool),
        PgAccounts(pool),
        PgSessions(pool),
    )


def make_signing_in(
    config: Config,
    stores: Stores,
    passwords: Argon2Passwords,
    on_ended: Callable[[Sequence[SessionId]], None],
) -> SigningIn:
    """Signing up, in and out."""
    return SigningIn(
        accounts=stores.accounts,
        sessions=stores.sessions,
        passwords=passwords,
        new_id=new_id,
        new_secret=new_secret,
        on_ended=on_ended,
        welcome=Tokens(config.welcome_tokens),
    )


def make_asking(config: Config, stores: Stores, relay: Relay) -> Asking:
    """Taking questions."""
    return Asking(
        stores.questions,
        [model.name for model in config.models],
        config.remembered_tokens,
        config.node,
        new_id,
        relay.publish,
    )


def make_desk(
    asking: Takes, stores: Stores, audience: Audience, exchange: Exchange
) -> Desk:
    """Asking and following."""
    return Desk(
        asking, audience, exchange, stores.questions, stores.answers, stores.accounts
    )


def make_programs(asking: Takes, pool: Pool, polling: Polling) -> Programs:
    """Keys, and asking by them."""
    keys = PgApiKeys(pool)
    return Programs(
        Keyring(keys, new_id, new_secret), Completing(asking, keys, polling, new_id)
    )


def make_answering(
    config: Config,
    reactor: Any,  # noqa: ANN401
    stores: Stores,
    models: Fallback,
    writer: Writer,
    claimed: Callable[[AnswerId, str], None],
) -> Answering:
    """Running jobs; ``claimed`` hears of each and of the node that wants its text."""
    return Answering(
        config.node,
        stores.jobs,
        models,
        writer,
        Composer(models, reactor),
        Remembering(stores.drafts, models, writer, config.remembered_tokens),
        claimed,
    )


def make_forgetting(config: Config, pool: Pool) -> Forgetting:
    """Dropping what is no longer needed."""
    return Forgetting(
        PgRetention(pool),
        timedelta(hours=config.chunks_kept_hours),
        timedelta(days=config.inbox_kept_days),
    )


def make_parts(
    config: Config,
    reactor: Any,  # noqa: ANN401
    end_sessions: Callable[[Sequence[SessionId]], None],
) -> Parts:
    """Puts a node together; nothing is connected or started yet."""
    stores = make_stores(config, reactor)
    pool, broker = stores.pool, make_broker(config, reactor)
    connections = Connections(reactor, connect_timeout=config.connect_seconds)
    relay = Relay(reactor, broker, PgOutbox(pool))
    dead_jobs = PgDeadJobs(pool)
    burying = Burying(dead_jobs, broker.dead_letters)

    audience = Audience(reactor, stores.answers, config.node)
    traces = make_traces(config)
    tally = Tally(reactor, audience, traces)
    writer = Writer(reactor, stores.drafts, tally, config.tick_ms / 1000)
    exchange = Exchange(
        config.node,
        broker,
        audience,
        lambda answer: answering.stop(answer),
        end_sessions,
    )
    audience.outlet = exchange
    upstreams = make_upstreams(config, reactor, connections)
    models = Fallback(traced(upstreams, reactor, traces), reactor, random.random)

    def claimed(answer: AnswerId, origin: str) -> None:
        tally.claimed(answer)
        exchange.add(answer, origin)

    answering = make_answering(config, reactor, stores, models, writer, claimed)

    asking = traced_asking(make_asking(config, stores, relay), reactor, traces)
    polling = Polling(reactor, stores.answers, audience)
    desk = make_desk(asking, stores, audience, exchange)
    hashing = threads(config.password_threads)
    passwords = Argon2Passwords(
        reactor, hashing, most=config.password_threads + config.password_queue
    )
    return Parts(
        pool=pool,
        broker=broker,
        connections=connections,
        upstreams=upstreams,
        hashing=hashing,
        passwords=passwords,
        deskwork=operators_threads(),
        jobs=stores.jobs,
        questions=stores.questions,
        sessions=stores.sessions,
        prices=PgPrices(pool),
        relay=relay,
        audience=audience,
        exchange=exchange,
        answering=answering,
        dead_jobs=dead_jobs,
        sweeping=Sweeping(reactor, relay, PgUpkeep(pool), audience, burying),
        tally=tally,
        traces=traces,
        counting=Counting(PgTurnover(pool)),
        forgetting=make_forgetting(config, pool),
        signing_in=make_signing_in(config, stores, passwords, exchange.sessions_ended),
        conversing=Conversing(PgConversations(pool), desk.stop),
        polling=polling,
        ordering=Ordering(
            stores.questions, PgOrders(pool), [model.name for model in config.models]
        ),
        desk=desk,
        papers=make_papers(reactor, pool, now),
        programs=make_programs(asking, pool, polling),
    )
