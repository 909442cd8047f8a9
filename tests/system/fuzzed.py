"""Requests that Schemathesis makes of ``openapi.yaml``, sent to a node that does all.

    python -m tests.system.fuzzed --examples 200 --seed 7

starts PostgreSQL, RabbitMQ, a node, and the doubles of the model, of Paynow and of
WhatsApp, and shows what was sent and what was not as documented. `make fuzz` does that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from tests.servers.postgresql import PostgreSQL
from tests.servers.rabbitmq import RabbitMQ
from tests.system import phone
from tests.system.harness import House, Plan
from tests.system.people import Person
from tests.system.phone import Telephony
from tests.system.till import opened
from zimgpt.store import invariants

Json = dict[str, Any]

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.yaml"
NODE = "all"
ENDERS = ("sign_out", "sign_out_everywhere", "leave")
"""Operations after which a session asks for nothing more; they come last."""
UNLIMITED: Json = {
    "requests_per_minute": 1_000_000,
    "connects_per_second": 100_000,
    "sign_ins_per_minute": 100_000,
    "sign_ups_per_hour": 100_000,
    "exports_per_minute": 100_000,
}
SETTINGS = """
seed = {seed}
continue-on-failure = true
request-timeout = 40
warnings = false
[cache]
enabled = false
[generation]
database = "none"
max-examples = {examples}
[auth.openapi.bearer]
bearer = "{token}"
[auth.openapi.key]
bearer = "{key}"
[parameters]
# Nobody waits for news that will not come.
"query.wait" = 0
[checks.positive_data_acceptance]
# What a phone number or a voucher's code is, is said in sentences.
enabled = false
[[operations]]
# By GET this address is that of an essay, which is not there.
include-operation-id = "price"
checks.unsupported_method.enabled = false
checks.allow_header_conformance.enabled = false
"""


@attrs.frozen
class Fuzzing:
    """How much is tried, and from which beginning."""

    examples: int
    seed: int

    def faults(self, house: House) -> list[str]:
        """Everything that was not as documented, and everything that it left behind."""
        ends = [f"--include-operation-id={name}" for name in ENDERS]
        ends.append("--phases=examples,coverage,fuzzing")
        others = [f"--exclude-operation-id={name}" for name in ENDERS]
        said = [self._run(house, others), self._run(house, ends)]
        node = house[NODE]
        wrong = [line for line in node.log().splitlines() if "went wrong" in line]
        broken = [str(fault) for fault in invariants.violations(house.database)]
        return [*filter(None, said), *house.tracebacks(), *wrong, *broken]

    def _run(self, house: House, selected: list[str]) -> str:
        """What Schemathesis says; nothing if it found nothing."""
        url = house[NODE].url
        person = Person.sign_up(url)
        wish = {"name": "fuzz", "per_minute": 600}
        key = person.call("POST", "/api/v1/keys", wish).json["secret"]
        with TemporaryDirectory(prefix="zimgpt-fuzz-") as folder:
            settings = Path(folder) / "schemathesis.toml"
            settings.touch(mode=0o600)
            settings.write_text(
                SETTINGS.format(token=person.token, key=key, **attrs.asdict(self))
            )
            program = [sys.executable, "-m", "schemathesis.cli"]
            command = [*program, "--config-file", str(settings), "run", str(DOCUMENT)]
            done = subprocess.run(
                [*command, f"--url={url}", "--no-color", *selected],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
        return "" if done.returncode == 0 else done.stdout + done.stderr


@contextmanager
def everything(database: str, broker: str) -> Iterator[House]:
    """A node that sells and has a WhatsApp number, with all that it speaks to."""
    with TemporaryDirectory(prefix="zimgpt-phones-") as folder:
        phones = Telephony(Path(folder))
        settings = UNLIMITED | phone.settings(phones.port)
        try:
            with opened(
                lambda more: House(
                    database, nodes=[Plan(NODE)], broker=broker, **more, **settings
                )
            ) as shop:
                phones.start(shop.house[NODE].url)
                yield shop.house
        finally:
            phones.end()


def main() -> int:
    """The exit status: 0 when everything was as documented."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="for each operation")
    parser.add_argument("--seed", type=int, default=1)
    fuzzing = Fuzzing(**vars(parser.parse_args()))
    with (
        PostgreSQL() as postgres,
        RabbitMQ() as rabbitmq,
        postgres.database() as url,
        everything(url, rabbitmq.vhost()) as house,
    ):
        faults = fuzzing.faults(house)
    sys.stdout.write("".join(f"{fault}\n" for fault in faults))
    sys.stdout.write(f"{len(faults)} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
