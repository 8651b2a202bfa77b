"""What Prometheus may ask: counts and times, with no label that names a firm, a person or a matter."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from brought_forward.bot.cli.watch import Watch
from brought_forward.storage.gauges import Gauges
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

OURS = "brought_forward"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0)  # Slack waits three


class Metrics:
    """The numbers, from the watch's last look; whoever asks does not touch the database."""

    def __init__(self, watch: Watch, gauges: Gauges) -> None:
        self._watch, self._gauges = watch, gauges
        self._batches: dict[str, int] = {}
        self._entries: dict[str, int] = {}
        self._calls, self._quota, self._left = 0, 0, 0
        registry = CollectorRegistry()
        took = Histogram(f"{OURS}_acknowledgement_seconds", "From what Slack sent to the bot's answer.",
                         buckets=SECONDS, registry=registry)  # fmt: skip
        ProcessCollector(registry=registry)
        registry.register(self)
        watch.took, watch.count = took.observe, self._count
        self.app: WSGIApplication = make_wsgi_app(registry)

    def _count(self) -> None:
        self._batches, self._entries = self._gauges.batches(), self._gauges.entries()
        self._calls, (self._quota, self._left) = self._gauges.calls(), self._gauges.window()

    def collect(self) -> Iterator[Metric]:
        """Give each number to Prometheus."""
        yield _by_state("batches", "Batches by status.", self._batches, list(BatchStatus))
        yield _by_state("entries", "Entries by what became of them.", self._entries, list(EntryState))
        yield CounterMetricFamily(f"{OURS}_clio_calls", "Calls to Clio that were given a place.", value=self._calls)
        yield _gauge("clio_limit", "Calls that Clio allows in a window.", self._quota)
        yield _gauge("clio_limit_left", "Of these, what is left of the window at hand.", self._left)
        yield _gauge("outbox_messages", "Messages that Slack does not show yet.", self._watch.owed())
        yield _gauge("outbox_age_seconds", "How long the oldest of them has been owed.", self._watch.outbox_age())
        yield _gauge("slack_connected", "Whether Slack reaches the bot.", self._watch.hears())
        yield _gauge("database_writable", "Whether the database can be written.", self._watch.writable)
        build = GaugeMetricFamily(f"{OURS}_build", "The version.", labels=["version"])
        build.add_metric([_version()], 1)
        yield build


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{OURS}_{name}", about, value=float(value))


def _by_state(name: str, about: str, counts: dict[str, int], states: list[str]) -> Metric:
    made = GaugeMetricFamily(f"{OURS}_{name}", about, labels=["state"])
    for state in states:
        made.add_metric([str(state)], counts.get(state, 0))
    return made


def _version() -> str:
    try:
        return version("brought-forward")
    except PackageNotFoundError:
        return "unknown"
