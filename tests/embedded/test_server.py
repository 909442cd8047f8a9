"""The server's process, as it is seen from outside."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from zimgpt.embedded.server import COMMAND, PortTaken, Server, check_port


def test_a_taken_port_is_told_with_another_to_take() -> None:
    """Before anything is started, the sentence names the variable to set."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            check_port(port)

    assert f"Port {port} cannot be used" in str(refused.value)
    assert "ZIMGPT_PORT=8080" in str(refused.value)


def test_a_free_port_is_fine() -> None:
    """A port that a server has just left can be used at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    check_port(port)


def test_it_is_the_program_that_runs_everywhere(tmp_path: Path) -> None:
    """What is started is twistd with our plugin, in the environment we run in."""
    assert COMMAND[0].name == "twistd"
    assert COMMAND[-1] == "zimgpt"

    Server(8080, log=tmp_path / "log").stop()  # nothing to stop yet
