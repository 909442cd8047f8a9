"""What a supervisor is told."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.system.harness import House, Plan
from zimgpt.service.supervisor import READY, STOPPING, tell


@pytest.mark.parametrize("name", ["{}/line", "@zimgpt-test-{}"])
def test_a_supervisor_is_told(tmp_path: Path, name: str) -> None:
    """By a file or by a name outside of the file system."""
    place = name.format(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(place.replace("@", "\0"))

        tell(READY, {"NOTIFY_SOCKET": place})

        assert line.recv(99) == b"READY=1"


def test_a_supervisor_that_does_not_listen(tmp_path: Path) -> None:
    """It is the one who wanted to know."""
    tell(READY, {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    tell(READY, {})


def test_a_node_tells_when_it_is_up_and_when_it_goes(
    postgres: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the next one is restarted when this one works again."""
    place = str(tmp_path / "line")
    monkeypatch.setenv("NOTIFY_SOCKET", place)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(place)
        line.settimeout(90)
        with (
            postgres.database() as database,
            House(database, nodes=[Plan("one")]) as house,
        ):
            assert line.recv(99).decode() == READY
            house["one"].ask_to_stop()
            assert line.recv(99).decode() == STOPPING
