"""Stands in for the server: it signs people up, and is healthy, where it is told."""

from __future__ import annotations

import json
import os
import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psycopg2


class Answer(BaseHTTPRequestHandler):
    """Two doors of the real one."""

    def do_GET(self) -> None:
        """/healthz"""
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        """/api/v1/accounts"""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(201 if opened(asked["phone"]) else 409)
        self.end_headers()


def opened(phone: str) -> bool:
    """Whether there is a new account."""
    with psycopg2.connect(os.environ["ZIMGPT_DATABASE_URL"]) as connection:
        cursor = connection.cursor()
        cursor.execute("select open_account(%s, 'hash', 7)", (phone,))
        return cursor.fetchone() != (None,)


if __name__ == "__main__":
    listens = re.match(r"tcp:(\d+):interface=(.+)", os.environ["ZIMGPT_LISTEN"])
    assert listens is not None
    home = Path(os.environ["ZIMGPT_HOME"])
    doubles = ("ZIMGPT_WHATSAPP", "ZIMGPT_PAYNOW")
    told = {k: v for k, v in os.environ.items() if k.startswith(doubles)}
    (home / "server.told").write_text(json.dumps(told))
    (home / "server.pid").write_text(str(os.getpid()))
    HTTPServer((listens[2], int(listens[1])), Answer).serve_forever()
