"""What each source says of each setting, and in what words it was said."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from zimgpt.config.errors import ConfigError, unexpected, unknown
from zimgpt.config.models import VARIABLES
from zimgpt.config.secrets import place_of, read_secret
from zimgpt.config.setting import ENVIRONMENT, Setting, option, variable
from zimgpt.config.settings import SETTINGS

NOT_OURS = re.compile(
    # the other commands and the tests; what Kubernetes adds for a service so named
    r"ZIMGPT_(?:CONFIG|HOME|PORT|WHATSAPP|PAYNOW|URL|PHONE|PASSWORD|TOKEN"
    r"|(?:PORT|SERVICE|TEST)_.*)"
)


@attrs.frozen
class Given:
    """One source's word on one setting."""

    setting: Setting
    place: str
    """The key, variable or option, as the operator wrote it."""
    raw: object = attrs.field(repr=False)
    is_text: bool
    """Not yet of TOML's types."""
    folder: Path | None
    """Set if ``raw`` names a file that holds the value: where its name starts from."""
    environ: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    def value(self) -> Any:  # noqa: ANN401 - of the type that Config declares
        """The value; raises ConfigError."""
        kind = self.setting.kind
        if self.folder is not None:
            if not isinstance(self.raw, str) or not self.raw:
                raise ConfigError(self.place, "expected a file's name")
            path = place_of(self.raw, self.folder, self.environ)
            return read_secret(path, self.place, kind)
        try:
            return kind.check(kind.text(str(self.raw)) if self.is_text else self.raw)
        except ValueError:
            secret = self.setting.holds_secret is not None
            problem = unexpected(kind.expected, self.raw, secret=secret)
            raise ConfigError(self.place, problem) from None


Source = dict[str, Given]
"""By the setting's name."""


def read_toml(path: Path) -> dict[str, object]:
    """A TOML file's keys."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is not text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), f"is not TOML: {error}") from None


def of_file(
    keys: Mapping[str, object], path: Path, environ: Mapping[str, str]
) -> Source:
    """What a TOML file says; files it names are found from its own folder."""
    for key in keys:
        if key not in _KEYS and key != "models":
            known = (*_KEYS, "models")
            raise ConfigError(f"{key} in {path}", unknown(key, known))
    return _source(
        Given(
            _KEYS[key],
            f"{key} in {path}",
            raw,
            False,
            _folder(key, path.parent),
            environ,
        )
        for key, raw in keys.items()
        if key != "models"
    )


def of_environment(environ: Mapping[str, str]) -> Source:
    """What ZIMGPT_* say; an empty variable says nothing."""
    names = {variable(key): key for key in _KEYS}
    given = {
        name: raw
        for name, raw in environ.items()
        if name.startswith(ENVIRONMENT) and raw and name not in VARIABLES.values()
    }
    for name in given:
        if name not in names and not NOT_OURS.fullmatch(name):
            known = (*names, *VARIABLES.values())
            raise ConfigError(name, unknown(name, known, prefix=ENVIRONMENT))
    return _source(
        Given(_KEYS[key], name, raw, True, _folder(key, Path()), environ)
        for name, raw in given.items()
        if (key := names.get(name))
    )


def of_options(options: Mapping[str, str | None]) -> Source:
    """What the command line says, by option; None says nothing."""
    return _source(
        Given(setting, f"--{name}", raw, True, _folder(key, Path()))
        for key, setting in _KEYS.items()
        if (raw := options.get(name := option(key))) is not None
    )


def reject_passwords(source: Source) -> None:
    """A command line is no place for a password: every user of the machine sees it."""
    for given in source.values():
        hides = given.setting.holds_secret
        if hides and given.folder is None and hides(given.value()):
            raise ConfigError(
                given.place,
                "everybody on this machine can read a command line; give secrets, and"
                f" URLs with a password, as {given.setting.variable} or in a file named"
                f" by --{option(given.setting.file_key or '')}",
            )


def _keys() -> dict[str, Setting]:
    keys = {setting.name: setting for setting in SETTINGS}
    return keys | {s.file_key: s for s in SETTINGS if s.file_key is not None}


_KEYS = _keys()
"""Every key that may stand in a file, those that name files included."""


def _folder(key: str, folder: Path) -> Path | None:
    return folder if _KEYS[key].file_key == key else None


def _source(all_given: Iterable[Given]) -> Source:
    source: Source = {}
    for given in all_given:
        earlier = source.setdefault(given.setting.name, given)
        if earlier is not given:
            raise ConfigError(given.place, f"{earlier.place} is given too")
    return source
