"""A node's admin pages: beside the others, at a listener of their own, or nowhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg2
import treq
from twisted.web.http_headers import Headers

from tests.service.home import Home, query
from zimgpt.domain import one_time_codes as codes
from zimgpt.embedded import children
from zimgpt.store import operator_accounts
from zimgpt.store.passwords import hasher
from zimgpt.store.sealing import Sealing, new_key

PASSWORD = "four words of nobody"
SECRET = codes.secret_of(b"s" * 20)


KEY = new_key()


def hire(home: Home) -> None:
    """Makes an operator, as the command line does."""
    connection = psycopg2.connect(home.database)
    with connection:
        hashed = hasher().hash(PASSWORD)
        kept = Sealing.of(KEY).sealed("tariro", SECRET)
        operator_accounts.add(
            connection, "tariro", hashed, kept, who="a test", reason=""
        )
    connection.close()


async def ask(
    home: Home, method: str, url: str, json: object = None, **headers: str
) -> tuple[int, Any, str]:
    """Status, JSON and the cookie of an answer."""
    sent = Headers({"Origin": ["/".join(url.split("/")[:3])]})
    for name, value in headers.items():
        sent.addRawHeader(name, value)
    answer = await treq.request(
        method,
        url,
        json=json,
        headers=sent,
        agent=home.agent,
        persistent=False,
    )
    cookies = answer.headers.getRawHeaders("Set-Cookie", [""])
    return answer.code, await answer.json(), cookies[0].split(";")[0]


async def test_an_operator_at_a_listener_of_their_own(home: Home) -> None:
    """In by two steps, and an act is kept; at everybody's address there is nothing."""
    hire(home)
    (port,) = children.free_ports(1)
    desk = f"http://127.0.0.1:{port}"
    _, url = home.node(
        admin_origins=(desk,),
        admin_listen=f"tcp:{port}:interface=127.0.0.1",
        operators_key=KEY,
    )
    await (await home.sign_up(url)).sign_out()

    knock = {"name": "tariro", "password": PASSWORD}
    api = f"{desk}/admin/api"
    status, said, cookie = await ask(home, "POST", f"{api}/session", knock)
    assert status == 201
    proofs = {"Cookie": cookie, "X-ZG-CSRF": said["csrf"]}
    code = {"code": codes.code_at(SECRET, codes.step_at(datetime.now(UTC)))}
    address = f"{api}/session/code"
    status, said, cookie = await ask(home, "POST", address, code, **proofs)
    assert (status, said["name"]) == (201, "tariro")
    proofs = {"Cookie": cookie, "X-ZG-CSRF": said["csrf"]}
    assert (await ask(home, "POST", address, code, **proofs))[0] == 401
    _, people, _ = await ask(home, "GET", f"{api}/users", **proofs)
    [person] = people["users"]
    why = {"reason": "a test of it"}
    address = f"{api}/users/{person['id']}/ban"
    assert (await ask(home, "POST", address, why, **proofs))[:2] == (
        200,
        {"changed": True},
    )

    acts = "select who, act from operator_acts where who = 'tariro' order by id"
    assert query(home.database, acts) == [("tariro", "sign_in"), ("tariro", "ban")]
    assert (await home.get(f"{url}/admin/api/session"))[0] == 404
    assert (await home.get(f"{desk}/api/v1/about"))[0] == 404


async def test_a_node_with_another_key(home: Home) -> None:
    """It says that it cannot check codes, and lets nobody in."""
    hire(home)
    (port,) = children.free_ports(1)
    desk = f"http://127.0.0.1:{port}"
    home.node(
        admin_origins=(desk,),
        admin_listen=f"tcp:{port}:interface=127.0.0.1",
        operators_key=new_key(),
    )
    api = f"{desk}/admin/api/session"
    knock = {"name": "tariro", "password": PASSWORD}
    _, said, cookie = await ask(home, "POST", api, knock)
    proofs = {"Cookie": cookie, "X-ZG-CSRF": said["csrf"]}
    code = {"code": codes.code_at(SECRET, codes.step_at(datetime.now(UTC)))}

    status, said, cookie = await ask(home, "POST", f"{api}/code", code, **proofs)

    assert (status, said["error"]["code"]) == (500, "codes_unreadable")
    assert cookie == ""


async def test_none_is_asked_for(home: Home) -> None:
    """A node that is told nothing of them has none."""
    _, url = home.node()

    assert (await home.get(f"{url}/admin/api/session"))[0] == 404
    assert (await home.get(f"{url}/admin"))[0] == 404
