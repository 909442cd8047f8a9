"""Traces: one for each answer, from the web over the job to the model."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import attrs
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)

from tests.service.home import MODEL, PHONE, Home, Question


@attrs.define
class Collector:
    """What was sent to it."""

    port: int
    spans: list[Any] = attrs.Factory(list)
    raw: bytearray = attrs.Factory(bytearray)

    def named(self, name: str) -> list[Any]:
        """Spans of one step."""
        return [span for span in self.spans if span.name == name]


@pytest.fixture(name="collector")
def listening() -> Iterator[Collector]:
    """One on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.raw.extend(body)
            sent = ExportTraceServiceRequest.FromString(body)
            for resource in sent.resource_spans:
                for scope in resource.scope_spans:
                    collector.spans.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield collector
    server.shutdown()
    thread.join()
    server.server_close()


async def test_web_job_and_model_are_one_trace(
    home: Home, collector: Collector
) -> None:
    """Its id is the answer's; each step is within the one around it, and says nothing
    of what was asked."""
    node, url = home.node(traces_url=f"http://127.0.0.1:{collector.port}")
    client = await home.sign_up(url)
    await Question(client, "words:3 kanari").ask()

    await home.stop(node)  # which sends what is left

    [(answer,)] = home.query("select id::text from answers")
    [ask], [job], [model] = (
        collector.named(name) for name in ("ask", "answer", "model")
    )
    assert {span.trace_id for span in (ask, job, model)} == {UUID(answer).bytes}
    assert ask.parent_span_id == b""
    assert (job.parent_span_id, model.parent_span_id) == (ask.span_id, job.span_id)
    said = {one.key: one.value.string_value for one in model.attributes}
    assert (said["model"], said["finish"]) == (MODEL, "stop")
    assert job.start_time_unix_nano <= model.start_time_unix_nano
    assert model.end_time_unix_nano <= job.end_time_unix_nano
    for secret in (b"kanari", PHONE[1:].encode()):
        assert secret not in collector.raw


async def test_a_model_that_fails(home: Home, collector: Collector) -> None:
    """Its span has the kind of error, and is still the answer's."""
    node, url = home.node(traces_url=f"http://127.0.0.1:{collector.port}")
    client = await home.sign_up(url)
    await Question(client, "fault:400").ask()

    await home.stop(node)

    [model], [job] = collector.named("model"), collector.named("answer")
    assert model.status.message == "ModelRefused"
    assert model.trace_id == job.trace_id


def test_without_them_nothing_of_it_is_loaded() -> None:
    """A node that is not asked to trace does not pay for it."""
    program = (
        "import sys, zimgpt.tap, zimgpt.service.node, zimgpt.cli;"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", program], check=False)

    assert done.returncode == 0
