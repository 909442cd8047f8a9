"""Phrases in the database: bound to one browser, good once, and not to be guessed."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import attrs
import pytest

from tests.store.clerk import Clerk
from tests.store.postbox import Postbox
from zimgpt.domain.accounts import UserId
from zimgpt.flows.ports.contacts import ContactId
from zimgpt.flows.proving import Purpose, Stand, Standing
from zimgpt.store.pool import Pool
from zimgpt.store.whatsapp.contacts import PgContacts
from zimgpt.store.whatsapp.proofs import PgProofs

LIVES = timedelta(minutes=10)
SECRET = bytes(range(32))


@attrs.frozen
class Proof:
    """One that a browser has begun."""

    proofs: PgProofs
    contacts: PgContacts
    phrase: str
    id: str = attrs.Factory(lambda: str(uuid4()))

    async def look(self, *, use: bool = False) -> Standing:
        """What its browser hears."""
        standing = await self.proofs.look(self.id, SECRET, use=use)
        assert standing is not None
        return standing

    async def said(self, contact: int) -> tuple[str, str | None]:
        """What comes of it when this contact sends the phrase."""
        return await self.contacts.prove(self.phrase, ContactId(contact))


@pytest.fixture
def proofs(pool: Pool) -> PgProofs:
    """Few may wait."""
    return PgProofs(pool, most=5, most_each=2)


async def begin(
    proofs: PgProofs,
    pool: Pool,
    purpose: Purpose = Purpose.SIGN_IN,
    user: int | None = None,
    lives: timedelta = LIVES,
) -> Proof:
    """A browser begins."""
    phrase = hashlib.sha256(uuid4().bytes).hexdigest()
    proof = Proof(proofs, PgContacts(pool), phrase)
    owner = None if user is None else UserId(user)
    assert await proofs.begin(proof.id, phrase, SECRET, purpose, owner, lives)
    return proof


def tendai(clerk: Clerk) -> tuple[Postbox, int]:
    """Somebody who has written and has an account."""
    box = Postbox.of(clerk)
    box.write()
    user, _, _ = box.account()
    return box, user


async def test_a_phrase_proves_whose_number_it_is(
    clerk: Clerk, pool: Pool, proofs: PgProofs
) -> None:
    """Its browser learns of it, once."""
    box, user = tendai(clerk)
    proof = await begin(proofs, pool)
    assert await proof.look() == Standing(Stand.WAITING, Purpose.SIGN_IN)

    assert await proof.said(box.contact) == ("proved", "sign_in")

    looks = [await proof.look(use=use) for use in (False, True, True, False)]
    assert [one.stand for one in looks] == [
        Stand.PROVED,
        Stand.PROVED,
        Stand.OVER,
        Stand.OVER,
    ]
    assert (looks[0].user, looks[0].phone) == (user, box.phone)


async def test_two_uses_at_once_are_one(
    clerk: Clerk, pool: Pool, proofs: PgProofs, database: str
) -> None:
    """However many ask at the same moment, one is let in."""
    box, _ = tendai(clerk)
    proof = await begin(proofs, pool)
    await proof.said(box.contact)

    def use(_: int) -> str:
        with Clerk(database) as other:
            sql = "select state from look_at_proof(%s, %s, true)"
            return str(other.value(sql, proof.id, SECRET))

    with ThreadPoolExecutor(8) as threads:
        states = list(threads.map(use, range(8)))

    assert sorted(states) == ["over"] * 7 + ["proved"]


async def test_another_secret_finds_nothing(
    clerk: Clerk, pool: Pool, proofs: PgProofs
) -> None:
    """Nor does it use the proof up."""
    box, _ = tendai(clerk)
    proof = await begin(proofs, pool)
    await proof.said(box.contact)

    assert await proofs.look(proof.id, bytes(32), use=True) is None
    assert (await proof.look()).stand is Stand.PROVED


async def test_a_phrase_is_the_first_ones_who_says_it(
    clerk: Clerk, pool: Pool, proofs: PgProofs
) -> None:
    """It may be said twice by them; from anybody else it is over."""
    (mine, user), (theirs, _) = tendai(clerk), tendai(clerk)
    proof = await begin(proofs, pool)

    assert await proof.said(mine.contact) == ("proved", "sign_in")
    assert await proof.said(mine.contact) == ("proved", "sign_in")
    assert (await proof.said(theirs.contact))[0] == "expired"
    assert (await proof.look()).user == user


async def test_a_phrase_lives_for_a_while(
    clerk: Clerk, pool: Pool, proofs: PgProofs
) -> None:
    """Then it proves nothing, and its browser is told."""
    box, _ = tendai(clerk)
    proof = await begin(proofs, pool, lives=timedelta(0))

    assert await proof.said(box.contact) == ("expired", "sign_in")
    assert (await proof.look()).stand is Stand.OVER


async def test_who_guesses_is_not_listened_to(
    clerk: Clerk, owner: Clerk, pool: Pool, proofs: PgProofs
) -> None:
    """After ten phrases that nobody waits for, the right one is not right either, for
    an hour."""
    box, _ = tendai(clerk)
    proof = await begin(proofs, pool)
    contact = ContactId(box.contact)
    for number in range(10):
        assert await proof.contacts.prove(f"{number:064x}", contact) == (
            "unknown",
            None,
        )

    assert (await proof.said(contact))[0] == "unknown"
    owner.rows("update whatsapp_contacts set guessed_at = now() - interval '61 m'")
    assert (await proof.said(contact))[0] == "proved"


async def test_so_many_wait_and_no_more(
    clerk: Clerk, pool: Pool, proofs: PgProofs
) -> None:
    """Of one person who links, and of everybody; what is used makes room."""
    box, user = tendai(clerk)
    first = await begin(proofs, pool, Purpose.LINK, user)
    await begin(proofs, pool, Purpose.LINK, user)
    third = (str(uuid4()), "c" * 64, SECRET, Purpose.LINK, UserId(user), LIVES)
    assert not await proofs.begin(*third)
    for _ in range(3):
        await begin(proofs, pool)
    other = (str(uuid4()), "d" * 64, SECRET, Purpose.SIGN_IN, None, LIVES)
    assert not await proofs.begin(*other)

    await first.said(box.contact)
    await first.look(use=True)

    assert await proofs.begin(*other)


# ---- linking -------------------------------------------------------------------------


def wallet_of(clerk: Clerk, box: Postbox) -> int:
    """Whose account a contact uses."""
    sql = "select user_id from whatsapp_contacts where id = %s"
    return int(clerk.value(sql, box.contact))


async def test_a_phone_joins_the_account_of_a_browser(
    clerk: Clerk, pool: Pool, proofs: PgProofs
) -> None:
    """It spends from there now; LOCK within a day undoes that and ends the proof."""
    box, before = tendai(clerk)
    web = clerk.person(50)
    proof = await begin(proofs, pool, Purpose.LINK, web)

    assert await proof.said(box.contact) == ("proved", "link")
    assert wallet_of(clerk, box) == web
    assert (await proof.look()).user == web

    assert await proofs.lock(ContactId(box.contact)) == web
    assert wallet_of(clerk, box) == before
    assert (await proof.look()).stand is Stand.OVER


async def test_an_old_link_is_not_undone(
    clerk: Clerk, owner: Clerk, pool: Pool, proofs: PgProofs
) -> None:
    """Who locks after more than a day keeps the account, and signs its browsers out."""
    box, _ = tendai(clerk)
    web = clerk.person(50)
    proof = await begin(proofs, pool, Purpose.LINK, web)
    await proof.said(box.contact)
    owner.rows("update whatsapp_contacts set linked_at = now() - interval '25 h'")

    assert await proofs.lock(ContactId(box.contact)) == web
    assert wallet_of(clerk, box) == web


@pytest.mark.parametrize("life", ["password", "purchase"])
async def test_a_number_with_a_life_of_its_own_is_not_taken(
    clerk: Clerk, owner: Clerk, pool: Pool, proofs: PgProofs, life: str
) -> None:
    """A link would hide what its holder has paid for, or signs in to."""
    box, mine = tendai(clerk)
    if life == "password":
        owner.rows("update users set password_hash = 'x' where id = %s", mine)
    else:
        owner.buy(mine)
    proof = await begin(proofs, pool, Purpose.LINK, clerk.person(50))

    assert await proof.said(box.contact) == ("taken", "link")
    assert wallet_of(clerk, box) == mine
    assert (await proof.look()).stand is Stand.WAITING


async def test_a_lock_leaves_nothing_waiting(
    clerk: Clerk, pool: Pool, proofs: PgProofs
) -> None:
    """What a browser had not taken yet, it does not get any more."""
    box, user = tendai(clerk)
    proof = await begin(proofs, pool, Purpose.PASSWORD)
    await proof.said(box.contact)

    assert await proofs.lock(ContactId(box.contact)) == user

    assert (await proof.look(use=True)).stand is Stand.OVER


async def test_phrases_are_forgotten(clerk: Clerk, owner: Clerk, pool: Pool) -> None:
    """A day after their end."""
    proofs = PgProofs(pool)
    await begin(proofs, pool)
    await begin(proofs, pool)
    owner.rows(
        "update phone_proofs set expires_at = now() - interval '25 h'"
        " where id = (select min(id::text)::uuid from phone_proofs)"
    )

    assert clerk.value("select forget_readings_and_proofs('1 day', 10)") == 1
    assert clerk.value("select count(*) from phone_proofs") == 1
