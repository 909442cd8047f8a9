"""Which language models answer: `[[models]]`, or one by the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from zimgpt.config.errors import ConfigError, unexpected, unknown
from zimgpt.config.secrets import place_of, read_secret
from zimgpt.config.setting import variable
from zimgpt.config.values import Kind, http_url, string

OPENAI = "https://api.openai.com/v1"
OPENAI_MODEL = "gpt-4o-mini"
OPENAI_KEY = "OPENAI_API_KEY"

KEYS: dict[str, Kind[str]] = {
    "name": string("the model's name"),
    "base_url": http_url(),
    "key": string("a key without spaces", r"\S+"),
    "key_file": string("a file's name"),
    "label": string("text"),
}
"""What a table of `[[models]]` may hold; name and base_url it must."""

VARIABLES = {
    "name": variable("model_name"),
    "base_url": variable("model_url"),
    "key": variable("model_key"),
    "key_file": variable("model_key_file"),
    "label": variable("model_label"),
}


@attrs.frozen
class Upstream:
    """A model at an OpenAI-compatible server."""

    name: str
    base_url: str
    """With its version and without a slash at the end: https://api.openai.com/v1"""
    key: str | None = attrs.field(default=None, repr=False)
    label: str | None = None
    """Shown with its answers, such as "demo model"."""


def models_of_file(
    tables: object, *, path: Path, environ: Mapping[str, str]
) -> tuple[Upstream, ...]:
    """The models of a TOML file, in the order in which they are tried."""
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise ConfigError(f"models in {path}", "expected tables written as [[models]]")
    return tuple(
        _from_table(table, f"models[{index}]", path, environ)
        for index, table in enumerate(tables)
    )


def models_of_environment(environ: Mapping[str, str]) -> tuple[Upstream, ...]:
    """The one model that ZIMGPT_MODEL_* describe; none without a single one."""
    given = {key: environ[name] for key, name in VARIABLES.items() if environ.get(name)}
    if not given:
        return ()
    if "name" not in given:
        raise ConfigError(VARIABLES["name"], "expected the model's name")
    given.setdefault("base_url", OPENAI)
    return (_upstream(given, VARIABLES.__getitem__, Path(), environ),)


def model_of_openai(environ: Mapping[str, str]) -> tuple[Upstream, ...]:
    """What OPENAI_API_KEY alone means."""
    if not environ.get(OPENAI_KEY):
        return ()
    given: dict[str, object] = {"name": OPENAI_MODEL, "base_url": OPENAI}
    return (_upstream(given, VARIABLES.__getitem__, Path(), environ),)


def _from_table(
    table: Mapping[str, object], place: str, path: Path, environ: Mapping[str, str]
) -> Upstream:
    def named(key: str) -> str:
        return f"{place}.{key} in {path}"

    for key in table:
        if key not in KEYS:
            raise ConfigError(named(key), unknown(key, KEYS))
    for key in ("name", "base_url"):
        if key not in table:
            raise ConfigError(named(key), f"expected {KEYS[key].expected}")
    return _upstream(table, named, path.parent, environ)


def _upstream(
    given: Mapping[str, object],
    named: Callable[[str], str],
    folder: Path,
    environ: Mapping[str, str],
) -> Upstream:
    values = {key: _checked(key, value, named) for key, value in given.items()}
    if "key" in values and "key_file" in values:
        raise ConfigError(named("key_file"), f"{named('key')} is given too")
    if "key_file" in values:
        path = place_of(values["key_file"], folder, environ)
        values["key"] = read_secret(path, named("key_file"), KEYS["key"])
    key = values.get("key")
    if key is None and values["base_url"] == OPENAI:
        key = _openai_key(named, environ)
    return Upstream(values["name"], values["base_url"], key, values.get("label"))


def _openai_key(named: Callable[[str], str], environ: Mapping[str, str]) -> str:
    """Its own variable serves OpenAI's address and no other, so it never leaks."""
    if not environ.get(OPENAI_KEY):
        raise ConfigError(
            named("key"), f"{OPENAI} needs a key, here, in a file or as {OPENAI_KEY}"
        )
    return _checked("key", environ[OPENAI_KEY], lambda _: OPENAI_KEY)


def _checked(key: str, value: object, named: Callable[[str], str]) -> str:
    kind = KEYS[key]
    try:
        return kind.check(value)
    except ValueError:
        problem = unexpected(kind.expected, value, secret=key in ("key", "base_url"))
        raise ConfigError(named(key), problem) from None
