"""What `twistd zimgpt` understands and starts."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
from twisted.application.app import AppLogger
from twisted.application.service import (
    Application,
    IService,
    IServiceCollection,
    MultiService,
)
from twisted.internet import reactor as the_reactor
from twisted.logger import ILogObserver, LogLevel
from twisted.python.usage import UsageError
from twisted.scripts._twistd_unix import ServerOptions

from zimgpt import tap
from zimgpt.config import SETTINGS, Config, ConfigError
from zimgpt.config.setting import option
from zimgpt.service import process
from zimgpt.tap import Options, log_observer, makeService, new_node

ROOT = Path(__file__).parents[1]
LEAST = ["--database-url", "postgresql://h/d", "--node", "n"]
EVENT = {"log_format": "said", "log_level": LogLevel.info, "log_namespace": "zimgpt"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model, and no setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("ZIMGPT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """Stands in for the composition root; what it was called with."""
    calls: list[Config] = []

    def make_service(config: Config, reactor: object) -> IService:
        assert reactor is the_reactor
        if config.node == "bad":
            raise ConfigError("listen", "expected something else")
        calls.append(config)
        service: IService = MultiService()
        return service

    service = ModuleType("zimgpt.service")
    service.make_service = make_service  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "zimgpt.service", service)
    assert sys.modules["zimgpt.service.process"] is process  # loaded: it can be had
    monkeypatch.setattr(process, "steady", lambda _: None)  # it is the tests' reactor
    return calls


def parsed(*arguments: str, options: Options | None = None) -> Options:
    """The options of twistd's subcommand."""
    options = options or Options()
    options.parseOptions([*LEAST, *arguments])  # type: ignore[no-untyped-call]
    return options


def twistd(*arguments: str) -> ServerOptions:
    """The options of twistd itself, with ours inside."""
    options = ServerOptions()
    options.parseOptions([*arguments, "zimgpt", *LEAST])
    return options


def test_every_setting_is_an_option() -> None:
    """And so are the names of files that hold secrets."""
    options = [f"--{name}" for name in Options().keys()]  # noqa: SIM118 - not a dict

    files = [f"--{option(one.file_key)}" for one in SETTINGS if one.file_key]
    settings = [f"--{setting.option}" for setting in SETTINGS]
    assert sorted(options) == sorted(["--config", *settings, *files])


def test_options_become_the_config() -> None:
    """What is said on the command line is what counts."""
    assert parsed("--tick-ms=50", "--roles", "web,worker").config.tick_ms == 50


def test_a_wrong_option_is_told_shortly() -> None:
    """twistd prints the usage before the error, so the usage is one line then."""
    options = Options()

    with pytest.raises(UsageError, match=r"^--tick-ms: expected a whole number"):
        parsed("--tick-ms=fast", options=options)

    assert options.getUsage() == "See twistd zimgpt --help.\n"


def test_a_server_needs_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one it does not start."""
    monkeypatch.delenv("OPENAI_API_KEY")

    with pytest.raises(UsageError, match=r"^models: expected at least one"):
        parsed()


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Every option is explained, in groups."""
    with pytest.raises(SystemExit) as done:
        parsed("--help")

    assert not done.value.code
    shown = capsys.readouterr().out
    assert all(f"  --{setting.option}=VALUE" in shown for setting in SETTINGS)
    assert re.findall(r"(?m)^(\w+): ", shown)[1:3] == ["Node", "Web"]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours, not Twisted's."""
    with pytest.raises(SystemExit):
        parsed("--version")

    assert re.fullmatch(r"ZimGPT \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_make_service(started: list[Config]) -> None:
    """The service of the composition root, inside the one that twistd starts."""
    options = parsed()

    node = makeService(options)

    assert started == [options.config]
    assert isinstance(node, tap.Node)
    assert [type(service) for service in node] == [MultiService]


def test_what_the_composition_root_refuses(started: list[Config]) -> None:
    """It is told in a sentence, without a traceback."""
    with pytest.raises(SystemExit) as refused:
        makeService(parsed("--node=bad"))

    assert refused.value.code == "zimgpt: listen: expected something else"
    assert started == []


@pytest.mark.usefixtures("started")
def test_twistd_logs_in_our_format_and_in_no_other() -> None:
    """The application carries the observer that twistd then uses instead of its own."""
    application = Application("zimgpt")
    node = makeService(parsed())

    node.setServiceParent(application)

    assert application.getComponent(ILogObserver) is node._observer  # type: ignore[attr-defined]
    assert AppLogger({})._observerFactory is None


def test_a_node_within_another_service() -> None:
    """Only an application has a log."""
    outer = MultiService()
    tap.Node(None).setServiceParent(outer)
    tap.Node(log_observer(parsed().config, None)).setServiceParent(outer)

    assert len(list(outer)) == 2


def test_log_to_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the foreground, and where twistd's options are not known."""
    for options in (twistd("-n"), twistd("-n", "-l", "-"), None):
        out = StringIO()
        monkeypatch.setattr(sys, "stdout", out)
        observer = log_observer(parsed("--log-format=json").config, options)
        assert observer is not None
        observer(dict(EVENT))

        assert '"event": "said"' in out.getvalue()


@pytest.mark.parametrize("arguments", [["-n", "-l", "named.log"], []])
def test_log_to_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    """To twistd's file, or as a daemon to twistd.log; what is too detailed is not."""
    monkeypatch.chdir(tmp_path)
    observer = log_observer(parsed("--log-level=warn").config, twistd(*arguments))
    assert observer is not None
    observer(dict(EVENT))
    observer({**EVENT, "log_level": LogLevel.error})

    (file,) = tmp_path.iterdir()
    assert file.name == (arguments[2] if arguments else "twistd.log")
    assert file.read_text() == "- error zimgpt said\n"
    observer._observer._outFile.close()  # type: ignore[attr-defined]


def test_syslog_is_twistds() -> None:
    """What goes to syslog has its form."""
    assert log_observer(parsed().config, twistd("--syslog")) is None


def test_a_daemon_has_no_standard_output() -> None:
    """The same refusal as twistd's own."""
    with pytest.raises(SystemExit, match="Daemons cannot log to stdout"):
        log_observer(parsed().config, twistd("-l", "-"))


def test_new_node() -> None:
    """A name of its own each time, that the configuration would accept."""
    first, second = new_node(), new_node()

    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", first)


def test_the_tac_is_the_same_program(
    monkeypatch: pytest.MonkeyPatch, started: list[Config]
) -> None:
    """Configured by the environment, and told its mistakes in a sentence."""
    with pytest.raises(SystemExit) as refused:
        runpy.run_path(str(ROOT / "tac" / "zimgpt.tac"))
    monkeypatch.setenv("ZIMGPT_DATABASE_URL", "postgresql://h/d")
    application = runpy.run_path(str(ROOT / "tac" / "zimgpt.tac"))["application"]

    assert str(refused.value.code).startswith("zimgpt: database_url: expected a libpq")
    assert [type(service) for service in IServiceCollection(application)] == [tap.Node]
    assert len(started) == 1


def test_twistd_finds_the_plugin() -> None:
    """From any folder, as installed; a mistake ends it with a sentence and code 1."""
    command = [sys.executable, "-m", "twisted", "zimgpt", "--tick-ms=x"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert "--tick-ms: expected a whole number from 10 to 1000, not 'x'" in (
        run.stdout + run.stderr
    )
    assert "Traceback" not in run.stdout + run.stderr
    assert run.returncode != 0
