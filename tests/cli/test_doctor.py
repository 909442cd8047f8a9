"""``python -m zimgpt doctor``."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import attrs
import psycopg2
import pytest

from zimgpt.cli import main
from zimgpt.cli.doctoring import database as database_checks
from zimgpt.cli.doctoring import machine
from zimgpt.cli.doctoring.finding import Finding
from zimgpt.config import Config, load
from zimgpt.store.sealing import new_key
from zimgpt.wire.paynow import forms
from zimgpt.wire.paynow.hashing import sign

Capture = pytest.CaptureFixture[str]
SECRET = "canary-9f2d-of-the-key"
NUMBER = "263771234567"


@attrs.define
class Others:
    """The model's server and Meta at once, as they answer now."""

    port: int
    status: int = 200
    number: str = "+263 77 123 4567"
    quality: str = "GREEN"
    paynow_key: str = SECRET

    @property
    def url(self) -> str:
        """Where they are."""
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(name="others")
def with_others() -> Iterator[Others]:
    """They answer whoever has the right key."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = {
                "data": [{"id": "tutor"}],
                "display_phone_number": others.number,
                "quality_rating": others.quality,
            }
            known = self.headers["Authorization"] == f"Bearer {SECRET}"
            self.send_response(others.status if known else 401)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            said = (("status", "NotFound"),)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(forms.written(sign(said, others.paynow_key)))

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    others = Others(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield others
    server.shutdown()
    thread.join()
    server.server_close()


@attrs.frozen
class House:
    """A configuration in a file, which can be added to."""

    file: Path
    environ: pytest.MonkeyPatch

    def config(self) -> Config:
        """As it is read."""
        return load(environ={}, options={"config": str(self.file)}, new_node="x")

    def add(self, line: str) -> None:
        """Another setting, before the models."""
        self.file.write_text(line + "\n" + self.file.read_text())


@pytest.fixture
def house(
    database: str, others: Others, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> House:
    """Everything is well in it."""
    for name in ("ZIMGPT_CONFIG", "ZIMGPT_DATABASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into prices (model, prompt_millis, completion_millis)"
            " values ('tutor', 1, 1)"
        )
    connection.close()
    file = tmp_path / "zimgpt.toml"
    file.write_text(
        f'database_url = "{database}"\nconnections = 10\ndatabase_connections = 2\n'
        'metrics_listen = "tcp:9100:interface=127.0.0.1"\n'
        f'[[models]]\nname = "tutor"\nbase_url = "{others.url}/v1"\nkey = "{SECRET}"\n'
    )
    return House(file, monkeypatch)


def examined(house: House, capsys: Capture) -> dict[str, tuple[str, str]]:
    """How each part is, and what is said of it; no secret is."""
    main(["doctor", "--config", str(house.file), "--json"])
    shown = capsys.readouterr().out
    assert SECRET not in shown
    return {
        one["part"]: (one["state"], one["says"])
        for one in json.loads(shown)["findings"]
    }


@pytest.mark.usefixtures("roomy")
def test_all_is_well(house: House, capsys: Capture) -> None:
    """Each part is a line, the last says so, and the exit code is 0."""
    assert main(["doctor", "--config", str(house.file)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "all is well"
    assert all(line.startswith("ok ") for line in lines[:-1])


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose disks do not matter, and a database that may be lost."""
    monkeypatch.setattr(machine, "FOLDERS", ())
    monkeypatch.setattr(database_checks, "CAREFUL", ())


def test_a_database_that_forgets(house: House, capsys: Capture) -> None:
    """The tests' own is told not to wait for its disk."""
    state, says = examined(house, capsys)["database"]

    assert (state, says.split(":")[0]) == ("broken", "full_page_writes is off")


def test_a_setting_that_is_wrong(house: House, capsys: Capture) -> None:
    """It is named, nothing that rests on it is looked at, and the exit code is 1."""
    house.add("tick_ms = 5")

    assert main(["doctor", "--config", str(house.file)]) == 1

    said = capsys.readouterr().out
    assert said.startswith("broken   configuration: tick_ms in")
    assert "1 broken, 0 to look at" in said


def test_no_database(house: House, capsys: Capture) -> None:
    """The rest is looked at all the same."""
    house.environ.setenv("ZIMGPT_DATABASE_URL", "postgresql:///x?host=/nowhere")

    found = examined(house, capsys)

    assert found["database"][0] == "broken"
    assert found["model tutor"][0] == "ok"


@pytest.mark.parametrize(
    ("sql", "part", "state"),
    [
        ("delete from migrations where name like '0001%%'", "migrations", "broken"),
        ("insert into migrations (name) values ('9.sql')", "migrations", "broken"),
        (
            "alter table accounts disable trigger all;"
            "insert into users (phone_e164) values ('+263770000001');"
            "insert into accounts (user_id, kind, balance) values (1, 'available', 7)",
            "invariants",
            "broken",
        ),
    ],
)
def test_a_database_that_is_not_well(
    house: House, capsys: Capture, sql: str, part: str, state: str
) -> None:
    """What is wrong with it is found."""
    connection = psycopg2.connect(house.config().database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql.replace("%%", "%"))
    connection.close()

    assert examined(house, capsys)[part][0] == state


def test_admin_pages_without_anybody(house: House, capsys: Capture) -> None:
    """Where there are such pages, somebody should be able to sign in to them."""
    assert "operators" not in examined(house, capsys)
    house.add('admin_origins = ["https://admin.example.org"]')
    assert "zimgpt operators key" in examined(house, capsys)["configuration"][1]
    key = new_key()
    house.add(f'operators_key = "{key}"')
    assert examined(house, capsys)["operators"][0] == "warning"
    connection = psycopg2.connect(house.config().database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into operators (name, password_hash, totp_secret)"
            " values ('tariro', 'a hash', repeat('A', 32))"
        )
    connection.close()

    found = examined(house, capsys)

    assert found["operators"] == ("ok", "1 may sign in to the admin pages")
    assert found["operators' secrets"] == (
        "warning",
        "1 of 1 are in clear, or sealed with an old key",
    )
    assert main(["operators", "seal", "--config", str(house.file)]) == 0
    capsys.readouterr()
    assert examined(house, capsys)["operators' secrets"][0] == "ok"
    house.file.write_text(house.file.read_text().replace(key, new_key()))
    assert examined(house, capsys)["operators' secrets"][0] == "broken"


def test_a_model_without_a_price(house: House, capsys: Capture) -> None:
    """It would not be asked."""
    house.file.write_text(house.file.read_text().replace('"tutor"', '"other"'))

    found = examined(house, capsys)

    assert found["prices"] == ("broken", "other has no price, so it is not asked")
    assert found["model other"][0] == "warning"


@pytest.mark.parametrize(
    ("status", "state"), [(401, "broken"), (404, "ok"), (503, "warning")]
)
def test_a_model_that_answers_otherwise(
    house: House, others: Others, capsys: Capture, status: int, state: str
) -> None:
    """A refused key is broken, trouble passes, and not every server lists models."""
    others.status = status

    assert examined(house, capsys)["model tutor"][0] == state


def test_a_model_that_is_not_there(house: House, capsys: Capture) -> None:
    """Its address is named."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        text = house.file.read_text()
        config = house.config()
        there = config.models[0].base_url
        house.file.write_text(text.replace(there, f"http://127.0.0.1:{port}"))

        state, says = examined(house, capsys)["model tutor"]

    assert state == "broken"
    assert says.startswith(f"127.0.0.1:{port} cannot be reached")


def number(house: House, others: Others) -> None:
    """A WhatsApp number is configured."""
    house.add(
        f'whatsapp_phone_id = "12345"\nwhatsapp_number = "{NUMBER}"\n'
        f'whatsapp_token = "{SECRET}"\nwhatsapp_app_secret = "s"\n'
        f'whatsapp_verify_token = "v"\nwhatsapp_url = "{others.url}/v25.0"'
    )


def test_whatsapp(house: House, others: Others, capsys: Capture) -> None:
    """A token that Meta knows, and the number that it has under our id."""
    number(house, others)
    assert examined(house, capsys)["whatsapp"][0] == "ok"

    others.quality = "RED"
    assert examined(house, capsys)["whatsapp"][0] == "warning"
    others.number = "+263 77 765 4321"
    assert examined(house, capsys)["whatsapp"][0] == "broken"
    others.status = 401
    assert examined(house, capsys)["whatsapp"][0] == "broken"


def test_paynow(house: House, others: Others, capsys: Capture) -> None:
    """It signs with the key that we have, or the key is wrong."""
    house.add(
        f'paynow_usd_id = 1201\npaynow_usd_key = "{SECRET}"\n'
        f'paynow_usd_email = "shop@example.org"\npaynow_url = "{others.url}"'
    )
    assert examined(house, capsys)["paynow USD"][0] == "ok"

    others.paynow_key = "another"
    assert examined(house, capsys)["paynow USD"][0] == "broken"


def test_a_broker_that_refuses(house: House, vhost: str, capsys: Capture) -> None:
    """The right URL lets us in; one of a virtual host that is not there does not."""
    house.add(f'broker = "{vhost}"')
    assert examined(house, capsys)["broker"][0] == "ok"

    text = house.file.read_text()
    house.file.write_text(text.replace(vhost, f"{vhost}-not"))
    assert examined(house, capsys)["broker"][0] == "broken"


def test_clocks_that_differ(database: str) -> None:
    """Deadlines are PostgreSQL's, but people are shown ours."""

    def slow() -> datetime:
        return datetime.now(UTC) - timedelta(seconds=9)

    config = load(environ={"ZIMGPT_DATABASE_URL": database}, new_node="x")
    found: list[Finding] = [*database_checks.look(config, slow)]

    (clock,) = [one for one in found if one.part == "clock"]
    assert clock.state == "warning"
    assert "+9.0 s" in clock.says


def test_secrets_that_others_can_read(house: House, capsys: Capture) -> None:
    """Who has an account on the machine has them."""
    folder = house.file.parent / "secrets"
    folder.mkdir(mode=0o755)
    (folder / "key").write_text("k")
    (folder / "key").chmod(0o644)
    assert examined(house, capsys)["secrets"][0] == "broken"

    folder.chmod(0o700)  # then it does not matter how its files are
    assert "secrets" not in examined(house, capsys)


@pytest.mark.parametrize(("free", "state"), [(50, "ok"), (5, "warning"), (1, "broken")])
def test_disks(monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    """A full one stops everything, so it is told before."""
    usage = attrs.make_class("Usage", ["total", "used", "free"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 0, free))

    assert {one.state for one in machine.disks()} == {state}
