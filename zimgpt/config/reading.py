"""Makes the one Config: options before environment before file before defaults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from zimgpt.config.errors import ConfigError
from zimgpt.config.models import (
    OPENAI,
    OPENAI_KEY,
    model_of_openai,
    models_of_environment,
    models_of_file,
)
from zimgpt.config.paynow import CURRENCIES, WHOLE
from zimgpt.config.settings import SETTINGS, Config, Role
from zimgpt.config.sources import (
    Source,
    of_environment,
    of_file,
    of_options,
    read_toml,
    reject_passwords,
)
from zimgpt.config.values import tcp_port

NOTHING: Mapping[str, str | None] = {}
FILE_VARIABLE = "ZIMGPT_CONFIG"
SENSES = ("voice", "picture")
"""Settings of both have the same endings."""


def load(
    *,
    environ: Mapping[str, str],
    new_node: str,
    options: Mapping[str, str | None] = NOTHING,
) -> Config:
    """The configuration of a node; raises ConfigError.

    ``options`` are by name without dashes, ``config`` (a TOML file) among them;
    ``new_node`` is the node's name if none was given.
    """
    source, path, keys = _sources(environ, options)
    chosen = {name: given.value() for name, given in source.items()}
    for setting in SETTINGS:
        if setting.default is attrs.NOTHING and setting.name not in chosen:
            chosen[setting.name] = _missing(setting.name, new_node)
    models = models_of_environment(environ)
    if not models and "models" in keys:
        models = models_of_file(keys["models"], path=path, environ=environ)
    config = Config(**chosen, models=models or model_of_openai(environ))
    if "origins" not in chosen:
        config = attrs.evolve(config, origins=_own_origins(config))
    config = _with_keys(config, environ)
    _check_together(config)
    return config


def require_models(config: Config) -> None:
    """Raises ConfigError if no model answers: every role needs one, if only its price.

    Apart from ``load``, for whoever adds a model when none was given.
    """
    if not config.models:
        raise ConfigError(
            "models",
            "expected at least one: [[models]] in the file, ZIMGPT_MODEL_NAME and"
            " ZIMGPT_MODEL_URL, or OPENAI_API_KEY",
        )


def load_database_url(
    *, environ: Mapping[str, str], options: Mapping[str, str | None] = NOTHING
) -> str:
    """Where the database is, for commands that need no more; raises ConfigError."""
    found = _alone("database_url", environ, options)
    if found is None:
        _missing("database_url", "")
    return str(found)


def load_operators_key(
    *, environ: Mapping[str, str], options: Mapping[str, str | None] = NOTHING
) -> str:
    """What seals operators' secrets, for commands; raises ConfigError."""
    found = _alone("operators_key", environ, options)
    if found is None:
        _missing("operators_key", "")
    return str(found)


def _alone(
    name: str, environ: Mapping[str, str], options: Mapping[str, str | None]
) -> str | None:
    """One setting, whatever is wrong with the others."""
    source, _, _ = _sources(environ, options)
    return str(source[name].value()) if name in source else None


def _sources(
    environ: Mapping[str, str], options: Mapping[str, str | None]
) -> tuple[Source, Path, Mapping[str, object]]:
    """What was said of each setting by the source that counts; the file's keys."""
    named = options.get("config") or environ.get(FILE_VARIABLE)
    path = Path(named or ".")
    keys = read_toml(path) if named else {}
    from_options = of_options(options)
    reject_passwords(from_options)
    return (
        of_file(keys, path, environ) | of_environment(environ) | from_options,
        path,
        keys,
    )


def _missing(name: str, new_node: str) -> str:
    """What stands in for a setting without a default."""
    if name == "node":
        return new_node
    (setting,) = (setting for setting in SETTINGS if setting.name == name)
    raise ConfigError(
        name,
        f"expected {setting.kind.expected}; give it in the file, as {setting.variable}"
        f" or as --{setting.option}"
        + (f", or its file's name as {setting.file_key}" if setting.file_key else ""),
    )


def _own_origins(config: Config) -> tuple[str, ...]:
    """The addresses of this machine's own browser."""
    port = tcp_port(config.listen)
    if port is not None:
        return (f"http://127.0.0.1:{port}", f"http://localhost:{port}")
    if Role.WEB in config.roles:
        raise ConfigError(
            "origins",
            f"cannot be guessed from {config.listen}; expected the addresses under"
            " which people open the web app, like https://chat.example.org",
        )
    return ()


def _with_keys(config: Config, environ: Mapping[str, str]) -> Config:
    """OpenAI's own variable serves OpenAI's address, here as for models."""
    key = environ.get(OPENAI_KEY) or None
    if config.voice_model and not config.voice_key and config.voice_url == OPENAI:
        config = attrs.evolve(config, voice_key=key)
    if config.picture_model and not config.picture_key and config.picture_url == OPENAI:
        config = attrs.evolve(config, picture_key=key)
    return config


def _check_together(config: Config) -> None:
    _check_whatsapp(config)
    _check_paynow(config)
    _check_files(config)
    if config.admin_origins and Role.WEB in config.roles and not config.operators_key:
        _missing("operators_key", "")
    if config.broker == "local:" and config.roles != frozenset(Role):
        raise ConfigError(
            "broker",
            "local: reaches no other node, so it goes with all roles only; expected an"
            " amqp: URL",
        )


def _check_files(config: Config) -> None:
    """What is free would soon be sent by everybody, at the operator's cost."""
    for sense in SENSES:
        if getattr(config, f"{sense}_model") is None:
            continue
        if getattr(config, f"{sense}_tokens") is None:
            _missing(f"{sense}_tokens", "")
        at_openai = getattr(config, f"{sense}_url") == OPENAI
        if at_openai and getattr(config, f"{sense}_key") is None:
            _missing(f"{sense}_key", "")


def _check_paynow(config: Config) -> None:
    """Half an integration takes no money, and would look as if it did."""
    for currency in CURRENCIES:
        given = {
            name: getattr(config, f"paynow_{currency}_{name}") is not None
            for name in (*WHOLE, "old_keys")
        }
        for name in WHOLE:
            if any(given.values()) and not given[name]:
                _missing(f"paynow_{currency}_{name}", "")
        if any(given.values()) and not (config.public_url or config.origins):
            _missing("public_url", "")


def _check_whatsapp(config: Config) -> None:
    """Whoever serves WhatsApp must know all of it: an app without its secret would
    believe anybody."""
    if config.whatsapp_phone_id is None:
        return
    for name in ("number", "token", "app_secret", "verify_token"):
        if getattr(config, f"whatsapp_{name}") is None:
            _missing(f"whatsapp_{name}", "")
