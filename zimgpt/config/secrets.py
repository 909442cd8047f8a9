"""Secrets that stand in files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zimgpt.config.errors import ConfigError
from zimgpt.config.values import Kind

CREDENTIAL = "credential:"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what a unit's LoadCredential= names."""
OF_FOLDER = "zimgpt_"
"""How systemd's names begin for the files of a folder that is loaded as a whole."""
BESIDE = "secrets"


def place_of(named: str, folder: Path, environ: Mapping[str, str]) -> Path:
    """The file that a setting names, found from ``folder``.

    ``credential:NAME`` is what systemd gave this process: by that name, or, of a whole
    folder that was loaded as ``zimgpt``, as ``zimgpt_NAME``. A command that an operator
    types has been given nothing: it looks into the folder ``secrets`` beside the TOML
    file, where the unit, too, has it from.
    """
    if not named.startswith(CREDENTIAL):
        return folder / named
    name = named.removeprefix(CREDENTIAL)
    given = environ.get(CREDENTIALS)
    if not given:
        return folder / BESIDE / name
    alone = Path(given) / name
    return alone if alone.exists() else Path(given) / f"{OF_FOLDER}{name}"


def read_secret(path: Path, place: str, kind: Kind[str]) -> str:
    """What a file holds, without the white space around it."""
    try:
        held = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(place, f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(place, f"{path} is not text in UTF-8") from None
    try:
        return kind.check(held)
    except ValueError:
        raise ConfigError(place, f"expected {path} to hold {kind.expected}") from None
