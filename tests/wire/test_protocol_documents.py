"""The documents of the websocket protocol against the code that speaks it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import yaml
from jsonschema import Draft202012Validator

from zimgpt.domain.answers import Finish
from zimgpt.domain.errors import (
    BadRequest,
    NotFound,
    NotSignedIn,
    Refusal,
    Unavailable,
)
from zimgpt.domain.ledger import InsufficientTokens, NoPrice
from zimgpt.domain.questions import (
    EmptyQuestion,
    QuestionDiffers,
    QuestionTooLong,
    QuestionUnstorable,
)
from zimgpt.wire import session, strict

Json = dict[str, Any]

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGE = (REFERENCE / "protocol.md").read_text(encoding="utf-8")
ASYNCAPI: Json = yaml.safe_load((REFERENCE / "asyncapi.yaml").read_text("utf-8"))
SCHEMAS: Json = ASYNCAPI["components"]["schemas"]
MESSAGES: Json = ASYNCAPI["components"]["messages"]

REQUESTS = {kind.__name__ for kind in get_args(session.Request)}
EVENTS = {kind.__name__ for kind in get_args(session.Event)}
WITHIN = {"Brief", "Prompt", "Section"}
"""Shapes that are a part of messages."""
CODE: Json = msgspec.json.schema_components(
    [*get_args(session.Request), *get_args(session.Event)],
    ref_template="#/components/schemas/{name}",
)[1]

BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TRANSCRIPTS = [text for language, text in BLOCKS if language == "transcript"]
FIRST = "0194f0c0-0000-4000-8000-000000000001"
SECOND = "0194f0c0-0000-4000-8000-000000000002"


def said(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A schema without what is said to people only."""
    if isinstance(value, dict):
        return {
            key: said(item)
            for key, item in value.items()
            if key not in ("title", "description", "format")
        }
    if isinstance(value, list):
        return [said(item) for item in value]
    return value


def valid(schema: Json, value: object) -> None:
    """Raises ValidationError when a value is not as the document says."""
    Draft202012Validator({**schema, "components": ASYNCAPI["components"]}).validate(
        value
    )


def examples(name: str) -> list[Json]:
    """The examples of a message."""
    return [example["payload"] for example in MESSAGES[name]["examples"]]


def lines(arrow: str) -> list[str]:
    """The frames of every transcript that go one way."""
    return [
        line.removeprefix(arrow).strip()
        for transcript in TRANSCRIPTS
        for line in transcript.splitlines()
        if line.startswith(arrow)
    ]


def references(value: Any) -> list[str]:  # noqa: ANN401 - any YAML
    """Every ``$ref`` in it."""
    if isinstance(value, dict):
        found = [item for key, item in value.items() if key == "$ref"]
        return found + [ref for item in value.values() for ref in references(item)]
    if isinstance(value, list):
        return [ref for item in value for ref in references(item)]
    return []


@pytest.mark.parametrize("name", sorted(REQUESTS | EVENTS | WITHIN))
def test_every_message_is_documented_as_it_is(name: str) -> None:
    """Fields, types, limits, defaults and what is required are those of the code."""
    documented, actual = said(SCHEMAS[name]), said(CODE[name])
    documented["required"].sort()
    actual["required"].sort()

    assert documented == actual


def test_no_message_is_documented_that_does_not_exist() -> None:
    """The text frame alone is no Struct."""
    assert set(SCHEMAS) == REQUESTS | EVENTS | WITHIN | {"Text"}
    assert {name.title() for name in MESSAGES} == set(SCHEMAS) - WITHIN


def test_directions_are_those_of_the_code() -> None:
    """The server receives requests and sends events, and each is in an operation."""
    operations = ASYNCAPI["operations"].values()
    received = {
        ref.rsplit("/", 1)[1].title()
        for each in operations
        if each["action"] == "receive"
        for ref in references(each["messages"])
    }
    sent = {
        ref.rsplit("/", 1)[1].title()
        for each in operations
        for ref in references(
            each["messages"]
            if each["action"] == "send"
            else each.get("reply", {}).get("messages", [])
        )
    }

    assert received == REQUESTS
    assert sent == EVENTS | {"Text"}


def test_every_reference_of_asyncapi_leads_somewhere() -> None:
    """No message or schema is named that is not there, and each has its own name."""
    for ref in references(ASYNCAPI):
        found: Any = ASYNCAPI
        for part in ref.removeprefix("#/").split("/"):
            found = found[part]
        assert found

    for name, message in MESSAGES.items():
        assert message["name"] == name
        assert message["payload"]["$ref"] == f"#/components/schemas/{name.title()}"


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_every_example_is_a_message(name: str) -> None:
    """Examples keep to their schema, and to the decoder where it is ours."""
    assert examples(name)
    for example in examples(name):
        valid(SCHEMAS[name.title()], example)
        if name.title() in REQUESTS:
            assert msgspec.to_builtins(session.decode(json.dumps(example).encode()))


@pytest.mark.parametrize("a", [None, 0, 7])
@pytest.mark.parametrize("s", [None, 0, 31])
def test_text_frames_keep_to_their_schema(a: int | None, s: int | None) -> None:
    """The frame that is built by hand is the one that is documented."""
    frame = json.loads(session.encode_text(session.quoted("Mvura"), a=a, s=s))

    Draft202012Validator(SCHEMAS["Text"]).validate(frame)


@pytest.mark.parametrize("line", lines("->"))
def test_what_clients_send_in_transcripts_is_understood(line: str) -> None:
    """Every request of the page can be sent as it stands."""
    assert session.decode(line.encode())


@pytest.mark.parametrize("line", lines("<-"))
def test_what_clients_hear_in_transcripts_keeps_to_the_schemas(line: str) -> None:
    """Every frame of the page could come as it stands, with known fields only."""
    frame = json.loads(line)
    schema = SCHEMAS[frame.get("type", "text").title()]

    valid(schema, frame)
    assert set(frame) <= set(schema["properties"])


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        (
            "## The text frame",
            {
                FIRST: ((1, 6), "One two three four five six"),
                SECOND: ((1, 2), "Poshi piri "),
            },
        ),
        (
            "## Resuming",
            {FIRST: ((1, 8), "The rain falls on the dry fields of Gwanda.")},
        ),
        ("## Resets", {FIRST: ((2, 2), "Long ago, in Great Zimbabwe…")}),
    ],
)
def test_the_client_of_the_page_hears_its_transcripts(
    heading: str, expected: dict[str, tuple[tuple[int, int], str]]
) -> None:
    """Twenty lines are all that a client needs for omitted numbers, cuts and resets."""
    code = next(text for language, text in BLOCKS if language == "python")
    names: Json = {}
    exec(code, names)
    transcript = PAGE.split(heading, 1)[1].split("```transcript\n", 1)[1]
    client: Json = {"texts": {}, "here": {}, "last": None}

    for line in transcript.split("```", 1)[0].splitlines():
        if line.startswith("<-"):
            names["hear"](client, json.loads(line.removeprefix("<-")))

    texts = {
        answer: (kept["at"], kept["text"]) for answer, kept in client["texts"].items()
    }
    assert texts == expected


def test_the_arrows_of_the_page_are_those_of_the_code() -> None:
    """The overview names every message with exactly its fields, ? for optional ones."""
    overview = next(text for language, text in BLOCKS if language == "text")
    for source in (overview, session.__doc__ or ""):
        for name in REQUESTS | EVENTS:
            written = re.search(rf'{{"type":"{name.lower()}"[^}}]*}}', source)
            assert written, name
            fields = set(re.findall(r'[,{]\s*"(\w+)"(\??):', written.group()))
            schema = SCHEMAS[name]
            required = {(field, "") for field in schema["required"]}
            optional = set(schema["properties"]) - set(schema["required"])
            assert fields == required | {(field, "?") for field in optional}


@pytest.mark.parametrize("finish", Finish)
def test_every_way_to_end_is_explained(finish: Finish) -> None:
    """The page has a row for each ``finish`` and ``reason``."""
    assert f"\n| `{finish}` |" in PAGE


@pytest.mark.parametrize(
    "refusal",
    [
        BadRequest,
        EmptyQuestion,
        InsufficientTokens,
        NoPrice,
        NotFound,
        NotSignedIn,
        QuestionDiffers,
        QuestionTooLong,
        QuestionUnstorable,
        Unavailable,
    ],
)
def test_every_refusal_of_a_request_is_explained(refusal: type[Refusal]) -> None:
    """The page has a row for each ``code`` that asking, reading and stopping give."""
    assert f"\n| `{refusal.code}` |" in PAGE


def test_limits_of_the_page_are_those_of_the_code() -> None:
    """Numbers in the prose follow the code."""
    assert f"at most {session.LARGEST:,} bytes" in PAGE
    assert f"deeper than {strict.DEEPEST} levels" in PAGE
    assert "`zimgpt.v1`" in PAGE
    assert session.SUBPROTOCOL == "zimgpt.v1"
