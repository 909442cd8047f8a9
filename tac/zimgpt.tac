"""The same program for ``twistd -ny tac/zimgpt.tac``, configured by ZIMGPT_* alone.

For those who wrap it: add your own services to ``application``.
"""

import sys

from twisted.application import service
from twisted.python.usage import UsageError

from zimgpt.tap import Options, makeService

options = Options()
try:
    options.parseOptions([])
except UsageError as error:
    sys.exit(f"zimgpt: {error}")

application = service.Application("zimgpt")
makeService(options).setServiceParent(application)
