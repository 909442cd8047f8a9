"""What brings jobs to workers and text to its readers, here and between nodes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from zimgpt.broker.local import Local
from zimgpt.config import Config
from zimgpt.domain.accounts import SessionId
from zimgpt.domain.conversations import AnswerId
from zimgpt.flows.exchanging import Exchange
from zimgpt.flows.following import Audience
from zimgpt.flows.ports import Broker
from zimgpt.flows.relaying import Relay
from zimgpt.service.stores import Stores
from zimgpt.store.upkeep import PgOutbox


@attrs.frozen
class Carrying:
    """The broker and whoever speaks to it."""

    broker: Broker
    relay: Relay
    audience: Audience
    exchange: Exchange


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


def make_carrying(
    config: Config,
    reactor: Any,  # noqa: ANN401
    stores: Stores,
    stop: Callable[[AnswerId], None],
    end_sessions: Callable[[Sequence[SessionId]], None],
) -> Carrying:
    """``stop`` and ``end_sessions`` hear what other nodes want of this one."""
    broker = make_broker(config, reactor)
    audience = Audience(reactor, stores.answers, config.node)
    exchange = Exchange(config.node, broker, audience, stop, end_sessions)
    audience.outlet = exchange
    return Carrying(
        broker, Relay(reactor, broker, PgOutbox(stores.pool)), audience, exchange
    )
