"""Places of turns: taken, given back, and taken again by what an operator retries."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812

from tests.store.clerk import HOLD, PRICES, Asked, Clerk
from tests.store.test_dead_jobs import die
from zimgpt.store import operator_jobs
from zimgpt.store.drafts import REMEMBERED
from zimgpt.store.operator_jobs import NotRetried

INSTEAD = """
    select outcome, answer_id, conversation_id, job_id, outbox_id, hold, available
      from ask_instead(
        %(replaces)s, null, true, 99, %(user)s, %(client)s,
        'chat', 'web', 'Why?', %(conversation)s, null, '', gen_random_uuid(),
        gen_random_uuid(), 'here', 10, 64, false, null, %(prices)s, 100, %(ttl)s)
"""
SHOWN = """
    select id::text from answers where replaced_by is null order by created_at, id
"""
ROUNDS = 8


@pytest.fixture
def desk(database: str, sound: None) -> Iterator[Connection]:
    """An operator's connection."""
    connection = psycopg2.connect(database, options="-c role=zimgpt_app")
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def talk(clerk: Clerk) -> tuple[int, str, list[str]]:
    """Somebody's chat of three answered turns."""
    user = clerk.person(5_000)
    first = clerk.answered(user)
    rest = [clerk.answered(user, conversation=first.conversation) for _ in range(2)]
    return user, first.conversation, [turn.answer for turn in (first, *rest)]


def ask_anew(
    clerk: Clerk, user: int, conversation: str, turn: str, client: str | None = None
) -> Asked:
    """A question in the place of a turn."""
    row = clerk.row(
        INSTEAD,
        user=user,
        client=client or str(uuid4()),
        replaces=turn,
        conversation=conversation,
        prices=PRICES,
        ttl=HOLD,
    )
    return Asked(*row)


def retry(desk: Connection, asked: Asked) -> None:
    """As an operator does."""
    operator_jobs.retry(desk, asked.job, who="ops", reason="fixed")


def shown(clerk: Clerk) -> list[str]:
    """The turns that are read again."""
    return [answer for (answer,) in clerk.rows(SHOWN)]


def end(clerk: Clerk, asked: Asked, text: str = "Because.") -> None:
    """Its next attempt brings the answer."""
    epoch = clerk.claim(asked.job)
    assert epoch is not None
    assert clerk.append(asked.answer, epoch, 1, text)
    assert clerk.finish(asked.answer, epoch) == 40


def test_its_turn_is_shown_once(
    desk: Connection, clerk: Clerk, talk: tuple[int, str, list[str]]
) -> None:
    """It takes its place again with all in it, and the model hears only of what came
    before."""
    user, conversation, turns = talk
    anew = ask_anew(clerk, user, conversation, turns[1])
    die(clerk, anew)
    assert shown(clerk) == [*turns, anew.answer]

    retry(desk, anew)

    assert shown(clerk) == [turns[0], anew.answer]
    told = {"answer": anew.answer, "window_from": turns[0], "fold": True, "most": 9}
    assert [row[2] for row in clerk.rows(REMEMBERED, **told)] == turns[:1]
    end(clerk, anew)
    assert shown(clerk) == [turns[0], anew.answer]


def test_one_that_fails_again_gives_the_place_back_again(
    desk: Connection, clerk: Clerk, talk: tuple[int, str, list[str]]
) -> None:
    """Nothing of what was there is lost by however many tries."""
    user, conversation, turns = talk
    anew = ask_anew(clerk, user, conversation, turns[1])
    die(clerk, anew)

    retry(desk, anew)
    die(clerk, anew)

    assert shown(clerk) == [*turns, anew.answer]


def test_what_replaces_a_failed_one_takes_the_same_place(
    desk: Connection, clerk: Clerk, talk: tuple[int, str, list[str]]
) -> None:
    """Both failed: the later one tried again takes the place of all, and then the
    earlier one has none."""
    user, conversation, turns = talk
    earlier = ask_anew(clerk, user, conversation, turns[1])
    die(clerk, earlier)
    later = ask_anew(clerk, user, conversation, earlier.answer)
    die(clerk, later)

    retry(desk, later)

    assert shown(clerk) == [turns[0], later.answer]
    with pytest.raises(NotRetried, match="taken the place"):
        retry(desk, earlier)
    end(clerk, later)
    assert shown(clerk) == [turns[0], later.answer]


def test_a_failed_question_that_was_asked_anew_rests(
    desk: Connection, clerk: Clerk, talk: tuple[int, str, list[str]]
) -> None:
    """Its answer would be paid for and shown to nobody."""
    user, conversation, _ = talk
    failed = clerk.ask(user, conversation=conversation)
    die(clerk, failed)
    anew = ask_anew(clerk, user, conversation, failed.answer)
    end(clerk, anew)
    wallet = clerk.wallet(user)

    with pytest.raises(NotRetried, match="taken the place"):
        retry(desk, failed)

    assert clerk.wallet(user) == wallet


@pytest.mark.parametrize("answered", [True, False])
def test_a_chat_that_went_on_stays_as_it_is(
    desk: Connection,
    clerk: Clerk,
    talk: tuple[int, str, list[str]],
    answered: bool,
) -> None:
    """What was asked after the old turn had come back was asked of that; while it is
    being written as well as later."""
    user, conversation, turns = talk
    anew = ask_anew(clerk, user, conversation, turns[1])
    die(clerk, anew)
    next_one = clerk.ask(user, conversation=conversation)
    if answered:
        end(clerk, next_one)
    before = shown(clerk)

    with pytest.raises(NotRetried, match="gone on since"):
        retry(desk, anew)

    assert shown(clerk) == before == [*turns, anew.answer, next_one.answer]


def test_a_next_question_that_failed_as_well_is_in_nobodys_way(
    desk: Connection, clerk: Clerk, talk: tuple[int, str, list[str]]
) -> None:
    """It stays after the one that has its place again, and can be tried again, too."""
    user, conversation, turns = talk
    anew = ask_anew(clerk, user, conversation, turns[2])
    die(clerk, anew)
    next_one = clerk.ask(user, conversation=conversation)
    die(clerk, next_one)

    retry(desk, anew)
    end(clerk, anew)
    retry(desk, next_one)

    assert shown(clerk) == [*turns[:2], anew.answer, next_one.answer]


def test_a_memory_of_what_makes_room_is_forgotten(
    desk: Connection, clerk: Clerk, talk: tuple[int, str, list[str]]
) -> None:
    """One was made for a question that then failed."""
    user, conversation, turns = talk
    anew = ask_anew(clerk, user, conversation, turns[1])
    die(clerk, anew)
    failed = ask_anew(clerk, user, conversation, turns[2])
    epoch = clerk.claim(failed.job)
    remember = "select remember(%s, %s, %s, 'Two.', 'v1')"
    clerk.rows(remember, failed.answer, epoch, turns[1])
    clerk.rows("select retry_job(%s, 'here', 'x', '0 s')", failed.job)
    for _ in range(4):
        clerk.claim(failed.job)
        clerk.rows("select retry_job(%s, 'here', 'x', '0 s')", failed.job)
    assert clerk.rows("select text from memories") == [("Two.",)]

    retry(desk, anew)

    assert clerk.rows("select text from memories") == []


def test_it_is_refused_as_a_whole(
    desk: Connection, clerk: Clerk, talk: tuple[int, str, list[str]]
) -> None:
    """Without the money for its hold it takes no place either."""
    user, conversation, turns = talk
    anew = ask_anew(clerk, user, conversation, turns[1])
    die(clerk, anew)
    elsewhere = clerk.ask(user, hold=clerk.wallet(user)[0])

    with pytest.raises(NotRetried, match="does not cover the hold"):
        retry(desk, anew)

    assert shown(clerk) == [*turns, anew.answer, elsewhere.answer]


def test_an_operator_and_the_asker_at_once(
    database: str, desk: Connection, clerk: Clerk, talk: tuple[int, str, list[str]]
) -> None:
    """Whoever comes first has the place, and neither waits for the other for ever."""
    user, conversation, turns = talk
    for _ in range(ROUNDS):
        failed = ask_anew(clerk, user, conversation, turns[1])
        die(clerk, failed)

        def asks(turn: str = failed.answer) -> Asked:
            with Clerk(database) as own:
                return ask_anew(own, user, conversation, turn)

        def tries(asked: Asked = failed) -> bool:
            try:
                retry(desk, asked)
            except NotRetried:
                return False
            return True

        with ThreadPoolExecutor(2) as threads:
            asking, trying = threads.submit(asks), threads.submit(tries)
        took = [failed] if trying.result() else [asking.result()]

        assert asking.result().outcome == (
            "open_turn" if took == [failed] else "accepted"
        )
        assert shown(clerk) == [turns[0], took[0].answer]
        die(clerk, took[0])


def test_a_repeat_at_the_same_moment_finds_the_first(
    database: str, clerk: Clerk, talk: tuple[int, str, list[str]]
) -> None:
    """Whoever waited for the place hears which question of their own has it."""
    user, conversation, turns = talk

    def asks(client: str) -> Asked:
        with Clerk(database) as own:
            return ask_anew(own, user, conversation, turns[1], client)

    for _ in range(ROUNDS):
        with ThreadPoolExecutor(3) as threads:
            asked = list(threads.map(asks, [str(uuid4())] * 3))
        assert sorted(one.outcome for one in asked) == ["accepted", "repeat", "repeat"]
        [answer] = {one.answer for one in asked}
        assert shown(clerk) == [turns[0], answer]
        [first] = [one for one in asked if one.outcome == "accepted"]
        die(clerk, first)
