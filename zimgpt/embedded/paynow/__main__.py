"""``python -m zimgpt.embedded.paynow``: runs until it is ended; prints where."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

from twisted.internet.interfaces import IReactorTime

from zimgpt.embedded.doubles import logs
from zimgpt.embedded.paynow.keeping import File
from zimgpt.embedded.paynow.merchants import Merchant
from zimgpt.embedded.paynow.program import Gateway, listen


def options(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """What it was told."""
    parser = argparse.ArgumentParser(
        prog="python -m zimgpt.embedded.paynow",
        description="A Paynow on loopback, and a page that plays people's handsets.",
    )
    parser.add_argument("--port", type=int, default=0, help="of the gateway; 0: any")
    parser.add_argument(
        "--console", type=int, default=0, help="of the page and control"
    )
    parser.add_argument("--file", type=Path, help="where payments are kept")
    parser.add_argument(
        "--door",
        action="append",
        default=[],
        metavar="URL",
        help="where callbacks go, in turn, instead of where merchants say",
    )
    _add_merchants(parser)
    return parser.parse_args(argv)


def _add_merchants(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--merchant",
        action="append",
        default=[],
        metavar="CURRENCY:ID:KEY",
        help="an integration; once for each currency",
    )
    parser.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="a JSON file with merchants, for a command line can be read by everybody",
    )
    parser.add_argument("--email", default="", help="the merchants' login address")
    parser.add_argument("--test", action="store_true", help="in test mode")


def gateway(chosen: argparse.Namespace, clock: IReactorTime) -> Gateway:
    """The program that these options mean."""
    merchants = [] if chosen.keys is None else _kept(chosen.keys)
    for written in chosen.merchant:
        currency, number, key = written.split(":", 2)
        merchants.append(
            Merchant(
                id=int(number),
                key=key,
                currency=currency,
                email=chosen.email,
                test=chosen.test,
            )
        )
    shelf = None if chosen.file is None else File.open(chosen.file)
    made = Gateway(clock, *merchants, shelf=shelf, dice=SystemRandom())
    made.book.habits.doors = tuple(chosen.door)
    return made


def _kept(file: Path) -> list[Merchant]:
    return [Merchant(**said) for said in json.loads(file.read_text())["merchants"]]


def main() -> None:
    """Runs it."""
    from twisted.internet import reactor

    chosen = options()
    logs.forget()
    running = gateway(chosen, reactor)
    _, url, console = listen(running, chosen.port, chosen.console)
    running.resume()
    print(url, console, flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
