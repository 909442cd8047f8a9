"""The invariants: silent when all is well, and none of them dead."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from tests.servers.postgresql import PostgreSQL
from tests.store.clerk import Clerk
from zimgpt.store.invariants import checks, look, violations

# Constraints and triggers would prevent what is done here.
UNGUARDED = """
set session_replication_role = replica;
do $$
declare
  v record;
begin
  for v in select conrelid::regclass as place, conname as name from pg_constraint
            where connamespace = 'public'::regnamespace and contype in ('c', 'u', 'f')
  loop
    execute format('alter table %s drop constraint if exists %I cascade',
                   v.place, v.name);
  end loop;
end $$
"""

BREAKING = [
    (
        "key has not counted its answers",
        "insert into api_keys (id, user_id, name, digest, hint, per_minute, taken)"
        " select gen_random_uuid(), min(id), 'k', sha256('k'), 'k', 1, 7 from users",
    ),
    (
        "voucher and its tokens do not agree",
        "insert into transfers (kind, idem_key) values ('voucher', 'voucher:9')",
    ),
    (
        "entries do not sum to zero",
        "update entries set amount = amount + 1 where transfer_id = 1 and amount > 0",
    ),
    (
        "transfer does not sum to zero",
        "update entries set amount = amount + 1 where transfer_id = 1 and amount > 0",
    ),
    (
        "transfer without entries",
        "insert into transfers (kind, idem_key) values ('adjust', 'k')",
    ),
    (
        "transfer on the wrong accounts",
        "update transfers set kind = 'purchase' where kind = 'settle'",
    ),
    (
        "transfer between two people",
        "update entries set account_id = (select max(id) from accounts) where"
        " account_id = (select min(id) from accounts where kind = 'held')",
    ),
    (
        "balance is not the sum of its entries",
        "update accounts set balance = balance + 1 where kind = 'available'",
    ),
    (
        "account versions have a gap",
        "update accounts set version = version + 1 where kind = 'held'",
    ),
    (
        "account versions have a gap",
        "update entries set version = version + 100 where version = 1",
    ),
    (
        "running balance is wrong",
        "update entries set balance_after = balance_after + 1 where version = 1",
    ),
    ("balance below zero", "update accounts set balance = -1 where kind = 'held'"),
    (
        "balance below zero",
        "update accounts set balance = -1 where kind = 'available';"
        "update payments set clawback_transfer = null",
    ),
    (
        "running balance is wrong",
        "update entries e set balance_after = -1,"
        " amount = -1 - (balance_after - amount) from transfers t"
        " where t.id = e.transfer_id and t.kind = 'reserve'"
        " and e.amount < 0",
    ),
    (
        "tokens are not conserved",
        "update accounts set balance = balance + 1 where kind = 'available'",
    ),
    (
        "two welcome grants",
        "insert into transfers (kind, idem_key)"
        " select kind, idem_key from transfers where idem_key like 'welcome:%'",
    ),
    (
        "two welcome grants",
        "update transfers set idem_key = 'welcome:again' where kind = 'purchase'",
    ),
    (
        "held balance is not the sum of open holds",
        "update reservations set amount = amount + 1 where state = 'open'",
    ),
    (
        "open hold of an ended answer",
        "update answers set finished_at = now() where state = 'streaming'",
    ),
    (
        "open answer without an open hold",
        "delete from reservations where state = 'open'",
    ),
    (
        "open answer without an open hold",
        "update reservations set state = 'released' where state = 'open'",
    ),
    (
        "answered without a closed hold",
        "update answers set state = 'interrupted' where state = 'streaming'",
    ),
    (
        "answered without a closed hold",
        "delete from reservations where state = 'settled'",
    ),
    (
        "hold open past its time",
        "update reservations set expires_at = now() - interval '61 s'"
        " where state = 'open'",
    ),
    (
        "charged above the hold",
        "update reservations set settled = amount + 1 where state = 'settled'",
    ),
    (
        "hold of another person",
        "update reservations set user_id = (select max(id) from users)",
    ),
    (
        "hold without its transfers",
        "update transfers set idem_key = 'k' || id where kind = 'reserve'",
    ),
    (
        "hold without its transfers",
        "update reservations set amount = amount + 1 where state = 'settled'",
    ),
    (
        "hold without its transfers",
        "update reservations set settled = settled + 1 where state = 'settled'",
    ),
    (
        "hold without its transfers",
        "update reservations set state = 'open' where state = 'settled'",
    ),
    (
        "attempt began after its hold was closed",
        "update answers set epoch_at = now() where state = 'complete'",
    ),
    (
        "refund without its transfer",
        "update reservations set refunded = 1 where state = 'settled'",
    ),
    (
        "spent is not what holds were charged",
        "update reservations set refunded = 1 where state = 'settled'",
    ),
    (
        "spent is not what holds were charged",
        "update reservations set settled = settled - 1 where state = 'settled'",
    ),
    ("spent is not what holds were charged", "delete from readings"),
    ("reading without its transfers", "update readings set tokens = tokens + 1"),
    ("reading without its transfers", "update readings set refunded = true"),
    (
        "paid but not credited",
        "update payments set state = 'pending', credited_transfer = null"
        " where state = 'credited'",
    ),
    ("credited but not paid", "update payment_events set source = 'callback'"),
    ("credited but not paid", "update payment_events set hash_ok = false"),
    ("credited but not paid", "update payment_events set matched = false"),
    (
        "payment without its transfers",
        "update transfers set idem_key = 'k' where kind = 'clawback'",
    ),
    (
        "payment without its transfers",
        "update payments set credited_transfer = 1 where state = 'credited'",
    ),
    (
        "more was taken than was credited",
        "update entries e set amount = amount - 1 from transfers t"
        " where t.id = e.transfer_id and t.kind = 'clawback' and e.version > 0",
    ),
    (
        "transfer without its payment",
        "update payments set credited_transfer = null where state = 'credited'",
    ),
    (
        "taken back is not what the payment says",
        "update payments set clawed = true where state = 'credited'",
    ),
    (
        "payment is not of what was sold",
        "update payments set amount_minor = 49 where state = 'credited'",
    ),
    (
        "payment is not of what was sold",
        "update packages set tokens = tokens + 1",
    ),
    (
        "correction without its transfer",
        "insert into payment_corrections (transfer_id, payment_id, tokens)"
        " select 1, min(id::text)::uuid, 5 from payments",
    ),
    ("issued is not what was paid for", "update payments set tokens = tokens + 1"),
    (
        "answer in another person's conversation",
        "update conversations set user_id = (select max(id) from users)",
    ),
    ("answer without its question", "delete from questions"),
    (
        "answer without its question",
        "update questions set user_id = (select max(id) from users)",
    ),
    (
        "replaced by what is no later answer there",
        "update answers set replaced_by = id",
    ),
    (
        "replaced by what came to nothing",
        "update answers set replaced_by = gen_random_uuid();"
        "update answers set replaced_by = id where state = 'streaming';"
        "update answers set state = 'failed' where state = 'streaming'",
    ),
    ("pieces are missing", "delete from answer_chunks where seq = 1"),
    ("pieces are missing", "update answer_chunks set seq = 0 where seq = 1"),
    ("pieces are missing", "update answers set last_seq = last_seq + 1"),
    ("piece of no attempt", "delete from answers where state = 'streaming'"),
    ("piece of no attempt", "update answer_chunks set epoch = epoch + 1"),
    ("text is not its pieces", "update answers set text = 'Bécause.'"),
    ("text is not its pieces", "update answer_chunks set text_part = 'x'"),
    (
        "folded answer does not fit its pieces",
        "update answers set ends = '{1,8}' where last_seq = 2",
    ),
    ("erased conversation has words", "update conversations set title = 'x'"),
    ("erased conversation has words", "update conversations set deleted_at = null"),
    ("erased conversation has words", "update questions set text = 'x'"),
    ("erased conversation has words", "update answers set text = 'x'"),
    (
        "erased conversation has words",
        "insert into answer_chunks (answer_id, epoch, seq, text_part)"
        " select id, 1, 1, 'x' from answers where last_seq = 0",
    ),
    ("more attempts than allowed", "update jobs set attempts = max_attempts + 1"),
    (
        "answer and job do not end together",
        "update jobs set finished_at = now() where state = 'running'",
    ),
    ("answer and job do not end together", "delete from jobs where state = 'running'"),
    ("attempt is not its job's", "update answers set epoch = epoch + 1"),
    (
        "arrival without an outcome",
        "insert into inbox (source, dedup_key, body) values ('paynow', 'k', '')",
    ),
    ("outbox row not confirmed", "update outbox set confirmed_at = null"),
    ("job not ended", "update jobs set state = 'queued' where state = 'done'"),
]


@pytest.fixture(scope="module")
def place(postgres: PostgreSQL) -> Iterator[str]:
    """A database in which two people have lived: one has bought, was answered, was
    heard, has erased a talk and waits for more."""
    with postgres.database() as url, Clerk(url, superuser=True) as clerk:
        user = clerk.person(5_000)
        clerk.person(5_000)
        reversed_ = clerk.buy(user)
        assert clerk.decide(reversed_, 3, "refunded", clawback="clawback") == 4
        clerk.buy(user)
        clerk.answered(user)
        erased = clerk.answered(user).conversation
        clerk.rows("update conversations set deleted_at = now() where id = %s", erased)
        assert clerk.value("select erase_deleted(10)") == 1
        assert clerk.value("select charge_reading(%s, 'note', 'voice', 70)", user)
        waiting = clerk.ask(user)
        clerk.claim(waiting.job)
        clerk.append(waiting.answer, 1, 1)
        clerk.rows("update outbox set confirmed_at = now()")
        yield url


@pytest.fixture
def lived(place: str) -> Iterator[Connection]:
    """A transaction there, which leaves nothing behind."""
    connection = psycopg2.connect(place)
    yield connection
    connection.rollback()
    connection.close()


@pytest.mark.parametrize(("name", "breaking"), BREAKING)
def test_an_invariant_notices(lived: Connection, name: str, breaking: str) -> None:
    """What constraints and triggers prevent is found once they are out of the way."""
    assert look(lived, at_rest=False) == []
    with lived.cursor() as cursor:
        cursor.execute(UNGUARDED)
        cursor.execute(breaking)

    assert name in {found for found, _ in look(lived, at_rest=True)}


def test_none_is_without_its_control() -> None:
    """Every name in the file is broken by one of the cases above."""
    names = re.findall(r"^select '((?:[^']|'')+)'", "\n".join(checks()), re.MULTILINE)

    named = {name.replace("''", "'") for name in names}

    assert named == {name for name, _ in BREAKING}


def test_at_rest(place: str) -> None:
    """Work under way is no violation, unless there ought to be none."""
    assert violations(place) == []

    [(name, _)] = violations(place, at_rest=True)

    assert name == "job not ended"
