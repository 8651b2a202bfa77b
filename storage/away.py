"""A database that is away is told once a minute: what asks it again several times a second would fill the log."""

import logging
import time

EVERY = 60.0  # seconds
SIGNS = (  # what libpq, the pool and the engine write of it
    "OperationalError",
    "connection failed",
    "connection timeout",
    "error connecting in",
    "reconnection attempt in pool",
    "discarding closed connection",
    "server closed the connection",
    "terminating connection",
    "connection is closed",
)


class _OnceAMinute(logging.Filter):
    """Let pass what is of another matter; of this one, a line a minute, without the pages that go with it."""

    def __init__(self) -> None:
        super().__init__()
        self._said = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is written."""
        if record.levelno > logging.WARNING or not any(sign in record.getMessage() for sign in SIGNS):
            return True
        if time.monotonic() - self._said < EVERY:
            return False
        self._said = time.monotonic()
        record.msg, record.args, record.exc_info = "the database does not answer; it is asked again", (), None
        return True


_once = _OnceAMinute()


def tell_once(*loggers: str) -> None:
    """Let these loggers tell of it so from now on."""
    for one in loggers:
        logging.getLogger(one).addFilter(_once)  # once each, however often
