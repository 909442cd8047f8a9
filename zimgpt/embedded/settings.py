"""What `make run` is told, and what it tells the server, by environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from zimgpt.config import Config, ConfigError, Upstream, load
from zimgpt.embedded.errors import CannotRun

NODE = "local"
OPERATORS_KEY = ("ZIMGPT_OPERATORS_KEY", "ZIMGPT_OPERATORS_KEY_FILE")


class WrongSetting(CannotRun):
    """A variable of the environment, or the file that ZIMGPT_CONFIG names, is wrong."""


@attrs.frozen
class Settings:
    """Where it lives, where it listens, and which doubles stand beside it."""

    home: Path
    port: int
    whatsapp: bool = True
    paynow: bool = True


def read(environ: Mapping[str, str]) -> Settings:
    """ZIMGPT_HOME, ZIMGPT_PORT, ZIMGPT_WHATSAPP, ZIMGPT_PAYNOW; raises WrongSetting."""
    port = environ.get("ZIMGPT_PORT") or "8080"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise WrongSetting(f"ZIMGPT_PORT: expected 1 to 65535, not {port!r}")
    home = Path(environ.get("ZIMGPT_HOME") or "var").absolute()
    whatsapp, paynow = (
        _yes(environ, name) for name in ("ZIMGPT_WHATSAPP", "ZIMGPT_PAYNOW")
    )
    return Settings(home, int(port), whatsapp, paynow)


def for_server(
    environ: Mapping[str, str], *, port: int, database_url: str, operators_key: Path
) -> dict[str, str]:
    """The server's environment: ours, with the place and the database that we chose,
    and the file of a key unless there is one."""
    kept = {k: v for k, v in environ.items() if k != "ZIMGPT_DATABASE_URL_FILE"}
    if not any(environ.get(name) for name in OPERATORS_KEY):
        kept["ZIMGPT_OPERATORS_KEY_FILE"] = str(operators_key)
    return kept | {
        "ZIMGPT_DATABASE_URL": database_url,
        "ZIMGPT_LISTEN": f"tcp:{port}:interface=127.0.0.1",
        "ZIMGPT_NODE": NODE,
        "ZIMGPT_ADMIN_ORIGINS": environ.get("ZIMGPT_ADMIN_ORIGINS")
        or f"http://127.0.0.1:{port},http://localhost:{port}",
    }


def with_model(environ: Mapping[str, str], model: Upstream) -> dict[str, str]:
    """The same environment, with this model in it."""
    return {
        **environ,
        "ZIMGPT_MODEL_NAME": model.name,
        "ZIMGPT_MODEL_URL": model.base_url,
        "ZIMGPT_MODEL_LABEL": model.label or "",
    }


def models(environ: Mapping[str, str]) -> tuple[Upstream, ...]:
    """The models that the server will ask, none if none is named.

    Raises WrongSetting for whatever the server would refuse besides.
    """
    return _understood(environ).models


def has_number(environ: Mapping[str, str]) -> bool:
    """Whether a number of WhatsApp's own is configured; raises WrongSetting."""
    return _understood(environ).whatsapp_phone_id is not None


def sells(environ: Mapping[str, str]) -> bool:
    """Whether an integration of Paynow's own is configured; raises WrongSetting."""
    config = _understood(environ)
    return (config.paynow_usd_id or config.paynow_zwg_id) is not None


def _yes(environ: Mapping[str, str], name: str) -> bool:
    said = environ.get(name) or "yes"
    if said not in ("yes", "no"):
        raise WrongSetting(f"{name}: expected yes or no, not {said!r}")
    return said == "yes"


def _understood(environ: Mapping[str, str]) -> Config:
    try:
        return load(environ=environ, new_node=NODE)
    except ConfigError as error:
        raise WrongSetting(str(error)) from None
