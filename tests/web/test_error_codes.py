"""Every code that the server can send to the web app has a text of its own there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import zimgpt
from zimgpt.domain.answers import Finish
from zimgpt.domain.errors import Refusal

WEB = Path(__file__).parents[2] / "web"
ROOMS = ("domain", "flows", "inbound", "store", "wire")

OF_PROGRAMS = {
    "begun_anew",
    "invalid_api_key",
    "key_budget_spent",
    "key_too_fast",
    "leaving",
    "model_not_found",
    "not_answered",
    "unsupported_parameter",
}
"""At ``/v1`` alone."""

OF_WEBHOOKS = {"not_gateway", "not_signed"}

OF_OPERATORS = {
    "batch_exists",
    "codes_unreadable",
    "desk_busy",
    "large_step",
    "no_account",
    "no_batch",
    "operator_name",
    "other_broadcast",
    "refused",
    "wrong_code",
}
"""At the admin pages, which speak English, and at the command line."""

OUR_OWN = {"offline"}
"""What the page finds out without a server."""


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """All kinds of refusals, wherever they are."""
    for one in kind.__subclasses__():
        yield one
        yield from refusals(one)


def codes() -> set[str]:
    """Of every refusal, and of every end of an answer that brought none."""
    for module in walk_packages(zimgpt.__path__, "zimgpt."):
        if module.name.split(".")[1] in ROOMS:
            import_module(module.name)
    ours = {one.code for one in refusals() if one.__module__.startswith("zimgpt.")}
    return ours | {str(finish) for finish in Finish}


def sentences() -> dict[str, str]:
    """The page's table: the key of a text by the server's code."""
    source = (WEB / "lib" / "errors.ts").read_text("utf-8")
    table = source.split("SENTENCES", 1)[1].split("};", 1)[0]
    return dict(re.findall(r'^  (\w+): "([\w.]+)",$', table, re.MULTILINE))


def test_every_code_has_a_text_of_its_own() -> None:
    """Whoever reads Shona or Ndebele is told in it what went wrong."""
    seen = codes() - OF_PROGRAMS - OF_WEBHOOKS - OF_OPERATORS

    assert seen - set(sentences()) == set()


def test_no_text_is_for_a_code_that_nobody_sends() -> None:
    """And what is said to others only is really said."""
    known = codes()

    assert set(sentences()) - known == OUR_OWN
    assert known >= OF_PROGRAMS | OF_WEBHOOKS | OF_OPERATORS
