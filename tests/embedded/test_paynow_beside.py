"""What the double and its server know each other by, in every life of a folder."""

from __future__ import annotations

import socket
from pathlib import Path

from zimgpt.embedded.paynow import __main__ as program
from zimgpt.embedded.paynow.beside import IDS, Paynow, kept


def test_it_is_the_same_in_every_life(tmp_path: Path) -> None:
    """Ports and keys; only the owner of the file can read it."""
    file = tmp_path / "paynow.json"

    first, second = kept(file), kept(file)

    assert first == second
    assert set(first.keys) == set(IDS)
    assert file.stat().st_mode & 0o077 == 0
    assert all(key not in repr(first) for key in first.keys.values())


def test_a_taken_port_is_left_to_others(tmp_path: Path) -> None:
    """Another is found; the keys stay, for callbacks may still come."""
    file = tmp_path / "paynow.json"
    first = kept(file)

    with socket.create_server(("127.0.0.1", first.port)):
        second = kept(file)

    assert second.port != first.port
    assert second.keys == first.keys


def test_what_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    """A file that was cut off, or of another kind."""
    file = tmp_path / "paynow.json"
    for text in ("", "{", "[]", "{}", '{"merchants": [{}]}'):
        file.write_text(text)
        assert len(kept(file).keys) == len(IDS)


def test_the_program_knows_the_same_merchants(tmp_path: Path) -> None:
    """By the file, and not by its command line."""
    from twisted.internet.task import Clock

    beside = Paynow(tmp_path, "http://127.0.0.1:8080")
    chosen = program.options(["--keys", str(tmp_path / "paynow.json")])

    merchants = program.gateway(chosen, Clock()).book.merchants

    told = beside.settings
    assert {m.key for m in merchants.values()} == {
        told["ZIMGPT_PAYNOW_USD_KEY"],
        told["ZIMGPT_PAYNOW_ZWG_KEY"],
    }
    assert merchants[IDS["ZWG"]].currency == "ZWG"
    assert not merchants[IDS["ZWG"]].test
