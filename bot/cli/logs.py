"""The log of `serve`: lines to read, or a JSON object a line for what collects logs. No secret stands in either."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType

NOISY = ("slack_bolt", "slack_sdk", "urllib3", "waitress")  # they say at INFO what only their makers need
SHOWN = "%(asctime)s %(levelname)s %(name)s: %(message)s"
SLACKS = r"x(?:ox[a-z]|app)(?:\.xox[a-z])?-[A-Za-z0-9-]{8,}"
TOKENS = re.compile(rf"{SLACKS}|(?<=Bearer )[^\s'\"]+")
LEAST = 6  # characters: what is shorter stands in other words too, and keeps nobody out
HIDDEN = "[secret]"


def configure(secrets: Iterable[str], *, as_json: bool) -> None:
    """Write all that is logged, warned or raised in any thread to standard error, each secret hidden."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(secrets) if as_json else _Lines(secrets))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _fell
    threading.excepthook = lambda fell: _fell(fell.exc_type, fell.exc_value or fell.exc_type(), fell.exc_traceback)


def _fell(kind: type[BaseException], what: BaseException, where: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("nobody caught this", exc_info=(kind, what, where))


class _Lines(logging.Formatter):
    """Lines for people; the traceback below."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(SHOWN)
        self._secrets = sorted((secret for secret in secrets if len(secret) >= LEAST), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Write a record, whatever it quotes."""
        return self.hidden(super().format(record))

    def hidden(self, text: str) -> str:
        """Hide what signs anybody in: our own secrets, and whatever has the form of Slack's or stands after Bearer."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return TOKENS.sub(HIDDEN, text)


class _Json(_Lines):
    """An object a line: at, level, logger, thread, message; `error` where something was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record on one line."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "thread": record.threadName,
            "message": self.hidden(record.getMessage()),
        }
        if record.exc_info:
            said["error"] = self.hidden(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)
