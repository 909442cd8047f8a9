"""Secrets that stand in files of their own."""

from __future__ import annotations

from pathlib import Path

from zimgpt.config.errors import ConfigError
from zimgpt.config.values import Kind


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
