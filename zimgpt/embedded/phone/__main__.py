"""``python -m zimgpt.embedded.phone``: runs until it is ended; prints where."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

from twisted.internet.interfaces import IReactorTime

from zimgpt.embedded.doubles import logs
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
    parser.add_argument("--secret", help="the app secret")
    parser.add_argument("--verify-token", default="verify", help="of the handshake")
    parser.add_argument("--token", default="token", help="the access token")
    parser.add_argument("--number", default=people.NUMBER, help="the number's id")
    parser.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="a JSON file with secret, verify_token and token, for a command line can"
        " be read by everybody",
    )
    chosen = parser.parse_args(argv)
    if chosen.keys is not None:
        for name, value in json.loads(chosen.keys.read_text()).items():
            setattr(chosen, name, value)
    if not chosen.secret:
        parser.error("one of --secret and --keys is needed")
    return chosen


def phones(chosen: argparse.Namespace, clock: IReactorTime) -> Phones:
    """The program that these options mean."""
    return Phones(
        clock,
        secret=chosen.secret,
        token=chosen.token,
        number=chosen.number,
        dice=SystemRandom(),
    )


def main() -> None:
    """Runs it."""
    from twisted.internet import reactor

    chosen = options()
    logs.forget()
    running = phones(chosen, reactor)
    _, url = listen(running, chosen.port)
    running.connect(chosen.webhook, chosen.verify_token)
    print(url, flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
