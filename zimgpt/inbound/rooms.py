"""What all groups of routes have in common."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from twisted.web.server import Request

from zimgpt.domain.errors import Refusal
from zimgpt.inbound.refusals import tell

R = TypeVar("R")
P = ParamSpec("P")

log = Logger()

Tells = Callable[..., bytes]
"""What tells a failure to the asker of a request."""


def room(told: Tells | None = None) -> Klein:
    """A router whose failures are told in JSON, by ``told`` where the shape is
    another, and which redirects nobody.

    Klein's merging of slashes would answer ``//evil.example`` with a way there.
    """
    router = Klein()
    router.url_map.merge_slashes = False
    router.handle_errors(Exception)(told or _told)
    return router


def _told(self: object, request: IRequest, failure: Failure) -> bytes:  # noqa: ARG001
    return tell(cast(Request, request), failure)


def whole(
    route: Callable[Concatenate[R, Request, P], Coroutine[Any, Any, bytes]],
) -> Callable[Concatenate[R, Request, P], Deferred[bytes]]:
    """A route that does all of its work even when the asker hangs up midway.

    Klein cancels what a closed connection waits for; half of a sign-up, or of a
    question, is worse than one that nobody reads the answer to.
    """

    @wraps(route)
    def begin(
        self: R, request: Request, *args: P.args, **kwargs: P.kwargs
    ) -> Deferred[bytes]:
        answer: Deferred[bytes] = Deferred()
        work = Deferred.fromCoroutine(route(self, request, *args, **kwargs))
        work.addCallbacks(
            lambda body: None if answer.called else answer.callback(body),
            lambda failure: (
                _late(failure) if answer.called else answer.errback(failure)
            ),
        )
        return answer

    return cast(Callable[Concatenate[R, Request, P], Deferred[bytes]], begin)


def _late(failure: Failure) -> None:
    if not failure.check(Refusal):
        log.failure("a request went wrong after its asker had gone", failure)
