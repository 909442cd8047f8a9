"""What is known of one setting; fields of Config carry this as their metadata."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from zimgpt.config.values import Kind

ENVIRONMENT = "ZIMGPT_"
ABOUT = "zimgpt.setting"
REQUIRED = "required"


@attrs.frozen
class Setting:
    """One scalar setting, under its one name everywhere."""

    name: str
    group: str
    kind: Kind[Any]
    why: str
    """What it does, for the operator; a sentence or more."""
    default: object
    """attrs.NOTHING if it must be given."""
    shown: str
    """The default in words."""
    holds_secret: Callable[[str], bool] | None
    """Whether a value contains a secret; None for a setting that never does."""
    file_key: str | None
    """The key that names a file to read the value from."""

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return variable(self.name)

    @property
    def option(self) -> str:
        """Its name on the command line, without the dashes."""
        return option(self.name)


def variable(key: str) -> str:
    """A key's name in the environment."""
    return ENVIRONMENT + key.upper()


def option(key: str) -> str:
    """A key's name on the command line, without the dashes."""
    return key.replace("_", "-")


def setting(
    group: str,
    kind: Kind[Any],
    why: str,
    *,
    default: object = attrs.NOTHING,
    shown: str | None = None,
    holds_secret: Callable[[str], bool] | None = None,
    file_key: str | None = None,
) -> Any:  # noqa: ANN401 - attrs gives the field its declared type
    """A field of Config with everything that is said of it."""
    if shown is None:
        shown = REQUIRED if default is attrs.NOTHING else str(default)
    about = Setting("", group, kind, why, default, shown, holds_secret, file_key)
    return attrs.field(
        default=default, repr=holds_secret is None, metadata={ABOUT: about}
    )


def settings_of(config: type[attrs.AttrsInstance]) -> tuple[Setting, ...]:
    """The settings of a class, in the order in which they are written."""
    return tuple(
        attrs.evolve(field.metadata[ABOUT], name=field.name)
        for field in attrs.fields(config)
        if ABOUT in field.metadata
    )
