"""People with money and a session each, as many as the load client has sockets."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import sys
import uuid
from pathlib import Path

import psycopg2

TOKENS = 1_000_000_000

SESSION = """
    insert into sessions (id, user_id, token_digest, client, expires_at)
    values (%s, %s, %s, 'bench', now() + interval '1 day')
"""


def main() -> None:
    """Prints where the session tokens are, one a line."""
    count = max(int(os.environ["PERF_N"]), 4)
    tokens = [secrets.token_bytes(32) for _ in range(count)]
    start = secrets.randbelow(8_000_000)
    connection = psycopg2.connect(os.environ["ZIMGPT_DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        for number, token in enumerate(tokens):
            phone = f"+26377{(start + number) % 10_000_000:07d}"
            cursor.execute("select open_account(%s, '', %s)", (phone, TOKENS))
            (user,) = cursor.fetchone() or (None,)
            digest = hashlib.sha256(_written(token).encode()).digest()
            cursor.execute(SESSION, (str(uuid.uuid4()), user, digest))
    path = Path(os.environ["PERF_RUN"]) / "tokens.txt"
    path.write_text("".join(f"{_written(token)}\n" for token in tokens))
    json.dump({"line": {"file": str(path)}}, sys.stdout)
    print()


def _written(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode()


if __name__ == "__main__":
    main()
