"""A time in the life of the service, made of a seed: what happened, and its rows.

Students ask in the evening more than at night and at the weekend less; there are more
of them each week. The rows are written directly, at the times at which it all happened.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal
from uuid import UUID

import attrs

from tests.store.clerk import Clerk
from zimgpt.domain.statements import HARARE

HOURS: Final = [2, 1, 1, 1, 1, 3, 6, 7, 9, 10, 9, 9, 8, 9, 10, 11, 12, 13, 16, 20, 19]
HOURS_LATE: Final = [14, 9, 5]
WEEKDAYS: Final = [11, 12, 12, 11, 9, 6, 8]
PACKAGES: Final = {
    "taste": (50, 10_000),
    "small": (100, 21_000),
    "medium": (500, 110_000),
}
ZIG: Final = 2_680
"""ZiG cents for a dollar."""
PEOPLE: Final = 40
MODELS: Final = ("quick", "thorough")

COSTS: Final = (("quick", 600_000, 2_400_000), ("thorough", 15_000_000, 75_000_000))
"""Millionths of a dollar for a million tokens, read and written."""


@attrs.frozen(kw_only=True)
class Answer:
    """A question and what came of it; waits are in milliseconds."""

    id: str
    at: datetime
    person: int
    kind: str
    channel: str
    state: str
    model: str
    prompt: int
    completion: int
    first: int | None
    whole: int
    charged: int

    @property
    def ended(self) -> datetime:
        """When it was whole, and paid."""
        return self.at + timedelta(milliseconds=self.whole)


@attrs.frozen(kw_only=True)
class Payment:
    """Money that came; ``returned`` is when it went back."""

    id: str
    at: datetime
    person: int
    package: str
    currency: Literal["USD", "ZWG"]
    minor: int
    tokens: int
    returned: datetime | None

    @property
    def cents(self) -> int:
        """What its package costs in US cents."""
        return PACKAGES[self.package][0]


@attrs.frozen(kw_only=True)
class Message:
    """One that the messenger counted."""

    id: str
    at: datetime
    category: str
    billable: bool


@attrs.frozen(kw_only=True)
class Gift:
    """Tokens without money."""

    at: datetime
    person: int
    tokens: int


@attrs.frozen(kw_only=True)
class Life:
    """All that happened."""

    answers: list[Answer]
    payments: list[Payment]
    messages: list[Message]
    gifts: list[Gift]


def life(random: Random, begins: datetime, ends: datetime, daily: float) -> Life:
    """So many questions on a usual day, and all that goes with them."""
    moments = list(_moments(random, begins, ends, daily))
    return Life(
        answers=[_answer(random, at) for at in moments],
        payments=[_payment(random, at) for at in moments if random.random() < 0.07],
        messages=[_message(random, at) for at in moments if random.random() < 0.5],
        gifts=[
            Gift(at=at, person=random.randrange(PEOPLE), tokens=5_000)
            for at in moments
            if random.random() < 0.02
        ],
    )


def _moments(
    random: Random, begins: datetime, ends: datetime, daily: float
) -> Iterator[datetime]:
    hours = HOURS + HOURS_LATE
    hour = begins
    while hour < ends:
        there = hour.astimezone(HARARE)
        grown = 1 + 0.6 * (hour - begins) / max(ends - begins, timedelta(days=20))
        usual = daily * hours[there.hour] / sum(hours) * WEEKDAYS[there.weekday()] / 10
        number = _around(random, usual * grown * random.lognormvariate(0, 0.15))
        yield from (
            hour + timedelta(seconds=random.random() * 3600) for _ in range(number)
        )
        hour += timedelta(hours=1)


def _around(random: Random, mean: float) -> int:
    return max(0, round(random.gauss(mean, math.sqrt(mean))))


def _id(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def _answer(random: Random, at: datetime) -> Answer:
    kind = "essay" if random.random() < 0.12 else "chat"
    channel = random.choices(("web", "whatsapp", "api"), (46, 48, 6))[0]
    state = random.choices(("complete", "interrupted", "failed"), (95, 3, 2))[0]
    model = MODELS[random.random() < 0.15]
    completion = 0 if state == "failed" else int(random.lognormvariate(5.6, 0.6))
    if kind == "essay":
        completion *= 5
    first = int(random.lognormvariate(6.9, 0.45))
    charged = 0 if state == "failed" else 1 + completion + random.randrange(300)
    return Answer(
        id=_id(random),
        at=at,
        person=random.randrange(PEOPLE),
        kind=kind,
        channel=channel,
        state=state,
        model=model,
        prompt=0 if state == "failed" else int(random.lognormvariate(5.8, 0.7)),
        completion=completion,
        first=None if state == "failed" else first,
        whole=first + completion * 18,
        charged=charged,
    )


def _payment(random: Random, at: datetime) -> Payment:
    package = random.choices(list(PACKAGES), (5, 4, 1))[0]
    cents, tokens = PACKAGES[package]
    zig = random.random() < 0.35
    back = random.random() < 0.03
    return Payment(
        id=_id(random),
        at=at,
        person=random.randrange(PEOPLE),
        package=package,
        currency="ZWG" if zig else "USD",
        minor=(cents * ZIG + 99) // 100 if zig else cents,
        tokens=tokens,
        returned=at + timedelta(hours=random.randrange(1, 40)) if back else None,
    )


def _message(random: Random, at: datetime) -> Message:
    category = random.choices(("service", "utility", "marketing"), (80, 17, 3))[0]
    return Message(
        id=_id(random), at=at, category=category, billable=category != "service"
    )


# ---- its rows -----------------------------------------------------------------------

HOUSEHOLD = f"""
set session_replication_role = replica;
insert into users (phone_e164)
  select '+26371' || lpad(n::text, 7, '0') from generate_series(1, {PEOPLE}) n;
insert into accounts (user_id, kind)
  select u.id, k from users u, unnest(array['available', 'held']) k;
insert into whatsapp_contacts (user_id, phone) select id, phone_e164 from users;
insert into rates (currency, cents_per_dollar) values ('ZWG', {ZIG});
create temp table persons as
  select row_number() over (order by u.id) - 1 as person, u.id as user_id,
         a.id as account, c.id as contact
    from users u join accounts a on a.user_id = u.id and a.kind = 'available'
    join whatsapp_contacts c on c.user_id = u.id;
create temp table told (what jsonb)
"""

ANSWERS = """
create temp table a as
  select r.*, p.user_id, p.account
    from told, jsonb_to_recordset(what -> 'answers') as r (
    id uuid, at timestamptz, person int, kind text, channel text, state text,
    model text, prompt int, completion int, first int, whole int, charged int)
    join persons p using (person);
insert into conversations (id, user_id, channel, kind, title, created_at)
  select id, user_id, channel, kind, 'a title', at from a;
insert into answers (
    id, conversation_id, user_id, epoch, epoch_at, last_seq, state, model,
    prompt_tokens, completion_tokens, usage_source, created_at, first_at, finished_at)
  select id, id, user_id, 1, at, 1, state, model, prompt, completion, 'upstream', at,
         at + first * interval '1 ms', at + whole * interval '1 ms' from a;
insert into transfers (kind, idem_key, created_at)
  select 'reserve', 'reserve:' || id, at from a where charged > 0 union all
  select 'settle', 'settle:' || id, at + whole * interval '1 ms' from a
   where charged > 0
   order by 3;
insert into entries (transfer_id, account_id, amount, balance_after, version)
  select t.id, s.account, s.amount, s.after, case when s.after = 0 then t.id end
    from a join transfers t on t.idem_key = 'settle:' || a.id
   cross join lateral (values
     (a.account, -a.charged, 0),
     ((select id from accounts where kind = 'spent'), a.charged, null::int)
   ) s (account, amount, after)
"""

PAYMENTS = """
create temp table m as
  select r.*, p.user_id, p.account
    from told, jsonb_to_recordset(what -> 'payments') as r (
    id uuid, at timestamptz, person int, package text, currency text, minor bigint,
    tokens bigint, returned timestamptz) join persons p using (person);
insert into transfers (kind, idem_key, created_at)
  select 'purchase', 'purchase:' || id, at from m union all
  select 'clawback', 'clawback:' || id, returned from m where returned is not null;
insert into payments (
    id, user_id, payer_id, channel, client_key, merchant_ref, package, package_version,
    rate_version, amount_minor, currency, tokens, method, phone_e164, state, clawed,
    created_at, sent_at, credited_at, credited_transfer, clawback_transfer)
  select m.id, m.user_id, m.user_id, 'web', m.id::text, 'ZG-' || left(m.id::text, 8),
         m.package, 1,
         case when m.currency = 'ZWG' then (select max(version) from rates) end,
         m.minor, m.currency, m.tokens, 'ecocash', '+263771234567',
         case when m.returned is null then 'credited' else 'refunded' end,
         m.returned is not null,
         m.at - interval '1 minute', m.at - interval '50 s', m.at, t.id, c.id
    from m join transfers t on t.idem_key = 'purchase:' || m.id
    left join transfers c on c.idem_key = 'clawback:' || m.id;
insert into entries (transfer_id, account_id, amount, balance_after, version)
  select t.id, s.account, s.amount, s.after, case when s.after = 0 then t.id end
    from m join transfers t on t.idem_key in ('purchase:' || m.id, 'clawback:' || m.id)
   cross join lateral (
     select case t.kind when 'clawback' then -m.tokens else m.tokens end) n (tokens)
   cross join lateral (values
     (m.account, n.tokens, 0),
     ((select id from accounts where kind = 'issued'), -n.tokens, null::int)
   ) s (account, amount, after)
"""

REST = """
insert into whatsapp_outgoing (
    id, contact_id, state, category, billable, pricing, created_at, sent_at)
  select r.id, (select min(contact) from persons), 'read', r.category, r.billable, 'x',
         r.at, r.at
    from told, jsonb_to_recordset(what -> 'messages') as r (
      id uuid, at timestamptz, category text, billable boolean);
create temp table g as
  select r.*, p.account, row_number() over () as n
    from told, jsonb_to_recordset(what -> 'gifts') as r (
      at timestamptz, person int, tokens int)
    join persons p using (person);
insert into transfers (kind, idem_key, created_at)
  select 'grant', 'grant:' || n, at from g;
insert into entries (transfer_id, account_id, amount, balance_after, version)
  select t.id, s.account, s.amount, s.after, case when s.after = 0 then t.id end
    from g join transfers t on t.idem_key = 'grant:' || g.n
   cross join lateral (values
     (g.account, g.tokens, 0),
     ((select id from accounts where kind = 'granted'), -g.tokens, null::int)
   ) s (account, amount, after);
set session_replication_role = default;
analyze
"""


def write(owner: Clerk, lived: Life) -> None:
    """Everything of it, in a database where nothing has happened."""
    owner.rows(HOUSEHOLD)
    owner.rows(
        "insert into told values (%s)", json.dumps(attrs.asdict(lived), default=str)
    )
    for statements in (ANSWERS, PAYMENTS, REST):
        owner.rows(statements)


def cost(owner: Clerk, since: datetime, factor: int = 1) -> None:
    """What the models cost from a moment on."""
    for model, prompt, completion in COSTS:
        owner.rows(
            "insert into model_costs"
            " (model, prompt_micros, completion_micros, valid_from)"
            " values (%s, %s, %s, %s)",
            *(model, prompt * factor, completion * factor, since),
        )
