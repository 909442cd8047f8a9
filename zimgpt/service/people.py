"""Who people are: their passwords and sessions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
from twisted.python.threadpool import ThreadPool

from zimgpt.config import Config
from zimgpt.domain.accounts import SessionId
from zimgpt.domain.ledger import Tokens
from zimgpt.flows.signing_in import SigningIn
from zimgpt.service.sources import new_id, new_secret
from zimgpt.service.stores import Stores
from zimgpt.store.passwords import Argon2Passwords, threads


@attrs.frozen
class People:
    """Signing up, in and out; passwords are hashed in threads of their own."""

    hashing: ThreadPool
    passwords: Argon2Passwords
    signing_in: SigningIn


def make_people(
    config: Config,
    reactor: Any,  # noqa: ANN401
    stores: Stores,
    on_ended: Callable[[Sequence[SessionId]], None],
) -> People:
    """``on_ended`` hears of sessions that were ended here."""
    hashing = threads(config.password_threads)
    passwords = Argon2Passwords(
        reactor, hashing, most=config.password_threads + config.password_queue
    )
    signing_in = SigningIn(
        accounts=stores.accounts,
        sessions=stores.sessions,
        passwords=passwords,
        new_id=new_id,
        new_secret=new_secret,
        on_ended=on_ended,
        welcome=Tokens(config.welcome_tokens),
    )
    return People(hashing, passwords, signing_in)
