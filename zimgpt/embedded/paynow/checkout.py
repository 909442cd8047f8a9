"""The gateway's own page, where a card or a bank would be chosen; here one button."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from importlib.resources import files
from typing import Final

from klein import Klein
from twisted.web.http import Request

from zimgpt.embedded.paynow.book import Book, NothingThere
from zimgpt.embedded.paynow.timeline import Timeline
from zimgpt.embedded.paynow.transactions import OPEN, Transaction

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none';"
    " frame-ancestors 'none'"
)
ACTS: Final = {"success": "approve", "cancel": "cancel"}


class Checkout:
    """The page. Whoever leaves it goes back to the shop, paid or not."""

    app = Klein()

    def __init__(self, book: Book, timeline: Timeline) -> None:
        self._book = book
        self._timeline = timeline

    @app.route("/Payment/ConfirmPayment/<int:number>/", branch=True, methods=["GET"])
    def _show(self, request: Request, number: int) -> bytes:
        one = self._book.numbered(number)
        if one is None or one.method != "web":
            request.setResponseCode(404)
            return b""
        request.setHeader("content-type", "text/html; charset=utf-8")
        request.setHeader("content-security-policy", POLICY)
        request.setHeader("cache-control", "no-store")
        currency = self._book.merchants[one.merchant].currency
        return _page(one, currency).encode()

    @app.route("/Payment/ConfirmPayment/<int:number>/", branch=True, methods=["POST"])
    def _act(self, request: Request, number: int) -> bytes:
        one = self._book.numbered(number)
        if request.getHeader("sec-fetch-site") not in (None, "same-origin"):
            request.setResponseCode(403)
            return b""
        args: dict[bytes, list[bytes]] = request.args or {}
        said = args.get(b"act", [b""])[0].decode(errors="replace")
        if one is None or said not in ACTS:
            request.setResponseCode(404)
            return b""
        with suppress(NothingThere):  # pressed twice: they go back all the same
            self._timeline.act(one, ACTS[said])
        request.setResponseCode(302)
        request.setHeader("location", one.return_url)
        return b""

    @app.route("/checkout.css", methods=["GET"])
    def _style(self, request: Request) -> bytes:
        request.setHeader("content-type", "text/css; charset=utf-8")
        return files(__package__).joinpath("pages", "style.css").read_bytes()


FORM: Final = """
<form method="post" class="acts">
<button name="act" value="success" class="deed">[TESTING: Faked Success]</button>
<button name="act" value="cancel">Cancel</button>
</form>"""


def _page(one: Transaction, currency: str) -> str:
    form = FORM
    if one.status not in OPEN:
        back = escape(one.return_url, quote=True)
        form = f'<p>It is {escape(one.status)}.</p><p><a href="{back}">Back</a></p>'
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pay {escape(currency)} {escape(one.charged)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/checkout.css">
</head>
<body class="checkout">
<main class="card">
<p class="soft">Simulated Paynow: no money moves here</p>
<h1>{escape(currency)} {escape(one.charged)}</h1>
<dl>
<dt>For</dt><dd>{escape(one.info or one.reference)}</dd>
<dt>Reference of the shop</dt><dd>{escape(one.reference)}</dd>
<dt>Reference of Paynow</dt><dd>{escape(one.shown_number)}</dd>
</dl>{form}
</main>
</body>
</html>
"""
