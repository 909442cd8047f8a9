"""What the operator decides: one frozen value, read from a file, the environment and
the command line."""

from zimgpt.config.errors import ConfigError
from zimgpt.config.models import Upstream
from zimgpt.config.reading import (
    load,
    load_database_url,
    load_operators_key,
    require_models,
)
from zimgpt.config.settings import SETTINGS, Config, LogFormat, LogLevel, Role

__all__ = [
    "SETTINGS",
    "Config",
    "ConfigError",
    "LogFormat",
    "LogLevel",
    "Role",
    "Upstream",
    "load",
    "load_database_url",
    "load_operators_key",
    "require_models",
]
