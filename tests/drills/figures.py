"""What a drill works out from what it has measured."""

from __future__ import annotations

from collections.abc import Sequence


def p99(seconds: Sequence[float]) -> float:
    """What one in a hundred exceeds; 0 when nothing was measured."""
    if not seconds:
        return 0.0
    return sorted(seconds)[min(len(seconds) - 1, len(seconds) * 99 // 100)]


def p95(seconds: Sequence[float]) -> float:
    """What one in twenty exceeds; 0 when nothing was measured."""
    if not seconds:
        return 0.0
    return sorted(seconds)[min(len(seconds) - 1, len(seconds) * 95 // 100)]
