"""``python -m zimgpt``."""

import sys

from zimgpt.cli import main

sys.exit(main())
