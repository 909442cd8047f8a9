"""``python -m zimgpt``."""

import sys

from zimgpt.cli import main

if __name__ == "__main__":
    sys.exit(main())
