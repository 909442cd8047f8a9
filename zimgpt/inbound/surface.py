"""Where the site is, and the headers that keep browsers on the safe side."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import attrs

CSP: Final = (
    "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src {connect}; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)

HEADERS: Final = {
    b"X-Content-Type-Options": b"nosniff",
    b"Referrer-Policy": b"strict-origin-when-cross-origin",
    b"Cross-Origin-Opener-Policy": b"same-origin",
    b"Cross-Origin-Resource-Policy": b"same-origin",
    b"Permissions-Policy": b"camera=(), microphone=(), geolocation=()",
}

HSTS: Final = b"max-age=63072000; includeSubDomains"


@attrs.frozen
class Surface:
    """``origins`` are those of our own pages, as browsers write them:
    ``https://zimgpt.example`` or ``http://127.0.0.1:8080``.

    ``secure`` says that people reach us over TLS, whoever ends it.
    """

    origins: frozenset[str]
    secure: bool
    scripts: tuple[str, ...] = ()
    """CSP sources of the code that stands inside our pages."""

    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Headers of every response (OWASP HTTP Headers; ASVS 5.0, 3.4)."""
        headers = {**HEADERS, b"Content-Security-Policy": self._policy().encode()}
        if self.secure:
            headers[b"Strict-Transport-Security"] = HSTS
        return tuple(headers.items())

    def _policy(self) -> str:
        # Older browsers do not count websockets as 'self'.
        sockets = sorted(
            ("wss://" if urlsplit(origin).scheme == "https" else "ws://")
            + urlsplit(origin).netloc
            for origin in self.origins
        )
        return CSP.format(
            script=" ".join(["'self'", *self.scripts]),
            connect=" ".join(["'self'", *sockets]),
        )
