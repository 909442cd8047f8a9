"""Small files of secrets that outlive a program: only their owner can read them."""

from __future__ import annotations

import json
import os
from pathlib import Path


def keep(file: Path, said: object) -> None:
    """Writes it as JSON, whole or not at all."""
    keep_text(file, json.dumps(said))


def keep_text(file: Path, text: str) -> None:
    """Writes it as it is, whole or not at all."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    new.rename(file)
