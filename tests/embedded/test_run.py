"""Everything on one machine: its order, its words, its end.

PostgreSQL is real; the server and the model are stand-ins, so that what is tested
here is the order in which they come and go.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Timer

import psutil
import psycopg2
import pytest

from zimgpt.cli import main
from zimgpt.embedded import children
from zimgpt.embedded.children import ChildEnded
from zimgpt.embedded.errors import CannotRun
from zimgpt.embedded.run import run
from zimgpt.embedded.server import PortTaken

STAND_INS = Path(__file__).parent / "stand_ins"
COMMAND = (sys.executable, STAND_INS / "server.py")
LAST = "Ctrl-C stops everything."


class Terminal:
    """Remembers what is said, and acts when it hears the last line."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.lines: list[str] = []
        self._act = act

    def say(self, line: str) -> None:
        """What the operator reads."""
        self.lines.append(line)
        if line.endswith(LAST):
            self._act()


def _ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A new folder, a free port, and a model that is configured."""
    (port,) = children.free_ports(1)
    return {
        **os.environ,
        "ZIMGPT_HOME": str(tmp_path),
        "ZIMGPT_PORT": str(port),
        "ZIMGPT_MODEL_NAME": "big",
        "ZIMGPT_MODEL_URL": "http://127.0.0.1:9/v1",
        "ZIMGPT_WHATSAPP": "no",
        "ZIMGPT_PAYNOW": "no",
    }


def _living(home: Path) -> list[str]:
    """Processes that have this folder on their command line, or work in it."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and str(home) in " ".join(process.cmdline()):
                found.append(process.name())
    return found


def test_it_is_ready_and_ends_whole(environ: dict[str, str], tmp_path: Path) -> None:
    """People are told where to go and how to sign in; Ctrl-C ends every process."""
    alive: list[bool] = []

    def act() -> None:
        alive.append("postgres" in _living(tmp_path))
        _ctrl_c()

    terminal = Terminal(act)
    run(environ, terminal.say, command=COMMAND)

    demo = json.loads((tmp_path / "demo.json").read_text())
    url = f"http://127.0.0.1:{environ['ZIMGPT_PORT']}"
    assert terminal.lines.count(f"ZimGPT is ready on {url}") == 1
    assert any(demo["password"] in line for line in terminal.lines)
    assert alive == [True]
    assert _living(tmp_path) == []


def test_a_second_start_keeps_everything(
    environ: dict[str, str], tmp_path: Path
) -> None:
    """Account, password, tokens and prices are those of the first start."""
    balances: list[object] = []

    def act() -> None:
        balances.append(_books(tmp_path))
        _ctrl_c()

    first, second = Terminal(act), Terminal(act)
    run(environ, first.say, command=COMMAND)
    run(environ, second.say, command=COMMAND)

    (word,) = {line for line in first.lines if "Sign in" in line}
    assert word in second.lines
    assert any("applied 0001" in line for line in first.lines)
    assert not any("applied" in line for line in second.lines)
    assert balances == [(1_000_007, 1, 1000, 1000)] * 2


def _books(home: Path) -> object:
    """The demo account's tokens, how many prices there are, and the model's price."""
    url = f"postgresql://zimgpt@/zimgpt?host={home / 'postgres'}"
    connection = psycopg2.connect(url)
    cursor = connection.cursor()
    cursor.execute(
        "select (select balance from accounts where kind = 'available'),"
        " (select count(*) from prices), prompt_millis, completion_millis"
        " from prices where model = 'big'"
    )
    row = cursor.fetchone()
    connection.close()
    return row


def test_a_lost_password_is_told(environ: dict[str, str], tmp_path: Path) -> None:
    """It still runs when demo.json was removed, and says what that means."""
    first, second = Terminal(_ctrl_c), Terminal(_ctrl_c)
    run(environ, first.say, command=COMMAND)
    (tmp_path / "demo.json").unlink()

    run(environ, second.say, command=COMMAND)

    assert any("lost with demo.json" in line for line in second.lines)


def test_the_small_model_stands_in_for_none(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a model configured the small one is started, priced, and ended."""
    monkeypatch.syspath_prepend(STAND_INS)
    monkeypatch.setenv("PYTHONPATH", f"{STAND_INS}:{Path.cwd()}")
    del environ["ZIMGPT_MODEL_NAME"], environ["ZIMGPT_MODEL_URL"]
    environ.pop("OPENAI_API_KEY", None)
    models: list[bool] = []

    def act() -> None:
        models.append(_model_runs())
        Timer(0.3, _ctrl_c).start()

    terminal = Terminal(act)
    run(environ, terminal.say, command=COMMAND)

    assert any("small model" in line for line in terminal.lines)
    assert models == [True]
    assert not _model_runs()


def _model_runs() -> bool:
    children_of_ours = psutil.Process().children()
    return any("zimgpt.embedded.small_model" in c.cmdline() for c in children_of_ours)


def test_a_whatsapp_stands_beside_it(environ: dict[str, str], tmp_path: Path) -> None:
    """Its page is told and answers, the server knows its keys, which nobody reads on a
    command line, and it ends with the rest."""
    pages: list[str] = []

    def act() -> None:
        (line,) = (line for line in terminal.lines if "Play with WhatsApp" in line)
        with urllib.request.urlopen(line.split()[-1], timeout=60) as answer:
            pages.append(answer.read().decode())
        _ctrl_c()

    terminal = Terminal(act)
    run(environ | {"ZIMGPT_WHATSAPP": "yes"}, terminal.say, command=COMMAND)

    assert "<title>" in pages[0]
    told = json.loads((tmp_path / "server.told").read_text())
    keys = json.loads((tmp_path / "whatsapp.json").read_text())
    assert told["ZIMGPT_WHATSAPP_APP_SECRET"] == keys["secret"]
    assert (tmp_path / "whatsapp.json").stat().st_mode & 0o077 == 0
    assert _living(tmp_path) == []


def test_a_number_of_ones_own_takes_its_place(
    environ: dict[str, str], tmp_path: Path
) -> None:
    """Where a real number is configured no double is started."""
    own = {
        "ZIMGPT_WHATSAPP": "yes",
        "ZIMGPT_WHATSAPP_PHONE_ID": "106540352242922",
        "ZIMGPT_WHATSAPP_NUMBER": "263771234567",
        "ZIMGPT_WHATSAPP_TOKEN": "token",
        "ZIMGPT_WHATSAPP_APP_SECRET": "secret",
        "ZIMGPT_WHATSAPP_VERIFY_TOKEN": "word",
    }
    terminal = Terminal(_ctrl_c)

    run(environ | own, terminal.say, command=COMMAND)

    assert not any("WhatsApp" in line for line in terminal.lines)
    assert not (tmp_path / "whatsapp.json").exists()


def test_a_paynow_stands_beside_it(environ: dict[str, str], tmp_path: Path) -> None:
    """Its page is told and answers, and it is the same one at the next start: payments
    that wait are asked about where they were begun."""
    pages: list[str] = []

    def act() -> None:
        line = next(line for line in terminal.lines[::-1] if "anybody's wallet" in line)
        with urllib.request.urlopen(line.split()[-1], timeout=60) as answer:
            pages.append(answer.read().decode())
        _ctrl_c()

    terminal = Terminal(act)
    told = []
    for _ in range(2):
        run(environ | {"ZIMGPT_PAYNOW": "yes"}, terminal.say, command=COMMAND)
        told.append(json.loads((tmp_path / "server.told").read_text()))

    assert "<title>Handset" in pages[0]
    assert told[0] == told[1]
    kept = json.loads((tmp_path / "paynow.json").read_text())
    assert told[0]["ZIMGPT_PAYNOW_URL"] == f"http://127.0.0.1:{kept['port']}"
    assert told[0]["ZIMGPT_PAYNOW_ZWG_KEY"] == kept["merchants"][1]["key"]
    assert (tmp_path / "paynow.json").stat().st_mode & 0o077 == 0
    assert _living(tmp_path) == []


def test_an_integration_of_ones_own_takes_its_place(
    environ: dict[str, str], tmp_path: Path
) -> None:
    """Where real money is taken no double is started."""
    own = {
        "ZIMGPT_PAYNOW": "yes",
        "ZIMGPT_PAYNOW_USD_ID": "77",
        "ZIMGPT_PAYNOW_USD_KEY": "key",
        "ZIMGPT_PAYNOW_USD_EMAIL": "pay@example.org",
        "ZIMGPT_PUBLIC_URL": "https://chat.example.org",
    }
    terminal = Terminal(_ctrl_c)

    run(environ | own, terminal.say, command=COMMAND)

    assert not any("Paynow" in line for line in terminal.lines)
    assert not (tmp_path / "paynow.json").exists()


def test_when_one_ends_all_end(environ: dict[str, str], tmp_path: Path) -> None:
    """A server that dies is told of by name, and nothing is left running."""

    def kill() -> None:
        os.kill(int((tmp_path / "server.pid").read_text()), signal.SIGKILL)

    def act() -> None:
        Timer(0.3, kill).start()

    with pytest.raises(ChildEnded) as ended:
        run(environ, Terminal(act).say, command=COMMAND)

    assert "The server ended with status -9" in str(ended.value)
    assert _living(tmp_path) == []


def test_a_taken_port_stops_it_at_once(environ: dict[str, str], tmp_path: Path) -> None:
    """Nothing is started when people could not reach it."""
    terminal = Terminal(_ctrl_c)
    address = ("127.0.0.1", int(environ["ZIMGPT_PORT"]))

    with socket.create_server(address), pytest.raises(PortTaken):
        run(environ, terminal.say, command=COMMAND)

    assert terminal.lines == []
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_database_from_the_future_is_refused(
    environ: dict[str, str], tmp_path: Path
) -> None:
    """A folder that a newer ZimGPT has used is left alone, with a sentence."""

    def act() -> None:
        connection = psycopg2.connect(
            f"postgresql://zimgpt@/zimgpt?host={tmp_path / 'postgres'}"
        )
        with connection:
            connection.cursor().execute(
                "insert into migrations values ('9999_later.sql')"
            )
        connection.close()
        _ctrl_c()

    run(environ, Terminal(act).say, command=COMMAND)
    with pytest.raises(CannotRun) as refused:
        run(environ, Terminal(act).say, command=COMMAND)

    assert "newer ZimGPT" in str(refused.value)


def test_the_command_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m zimgpt run` turns every failure into a sentence and a status."""
    monkeypatch.setenv("ZIMGPT_PORT", "http")

    status = main(["run"])

    assert status == 1
    assert "ZIMGPT_PORT: expected 1 to 65535" in capsys.readouterr().err


def test_the_command_runs_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is said is printed at once, and being stopped is no failure."""
    monkeypatch.setattr(
        "zimgpt.embedded.run.run", lambda environ, say: say(environ["ZIMGPT_PORT"])
    )
    monkeypatch.setenv("ZIMGPT_PORT", "8123")

    status = main(["run"])

    assert status == 0
    assert capsys.readouterr().out == "8123\n"
