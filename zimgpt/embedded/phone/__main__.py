"""``python -m zimgpt.embedded.phone``: runs until it is ended; prints where."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from random import SystemRandom

from twisted.internet.interfaces import IReactorTime
from twisted.logger import ILogObserver, LogEvent, globalLogBeginner
from zope.interface import implementer

from zimgpt.embedded.phone import people
from zimgpt.embedded.phone.program import Phones, listen


def options(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """What it was told."""
    parser = argparse.ArgumentParser(
        prog="python -m zimgpt.embedded.phone",
        description="A WhatsApp on loopback, and a page that plays people's phones.",
    )
    parser.add_argument("--port", type=int, default=0, help="to listen on; 0: any")
    parser.add_argument("--webhook", required=True, help="the server's callback URL")
    parser.add_argument("--secret", required=True, help="the app secret")
    parser.add_argument("--verify-token", default="verify", help="of the handshake")
    parser.add_argument("--token", default="token", help="the access token")
    parser.add_argument("--number", default=people.NUMBER, help="the number's id")
    return parser.parse_args(argv)


def phones(chosen: argparse.Namespace, clock: IReactorTime) -> Phones:
    """The program that these options mean."""
    return Phones(
        clock,
        secret=chosen.secret,
        token=chosen.token,
        number=chosen.number,
        dice=SystemRandom(),
    )


@implementer(ILogObserver)
def _forget(event: LogEvent) -> None:
    """Otherwise events are kept in memory for a log that never begins."""


def main() -> None:
    """Runs it."""
    from twisted.internet import reactor

    chosen = options()
    globalLogBeginner.beginLoggingTo([_forget], redirectStandardIO=False)
    running = phones(chosen, reactor)
    _, url = listen(running, chosen.port)
    running.connect(chosen.webhook, chosen.verify_token)
    print(url, flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
