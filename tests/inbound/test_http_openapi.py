"""The documents of the HTTP API against the running server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.inbound.browser import Browser
from tests.inbound.house import ANSWER, CONVERSATION, PASSWORD, House
from tests.inbound.test_http_answers import ENDED, WRITING
from zimgpt.domain import accounts, errors, ledger, phones, questions, rates, vouchers
from zimgpt.domain.accounts import UserId
from zimgpt.domain.errors import Refusal
from zimgpt.domain.essays import briefs
from zimgpt.domain.papers import files
from zimgpt.domain.papers.files import Format
from zimgpt.domain.texts import Language
from zimgpt.domain.topups import networks, packages
from zimgpt.domain.topups import refusals as payment_refusals
from zimgpt.flows import conversing, ports, proving
from zimgpt.flows.ports import documents
from zimgpt.flows.ports.payments import PayCode
from zimgpt.inbound import (
    limits,
    program_errors,
    refusals,
    routes_accounts,
    routes_answers,
    routes_conversations,
    routes_documents,
    routes_essays,
    routes_keys,
    routes_notices,
    routes_payments,
    routes_preferences,
    routes_proofs,
    routes_service,
    routes_vouchers,
)
from zimgpt.inbound.refusals import status_of
from zimgpt.wire import completed, completions
from zimgpt.wire.completions import IGNORED, NEUTRAL

Json = dict[str, Any]

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGE = (REFERENCE / "http.md").read_text(encoding="utf-8")
OPENAPI: Json = yaml.safe_load((REFERENCE / "openapi.yaml").read_text("utf-8"))
SCHEMAS: Json = OPENAPI["components"]["schemas"]
QUERIES: dict[str, type[msgspec.Struct]] = {
    "list": routes_conversations.ListQuery,
    "turns": routes_conversations.TurnsQuery,
    "read": routes_answers.Position,
    "read_proof": routes_proofs.Waiting,
    "export_answer": routes_documents.ExportQuery,
    "export_conversation": routes_documents.ExportQuery,
    "statement": routes_documents.StatementQuery,
    "payments": routes_payments.PaymentsQuery,
    "read_payment": routes_payments.PaymentPosition,
}
STRUCTS = [
    value
    for room in (
        completed,
        completions,
        program_errors,
        refusals,
        routes_accounts,
        routes_answers,
        routes_conversations,
        routes_documents,
        routes_essays,
        routes_keys,
        routes_payments,
        routes_preferences,
        routes_proofs,
        routes_vouchers,
        routes_notices,
        routes_service,
    )
    for value in vars(room).values()
    if isinstance(value, type)
    and issubclass(value, msgspec.Struct)
    and value not in QUERIES.values()
]
CODE: Json = msgspec.json.schema_components(
    [*STRUCTS, Format, Language], ref_template="#/components/schemas/{name}"
)[1]
CODE["ChatRequest"]["properties"] |= {
    **{name: {"enum": [*values, None]} for name, values in NEUTRAL.items()},
    **{name: {} for name in IGNORED},
}
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in OPENAPI["paths"].items()
    for method, operation in methods.items()
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Nobody has signed up yet."""
    return House(str(tmp_path))


def said(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A schema without what is said to people."""
    if isinstance(value, dict):
        return {
            key: said(item)
            for key, item in value.items()
            if key != "title" and not (key == "description" and isinstance(item, str))
        }
    if isinstance(value, list):
        return sorted(map(said, value), key=str)
    return value


def routes(house: House) -> set[tuple[str, str]]:
    """Methods and addresses of the routers, as OpenAPI writes them."""
    return {
        (method, re.sub(r"<(\w+)>", r"{\1}", str(rule)))
        for router in (*house.rooms.by_name().values(), house.programs.router)
        for rule in router.url_map.iter_rules()
        for method in rule.methods or ()
        if method != "HEAD"
    }


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_shape_is_documented_as_it_is(name: str) -> None:
    """Fields, types, defaults and what is required are those of the code."""
    documented, actual = dict(SCHEMAS[name]), dict(CODE[name])
    if name == "Title":  # a field of that name, not what is said to people
        documented, actual = documented["properties"], actual["properties"]

    assert said(documented) == said(actual)


def test_no_shape_is_left_out() -> None:
    """And none is documented that does not exist."""
    assert set(SCHEMAS) == set(CODE)


def test_every_address_is_documented(house: House) -> None:
    """In the schema and on the page, and none that does not exist."""
    on_page = re.findall(r"^\| `([A-Z]+) (/\S+)` \|", PAGE, re.MULTILINE)

    documented = {(method, path) for method, path, _ in OPERATIONS.values()}
    assert documented == routes(house)
    assert set(on_page) == routes(house)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_parameter_is_documented(name: str) -> None:
    """Those of the query with their defaults, and those of the path."""
    _, path, operation = OPERATIONS[name]
    parameters = operation["parameters"]

    query = {
        one["name"]: one["schema"].get("default")
        for one in parameters
        if one["in"] == "query"
    }
    fields = {one.name: one.default for one in msgspec.structs.fields(QUERIES[name])}
    assert query == fields
    assert {one["name"] for one in parameters if one["in"] == "path"} == {
        *re.findall(r"{(\w+)}", path)
    }


def test_every_code_is_on_the_page() -> None:
    """Each refusal with its status, and no other."""
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE, re.MULTILINE)

    kinds = {
        value
        for room in (
            accounts,
            briefs,
            conversing,
            documents,
            errors,
            files,
            ledger,
            phones,
            ports,
            proving,
            limits,
            networks,
            packages,
            payment_refusals,
            questions,
            rates,
            refusals,
            vouchers,
        )
        for value in vars(room).values()
        if isinstance(value, type)
        and issubclass(value, Refusal)
        and value is not Refusal
    }
    assert rows == sorted((str(status_of(kind())), kind.code) for kind in kinds)


BODIES: dict[str, Json] = {
    name: operation["requestBody"]["content"]["application/json"]["example"]
    for name, (_, _, operation) in OPERATIONS.items()
    if "requestBody" in operation
}
"""The document's own examples."""
REFUSED: dict[str, tuple[Json, str]] = {
    "sign_up": ({"phone": "0771 234 567", "password": PASSWORD, "token": True}, "409"),
    "sign_in": (
        {"phone": "0771 234 567", "password": "wrong one", "token": True},
        "401",
    ),
    "rename": ({"title": ""}, "400"),
    "ask": ({"id": "q1"}, "400"),
}


def bought(house: House, person: Browser) -> str:
    """A payment that waits for a code to be typed, and has one to be shown."""
    wish = {"id": "p0", "package": "taste", "method": "omari"}
    began = person.ask("POST", "/api/v1/payments", json=wish)
    if began.status == 401:
        return ANSWER
    row = house.buying.store.row()
    row.kept = attrs.evolve(row.kept, prompt=PayCode("12345678", "", ()))
    return str(began.json["id"])


def key_of(person: Browser) -> str:
    """A key of somebody's; any id for who is not signed in."""
    made = person.ask("POST", "/api/v1/keys", json=BODIES["make_key"])
    return ANSWER if made.status == 401 else str(made.json["key"]["id"])


def program(house: House, person: Browser) -> Browser:
    """A program of somebody's; one with a wrong key for who is not signed in."""
    made = person.ask("POST", "/api/v1/keys", json=BODIES["make_key"])
    secret = "zg-wrong" if made.status == 401 else made.json["secret"]
    return house.signed_in(Authorization=f"Bearer {secret}")


def of_programs(operation: Json) -> bool:
    """Whether it is asked with a key."""
    return operation.get("security") == [{"key": []}]


def proved(house: House, operation: Json) -> tuple[str, dict[str, str]]:
    """A proof of somebody's number, and the header that an operation has for it."""
    wish = {"purpose": "sign_in", "token": True}
    if operation["operationId"] == "choose_password":
        wish["purpose"] = "password"
    begun = house.browser.ask("POST", "/api/v1/proofs", json=wish).json
    if house.accounts.people:
        [number] = house.accounts.people
        house.proofs.say(begun["id"], UserId(1), number)
    known = any(p["name"] == "X-ZG-Proof" for p in operation.get("parameters", ()))
    return begun["id"], {"X-ZG-Proof": begun["secret"]} if known else {}


def validate(schema: Json, value: object) -> None:
    """The value has the documented shape, down to its last part."""
    Draft202012Validator({**schema, "components": OPENAPI["components"]}).validate(
        value
    )


@pytest.mark.parametrize("reading", [WRITING, ENDED])
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_successes_are_as_documented(house: House, name: str, reading: object) -> None:
    """Every operation, called with documented input, answers as it says it does."""
    method, path, operation = OPERATIONS[name]
    person = house.person()
    mine = person.ask("GET", "/api/v1/me").json["session"]["id"]
    # A program waits for the end, and this answer goes on for ever.
    house.desk.reading = ENDED if of_programs(operation) else reading  # type: ignore[assignment]
    proof, secret = proved(house, operation)
    ids = {"conversation": CONVERSATION, "answer": ANSWER, "revoked": mine}
    ids["proof_id"] = proof
    ids["payment"] = bought(house, person)
    ids["key"] = key_of(person)
    ids["model"] = "zimgpt"
    if of_programs(operation):
        person = program(house, person)
    if name in BODIES:
        [(kind, media)] = operation["requestBody"]["content"].items()
        assert kind == "application/json"
        validate(media["schema"], BODIES[name])

    answer = person.ask(
        method, path.format(**ids), json=BODIES.get(name), headers=secret
    )

    [(status, documented)] = [
        (status, response)
        for status, response in operation["responses"].items()
        if status.startswith("2")
    ]
    assert str(answer.status) == status
    if "content" in documented:
        kind = (answer.header("Content-Type") or "").partition(";")[0]
        if kind == "application/json":
            validate(documented["content"][kind]["schema"], answer.json)
        else:
            assert documented["content"][kind]["schema"]["format"] == "binary"
            assert answer.body
    else:
        assert answer.body == b""
    for header in documented.get("headers", {}):
        assert header in ("Set-Cookie",) or answer.header(header) is not None


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refusals_are_as_documented(house: House, name: str) -> None:
    """The status is one that the operation names, and the body is the common one."""
    method, path, operation = OPERATIONS[name]
    body, status = REFUSED[name]

    answer = house.person().ask(
        method, path.format(conversation=CONVERSATION), json=body
    )

    assert str(answer.status) == status
    reference = operation["responses"][status]["$ref"].rsplit("/", 1)[1]
    documented = OPENAPI["components"]["responses"][reference]
    validate(documented["content"]["application/json"]["schema"], answer.json)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_who_needs_a_session_is_documented(house: House, name: str) -> None:
    """Operations without security answer strangers; all others say 401."""
    method, path, operation = OPERATIONS[name]
    if name == "choose_password":
        house.person()
    proof, secret = proved(house, operation)
    ids = {"conversation": CONVERSATION, "answer": ANSWER, "revoked": ANSWER}
    ids["proof_id"] = proof
    ids["payment"] = bought(house, house.browser)
    ids["key"] = key_of(house.browser)
    ids["model"] = "zimgpt"
    asker = house.browser
    if of_programs(operation):
        asker = program(house, asker)

    answer = asker.ask(
        method, path.format(**ids), json=BODIES.get(name), headers=secret
    )

    if operation.get("security") == [] and name != "sign_in":
        assert answer.status < 300
    else:
        assert answer.status == 401
        assert "401" in operation["responses"]


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_what_may_happen_anywhere_is_documented(name: str) -> None:
    """Bad, slow and too many requests and our own faults; with a body, what it may not
    be. Errors of programs are in OpenAI's shape."""
    _, path, operation = OPERATIONS[name]
    if path == "/healthz":
        return

    anywhere = {"400", "408", "429", "500"}
    if "requestBody" in operation:
        anywhere |= {"413", "415"}
    assert anywhere <= set(operation["responses"])
    shape = "ProgramErrorBody" if path.startswith("/v1/") else "ErrorBody"
    for status, response in operation["responses"].items():
        if status >= "400":
            named = OPENAPI["components"]["responses"][
                response["$ref"].rsplit("/", 1)[1]
            ]
            schema = named["content"]["application/json"]["schema"]
            assert schema == {"$ref": f"#/components/schemas/{shape}"}
