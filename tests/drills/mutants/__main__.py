"""A node that is wrong on purpose: drills must notice, or their passes mean nothing.

``python -m tests.drills.mutants NAME`` takes twistd's arguments after the name.
"""

from __future__ import annotations

import sys

from tests.drills.mutants import MUTANTS


def main() -> None:
    """twistd with the fault."""
    from twisted.scripts.twistd import run

    MUTANTS[sys.argv.pop(1)]()
    run()


if __name__ == "__main__":
    main()
