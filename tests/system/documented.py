"""Documents of the API, and answers of a node that are held against them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import attrs
import yaml
from jsonschema import Draft202012Validator

from tests.system.people import Person, Reply, call

Json = dict[str, Any]
Operation = tuple[str, str]
"""Method and address, as the document writes them."""

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
METHODS = frozenset({"get", "post", "patch", "delete", "put"})


class Document:
    """A document of the project, whose schemas answers are held against."""

    def __init__(self, name: str) -> None:
        self.contents: Json = yaml.safe_load((REFERENCE / name).read_text())

    def operations(self) -> set[Operation]:
        """All of an HTTP API."""
        return {
            (method, path)
            for path, item in self.contents["paths"].items()
            for method in METHODS & item.keys()
        }

    def check(self, value: object, schema: Json) -> None:
        """Raises ValidationError when a value is not as the document says."""
        whole = {"components": self.contents["components"], **schema}
        Draft202012Validator(whole).validate(value)

    def named(self, schema: str) -> Json:
        """A schema of the components."""
        return {"$ref": f"#/components/schemas/{schema}"}

    def sent(self, method: str, path: str, body: Json | None) -> None:
        """The body is one that the operation takes."""
        wanted = self.contents["paths"][path][method.lower()].get("requestBody")
        assert (body is None) == (wanted is None), (method, path)
        if wanted is not None:
            self.check(body, wanted["content"]["application/json"]["schema"])

    def keeps_to(self, method: str, path: str, reply: Reply) -> None:
        """The reply is one that the operation documents, in status, kind and shape."""
        responses = self.contents["paths"][path][method.lower()]["responses"]
        assert str(reply.status) in responses, (method, path, reply)
        response = responses[str(reply.status)]
        if "$ref" in response:
            name = response["$ref"].rsplit("/", 1)[1]
            response = self.contents["components"]["responses"][name]
        if "content" not in response:
            assert reply.body == b""
            return
        kind = reply.headers["content-type"].partition(";")[0]
        schema = response["content"][kind]["schema"]
        if kind == "application/json":
            self.check(reply.json, schema)
        else:
            assert reply.body


@attrs.frozen
class Trial:
    """What was tried with success; ``url`` and ``headers`` say where and as whom."""

    document: Document
    url: str
    headers: dict[str, str] = attrs.Factory(dict)
    done: set[Operation] = attrs.Factory(set)

    def at(self, url: str, headers: dict[str, str] | None = None) -> Self:
        """The same trial, as a stranger at a node."""
        return attrs.evolve(self, url=url, headers=headers or {})

    def by(self, person: Person) -> Self:
        """The same trial, as somebody who is signed in."""
        return self.at(person.url, {"Authorization": f"Bearer {person.token}"})

    def does(
        self,
        method: str,
        template: str,
        body: Json | None = None,
        query: str = "",
        **ids: str,
    ) -> Reply:
        """One operation, with what it documents; what it answers is a success of
        it."""
        self.document.sent(method, template, body)
        path = template.format(**ids) + query
        reply = call(self.url, method, path, body, self.headers)
        self.document.keeps_to(method, template, reply)
        assert 200 <= reply.status < 300, (method, path, reply)
        self.done.add((method.lower(), template))
        return reply
