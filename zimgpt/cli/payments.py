"""``payments``: what people buy, what needs a person, and an operator's word."""

from __future__ import annotations

from zimgpt.cli.command import Subparsers
from zimgpt.cli.desk import correcting, deciding, looking, reckoning


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command and its verbs."""
    parser = subparsers.add_parser(
        "payments",
        help="look at payments, decide on them, count them up",
        description="Nearly all payments settle by themselves. `queue` shows those that"
        " do not. What is decided here is written once, with who and why.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    looking.add(verbs)
    deciding.add(verbs)
    correcting.add(verbs)
    reckoning.add(verbs)
