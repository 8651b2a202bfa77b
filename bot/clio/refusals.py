"""What Clio refuses to show: its words, what people do about it, and what is asked for instead."""

import json
import time

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from brought_forward.bot.clio import shapes
from brought_forward.bot.errors import ClioRejected

UNKNOWN = "InvalidFields"  # Clio's type of error where it does not know a field
FORBIDDEN = 403  # the app lacks a permission, or the user whose sign-in it is does

# By how the address begins, the first that fits: what is read, and the permission as Clio's page of apps names it.
AREAS = (
    ("/users/who_am_i", "whose sign-in this is", ("Api", "Users")),
    ("/users", "the firm's users", ("Users",)),
    ("/matters", "the firm's matters", ("Matters",)),
    ("/activit", "time entries and activity descriptions", ("Activities",)),
    ("/settings/billing", "the firm's billing settings", ("Billing",)),
    ("/bills", "bills", ("Billing",)),
    ("/reports", "reports", ("Reports",)),
)


class Fields:
    """Remember which texts of fields Clio knows, and which only without what we can do without."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self._lean: set[str] = set()

    def asked(self, fields: str) -> str:
        """Give the fields to ask for."""
        return shapes.LEAN[fields] if fields in self._lean else fields

    def leave_out(self, fields: str, refusal: ClioRejected) -> bool:
        """Ask for less from now on. Returns False where that is not why Clio refuses, or there is no less."""
        if refusal.kind != UNKNOWN or fields in self._lean or fields not in shapes.LEAN:
            return False
        self._lean.add(fields)
        return True


def in_words(path: str, refusal: ClioRejected) -> ClioRejected:
    """Say of a read that Clio refuses what people do about it."""
    if refusal.kind == UNKNOWN:
        return ClioRejected(_unknown(str(refusal)), status=refusal.status, kind=refusal.kind)
    if refusal.status == FORBIDDEN:
        return ClioRejected(_forbidden(path), status=refusal.status, kind=refusal.kind)
    return refusal


def not_made(path: str, refusal: ClioRejected) -> ClioRejected:
    """Say of what Clio lets nobody of this sign-in make what people do about it, beside Clio's words."""
    if refusal.status != FORBIDDEN:
        return refusal
    return ClioRejected(_forbidden(path, made=str(refusal)), status=refusal.status, kind=refusal.kind)


def told(answer: requests.Response) -> tuple[str, str]:
    """Find the type and the words of Clio's error: an object, or as OAuth has it a string."""
    try:
        error = json.loads(answer.content).get("error")
    except (ValueError, AttributeError):
        return "", ""
    if isinstance(error, dict):
        return str(error.get("type") or ""), str(error.get("message") or "")[:500]
    return str(error or ""), str(error or "")[:500]


def _forbidden(path: str, made: str = "") -> str:
    """Say what the bot may not read, or make, which permission that takes and who grants it."""
    what, names = next(
        ((what, names) for start, what, names in AREAS if path.startswith(start)), ("what it asked for", ("Api",))
    )
    access, does = ("read and write", f'make {what} ("{made}")') if made else ("read", f"read {what}")
    permission = f"the permission{'s' if len(names) > 1 else ''} {' and '.join(names)} ({access})"
    return (
        f"Clio does not let the bot {does}. The app needs {permission}, and so does the Clio user whose sign-in"
        " the bot uses. An administrator of the firm's Clio grants both; what the app is granted counts from its next"
        " sign-in on."
    )


def _unknown(words: str) -> str:
    """Say that Clio no longer knows a field that nothing can be done without."""
    return f"Clio no longer knows something that the bot has to ask for: {words}. Whoever runs the bot updates it."


ROW = 3  # calls in a row, at least: one that is put off for long by itself is no news yet


class Patience:
    """Count the calls in a row that Clio put off (429) or that never reached it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._times = 0
        self._since = 0.0

    def answered(self) -> None:
        """Begin anew: Clio has looked at a call."""
        self._times = 0

    def put_off(self, wait: float = 0.0) -> bool:
        """Count one more.

        Returns True where it lasts so long, or is to last `wait` seconds so long, that it is told.
        """
        if not self._times:
            self._since = time.monotonic()
        self._times += 1
        lasted = time.monotonic() - self._since >= self._seconds and self._times >= ROW
        return lasted or wait > 2 * self._seconds


def never_sent(cut: requests.RequestException, url: str) -> bool:
    """Say whether a call surely never left: no connection came about, and it was no proxy's to make.

    A handshake that fails or times out is none of these: urllib3 has other errors for it.
    """
    reason = cut.args[0].reason if cut.args and isinstance(cut.args[0], MaxRetryError) else None
    between = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
    return between is None and isinstance(reason, (NewConnectionError, ConnectTimeoutError))
