"""What is told to Prometheus, and what is when something cannot be read."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent

from tests.fakes.results import result_of
from zimgpt.domain.errors import Unavailable
from zimgpt.observe.metrics import PATIENCE, Metric, Reading, exposition


def told(*metrics: Metric) -> dict[tuple[str, ...], float]:
    """Every sample of ours, by its name and its labels' values."""
    return parsed(result_of(Deferred.fromCoroutine(exposition(metrics, Clock()))))


def parsed(text: bytes) -> dict[tuple[str, ...], float]:
    """Samples as Prometheus would read them."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if not sample.name.startswith("process_")
    }


def test_a_number_is_told() -> None:
    """Gauges and counters under their own names."""
    assert told(
        Metric("cups", "gauge", "Cups.", lambda: 3),
        Metric("drunk_total", "counter", "Cups drunk.", lambda: 12),
    ) == {("cups",): 3, ("drunk_total",): 12, ("zimgpt_metrics_missing",): 0}


def test_a_number_for_each_of_several() -> None:
    """One label tells them apart, whatever its values are."""
    read = {"a": 1.0, 'b "x"\n': 2.0}

    samples = told(Metric("cups", "gauge", "Cups.", lambda: read, "kind"))

    assert samples["cups", "a"] == 1
    assert samples["cups", 'b "x"\n'] == 2


def test_what_must_be_asked_for_is_awaited() -> None:
    """A reading may come from the database."""
    asked: Deferred[Reading] = Deferred()
    metric = Metric("dead", "gauge", "Dead.", lambda: asked)
    telling = Deferred.fromCoroutine(exposition([metric], Clock()))
    texts: list[bytes] = []
    telling.addCallback(texts.append)
    assert texts == []

    asked.callback(4.0)

    assert parsed(texts[0])["dead",] == 4


def away() -> float:
    """Cannot be read."""
    raise Unavailable


def test_what_cannot_be_read_hides_nothing_else(tidy: list[LogEvent]) -> None:
    """It is missing, which is told, and the rest is there."""
    samples = told(
        Metric("dead", "gauge", "Dead.", away),
        Metric("cups", "gauge", "Cups.", lambda: 3),
    )

    assert samples == {("cups",): 3, ("zimgpt_metrics_missing",): 1}
    [event] = tidy
    assert event["name"] == "dead"
    tidy.clear()


def test_what_takes_too_long_is_not_waited_for(tidy: list[LogEvent]) -> None:
    """A database that hangs does not make the scrape hang."""
    clock = Clock()
    asked: Deferred[Reading] = Deferred()
    metric = Metric("dead", "gauge", "Dead.", lambda: asked)
    texts: list[bytes] = []
    Deferred.fromCoroutine(exposition([metric], clock)).addCallback(texts.append)

    clock.advance(PATIENCE)

    assert parsed(texts[0]) == {("zimgpt_metrics_missing",): 1}
    tidy.clear()


@pytest.mark.parametrize("name", ["process_open_fds", "process_resident_memory_bytes"])
def test_the_process_is_told_of(name: str) -> None:
    """Files and memory, as the system counts them."""
    text = result_of(Deferred.fromCoroutine(exposition([], Clock())))

    assert f"\n{name} " in text.decode()
