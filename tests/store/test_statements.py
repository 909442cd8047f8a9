"""A month of a wallet against the ledger itself."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from tests.store.clerk import Clerk
from zimgpt.domain.accounts import UserId
from zimgpt.domain.statements import Month, MovementKind, Statement, stated
from zimgpt.store.pool import Pool
from zimgpt.store.statements import PgLedger
from zimgpt.store.whatsapp.statements import PgStatements

HISTORIES = 1_000
NOVEMBER = Month(2026, 11)
MONTHS = [Month(2026, number) for number in range(9, 13)]

# People whose tokens came and went in every way there is: gifts, purchases, holds with
# their settlements, refunds, corrections and voice notes, many at a month's first and
# last moment.
LIVES = """
select setseed({seed});
alter table entries disable trigger entries_balanced;
insert into users (phone_e164)
  select '+26371' || lpad(n::text, 7, '0') from generate_series(1, {people}) n;
insert into accounts (user_id, kind)
  select id, kind from users, unnest(array['available', 'held']) kind;
create temp table life on commit preserve rows as
select u.id as person, gen_random_uuid() as answer, what,
       case when what = 0 then 10000 else 1 + (random() * 500)::int end as size,
       (random() * 1)::numeric(3, 2) as part,
       case when what = 0 then timestamptz '2026-09-01'
            when random() < 0.1 then timestamptz '2026-10-31 22:00+00'
            when random() < 0.1
              then timestamptz '2026-10-31 22:00+00' - interval '1 microsecond'
            else timestamptz '2026-09-01' + random() * interval '100 days' end as moment
  from users u,
       lateral (select 0 as what union all
                select 1 + (random() * 5)::int from generate_series(1, 9)
                 where random() < 0.7 and u.id > 0) steps;
create temp table posted on commit preserve rows as
select row_number() over () as id, person, kind, key, at, account, tokens
  from life,
       lateral (
         select 'grant' as kind, 'grant:' || answer as key, moment as at,
                'available' as account, size as tokens where what in (0, 1)
         union all select 'purchase', 'purchase:' || answer, moment, 'available', size
          where what = 2
         union all select 'reserve', 'reserve:' || answer, moment, account, sign * size
          from (values ('available', -1), ('held', 1)) v (account, sign) where what = 3
         union all select 'settle', 'settle:' || answer,
                moment + part * interval '2 days', account, amount
          from (values ('held', -size), ('available', (size * part)::int))
               v (account, amount) where what = 3
         union all select 'refund', 'refund:' || answer, moment, 'available', size
          where what = 4
         union all select 'adjust', 'adjust:' || answer, moment, 'available', -size
          where what = 5
         union all select 'voice', 'voice:' || answer, moment, 'available', -size
          where what = 6) moves
 where tokens <> 0;
insert into transfers (kind, idem_key, created_at)
  select distinct kind, key, at from posted;
insert into entries (transfer_id, account_id, amount, balance_after, version)
  select t.id, w.id, p.tokens, 0, row_number() over (partition by w.id order by p.id)
    from posted p
    join transfers t on t.idem_key = p.key
    join accounts w on w.user_id = p.person and w.kind = p.account;
analyze
"""

SUMS = """
select w.user_id, coalesce(sum(e.amount) filter (where t.created_at < %s), 0)::bigint
  from accounts w
  left join entries e on e.account_id = w.id
  left join transfers t on t.id = e.transfer_id
 where w.user_id is not null
 group by w.user_id
"""


WHOLE = """
select sum(e.amount)::bigint
  from entries e join accounts w on w.id = e.account_id where w.user_id = %s
"""


async def told(pool: Pool, user: int, month: Month, most: int = 5_000) -> Statement:
    """A statement as it is read."""
    opening, moved = await PgLedger(pool).month(UserId(user), month, most)
    return stated(month, opening, moved)


async def test_statements_of_a_thousand_lives_equal_the_ledger(
    database: str, pool: Pool
) -> None:
    """Opening and closing are the ledger's own sums at those moments, to the token;
    months join, and the last one closes with all that there is."""
    owner = Clerk(database, superuser=True)
    owner.rows(LIVES.format(seed=random.random(), people=HISTORIES))
    sums = {month: dict(owner.rows(SUMS, month.begins)) for month in MONTHS}
    begins, ends, lines = NOVEMBER.begins, NOVEMBER.ends, 0
    december = Month(2026, 12)
    for user in sums[NOVEMBER]:
        month = await told(pool, user, NOVEMBER)
        lines += len(month.movements)
        assert month.opening == sums[NOVEMBER][user]
        assert month.closing == sums[december][user]
        assert all(begins <= one.at < ends for one in month.movements)
    for user in random.sample(sorted(sums[NOVEMBER]), 20):
        before, after = (
            await told(pool, user, Month(2026, 10)),
            await told(pool, user, december),
        )
        assert before.closing == sums[NOVEMBER][user]
        assert after.closing == owner.value(WHOLE, user)
    assert len(sums[NOVEMBER]) == HISTORIES
    assert lines > HISTORIES


async def test_everything_has_its_kind_and_its_references(
    owner: Clerk, pool: Pool
) -> None:
    """Gifts, purchases with both references, what was taken back of one, answers with
    their conversation, and what was given back."""
    phone = "+263711111111"
    user = owner.value("select open_account(%s, 'hash', 500)", phone)
    owner.rows("select grant_tokens(%s, 'k', 20, 'for the school')", phone)
    bought, reversed_ = owner.buy(user), owner.buy(user)
    owner.rows("update payments set provider_ref = 'P-77' where id = %s", bought)
    owner.decide(reversed_, 3, "refunded", clawback="clawback", word="Refunded")
    chat = owner.answered(user, cost=40)
    essay = owner.answered(user, cost=60, kind="essay")
    owner.rows("select refund_answer(%s, 'lost')", chat.answer)
    held = owner.ask(user)

    now = datetime.now(UTC)
    month = await told(pool, user, Month(now.year, now.month))

    found = [(one.kind, one.tokens, one.title, one.answer) for one in month.movements]
    assert found == [
        (MovementKind.WELCOME, 500, "", None),
        (MovementKind.GRANT, 20, "for the school", None),
        (MovementKind.PURCHASE, 10_000, "", None),
        (MovementKind.PURCHASE, 10_000, "", None),
        (MovementKind.CLAWBACK, -10_000, "", None),
        (MovementKind.CHAT, -40, "a title", chat.answer),
        (MovementKind.ESSAY, -60, "a title", essay.answer),
        (MovementKind.REFUND, 40, "a title", chat.answer),
    ]
    paid, _, taken = (month.movements[place].payment for place in (2, 3, 4))
    assert paid is not None
    assert (paid.reference, paid.provider_reference) == (f"ZG-{bought[:8]}", "P-77")
    assert (paid.amount_minor, paid.currency) == (50, "USD")
    assert taken is not None
    assert taken.reference == f"ZG-{reversed_[:8]}"
    assert month.closing == sum(owner.wallet(user)) == 10_460
    assert held.outcome == "accepted"


async def test_nobody_sees_anothers(clerk: Clerk, pool: Pool) -> None:
    """Each movement is of the person's own accounts."""
    mine, other = clerk.person(100), clerk.person(700)
    clerk.answered(other, cost=1)
    now = datetime.now(UTC)
    month = await told(pool, mine, Month(now.year, now.month))

    assert [one.tokens for one in month.movements] == [100]


async def test_a_deleted_conversation_keeps_its_cost(clerk: Clerk, pool: Pool) -> None:
    """But has no title and no way back to it."""
    user = clerk.person(100)
    asked = clerk.answered(user, cost=5)
    clerk.rows(
        "update conversations set deleted_at = now() where id = %s", asked.conversation
    )
    now = datetime.now(UTC)
    month = await told(pool, user, Month(now.year, now.month))

    last = month.movements[-1]
    assert (last.tokens, last.title, last.conversation) == (-5, "", None)


@pytest.mark.parametrize("most", [1, 3])
async def test_a_crowded_month_is_told_by_the_day(
    clerk: Clerk, pool: Pool, most: int
) -> None:
    """What is of one kind is summed, and the sums are the same."""
    user = clerk.person(1_000)
    for cost in (5, 7, 11):
        clerk.answered(user, cost=cost)
    now = datetime.now(UTC)
    month = await told(pool, user, Month(now.year, now.month), most)
    singly = await told(pool, user, Month(now.year, now.month))

    assert month.closing == singly.closing == 977
    assert {(one.kind, one.tokens, one.count) for one in month.movements} == {
        (MovementKind.WELCOME, 1_000, 1),
        (MovementKind.CHAT, -23, 3),
    }


async def test_an_empty_month(clerk: Clerk, pool: Pool) -> None:
    """Has what there was before it."""
    user = clerk.person(100)
    later = datetime.now(UTC) + timedelta(days=40)
    month = await told(pool, user, Month(later.year, later.month))

    assert (month.opening, month.closing, month.movements) == (100, 100, ())


EARLIER = """
alter table entries disable trigger entries_balanced;
with old as (
  insert into transfers (kind, idem_key, created_at)
    select 'grant', 'old:' || nr, at
      from unnest(array[timestamptz '2025-12-31 21:59Z', '2025-12-31 22:00Z',
                        '2025-03-03 10:00Z', '2025-03-04 10:00Z'])
           with ordinality as o (at, nr)
    returning id)
insert into entries (transfer_id, account_id, amount, balance_after, version)
  select old.id, w.id, 1, 0, 100 + row_number() over ()
    from old, accounts w where w.user_id = {user} and w.kind = 'available'
"""


async def test_months_of_a_wallet(database: str, pool: Pool) -> None:
    """Those before this one in which something happened, the latest first, in
    Zimbabwe's time."""
    with Clerk(database, superuser=True) as owner:
        user, other = UserId(owner.person(1_000)), UserId(owner.person(1_000))
        owner.rows(EARLIER.format(user=user))
    stated = PgStatements(pool)

    assert await stated.months(other) == ()
    assert await stated.months(user) == (
        Month(2026, 1),
        Month(2025, 12),
        Month(2025, 3),
    )
