"""Every operation of the HTTP API, subject by subject, as somebody would use it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg2

from tests.system.documented import Trial
from tests.system.harness import House, wait_until
from tests.system.people import PASSWORD, new_number
from tests.system.phone import Exchange
from tests.system.till import Shop, wish
from zimgpt.domain import vouchers
from zimgpt.store import operator_vouchers

Json = dict[str, Any]

PATIENCE = 90.0  # seconds
OTHER = "another long password"
BRIEF: Json = {"level": "zimsec_a", "words": 1_500, "step": "outline"}
NOTICE = """
    select begin_broadcast(%s, '{"en": {"type": "text", "body": "Hello"}}', false, true,
                           '1 hour', 'tests', 'to be read')
"""
PAYMENT = "/api/v1/payments/{payment}"
PROOF = "/api/v1/proofs/{proof_id}"


def service(trial: Trial, house: House) -> None:
    """What everybody may know."""
    house.query(NOTICE, str(uuid4()))
    for path in ("/healthz", "/api/v1/about", "/api/v1/prices", "/api/v1/packages"):
        trial.does("GET", path)
    assert trial.does("GET", "/api/v1/notices").json["notices"]


def entered(trial: Trial, path: str, body: Json) -> Trial:
    """Whoever has the session that this opens."""
    token = trial.does("POST", path, body).json["token"]
    return trial.at(trial.url, {"Authorization": f"Bearer {token}"})


def accounts(trial: Trial) -> None:
    """From signing up to leaving for good."""
    entry = {"phone": new_number(), "password": PASSWORD, "token": True}

    entered(trial, "/api/v1/accounts", entry)
    second = entered(trial, "/api/v1/sessions", entry)
    lines = second.does("GET", "/api/v1/sessions").json["sessions"]
    [other] = [line["id"] for line in lines if not line["current"]]
    second.does("DELETE", "/api/v1/sessions/{revoked}", revoked=other)
    second.does("DELETE", "/api/v1/sessions/current")
    third = entered(trial, "/api/v1/sessions", entry)
    change = {"current": PASSWORD, "password": OTHER, "token": True}
    fourth = entered(third, "/api/v1/me/password", change)
    fourth.does("GET", "/api/v1/me")
    fourth.does("DELETE", "/api/v1/sessions")
    last = entered(trial, "/api/v1/sessions", entry | {"password": OTHER})
    last.does("DELETE", "/api/v1/me", {"password": OTHER})


def ended(trial: Trial, question: Json) -> Json:
    """A question that was taken, when its answer is whole."""
    taken: Json = trial.does("POST", "/api/v1/answers", question).json
    one, answer = "/api/v1/answers/{answer}", taken["answer"]

    def whole() -> bool:
        read = trial.does("GET", one, query="?wait=5", answer=answer).json
        return bool(read["state"] == "complete")

    wait_until(whole, PATIENCE, "an answer")
    return taken


def answers(trial: Trial) -> None:
    """A chat from its question to its end, with its files."""
    taken = ended(trial, {"id": "q", "text": "Name a river. words:5"})
    answer, here = taken["answer"], {"conversation": taken["conversation"]}
    trial.does("POST", "/api/v1/answers/{answer}/stop", answer=answer)
    trial.does("GET", "/api/v1/conversations")
    talk = "/api/v1/conversations/{conversation}"
    trial.does("GET", talk, **here)
    trial.does("GET", talk + "/turns", **here)
    trial.does("PATCH", talk, {"title": "Rivers"}, **here)
    for format in ("pdf", "docx", "md", "txt"):
        query = f"?format={format}"
        trial.does("GET", "/api/v1/answers/{answer}/export", None, query, answer=answer)
        trial.does("GET", talk + "/export", None, query, **here)
    trial.does("DELETE", talk, **here)


def essays(trial: Trial) -> None:
    """An outline, from its price to its sections."""
    draft = {"text": "Why do rivers flood? delay:1", "brief": BRIEF}
    trial.does("POST", "/api/v1/essays/price", draft)
    taken = ended(trial, {"id": "e", "kind": "essay", **draft})
    essay = trial.does("GET", "/api/v1/essays/{answer}", answer=taken["answer"]).json
    assert essay["outline"]


def money(trial: Trial, house: House) -> None:
    """What came in on paper, and how it is told afterwards."""
    code = vouchers.made(uuid4().bytes)
    digest = vouchers.digest(vouchers.read(code))
    connection = psycopg2.connect(house.database)
    with connection:
        made = operator_vouchers.make(
            connection,
            str(uuid4()),
            1_000,
            [digest],
            timedelta(days=1),
            who="tests",
            reason="to be redeemed",
        )
    connection.close()
    assert made
    trial.does("POST", "/api/v1/vouchers", {"code": code})
    for format in ("json", "csv", "pdf"):
        trial.does("GET", "/api/v1/statement", query=f"?format={format}")


def preferences(trial: Trial) -> None:
    """The language of answers, chosen and taken back."""
    for language in ("sn", None):
        chosen = trial.does(
            "PATCH", "/api/v1/preferences", {"answer_language": language}
        )
        assert trial.does("GET", "/api/v1/preferences").json == chosen.json
        assert chosen.json["answer_language"] == language


def keys(trial: Trial) -> None:
    """A key of a program, from its making to its end, and what it asks."""
    new = trial.does("POST", "/api/v1/keys", {"name": "a program"}).json
    made = new["key"]
    program = trial.at(trial.url, {"Authorization": f"Bearer {new['secret']}"})
    program.does("GET", "/v1/models")
    program.does("GET", "/v1/models/{model}", model="zimgpt")
    question: Json = {"model": "zimgpt", "messages": [{"role": "user", "content": "?"}]}
    for more in ({}, {"stream": True}):
        program.does("POST", "/v1/chat/completions", question | more)
    one = "/api/v1/keys/{key}"
    changed = trial.does("PATCH", one, {"budget": 9_000}, key=made["id"]).json
    assert trial.does("GET", "/api/v1/keys").json["keys"] == [changed]
    trial.does("DELETE", one, key=made["id"])


def payments(trial: Trial, shop: Shop) -> None:
    """Paying with a code that is typed here, and with one that is shown here."""

    def prompted(method: str) -> Json:
        taken = trial.does("POST", "/api/v1/payments", wish(method=method)).json
        found: list[Json] = []

        def there() -> bool:
            found[:] = [trial.does("GET", PAYMENT, payment=taken["id"]).json]
            return found[0].get("prompt") is not None

        wait_until(there, PATIENCE, f"what to do for {method}")
        return found[0]

    typed, shown = prompted("omari"), prompted("innbucks")
    code = shop.till.payment(typed["reference"])["code"]
    trial.does("POST", PAYMENT + "/code", {"code": code}, payment=typed["id"])
    trial.does("GET", PAYMENT + "/qr.svg", payment=shown["id"])
    trial.does("POST", PAYMENT + "/check", payment=shown["id"])
    assert len(trial.does("GET", "/api/v1/payments").json["payments"]) == 2


def proofs(trial: Trial, exchange: Exchange) -> None:
    """Signing in by WhatsApp, and a new password by it."""
    someone = exchange.phones.somebody()
    for purpose, state in (("sign_in", "signed_in"), ("password", "proved")):
        begun = trial.at(exchange.url).does(
            "POST", "/api/v1/proofs", {"purpose": purpose, "token": True}
        )
        proof = trial.at(exchange.url, {"X-ZG-Proof": begun.json["secret"]})
        proof_id = begun.json["id"]
        someone.say(begun.json["phrase"])
        read = proof.does("GET", PROOF, query="?wait=25", proof_id=proof_id)
        assert read.json["state"] == state
    proof.does("POST", PROOF + "/password", {"password": OTHER}, proof_id=proof_id)
