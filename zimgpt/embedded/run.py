"""Everything on one machine, in order: PostgreSQL, a model, a WhatsApp, a Paynow, the
server, an account.

Whatever happens, all that was started is ended, the last first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psycopg2

from zimgpt.domain.ledger import Price
from zimgpt.embedded import demo, home, server, settings
from zimgpt.embedded.children import Child
from zimgpt.embedded.demo import Demo
from zimgpt.embedded.errors import CannotRun
from zimgpt.embedded.paynow.beside import Paynow
from zimgpt.embedded.postgres import Postgres, find_programs
from zimgpt.embedded.private_files import keep_text
from zimgpt.embedded.server import COMMAND, Server
from zimgpt.embedded.settings import Settings
from zimgpt.embedded.small_model import SmallModel
from zimgpt.embedded.stopping import Stopped, Stopping
from zimgpt.embedded.whatsapp import WhatsApp
from zimgpt.store import migrations, operator
from zimgpt.store.sealing import new_key

DATABASE = "zimgpt"
LOOK = 0.2  # seconds between two looks at the children
PRICES = {"gpt-4o-mini": Price("gpt-4o-mini", 250, 1000)}  # others: one for one

Say = Callable[[str], None]


def run(
    environ: Mapping[str, str], say: Say, *, command: Sequence[str | Path] = COMMAND
) -> None:
    """Runs until somebody asks to stop; raises CannotRun when something fails.

    ``command`` is the server's.
    """
    chosen = settings.read(environ)
    stopping = Stopping()
    with stopping.heard(), home.occupied(chosen.home):
        house = House(chosen, environ, say, command)
        try:
            house.start()
            house.watch()
        except Stopped:
            say("Stopping (again to hurry)")
        finally:
            stopping.at_end()
            house.stop(stopping.hurried)


def operators_key(file: Path) -> Path:
    """A file with what seals operators' secrets; made if there is none."""
    if not file.exists():
        keep_text(file, new_key())
    return file


class House:
    """The processes of one instance."""

    def __init__(
        self,
        chosen: Settings,
        environ: Mapping[str, str],
        say: Say,
        command: Sequence[str | Path],
    ) -> None:
        self._command = command
        self._home = chosen.home
        self._port = chosen.port
        self._wants_whatsapp = chosen.whatsapp
        self._wants_paynow = chosen.paynow
        self._environ = environ
        self._say = say
        self._postgres: Postgres | None = None
        self._model: SmallModel | None = None
        self._whatsapp: WhatsApp | None = None
        self._paynow: Paynow | None = None
        self._server: Server | None = None

    def start(self) -> None:
        """Returns when people can ask."""
        server.check_port(self._port)
        url = self._start_postgres()
        environ = settings.for_server(
            self._environ,
            port=self._port,
            database_url=url,
            operators_key=operators_key(self._home / "operators.key"),
        )
        models = settings.models(environ)
        if not models:
            models = (self._start_model().upstream,)
            environ = settings.with_model(environ, models[0])
        self._set_prices(url, [model.name for model in models])
        self._server = Server(
            self._port, log=self._home / "server.log", command=self._command
        )
        if self._wants_whatsapp and not settings.has_number(environ):
            environ |= self._start_whatsapp(self._server.url).settings
        if self._wants_paynow and not settings.sells(environ):
            environ |= self._start_paynow(self._server.url).settings
        self._say("Starting the server")
        self._server.start(environ)
        signed_up = demo.sign_up(
            self._home / "demo.json", self._server.url, self._server.post
        )
        with psycopg2.connect(url) as connection:
            demo.grant(connection)
        connection.close()
        self._invite(self._server.url, signed_up)

    def watch(self) -> None:
        """Returns never; raises ChildEnded when a process ended."""
        while True:
            for child in self._children():
                if not child.alive:
                    raise child.ended()
            time.sleep(LOOK)

    def stop(self, hurried: Callable[[], bool]) -> None:
        """Ends the server, which may have to write, before what it writes to."""
        if self._server is not None:
            self._server.stop(hurried=hurried)
        if self._whatsapp is not None:
            self._whatsapp.stop()
        if self._paynow is not None:
            self._paynow.stop()
        if self._model is not None:
            self._model.stop()
        if self._postgres is not None:
            self._postgres.stop(hurried=hurried)

    def _children(self) -> list[Child]:
        doubles = (self._whatsapp, self._paynow)
        parts = (self._server, *doubles, self._model, self._postgres)
        return [part.child for part in parts if part is not None]

    def _start_postgres(self) -> str:
        self._say(f"Starting PostgreSQL in {self._home / 'postgres'}")
        self._postgres = Postgres(
            self._home / "postgres",
            log=self._home / "postgres.log",
            programs=find_programs(),
        )
        self._postgres.start()
        self._postgres.create_database(DATABASE)
        url = self._postgres.url(DATABASE)
        try:
            for name in migrations.migrate(url):
                self._say(f"  applied {name}")
        except migrations.SchemaTooNew as error:
            raise CannotRun(str(error)) from None
        return url

    def _start_model(self) -> SmallModel:
        self._say("Starting a small model (a demo: its facts are often wrong)")
        self._model = SmallModel(self._home / "model.log")
        self._model.start()
        return self._model

    def _start_whatsapp(self, server: str) -> WhatsApp:
        self._say("Starting a WhatsApp of this machine, with a page as its phones")
        self._whatsapp = WhatsApp(self._home, server, self._port)
        self._whatsapp.start()
        return self._whatsapp

    def _start_paynow(self, server: str) -> Paynow:
        self._say("Starting a Paynow of this machine, with a page as its wallets")
        self._paynow = Paynow(self._home, server)
        self._paynow.start()
        return self._paynow

    def _set_prices(self, url: str, models: list[str]) -> None:
        with psycopg2.connect(url) as connection:
            priced = {row.price.model for row in operator.list_prices(connection)}
            for name in models:
                if name not in priced:
                    price = PRICES.get(name, Price(name, 1000, 1000))
                    operator.set_price(connection, price)
        connection.close()

    def _invite(self, url: str, signed_up: Demo | None) -> None:
        account = "  The demo account's password is lost with demo.json: sign up anew."
        if signed_up is not None:
            account = f"  Sign in with {signed_up.phone}, password {signed_up.password}"
        self._say(f"ZimGPT is ready on {url}")
        self._say(account)
        if self._whatsapp is not None:
            self._say(f"  Play with WhatsApp: {self._whatsapp.url}")
        if self._paynow is not None:
            self._say(f"  Pay with anybody's wallet: {self._paynow.url}")
        self._say(
            "  Ask at a terminal: .venv/bin/python -m zimgpt ask"
            f' "Who are you?" --url {url}'
        )
        self._say(f"  Logs are in {self._home}. Ctrl-C stops everything.")
