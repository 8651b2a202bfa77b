"""The firms' connections to Clio: by which sign-in each is connected, and which account that opens."""

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from brought_forward.bot.clio.account import identify
from brought_forward.bot.clio.client import SIGNED_OUT, Clio
from brought_forward.bot.clio.pace import Pace
from brought_forward.bot.clio.refresh import Refresh
from brought_forward.bot.errors import ClioBusy, ClioElsewhere, ClioError, ClioSignedOut
from brought_forward.bot.settings import Firms
from brought_forward.storage.keys import KeyLost
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.connection import ClioSignIn, Source
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

ELSEWHERE = "The bot is connected to another Clio account than the one this was posted to."
CONNECT = "Whoever runs the bot signs in to Clio with `brought-forward connect`."
AT_HOME = "An administrator of the firm connects it in the Home tab."  # where many workspaces share the bot
NOBODY = f"Nobody has connected Clio yet. {CONNECT}"
NO_LONGER = f"{SIGNED_OUT} {CONNECT}"
NEW_TOKEN = f"{SIGNED_OUT} Whoever runs the bot gives it a new token for Clio and starts it again."


@dataclass(slots=True)
class _SignIn:
    """A sign-in in use. Its client never changes to another: what began with one account ends with it."""

    row: int | None  # None: nobody has signed in; 0: the environment gives the token
    clio: Clio
    place: str
    account: str | None = None


class Connection:
    """One firm's Clio, by the environment's token or else by the sign-in in the database, as it is now."""

    def __init__(
        self, firm: str, firms: Firms, store: Store, refresh: Refresh, stopping: threading.Event, token: str
    ) -> None:
        self._firm = firm
        self._firms = firms
        self._store = store
        self._refresh = refresh
        self._stopping = stopping
        self._token = token
        self._lock = threading.Lock()  # whoever is within a transaction may wait for it, so nobody who holds it writes
        self._asking = threading.Lock()  # held while Clio is asked, and while what it says is written
        self._held: _SignIn | None = None

    @property
    def clio(self) -> Clio:
        """The client of the firm's sign-in of now."""
        return self._now().clio

    @property
    def account(self) -> str:
        """The Clio account, "us:1234"; "us:owner-56" where Clio names none. Raises a ClioError."""
        return self._known()[1]

    @property
    def sign_in(self) -> ClioSignIn | None:
        """Whose sign-in is in force, as far as that is known; None where there is none."""
        source = Source.ENVIRONMENT if self._of_environment else Source.CONNECT
        return self._store.connections.of(self._firm, source)

    @property
    def number(self) -> int | None:
        """Say by a number which sign-in is in force: it changes with each, and no refresh changes it."""
        return self._now().row

    def by(self, sign_in: ClioSignIn) -> Clio:
        """Open Clio by one of the firm's sign-ins, also by one that stands by."""
        now = self._now()
        is_first = now.row == 0 if sign_in.source is Source.ENVIRONMENT else now.row == sign_in.id
        return now.clio if is_first else self._open(sign_in).clio

    def at(self, account: str | None) -> Clio:
        """Give the client as long as it opens an account. Raises a ClioError; ClioElsewhere where it opens another."""
        held, opened = self._known()
        if opened != account:
            raise ClioElsewhere(ELSEWHERE)
        return held.clio

    def check(self, account: str | None) -> None:
        """Refuse another Clio account than the one that ids are of. Raises a ClioError."""
        if self.account != account:
            raise ClioError(ELSEWHERE)

    def answers(self) -> str | None:
        """Ask Clio for what a run asks first: the account, or None where any of it has no answer yet."""
        try:
            held, account = self._known()
            held.clio.try_reading()
        except ClioError as trouble:
            log.info("still waiting for Clio: %s", type(trouble).__name__)
            return None
        return account

    # The sign-in of now

    def _now(self) -> _SignIn:
        sign_in = None if self._of_environment else self._store.connections.of(self._firm, Source.CONNECT)
        row = 0 if self._of_environment else sign_in.id if sign_in else None
        with self._lock:
            if self._held is None or self._held.row != row:
                self._held = self._open(sign_in) if sign_in else self._opened_by(row)
            return self._held

    @property
    def _of_environment(self) -> bool:
        return bool(self._token) and self._firms.is_own(self._firm)

    def _opened_by(self, row: int | None) -> _SignIn:
        """Open Clio by the environment's token, or by none: then whatever is asked says that nobody has signed in."""
        settings = self._firms.settings(self._firm)
        token, refused = (self._given, _ask_for_token) if row == 0 else (self._nobody, self._ask_to_connect)
        return _SignIn(row, self._client(settings.clio_site, settings.clio_place, token, refused), settings.clio_place)

    def _given(self) -> str:
        return self._token

    def _nobody(self) -> str:
        raise ClioSignedOut(_for(self._firms, NOBODY))

    def _ask_to_connect(self, _: str = "") -> ClioSignedOut:
        return ClioSignedOut(_for(self._firms, NO_LONGER))

    def _open(self, sign_in: ClioSignIn) -> _SignIn:
        """Open Clio by a sign-in of the database; its tokens are read at each call, since they are refreshed."""
        place, number = sign_in.region, sign_in.id

        def token() -> str:
            try:
                tokens = self._store.connections.tokens(number)
            except KeyLost as lost:
                raise ClioSignedOut(str(lost)) from lost
            if tokens is None:
                raise self._is_over(sign_in)
            return tokens.access

        def refused(token: str) -> ClioError:
            if self._refresh.after_refusal(self._firm, number, token):
                return ClioBusy("The sign-in to Clio was refreshed just now.", retry_after=0.0)
            return self._is_over(sign_in)

        site = self._firms.deployment.clio_site(place)
        held = _SignIn(number, self._client(site, place, token, refused), place, sign_in.account)
        if sign_in.account is not None:
            held.clio.pace.connection = f"{place}:{sign_in.user_id}" if sign_in.user_id else sign_in.account
        return held

    def _is_over(self, sign_in: ClioSignIn) -> ClioSignedOut:
        """Say who goes on, where one that stood by took over, else what somebody must do."""
        heir = self._store.connections.of(self._firm, Source.CONNECT)
        if heir is None or heir.id == sign_in.id or heir.account != sign_in.account:
            return self._ask_to_connect()
        return ClioSignedOut(f"The sign-in to Clio of {sign_in.name} is over; that of {heir.name} takes over.")

    def _client(self, site: str, place: str, token: Callable[[], str], refused: Callable[[str], ClioError]) -> Clio:
        timing = self._firms.deployment.timing
        # Nobody's row until it is known whose sign-in this is: one that firms share would hold each up by the others.
        pace = Pace(self._store.paces, f"{place}:new-{secrets.token_hex(8)}", timing, self._stopping)
        return Clio(f"{site}/api/v4", token, pace, timing, self._stopping, refused)

    def _known(self) -> tuple[_SignIn, str]:
        """Give the sign-in and its account. Raises a ClioError where that is not known and Clio does not say it."""
        held = self._now()
        if held.account is not None:
            return held, held.account
        with self._asking:
            if held.account is None:
                found = identify(held.clio, held.place, self._store)
                # Clio counts calls for each sign-in, so every process that shares it shares this row.
                known = found.pace(held.place)
                self._store.paces.rename(held.clio.pace.connection, known)
                held.clio.pace.connection = known
                if held.row == 0:
                    self._store.connections.know_environments(
                        self._firm, region=held.place, account=found.account, user_id=found.user_id
                    )
                held.account = found.account
            return held, held.account


def _for(firms: Firms, words: str) -> str:
    """Say who connects Clio, as it is where the bot runs."""
    return words.replace(CONNECT, AT_HOME) if firms.deployment.is_shared else words


def _ask_for_token(_: str) -> ClioError:
    return ClioSignedOut(NEW_TOKEN)


class Connections:
    """Give each firm its connection. Where the environment gives a token, it is its one firm's."""

    def __init__(self, firms: Firms, store: Store, stopping: threading.Event, token: str) -> None:
        self.refresh = Refresh(store, firms.deployment)
        self._firms = firms
        self._store = store
        self._stopping = stopping
        self._token = token
        self._lock = threading.Lock()
        self._known: dict[str, Connection] = {}

    def of(self, firm: str) -> Connection:
        """Give a firm's connection."""
        with self._lock:
            if firm not in self._known:
                self._known[firm] = Connection(
                    firm, self._firms, self._store, self.refresh, self._stopping, self._token
                )
            return self._known[firm]

    def is_given(self, firm: str) -> bool:
        """Whether a firm's sign-in is the environment's token, which wins over any other."""
        return bool(self._token) and self._firms.is_own(firm)

    def report(self) -> None:
        """Say in the log by what the bot is connected as it starts."""
        firms = self._store.connections.firms()
        if not self._token and not firms:
            log.warning("%s Until then files wait, and nothing is posted.", _for(self._firms, NOBODY))
        for firm in firms if self._token else ():
            log.warning("the environment's token for Clio wins over the sign-in of firm=%s", firm)
        for sign_in in self._store.connections.kept():
            try:
                self._store.connections.tokens(sign_in.id)
            except KeyLost as lost:
                log.error("%s Nothing else is lost with it: batches wait, and go on after that.", lost)

    def at(self, batch: Batch) -> Clio:
        """Give the client of a batch's own Clio account.

        Raises a ClioError; ClioElsewhere where its firm is connected to another account by now.
        """
        return self.of(batch.firm).at(batch.account)
