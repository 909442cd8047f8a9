"""openapi.yaml and asyncapi.yaml against a running server."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.system.harness import House
from tests.system.people import PASSWORD, Person, Reply, call
from tests.system.talking import Talk

Json = dict[str, Any]
REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


class Document:
    """A document of the project, whose schemas answers are held against."""

    def __init__(self, name: str) -> None:
        self.contents: Json = yaml.safe_load((REFERENCE / name).read_text())

    def check(self, value: object, schema: Json) -> None:
        """Raises ValidationError when a value is not as the document says."""
        whole = {"components": self.contents["components"], **schema}
        Draft202012Validator(whole).validate(value)

    def named(self, schema: str) -> Json:
        """A schema of the components."""
        return {"$ref": f"#/components/schemas/{schema}"}


@pytest.fixture(scope="module")
def http() -> Document:
    """The HTTP API."""
    return Document("openapi.yaml")


@pytest.fixture(scope="module")
def websocket() -> Document:
    """The websocket protocol."""
    return Document("asyncapi.yaml")


def keeps_to(document: Document, method: str, path: str, reply: Reply) -> None:
    """The reply is one that the operation documents, in status and in shape."""
    operation = document.contents["paths"][path][method.lower()]
    assert str(reply.status) in operation["responses"], (method, path, reply)
    response = operation["responses"][str(reply.status)]
    if "$ref" in response:
        response = document.contents["components"]["responses"][
            response["$ref"].rsplit("/", 1)[1]
        ]
    if reply.status == 204:
        assert reply.body == b""
    else:
        schema = response["content"]["application/json"]["schema"]
        document.check(reply.json, schema)


def test_every_operation_answers_as_documented(
    house: House, person: Person, http: Document
) -> None:
    """Each documented operation is there, and what it says is what it says it says."""
    url = house["one"].url
    done: set[tuple[str, str]] = set()

    def try_out(
        method: str, template: str, body: Json | None = None, path: str | None = None
    ) -> Reply:
        reply = person.call(method, path or template, body)
        keeps_to(http, method, template, reply)
        done.add((method.lower(), template))
        return reply

    account = {"phone": person.phone, "password": PASSWORD, "token": True}
    try_out("POST", "/api/v1/accounts", account)
    keeps_to(
        http, "POST", "/api/v1/sessions", call(url, "POST", "/api/v1/sessions", account)
    )
    done.add(("post", "/api/v1/sessions"))
    question = {"id": "q", "text": "Name a river. words:5"}
    answer = try_out("POST", "/api/v1/answers", question).json
    one = f"/api/v1/answers/{answer['answer']}"
    for _ in range(20):
        read = try_out("GET", "/api/v1/answers/{answer}", path=f"{one}?wait=5").json
        if read["state"] == "complete":
            break
    try_out("POST", "/api/v1/answers/{answer}/stop", path=one + "/stop")
    talk = f"/api/v1/conversations/{answer['conversation']}"
    try_out("GET", "/api/v1/conversations")
    try_out("GET", "/api/v1/conversations/{conversation}/turns", path=talk + "/turns")
    title = {"title": "Rivers"}
    try_out("PATCH", "/api/v1/conversations/{conversation}", title, path=talk)
    try_out("DELETE", "/api/v1/conversations/{conversation}", path=talk)
    for path in ("/healthz", "/api/v1/prices", "/api/v1/me"):
        try_out("GET", path)
    try_out("GET", "/api/v1/packages")
    try_out("GET", "/api/v1/payments")
    try_out("POST", "/api/v1/payments", {"id": "p", "package": "taste"})  # none here
    payment, bought = "/api/v1/payments/{payment}", f"/api/v1/payments/{uuid4()}"
    try_out("GET", payment, path=bought)
    try_out("POST", payment + "/check", path=bought + "/check")
    code = {"code": "123456"}
    try_out("POST", payment + "/code", code, path=bought + "/code")
    try_out("GET", payment + "/qr.svg", path=bought + "/qr.svg")
    sessions = try_out("GET", "/api/v1/sessions").json["sessions"]
    other = next(one["id"] for one in sessions if not one["current"])
    try_out("DELETE", "/api/v1/sessions/{revoked}", path=f"/api/v1/sessions/{other}")
    try_out("DELETE", "/api/v1/sessions/current")
    again = Person(
        url, person.phone, call(url, "POST", "/api/v1/sessions", account).json["token"]
    )
    keeps_to(
        http, "DELETE", "/api/v1/sessions", again.call("DELETE", "/api/v1/sessions")
    )
    done.add(("delete", "/api/v1/sessions"))

    documented = {
        (method, path)
        for path, item in http.contents["paths"].items()
        for method in item
        if method in ("get", "post", "patch", "delete", "put")
    }
    assert documented == done


@pytest.mark.parametrize(
    ("method", "template", "path"),
    [
        ("GET", "/api/v1/answers/{answer}", "/api/v1/answers/nonsense"),
        ("GET", "/api/v1/me", "/api/v1/me"),
        ("POST", "/api/v1/answers", "/api/v1/answers"),
    ],
)
def test_refusals_are_documented(
    house: House, http: Document, method: str, template: str, path: str
) -> None:
    """Nobody signed in hears a documented refusal."""
    reply = call(house["one"].url, method, path, {} if method == "POST" else None)

    assert reply.status == 401
    keeps_to(http, method, template, reply)


def test_every_frame_is_as_documented(
    house: House, person: Person, websocket: Document
) -> None:
    """Whatever the server says on a socket has the schema of its type."""
    talk: Talk = person.connect()
    talk.say(type="ping")
    shown = talk.finish(talk.ask("1", "Name a tree. words:9 delay:30"))
    talk.read(shown)
    talk.finish(talk.ask("2", "fault:500 fault:500 fault:html", kind="essay"), 40)
    talk.say(type="stop", answer="nonsense")
    talk.until(lambda message: message.get("type") == "error")

    kinds = {message.get("type") for message in talk.everything}
    assert {"balance", "accepted", "reading", "done", "error", "pong", None} <= kinds
    for message in talk.everything:
        name = str(message.get("type", "text")).capitalize()
        websocket.check(message, websocket.named(name))
