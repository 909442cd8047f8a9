"""``twistd zimgpt``: its options, and the service that it runs."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from re import sub
from typing import IO, Any

from twisted.application.service import IService, MultiService
from twisted.logger import ILogObserver
from twisted.python import usage
from twisted.python.components import Componentized
from twisted.python.logfile import LogFile

from zimgpt import observe
from zimgpt.config import SETTINGS, Config, ConfigError, LogFormat, load, require_models
from zimgpt.config.document import options_help
from zimgpt.config.setting import option

OBSERVERS = {LogFormat.TEXT: observe.text_lines, LogFormat.JSON: observe.json_lines}

HEAD = """\
Each option is also a variable (--tick-ms: ZIMGPT_TICK_MS) and a key of the file
(tick_ms). The option wins over the variable, the variable over the file.

Options:
  --config=FILE
      A TOML file with settings, and with the [[models]] that answer. One model
      can be given by ZIMGPT_MODEL_NAME, ZIMGPT_MODEL_URL and ZIMGPT_MODEL_KEY
      instead; OPENAI_API_KEY alone means gpt-4o-mini at OpenAI.
  --version
      Show the version and exit.
  --help
      Show this and exit.

"""


def _keys() -> list[str]:
    files = [setting.file_key for setting in SETTINGS if setting.file_key]
    return ["config", *(setting.name for setting in SETTINGS), *files]


class Options(usage.Options):
    """Options of ``twistd zimgpt``; ``config`` is the Config once they are parsed."""

    optParameters = [[option(key), None, None, ""] for key in _keys()]  # noqa: RUF012
    config: Config

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._refused = False

    def postOptions(self) -> None:
        """Reads the configuration; twistd shows a UsageError and exits."""
        try:
            self.config = load(
                environ=os.environ, options=dict(self), new_node=new_node()
            )
            require_models(self.config)
        except ConfigError as error:
            self._refused = True
            raise usage.UsageError(str(error)) from None

    def getUsage(self, width: int | None = None) -> str:
        """All options in groups; nothing but a hint when one of them was wrong."""
        if self._refused:
            return "See twistd zimgpt --help.\n"
        return HEAD + options_help(width or int(os.environ.get("COLUMNS", "80")))

    def opt_version(self) -> None:
        """Show the version and exit."""
        print("ZimGPT", version("zimgpt"))  # noqa: T201 - it was asked for
        sys.exit(0)


def makeService(options: Options) -> IService:
    """The whole program as a service, with the log as it was asked for."""
    from twisted.internet import reactor

    from zimgpt.service import make_service
    from zimgpt.service.process import Process, steady

    steady(reactor)
    try:
        inner = make_service(options.config, reactor)
    except ConfigError as error:
        sys.exit(f"zimgpt: {error}")
    process = Process(reactor, inner)
    node = Node(log_observer(options.config, options.parent), process.begin)
    inner.setServiceParent(node)  # type: ignore[no-untyped-call]
    return node


class Node(MultiService):
    """What twistd starts. On becoming part of an application it makes its observer
    the application's, in time for twistd to begin logging to it and to it alone.

    ``begin`` is called first of all when it is started.
    """

    def __init__(
        self, observer: ILogObserver | None, begin: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._observer = observer
        self._begin = begin

    def startService(self) -> None:
        """Starts them all."""
        self._begin()
        super().startService()  # type: ignore[no-untyped-call]

    def setServiceParent(self, parent: Any) -> None:  # noqa: ANN401 - or its adapter
        """Joins an application, or another service."""
        if self._observer is not None and isinstance(parent, Componentized):
            parent.setComponent(ILogObserver, self._observer)
        super().setServiceParent(parent)  # type: ignore[no-untyped-call]


def log_observer(
    config: Config, twistd: Mapping[str, Any] | None
) -> ILogObserver | None:
    """Lines in the configured format to where twistd was told to log; None where
    twistd does that itself (syslog). Without twistd's options: standard output."""
    if twistd is not None and twistd.get("syslog"):
        return None
    return OBSERVERS[config.log_format](
        _log_file(twistd or {"nodaemon": True}), config.log_level
    )


def _log_file(twistd: Mapping[str, Any]) -> IO[Any]:
    """The same choice as twistd makes."""
    named = twistd.get("logfile")
    if twistd.get("nodaemon") and named in (None, "", "-"):
        return sys.stdout
    if named == "-":
        sys.exit("Daemons cannot log to stdout, exiting!")
    opened: IO[Any] = LogFile.fromFullPath(named or "twistd.log")
    return opened


def new_node() -> str:
    """A name that no other node has: the host's, and a random ending."""
    host = sub("[^A-Za-z0-9_-]", "-", socket.gethostname())[:48]
    return f"{host or 'node'}-{secrets.token_hex(4)}"
