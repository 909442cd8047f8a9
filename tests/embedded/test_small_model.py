"""The small model's process, with a stand-in for what is 130 MB of wheels."""

from __future__ import annotations

import http.client
import runpy
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from zimgpt.embedded import children, small_model
from zimgpt.embedded.small_model import NoSmallModel, SmallModel

STAND_INS = Path(__file__).parent / "stand_ins"
TOLD = "('SmolLM2-135M-Instruct.Q4_1.gguf', {'smollm2-135m-demo'}, 4096, 2, 1.15, True)"


@pytest.fixture
def wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-ins are found, here and in the child."""
    monkeypatch.syspath_prepend(STAND_INS)
    monkeypatch.setenv("PYTHONPATH", f"{STAND_INS}:{Path.cwd()}")


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wheel is found."""
    monkeypatch.setattr("zimgpt.embedded.small_model.find_spec", lambda _: None)


def _said(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


@pytest.mark.usefixtures("wheels")
def test_it_serves_in_a_process_of_its_own(tmp_path: Path) -> None:
    """It answers on the loopback under a name that says what it is, until stopped."""
    model = SmallModel(tmp_path / "log")

    model.start()
    upstream = model.upstream
    port = int(upstream.base_url.removeprefix("http://127.0.0.1:").removesuffix("/v1"))
    said = _said(port)
    model.stop()
    model.stop()  # nothing to stop any more

    assert said == TOLD
    assert upstream.name == "smollm2-135m-demo"
    assert "often wrong" in (upstream.label or "")
    with pytest.raises(ConnectionRefusedError):
        _said(port)


@pytest.mark.usefixtures("nothing")
def test_without_its_wheels_it_says_what_to_do(tmp_path: Path) -> None:
    """Who has no model is told of both ways to one."""
    with pytest.raises(NoSmallModel) as lack:
        SmallModel(tmp_path / "log")

    assert "OPENAI_API_KEY" in str(lack.value)
    assert "requirements/model.txt" in str(lack.value)


class Enough(Exception):  # noqa: N818
    """Ends what would go on for ever."""


@pytest.fixture
def enough() -> Iterator[None]:
    """Raises Enough in a moment."""

    def ring(*_: object) -> None:
        raise Enough

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("wheels", "enough")
def test_it_serves_until_it_is_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run as a program it serves on the port it is given, says so, and waits."""
    (port,) = children.free_ports(1)
    monkeypatch.setattr("sys.argv", ["small_model", str(port)])

    with pytest.raises(Enough):
        runpy.run_path(small_model.__file__, run_name="__main__")

    assert f"listens on http://127.0.0.1:{port}" in capsys.readouterr().out
    assert _said(port) == TOLD
