"""The ports beside Slack's: health for whoever restarts the bot, metrics for who plots it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from brought_forward.bot.cli.http import HEALTH, answer, end, health, listening
from brought_forward.bot.cli.watch import Watch
from brought_forward.bot.settings import Settings
from brought_forward.storage.gauges import Gauges

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

NAMED = "BALANCES_HEALTH_PORT or BALANCES_METRICS_PORT"


@contextmanager
def sides(settings: Settings, watch: Watch, gauges: Gauges) -> Iterator[None]:
    """Serve what is asked for on ports of its own. Raises SettingsError where one cannot be had."""
    served: dict[int, dict[str, WSGIApplication]] = {}
    if (port := settings.balances_health_port) is not None:
        served[port] = {path: _health(watch) for path in HEALTH}
    if (port := settings.balances_metrics_port) is not None:
        from brought_forward.bot.cli.metrics import Metrics  # noqa: PLC0415 - most run without

        served.setdefault(port, {})["/metrics"] = Metrics(watch, gauges).app
    running = []
    try:
        for port, apps in served.items():
            server = listening(_routed(apps), settings.balances_bind, port, NAMED, threads=2)
            worker = threading.Thread(target=server.run, name=f"port {port}", daemon=True)
            worker.start()
            running.append((server, worker))
        yield
    finally:
        for server, worker in running:
            end(server, worker)


def _health(watch: Watch) -> WSGIApplication:
    return lambda environ, start_response: health(watch, environ, start_response)


def _routed(apps: dict[str, WSGIApplication]) -> WSGIApplication:
    def route(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        app = apps.get(environ["PATH_INFO"])
        if app is None or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return answer(start_response, "404 Not Found", b'{"error": "not found"}')
        return app(environ, start_response)

    return route
