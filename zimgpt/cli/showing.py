"""What commands print: tables and parts for people, plain values for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines with their columns under each other; the first row is the heading."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def part(name: str, values: Mapping[str, Any]) -> Iterator[str]:
    """A heading, and a line for each value."""
    yield name
    for key, value in values.items():
        said = "-" if value is None else " ".join(str(value).split())
        yield f"  {key.replace('_', ' ')}: {said}"


def span(seconds: float) -> str:
    """A stretch of time in its largest unit."""
    sign, whole = ("-" if seconds < 0 else ""), int(abs(seconds))
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if whole >= 2 * size:
            return f"{sign}{whole // size}{unit}"
    return f"{sign}{whole}s"


def moment(at: datetime | None) -> str:
    """A point in time, to the minute; - for none."""
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M}"


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """The same for JSON: times in ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
