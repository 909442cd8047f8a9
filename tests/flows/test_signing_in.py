"""Signing up, in and out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count

import attrs
import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.python.failure import Failure

from tests.fakes.people import MemoryAccounts, MemorySessions, PlainPasswords
from zimgpt.domain.accounts import (
    PhoneTaken,
    SessionId,
    TooManyTries,
    WeakPassword,
    WrongPassword,
)
from zimgpt.domain.errors import NotFound, NotSignedIn
from zimgpt.domain.ledger import Tokens
from zimgpt.domain.phones import NotAMobileNumber, Phone
from zimgpt.flows.ports import PasswordsBusy
from zimgpt.flows.signing_in import SignedIn, SigningIn
from zimgpt.store.accounts import PgAccounts
from zimgpt.store.pool import Pool
from zimgpt.store.sessions import PgSessions

PHONE = Phone("+263771234567")
RIGHT = "mukanda wangu"
WRONG = "mukanda wako"


@attrs.define
class Desk:
    """A flow, its memory and its clock."""

    accounts: MemoryAccounts = attrs.Factory(MemoryAccounts)
    passwords: PlainPasswords = attrs.Factory(PlainPasswords)
    ended: list[SessionId] = attrs.Factory(list)
    numbers: Iterator[int] = attrs.Factory(count)
    sessions: MemorySessions = attrs.field(init=False)
    flow: SigningIn = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.sessions = MemorySessions(self.accounts)
        self.flow = SigningIn(
            accounts=self.accounts,
            sessions=self.sessions,
            passwords=self.passwords,
            new_id=lambda: f"session-{next(self.numbers)}",
            new_secret=lambda: next(self.numbers).to_bytes(32),
            on_ended=self.ended.extend,
        )

    async def sign_up(self) -> SignedIn:
        """The person of these tests."""
        return await self.flow.sign_up("0771 234 567", RIGHT, client="a browser")

    async def sign_in(self, password: str) -> SignedIn:
        """The same person again."""
        return await self.flow.sign_in("+263771234567", password, client="a phone")

    async def fail(self, times: int) -> None:
        """Wrong passwords."""
        for _ in range(times):
            with pytest.raises(WrongPassword):
                await self.sign_in(WRONG)


async def outcomes(attempts: Sequence[Deferred[SignedIn]]) -> list[type]:
    """What became of each: SignedIn, or the class of what was raised."""

    def kind(result: SignedIn | Failure) -> type:
        if isinstance(result, Failure):
            return type(result.value)
        return type(result)

    return await gatherResults([one.addBoth(kind) for one in attempts])


async def test_a_new_number_gets_an_account_and_tokens() -> None:
    """Signing up signs in, with the welcome grant in the wallet."""
    desk = Desk()

    entered = await desk.sign_up()

    assert entered.session.phone == PHONE
    assert entered.wallet.available == Tokens(5_000)
    assert await desk.flow.wallet(entered.session.user) == entered.wallet
    assert await desk.flow.authenticate(entered.token) == entered.session


async def test_only_the_digest_of_a_token_is_kept() -> None:
    """Who reads the database cannot sign in with what is there."""
    desk = Desk()

    entered = await desk.sign_up()

    assert [*desk.sessions.rows] == [hashlib.sha256(entered.token.encode()).digest()]
    assert len(entered.token) == 43
    assert entered.token not in repr(entered)


async def test_a_number_has_one_account() -> None:
    """A second sign-up of a number is told to sign in."""
    desk = Desk()
    await desk.sign_up()

    with pytest.raises(PhoneTaken):
        await desk.sign_up()


@pytest.mark.parametrize(
    ("phone", "password", "refusal"),
    [
        ("0242 700 000", RIGHT, NotAMobileNumber),
        ("0771234567", "password", WeakPassword),
        ("0771234567", "0771234567", WeakPassword),
    ],
)
async def test_sign_up_says_what_is_wrong(
    phone: str, password: str, refusal: type[Exception]
) -> None:
    """A landline or a weak password opens nothing."""
    desk = Desk()

    with pytest.raises(refusal):
        await desk.flow.sign_up(phone, password, client="")

    assert desk.accounts.people == {}


async def test_every_sign_in_has_a_token_of_its_own() -> None:
    """Two devices can be told apart and ended apart."""
    desk = Desk()
    first = await desk.sign_up()

    second = await desk.sign_in(RIGHT)

    assert second.token != first.token
    assert second.session.id != first.session.id
    assert [one.client for one in await desk.flow.list(first.session.user)] == [
        "a phone",
        "a browser",
    ]


async def test_signing_in_again_ends_the_browsers_old_session() -> None:
    """A token that somebody planted or saw is worth nothing after a sign-in."""
    desk = Desk()
    first = await desk.sign_up()

    await desk.flow.sign_in("0771234567", RIGHT, client="", replacing=first.token)

    with pytest.raises(NotSignedIn):
        await desk.flow.authenticate(first.token)
    assert desk.ended == [first.session.id]


@pytest.mark.parametrize("stale", ["", "not a token", "A" * 43])
async def test_a_stale_cookie_does_not_hinder_signing_in(stale: str) -> None:
    """A browser that kept the cookie of an ended session signs in all the same."""
    desk = Desk()
    await desk.sign_up()

    await desk.flow.sign_in("0771234567", RIGHT, client="", replacing=stale)

    assert desk.ended == []


async def test_a_clients_name_is_one_short_line() -> None:
    """What a client calls itself cannot fill the list of sessions."""
    desk = Desk()

    entered = await desk.flow.sign_up(
        "0771234567", RIGHT, client="  my\n\tphone " + "x" * 200
    )

    [line] = await desk.flow.list(entered.session.user)
    assert line.client == "my phone " + "x" * 71


async def test_an_unknown_number_costs_the_same_and_says_the_same() -> None:
    """Neither words nor time tell whether a number has an account."""
    desk = Desk()

    with pytest.raises(WrongPassword) as unknown:
        await desk.sign_in(RIGHT)
    await desk.sign_up()
    with pytest.raises(WrongPassword) as wrong:
        await desk.sign_in(WRONG)

    assert unknown.value.message == wrong.value.message
    assert len(desk.passwords.verified) == 2


async def test_a_locked_account_does_not_look_at_passwords() -> None:
    """During the lock the right password is refused like any other."""
    desk = Desk()
    await desk.sign_up()
    await desk.fail(5)
    desk.passwords.verified.clear()

    for password in (WRONG, RIGHT):
        with pytest.raises(TooManyTries):
            await desk.sign_in(password)

    assert desk.passwords.verified == []


async def test_the_owner_gets_in_after_the_lock() -> None:
    """The lock ends by itself, and the right password forgets the wrong ones."""
    desk = Desk()
    await desk.sign_up()
    await desk.fail(5)
    desk.accounts.now += timedelta(seconds=1)

    await desk.sign_in(RIGHT)

    await desk.fail(4)
    await desk.sign_in(RIGHT)


async def test_guesses_made_at_once_are_counted_one_by_one() -> None:
    """A hundred guesses in the same moment are five, not a hundred."""
    desk = Desk()
    await desk.sign_up()
    gate: Deferred[None] = Deferred()
    desk.passwords.gate = gate

    guesses = [Deferred.fromCoroutine(desk.sign_in(WRONG)) for _ in range(100)]
    gate.callback(None)

    kinds = await outcomes(guesses)
    assert kinds.count(WrongPassword) == 5
    assert kinds.count(TooManyTries) == 95


async def test_a_try_that_was_not_looked_at_is_not_counted() -> None:
    """A crowd at the door locks nobody out."""
    desk = Desk()
    await desk.sign_up()
    desk.passwords.busy = {"verify"}
    for phone in ["0771234567"] * 9 + ["0772222222"]:
        with pytest.raises(PasswordsBusy):
            await desk.flow.sign_in(phone, RIGHT, client="")

    desk.passwords.busy = set()

    await desk.sign_in(RIGHT)


async def test_an_old_hash_is_renewed() -> None:
    """Signing in stores a hash with today's parameters in place of an older one."""
    desk = Desk()
    await desk.sign_up()
    desk.passwords.version = 2

    await desk.sign_in(RIGHT)

    assert desk.accounts.people[PHONE].password_hash == f"v2:{RIGHT}"


async def test_renewing_a_hash_can_wait() -> None:
    """Nobody is turned away because there is no time to make a newer hash."""
    desk = Desk()
    await desk.sign_up()
    desk.passwords.version = 2
    desk.passwords.busy = {"hash"}

    await desk.sign_in(RIGHT)

    assert desk.accounts.people[PHONE].password_hash == f"v1:{RIGHT}"


async def test_a_person_without_a_password_cannot_sign_in_with_one() -> None:
    """An account that was made on another channel has no password that matches."""
    desk = Desk()
    await desk.sign_up()
    desk.accounts.people[PHONE].password_hash = None

    with pytest.raises(WrongPassword):
        await desk.sign_in("")


async def test_ending_a_session_ends_that_one() -> None:
    """The others stay, and the sockets of the ended one are told."""
    desk = Desk()
    first, second = await desk.sign_up(), await desk.sign_in(RIGHT)

    await desk.flow.revoke(first.session.user, first.session.id)

    with pytest.raises(NotSignedIn):
        await desk.flow.authenticate(first.token)
    assert await desk.flow.authenticate(second.token) == second.session
    assert desk.ended == [first.session.id]


async def test_nobody_ends_anothers_session() -> None:
    """Another's session is not found."""
    desk = Desk()
    mine = await desk.sign_up()
    other = await desk.flow.sign_up("0772222222", RIGHT, client="")

    with pytest.raises(NotFound):
        await desk.flow.revoke(other.session.user, mine.session.id)

    assert await desk.flow.authenticate(mine.token) == mine.session
    assert desk.ended == []


async def test_signing_out_everywhere() -> None:
    """Every session of the person ends, and nobody else's; twice is harmless."""
    desk = Desk()
    first, second = await desk.sign_up(), await desk.sign_in(RIGHT)
    other = await desk.flow.sign_up("0772222222", RIGHT, client="")

    await desk.flow.revoke_all(first.session.user)
    await desk.flow.revoke_all(first.session.user)

    for token in (first.token, second.token):
        with pytest.raises(NotSignedIn):
            await desk.flow.authenticate(token)
    assert await desk.flow.authenticate(other.token) == other.session
    assert desk.ended == [first.session.id, second.session.id]


@pytest.mark.parametrize(
    "token", ["", "x", "A" * 42, "A" * 44, "A" * 43, "é" * 43, "A" * 42 + "\n"]
)
async def test_what_we_never_gave_out_is_nobody(token: str) -> None:
    """Any other token is refused with the same words."""
    desk = Desk()
    await desk.sign_up()

    with pytest.raises(NotSignedIn):
        await desk.flow.authenticate(token)


async def test_fifty_at_once_open_one_account(database: str) -> None:
    """Fifty sign-ups of one number: one account, one grant, 49 told to sign in."""
    pool = Pool(reactor, database, 8)
    await pool.start()
    numbers = count()
    flow = SigningIn(
        accounts=PgAccounts(pool),
        sessions=PgSessions(pool),
        passwords=PlainPasswords(),
        new_id=lambda: f"00000000-0000-4000-8000-{next(numbers):012}",
        new_secret=lambda: next(numbers).to_bytes(32),
        on_ended=lambda _: None,
    )
    try:
        kinds = await outcomes(
            [
                Deferred.fromCoroutine(flow.sign_up("0771234567", RIGHT, client="x"))
                for _ in range(50)
            ]
        )
        [(people, grants, balance)] = await pool.query(
            "select (select count(*) from users), (select count(*) from transfers),"
            " (select sum(balance) from accounts where kind = 'available')"
        )
    finally:
        pool.close()

    assert kinds.count(SignedIn) == 1
    assert kinds.count(PhoneTaken) == 49
    assert (people, grants, balance) == (1, 1, 5_000)
