"""Stands in for the wheel that serves a model: it listens, and is healthy."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace


class CommonParams:
    """What the server is told."""

    def __init__(self) -> None:
        self.model = SimpleNamespace(path="")
        self.cpuparams = SimpleNamespace(n_threads=0)
        self.model_alias: set[str] = set()
        self.hostnames: list[str] = []
        self.port = 0
        self.n_ctx = 0
        self.n_parallel = 0
        self.sampling = SimpleNamespace(penalty_repeat=1.0)


class Server:
    """Answers every request with the parameters it was given, from a thread."""

    def __init__(self, parameters: CommonParams) -> None:
        said = repr(
            (
                parameters.model.path.rsplit("/", 1)[-1],
                parameters.model_alias,
                parameters.n_ctx,
                parameters.n_parallel,
                parameters.sampling.penalty_repeat,
                parameters.cpuparams.n_threads > 0,
            )
        ).encode()

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(said)

        address = (parameters.hostnames[0], parameters.port)
        Thread(target=HTTPServer(address, Answer).serve_forever, daemon=True).start()
        self.listening_address = "http://{}:{}".format(*address)
