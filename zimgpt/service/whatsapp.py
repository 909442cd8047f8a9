"""The WhatsApp channel of a node, put together where it is configured."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs

from zimgpt.config import Config
from zimgpt.domain.accounts import UserId
from zimgpt.domain.conversations import ConversationId
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.rates import Rate, TooFast, take
from zimgpt.flows.acting import Acting
from zimgpt.flows.conversing import LONGEST_PAGE, Conversing
from zimgpt.flows.describing import Describing
from zimgpt.flows.interpreting import Interpreting, Paid
from zimgpt.flows.lanes import LaneRunner
from zimgpt.flows.papers import Papers
from zimgpt.flows.paying import Paying
from zimgpt.flows.ports.contacts import ContactId, LaneKind
from zimgpt.flows.ports.messenger import Messenger
from zimgpt.flows.proving import Proving
from zimgpt.flows.receiving import Receiving
from zimgpt.flows.redeeming import Redeeming
from zimgpt.flows.sending import Sending
from zimgpt.flows.sketches import Sketches
from zimgpt.flows.talking import Talking
from zimgpt.flows.typing import Typing
from zimgpt.outbound.documents import Documents
from zimgpt.outbound.openai_files import Ear, Eye, Upstream
from zimgpt.outbound.whatsapp import make_whatsapp
from zimgpt.service.parts import Parts
from zimgpt.service.payments import Payments
from zimgpt.service.sources import new_id, new_secret
from zimgpt.store.orders import PgOrders
from zimgpt.store.recipients import PgRecipients
from zimgpt.store.whatsapp.arriving import PgIntake, PgLanes
from zimgpt.store.whatsapp.contacts import PgContacts
from zimgpt.store.whatsapp.post import PgPost
from zimgpt.store.whatsapp.proofs import PgProofs
from zimgpt.store.whatsapp.readings import PgReadings
from zimgpt.store.whatsapp.statements import PgStatements


@attrs.frozen
class Channel:
    """What the node's doors and its worker need of it."""

    receiving: Receiving
    lanes: LaneRunner
    typing: Typing
    proving: Proving


@attrs.define
class Pace:
    """So many messages a second, on this node."""

    _clock: Any
    _rate: Rate
    _full: float = 0.0

    def take(self) -> float:
        """Seconds to wait; zero: go on."""
        try:
            self._full = take(self._full, self._rate, self._clock.seconds())
        except TooFast:
            return self._rate.seconds / self._rate.most
        return 0.0


def make_channel(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    payments: Payments,
) -> Channel | None:
    """The channel; None where no number is configured."""
    if config.whatsapp_phone_id is None:
        return None
    pool, publish = parts.pool, parts.carrying.relay.publish
    messenger = make_messenger(config, config.whatsapp_phone_id, reactor, parts)
    contacts, post = PgContacts(pool), PgPost(pool, config.whatsapp_phone_id)
    audience = parts.carrying.audience
    typing = Typing(reactor, messenger, audience, contacts, config.node, publish)
    recipients = PgRecipients(pool, Tokens(config.welcome_tokens))
    paying = Paying(payments.topping_up, recipients, reactor)
    describing = make_describing(config, parts, paying)
    interpreting = make_interpreting(config, reactor, parts, messenger)
    acting = make_acting(
        parts, contacts, describing, paying, payments.redeeming, typing, interpreting
    )
    talking = make_talking(config, reactor, parts, messenger, acting)
    sending = make_sending(config, reactor, parts, messenger, describing)
    return Channel(
        Receiving(PgIntake(pool), post, config.whatsapp_phone_id, config.node, publish),
        make_lanes(config, reactor, parts, talking, sending),
        typing,
        make_proving(config, reactor, parts),
    )


def make_messenger(
    config: Config,
    phone_id: str,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
) -> Messenger:
    """Speaks to Meta as this number."""
    token, connections = config.whatsapp_token or "", parts.writing.connections
    return make_whatsapp(config.whatsapp_url, phone_id, token, connections, reactor)


def make_talking(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    messenger: Messenger,
    acting: Acting,
) -> Talking:
    """What hears people."""
    return Talking(
        contacts=PgContacts(parts.pool),
        messenger=messenger,
        acting=acting,
        clock=reactor,
        node=config.node,
        welcome=Tokens(config.welcome_tokens),
        publish=parts.carrying.relay.publish,
    )


def make_sending(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    messenger: Messenger,
    describing: Describing,
) -> Sending:
    """What writes to people."""
    return Sending(
        contacts=PgContacts(parts.pool),
        post=PgPost(parts.pool, config.whatsapp_phone_id or ""),
        messenger=messenger,
        papers=Papers(parts.papers.exporting, parts.papers.stating),
        describe=describing.about,
        pace=Pace(reactor, Rate(config.whatsapp_per_second, 1.0)),
        clock=reactor,
        new_id=new_id,
        labels={model.name: model.label for model in config.models if model.label},
    )


def make_lanes(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    talking: Talking,
    sending: Sending,
) -> LaneRunner:
    """What runs the jobs of each person, one after the other."""
    lanes = PgLanes(parts.pool, timedelta(seconds=config.lease_seconds))
    work = {LaneKind.INBOUND: talking.work, LaneKind.SEND: sending.work}
    return LaneRunner(
        reactor,
        config.node,
        lanes,
        parts.stores.jobs,
        work,
        parts.carrying.relay.publish,
    )


def make_proving(config: Config, reactor: Any, parts: Parts) -> Proving:  # noqa: ANN401
    """Proofs of numbers for browsers."""
    return Proving(
        PgProofs(parts.pool),
        parts.people.signing_in,
        reactor,
        config.whatsapp_number or "",
        new_id,
        new_secret,
    )


def make_describing(config: Config, parts: Parts, paying: Paying) -> Describing:
    """What is known of people."""
    web = next((o for o in config.origins if o.startswith("https:")), "")
    return Describing(
        wallets=parts.desk,
        prices=parts.stores.prices,
        questions=parts.stores.questions,
        models=[model.name for model in config.models],
        paying=paying,
        web=web,
        voice=_tokens(config.voice_model, config.voice_tokens),
        picture=_tokens(config.picture_model, config.picture_tokens),
    )


def _tokens(model: str | None, price: int | None) -> Tokens | None:
    return None if model is None or price is None else Tokens(price)


def make_interpreting(
    config: Config,
    reactor: Any,  # noqa: ANN401
    parts: Parts,
    messenger: Messenger,
) -> Interpreting:
    """Files become words by what is configured."""
    http = parts.writing.connections.http
    voice = picture = None
    if config.voice_model is not None and config.voice_tokens is not None:
        ear = Upstream(
            config.voice_model, config.voice_url, config.voice_key, http, reactor
        )
        voice = Paid(Ear(ear), Tokens(config.voice_tokens))
    if config.picture_model is not None and config.picture_tokens is not None:
        eye = Upstream(
            config.picture_model, config.picture_url, config.picture_key, http, reactor
        )
        picture = Paid(Eye(eye), Tokens(config.picture_tokens))
    return Interpreting(
        messenger=messenger,
        documents=Documents(reactor),
        readings=PgReadings(parts.pool),
        voice=voice,
        picture=picture,
    )


def make_acting(
    parts: Parts,
    contacts: PgContacts,
    describing: Describing,
    paying: Paying,
    redeeming: Redeeming,
    typing: Typing,
    interpreter: Interpreting,
) -> Acting:
    """What a dialogue can have done."""
    return Acting(
        contacts=contacts,
        describing=describing,
        ask=parts.desk.ask,
        interpreter=interpreter,
        statements=PgStatements(parts.pool),
        sketches=Sketches(PgOrders(parts.pool)),
        paying=paying,
        redeeming=redeeming,
        forget=lambda user: forget(parts.conversing, user),
        lock=lambda contact: lock(parts, contact),
        new_id=new_id,
        asked=typing.asked,
    )


async def lock(parts: Parts, contact: ContactId) -> None:
    """Signs out every browser of the account that a contact uses."""
    user = await PgProofs(parts.pool).lock(contact)
    if user is not None:
        await parts.people.signing_in.revoke_all(user)


async def forget(conversing: Conversing, user: UserId) -> None:
    """Deletes all conversations of a person."""
    while page := await conversing.list(user, limit=LONGEST_PAGE):
        for one in page:
            await conversing.delete(user, ConversationId(one.id))
