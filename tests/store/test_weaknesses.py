"""What could go wrong in a ledger of answers, and was seen to in others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg2.errors import ForeignKeyViolation

from tests.store.clerk import Clerk
from zimgpt.store.invariants import violations

AT_ONCE = timedelta(0)
NOWHERE = "00000000-0000-0000-0000-000000000000"


def test_a_closed_hold_pays_for_nothing_more(owner: Clerk) -> None:
    """A job that runs again after its hold was released writes nothing for free."""
    user = owner.person(500)
    asked = owner.ask(user, ttl=AT_ONCE)
    assert owner.rows("select answer_id from close_expired(10)") == [(asked.answer,)]

    reserve = "select reserve(%s, %s, 100, '1 h')"
    assert owner.value(reserve, asked.answer, user) is False
    assert owner.claim(asked.job) is None

    assert not owner.append(asked.answer, 0, 1)
    assert not owner.append(asked.answer, 1, 1)
    assert owner.finish(asked.answer, 0, cost=50, text="free") is None
    assert owner.value("select settle(%s, 50)", asked.answer) == 0
    assert owner.wallet(user) == (500, 0)


def test_a_hold_is_true_only_while_open(owner: Clerk) -> None:
    """Asking for a hold again finds the open one and takes nothing more."""
    user = owner.person(500)
    asked = owner.ask(user, hold=100)
    reserve = "select reserve(%s, %s, 100, '1 h')"

    assert owner.value(reserve, asked.answer, user) is True

    assert owner.wallet(user) == (400, 100)


def test_an_open_answer_without_a_hold_is_not_begun(owner: Clerk) -> None:
    """Should a hold be missing all the same, the attempt is an error."""
    asked = owner.ask(owner.person(500))
    owner.rows("update answers set state = 'queued' where id = %s", asked.answer)
    owner.value("select settle(%s, 0)", asked.answer)

    with pytest.raises(Exception, match="open without a hold"):
        owner.claim(asked.job)

    owner.finish(asked.answer, 0)


def test_nobody_pays_for_anothers_answer(owner: Clerk) -> None:
    """A hold, a question and an answer are tied to their owner by composite keys."""
    asker, other = owner.person(500), owner.person(500)
    asked = owner.ask(asker)
    talk = "insert into answers (id, conversation_id, user_id) values (%s, %s, %s)"

    with pytest.raises(ForeignKeyViolation):
        owner.rows(talk, NOWHERE, asked.conversation, other)
    for table in ("reservations", "questions"):
        with pytest.raises(ForeignKeyViolation):
            owner.rows(f"update {table} set user_id = %s", other)
    with pytest.raises(Exception, match="duplicate key"):
        owner.rows("select reserve(%s, %s, 100, '1 h')", asked.answer, other)

    assert owner.wallet(other) == (500, 0)


def test_a_question_cannot_join_anothers_conversation(clerk: Clerk) -> None:
    """Nor one of another kind, nor a deleted one, nor one that is not."""
    asker, other = clerk.person(500), clerk.person(500)
    talk = clerk.ask(asker).conversation
    gone = clerk.ask(other).conversation
    clerk.rows("update conversations set deleted_at = now() where id = %s", gone)

    asked = [
        clerk.ask(other, conversation=talk),
        clerk.ask(other, conversation=gone),
        clerk.ask(other, conversation=NOWHERE),
        clerk.ask(asker, conversation=talk, kind="essay"),
    ]

    assert [one.outcome for one in asked] == ["unknown_conversation"] * 4
    assert clerk.wallet(other) == (400, 100)
    assert clerk.wallet(asker) == (400, 100)


@pytest.mark.parametrize("how", ["claimed", "given back"])
def test_a_dead_job_closes_its_answer_and_hold(clerk: Clerk, how: str) -> None:
    """After the last attempt all three end in one commit, and nothing is charged."""
    user = clerk.person(500)
    asked = clerk.ask(user)
    for attempt in range(1, 6):
        lease = timedelta(seconds=30) if how == "given back" else AT_ONCE
        assert clerk.claim(asked.job, lease=lease) == attempt
        assert clerk.append(asked.answer, attempt, 1)
        if how == "given back":
            again = clerk.value("select retry_job(%s, 'here', 'x', '0')", asked.job)
            assert again is (attempt < 5)

    assert clerk.claim(asked.job) is None

    ended = clerk.row(
        "select a.state, a.finish_reason, a.text, r.state, r.settled, j.state"
        "  from answers a join reservations r on r.answer_id = a.id"
        "  join jobs j on j.ref = a.id::text"
    )
    assert ended == ("failed", "gave_up", "word ", "released", 0, "dead")
    assert clerk.wallet(user) == (500, 0)


def test_an_epoch_only_rises(clerk: Clerk, database: str) -> None:
    """Each attempt is a higher one; who holds an older can write nothing more."""
    asked = clerk.ask(clerk.person(500))
    assert clerk.claim(asked.job, "zombie", lease=AT_ONCE) == 1
    assert clerk.append(asked.answer, 1, 1, "from the zombie")

    assert clerk.claim(asked.job, "heir") == 2

    assert not clerk.append(asked.answer, 1, 2, "from the zombie")
    assert clerk.append(asked.answer, 2, 1, "from the heir")
    assert not clerk.append(asked.answer, 1, 1, "from the zombie")
    assert clerk.finish(asked.answer, 1, cost=99) is None
    assert clerk.finish(asked.answer, 2, cost=40) == 40
    with Clerk(database, superuser=True) as owner:
        assert owner.row("select epoch, text from answers") == (2, "from the heir")


def test_an_answer_is_settled_by_its_epoch_alone(clerk: Clerk) -> None:
    """Another epoch, a second call and an unknown answer settle nothing."""
    user = clerk.person(500)
    asked = clerk.ask(user)
    clerk.claim(asked.job)

    assert clerk.finish(asked.answer, 0, cost=60) is None
    assert clerk.finish(asked.answer, 2, cost=60) is None
    assert clerk.wallet(user) == (400, 100)

    assert clerk.finish(asked.answer, 1, cost=40, text="all") == 40
    assert clerk.finish(asked.answer, 1, cost=60, text="more") is None
    assert clerk.finish(NOWHERE, 1) is None
    assert clerk.wallet(user) == (460, 0)
    ended = clerk.row(
        "select a.state, a.text, a.last_seq, j.state, j.lease_owner from answers a"
        "  join jobs j on j.ref = a.id::text"
    )
    assert ended == ("complete", "all", 1, "done", None)


def test_pieces_of_many_answers_in_one_statement(clerk: Clerk) -> None:
    """Each takes its piece or not by itself: stale, too early and ended ones do not."""
    user = clerk.person(5_000)
    asked = [clerk.ask(user) for _ in range(6)]
    fresh, stale, early, ended, second, unknown = [one.answer for one in asked]
    for one in asked[:5]:
        clerk.claim(one.job, lease=AT_ONCE)
    clerk.claim(asked[1].job)
    clerk.finish(ended, 1)
    clerk.append(second, 1, 1)
    append = "select append_chunks(%s::uuid[], %s, %s, %s)"
    pieces = (
        [fresh, stale, early, ended, second, unknown, NOWHERE],
        [1, 1, 1, 1, 1, 1, 1],
        [1, 1, 2, 1, 2, 1, 1],
        ["a", "b", "c", "d", "e", "f", "g"],
    )

    taken = {answer for (answer,) in clerk.rows(append, *pieces)}

    assert taken == {fresh, second}
    stored = clerk.rows("select answer_id, text_part from answer_chunks order by 2")
    assert stored == [(fresh, "a"), (second, "e"), (second, "word ")]


def test_appending_again_changes_nothing(clerk: Clerk) -> None:
    """A commit that went unheard is repeated, and its pieces are known."""
    asked = clerk.ask(clerk.person(500))
    clerk.claim(asked.job)

    for seq in (1, 2):
        assert clerk.append(asked.answer, 1, seq, f"{seq} ")
        assert clerk.append(asked.answer, 1, seq, f"{seq} ")
    assert not clerk.append(asked.answer, 1, 1, "1 ")

    assert clerk.finish(asked.answer, 1) == 40
    assert clerk.value("select text from answers") == "1 2 "


def test_claiming_needs_an_open_job_that_is_due(clerk: Clerk) -> None:
    """One in another's hands, not due, ended or unknown gives nothing to do."""
    user = clerk.person(500)
    asked = clerk.ask(user)
    assert clerk.claim(NOWHERE) is None
    assert clerk.claim(asked.job, "one") == 1
    assert clerk.claim(asked.job, "two") is None

    assert clerk.value("select retry_job(%s, 'two', 'x', '0')", asked.job) is False
    assert clerk.value("select retry_job(%s, 'one', 'x', '1 h')", asked.job) is True
    assert clerk.claim(asked.job, "two") is None

    assert clerk.finish(asked.answer, 1) == 40  # its text was whole all the same
    assert clerk.claim(asked.job, "two") is None


def test_a_claim_makes_the_hold_last(clerk: Clerk) -> None:
    """The sweeper leaves it alone for the time of the attempt."""
    asked = clerk.ask(clerk.person(500), ttl=AT_ONCE)

    clerk.claim(asked.job, lease=AT_ONCE)

    assert clerk.rows("select answer_id from close_expired(10)") == []


def test_violations_are_seen_at_all(owner: Clerk, database: str) -> None:
    """The check that follows every test here is not blind."""
    owner.rows("insert into transfers (kind, idem_key) values ('adjust', 'k')")

    assert violations(database) == [("transfer without entries", "1")]

    owner.rows("set session_replication_role = replica; delete from transfers")
