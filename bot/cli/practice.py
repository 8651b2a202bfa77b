"""Practice: the real bot in the firm's own Slack, with a pretend Clio inside this process.

The pretend firm is made from the sheets that are dropped: each matter number becomes an open matter, each name a user.
So a firm rehearses with its own sheet before it has connected Clio. What a real firm's data would add stays untested:
numbers that Clio does not know, matters that are closed or not billable, people who have left.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout
from pydantic import SecretStr

from brought_forward.bot.cli.serve import serve
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.preview.make import Learn
from brought_forward.bot.settings import Settings
from brought_forward.sandbox.clio import ClioSandbox, Firm, User
from brought_forward.sandbox.clio.journal import Journal
from brought_forward.storage.database import private_lock
from brought_forward.storage.records.firm import folded
from brought_forward.storage.records.sheet import Line

log = logging.getLogger(__name__)

CURRENCIES = {"us": "USD", "ca": "CAD", "eu": "EUR", "au": "AUD", None: "USD"}
NAMELESS = "Responsible Attorney"  # of a matter whose lines name nobody


class PracticeFirm:
    """A firm that holds whatever a sheet names, so that nothing is unknown."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        if len(firm.users) == 0:
            firm.add_user("Practice Administrator", attorney=False)
            firm.add_user(NAMELESS)
        self._matters = {folded(matter.display_number) for matter in firm.matters}
        self._users = {folded(user.name): user for user in firm.users}

    def learn(self, lines: Sequence[Line]) -> None:
        """Add the matters and users that lines name and the firm does not have."""
        with self.firm.lock:
            for line in lines:
                if line.unreadable is None and line.skipped is None:
                    self._learn(line)

    def _learn(self, line: Line) -> None:
        user = self._user(line.user) if line.user and line.user.strip() else None
        number = (line.matter or "").partition(":")[0].strip()  # "00012-Acme: Lease review" is the matter 00012-Acme
        if not number or folded(number) in self._matters:
            return
        self.firm.add_matter(number, client=line.client or None, attorney=user or self._users[folded(NAMELESS)])
        self._matters.add(folded(number))

    def _user(self, text: str) -> User:
        last, comma, first = (part.strip() for part in text.partition(","))
        name = f"{first} {last}" if comma and first and last else text.strip()
        if folded(name) not in self._users:
            self._users[folded(name)] = self.firm.add_user(name)
        return self._users[folded(name)]


@contextmanager
def rehearsal(settings: Settings) -> Iterator[tuple[Settings, Learn]]:
    """Serve a pretend Clio on loopback; give the settings that lead to it, and what its firm learns by.

    The firm is kept beside the database, so that a rehearsal goes on after a restart. Raises SettingsError where
    another process rehearses with it.
    """
    lock = private_lock(f"{settings.balances_db}.clio.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as taken:
        raise SettingsError(f"Another process already rehearses with {settings.balances_db}. Stop it first.") from taken
    firm = Firm(currency=settings.balances_currency or CURRENCIES[settings.clio_region], name="Practice firm")
    journal = Journal(firm, Path(f"{settings.balances_db}.clio"))
    try:
        practised = PracticeFirm(firm)
        with ClioSandbox(firm) as clio:
            inside = {"clio_api_url": clio.url, "clio_access_token": SecretStr(clio.token or "")}
            yield settings.model_copy(update=inside), practised.learn
    finally:
        journal.close()
        lock.release()


def rehearse(settings: Settings) -> None:
    """Run the bot in practice until SIGTERM or Ctrl-C."""
    log.info("practice: a pretend Clio is inside this process, and nothing is posted to the real one")
    with rehearsal(settings) as (practised, learn):
        serve(practised, learn)
