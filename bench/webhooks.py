"""Posts signed WhatsApp webhooks at a steady pace, and tells how soon they were taken.

    python -m bench.webhooks URL --secret FILE [--rate 300] [--seconds 30] [--out FILE]

One in four is a message, from one of many people; the others are news of messages, as
Meta sends three for each of ours. An answer's time counts from when its webhook is due,
whether or not a connection was free: what waits behind a slow one is slow, too.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PATH = "/webhooks/whatsapp"
PEOPLE = 1_000
CONNECTIONS = 64


def main() -> int:
    """Prints one JSON line."""
    arguments = _arguments()
    result = asyncio.run(_measured(arguments))
    line = json.dumps(result)
    print(line)
    if arguments.out is not None:
        with arguments.out.open("a") as out:
            out.write(line + "\n")
    return 1 if result["errors"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.webhooks")
    parser.add_argument("url", help="a node, such as http://127.0.0.1:8080")
    parser.add_argument("--secret", type=Path, required=True, help="a file with it")
    parser.add_argument("--number", default="106540352242922", help="the number's id")
    parser.add_argument("--rate", type=float, default=300.0, help="webhooks a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--out", type=Path, help="a file of such lines")
    return parser.parse_args()


async def _measured(arguments: argparse.Namespace) -> dict[str, Any]:
    place = urlsplit(arguments.url)
    secret = arguments.secret.read_text().strip().encode()
    idle: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        idle.put_nowait(Line(place.hostname or "", place.port or 80))
    times: list[float] = []
    statuses: dict[int, int] = {}

    async def one(due: float, body: bytes) -> None:
        line = await idle.get()
        status = await line.post(body, secret)
        idle.put_nowait(line)
        times.append(time.monotonic() - due)
        statuses[status] = statuses.get(status, 0) + 1

    posts, begin = [], time.monotonic()
    for number in range(int(arguments.rate * arguments.seconds)):
        due = begin + number / arguments.rate
        body = _body(number, arguments.number)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        posts.append(asyncio.create_task(one(due, body)))
    await asyncio.gather(*posts)
    took = time.monotonic() - begin
    times.sort()
    return {
        "rate": arguments.rate,
        "posts": len(times),
        "taken_a_second": round(statuses.get(200, 0) / took, 1),
        **{f"p{p}_ms": round(_quantile(times, p) * 1000, 1) for p in (50, 95, 99)},
        "max_ms": round(times[-1] * 1000, 1),
        "errors": len(times) - statuses.get(200, 0),
    }


class Line:
    """One connection that is kept."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes, secret: bytes) -> int:
        """The status; 0 if none came."""
        try:
            return await self._post(body, hmac.digest(secret, body, "sha256").hex())
        except (OSError, asyncio.IncompleteReadError, ValueError):
            self._streams = None
            return 0

    async def _post(self, body: bytes, signature: str) -> int:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: {self._host}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"X-Hub-Signature-256: sha256={signature}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b"transfer-encoding: chunked" in answer:
            await reader.readuntil(b"0\r\n\r\n")
        else:
            length = answer.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
        return int(answer.split(b" ", 2)[1])


def _body(number: int, phone_id: str) -> bytes:
    now = str(int(time.time()))
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": "15550783881",
            "phone_number_id": phone_id,
        },
    }
    person = f"26377{secrets.randbelow(PEOPLE):07}"
    if number % 4:
        news = {"status": "delivered", "timestamp": now, "recipient_id": person}
        value["statuses"] = [{"id": _wamid(), **news}]
    else:
        said = {"from": person, "timestamp": now, "type": "text"}
        value["messages"] = [{"id": _wamid(), **said, "text": {"body": "Hello there"}}]
    entry = {
        "id": "102290129340398",
        "changes": [{"field": "messages", "value": value}],
    }
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [entry]}
    ).encode()


def _wamid() -> str:
    return f"wamid.{secrets.token_urlsafe(24)}"


def _quantile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    sys.exit(main())
