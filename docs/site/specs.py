"""The two descriptions for machines, as Markdown for people.

Takes what `openapi.yaml` and `asyncapi.yaml` say and makes headings and tables of it:
every address or message with its parameters, answers and examples, and every shape with
its fields. Nothing is left to scripts, so the site needs nobody else's viewer.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Node = dict[str, Any]


def shown(path: Path) -> str:
    """Gives the Markdown of a description in OpenAPI or AsyncAPI."""
    spec: Node = yaml.safe_load(path.read_text(encoding="utf-8"))
    lines = _messages(spec) if "asyncapi" in spec else _addresses(spec)
    return "\n".join(lines) + "\n"


def _addresses(spec: Node) -> Iterator[str]:
    yield "## Addresses\n"
    yield "What is sent and answered is JSON where nothing else is said."
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            yield f"\n### `{method.upper()} {path}`\n"
            yield _sentence(operation.get("summary", ""))
            if operation.get("description"):
                yield "\n" + operation["description"].strip()
            if operation.get("security") == []:
                yield "\nNobody needs to be signed in for it."
            yield from _parameters(spec, operation)
            yield from _body(operation)
            yield from _tried(spec, method.upper(), path, operation)
            yield from _answers(spec, operation)
    yield from _shapes(spec, "http")


def _parameters(spec: Node, operation: Node) -> Iterator[str]:
    given = [_found(spec, each) for each in operation.get("parameters", ())]
    if given:
        yield "\n| parameter | where | what it is | |\n|---|---|---|---|"
    for each in given:
        must = " (must be there)" if each.get("required") else ""
        what = _kind(each.get("schema", {}), "http")
        note = _cell(each.get("description", ""))
        yield f"| `{each['name']}` | {each['in']}{must} | {what} | {note} |"


def _body(operation: Node) -> Iterator[str]:
    body = operation.get("requestBody")
    if body:
        yield f"\nSent: {_contents(body)}."


def _tried(spec: Node, method: str, path: str, operation: Node) -> Iterator[str]:
    """The request as a command that can be tried, with capitals for what is missing."""
    given = [f"curl -X {method} $ZIMGPT" + re.sub(r"{(\w+)}", _capitals, path)]
    security = operation.get("security", spec["security"])
    if security:
        token = "KEY" if "key" in security[0] else "TOKEN"
        given.append(f'-H "Authorization: Bearer ${token}"')
    for media in operation.get("requestBody", {}).get("content", {}).values():
        body = json.dumps(media["example"], ensure_ascii=False).replace("'", "'\\''")
        given += ["-H 'Content-Type: application/json'", f"-d '{body}'"]
    yield "\n```sh\n" + " \\\n  ".join(given) + "\n```"


def _capitals(name: re.Match[str]) -> str:
    return f"${name[1].upper()}"


def _answers(spec: Node, operation: Node) -> Iterator[str]:
    yield "\n| answer | when | what is in it |\n|---|---|---|"
    for status, answer in operation["responses"].items():
        answer = _found(spec, answer)
        when = _cell(answer.get("description", ""))
        yield f"| {status} | {when} | {_contents(answer)} |"


def _contents(holder: Node) -> str:
    return ", ".join(
        _kind(media.get("schema", {}), "http")
        + ("" if kind == "application/json" else f" as `{kind}`")
        for kind, media in holder.get("content", {}).items()
    )


def _messages(spec: Node) -> Iterator[str]:
    messages: Node = spec["components"]["messages"]
    ways: dict[str, list[str]] = {"receive": [], "send": []}
    for operation in spec["operations"].values():
        for message in operation["messages"]:
            ways[operation["action"]].append(_last(message["$ref"]))
        for message in operation.get("reply", {}).get("messages", ()):
            ways["send"].append(_last(message["$ref"]))
    for title, action in (
        ("What clients send", "receive"),
        ("What the server sends", "send"),
    ):
        yield f"\n## {title}"
        for name in dict.fromkeys(ways[action]):
            yield from _message(name, messages[name])
    yield from _shapes(spec, "websocket")


def _message(name: str, message: Node) -> Iterator[str]:
    yield f"\n### `{name}`\n"
    yield _sentence(message.get("summary", ""))
    yield f"\nIts fields: {_kind(message['payload'], 'websocket')}."
    for example in message.get("examples", ()):
        written = json.dumps(example["payload"], ensure_ascii=False, indent=2)
        yield f"\n```json\n{written}\n```"


def _shapes(spec: Node, side: str) -> Iterator[str]:
    yield "\n## Shapes"
    for name, schema in sorted(spec["components"]["schemas"].items()):
        yield f"\n({side}-{name.lower()})=\n### {name}\n"
        yield _sentence(schema.get("description", ""))
        fields = schema.get("properties")
        if fields is None:
            yield f"\n{_kind(schema, side)}"
            continue
        yield "\n| field | what it is | must it be there | |\n|---|---|---|---|"
        for field, of in fields.items():
            must = "yes" if field in schema.get("required", ()) else _otherwise(of)
            note = _cell(of.get("description", ""))
            yield f"| `{field}` | {_kind(of, side)} | {must} | {note} |"


def _otherwise(schema: Node) -> str:
    if "default" not in schema:
        return "no"
    return f"no: `{json.dumps(schema['default'], ensure_ascii=False)}`"


def _kind(schema: Node, side: str) -> str:
    """Says in a cell of a table what values a schema allows."""
    if "$ref" in schema:
        name = _last(schema["$ref"])
        return f"[{name}](#{side}-{name.lower()})"
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(_kind(each, side) for each in schema[word])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(each)}`" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), side)}"
    values = schema.get("additionalProperties")
    if schema.get("type") == "object" and isinstance(values, dict):
        return f"object of {_kind(values, side)}"
    return _plain(schema)


def _plain(schema: Node) -> str:
    kind = schema.get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if "format" in schema:
        words += f" ({schema['format']})"
    for least, most, of in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
    ):
        if least in schema and most in schema:
            words += f", {schema[least]:,} to {schema[most]:,}{of}"
        elif most in schema:
            words += f", at most {schema[most]:,}{of}"
        elif least in schema:
            words += f", at least {schema[least]:,}{of}"
    return words


def _found(spec: Node, node: Node) -> Node:
    if "$ref" not in node:
        return node
    found = spec
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def _last(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _sentence(text).replace("|", "\\|")
