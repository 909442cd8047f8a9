"""What a coroutine came to, without a reactor."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


def result_of(work: Coroutine[Any, Any, T] | Deferred[T]) -> T:
    """Its result; fails loudly when it has none yet."""
    results: list[T | Failure] = []
    deferred = work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)
    deferred.addBoth(results.append)
    assert results, "still waiting"
    [result] = results
    if isinstance(result, Failure):
        result.raiseException()
    return result


def begun(work: Coroutine[Any, Any, T]) -> Deferred[T]:
    """Work that goes on while the test does other things."""
    return Deferred.fromCoroutine(work)
