"""`connect`: the firm's sign-in to Clio made, beside a running bot."""

import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from brought_forward.bot.cli import database
from brought_forward.bot.cli.connected import Connected
from brought_forward.bot.cli.redirect import Redirect
from brought_forward.bot.clio.account import Identity
from brought_forward.bot.clio.oauth import ClioApp, code_of, new_state
from brought_forward.bot.clio.refresh import app_of
from brought_forward.bot.clio.sign_in import Found
from brought_forward.bot.errors import ClioError, ClioRejected, SettingsError, SlackAway
from brought_forward.bot.messages.words import count
from brought_forward.bot.settings import Settings
from brought_forward.bot.settings.firm import REGIONS
from brought_forward.bot.slack.client import web_client
from brought_forward.bot.slack.installations import who_am_i
from brought_forward.storage.records.connection import ClioSignIn, Right, Source, Tokens
from brought_forward.storage.store import Store

NO_APP = (
    "CLIO_CLIENT_ID and CLIO_CLIENT_SECRET are not set: the key and the secret of the firm's app at Clio, from the"
    " developer portal of its region. docs/install.md says how to make one."
)
WORDS = {  # by OAuth's kind of error, what to do beside Clio's own words
    "invalid_client": "Look at CLIO_CLIENT_ID and CLIO_CLIENT_SECRET, and at the region: an app is known in its own"
    " alone.",
    "invalid_grant": "A code serves once, for about ten minutes, and the app has to have the redirect URI {redirect}"
    " registered to the letter. Begin again.",
}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose sign-in is made, and what for."""

    standby: bool = False  # it is to stand by
    person: str | None = None  # who signs in, as Slack knows them


class Connecting(Connected):
    """Sign in, beside a running bot or without one."""

    def connect(self, region: str | None, port: int, whose: Whose, *, browser: bool, ask: Callable[[str], str]) -> None:
        """Sign in and keep it. Raises SettingsError, or a ClioError with what to do."""
        if whose.standby:
            self._first()
        place = self._place(region)
        app = app_of(self.settings, place)
        if app is None:
            raise SettingsError(NO_APP)
        redirect, state = f"http://127.0.0.1:{port}/", new_state()
        address = app.address(redirect, state)
        code = self._browser(address, state, port) if browser else self._pasted(address, state, ask)
        found = self.desk.look(place, self._tokens(app, code, redirect))
        if whose.standby:
            try:
                self._check_standby(found.who)
            except SettingsError:  # nothing is kept of it here, so Clio need not keep it either
                with suppress(ClioError):
                    app.take_back(found.tokens.access)
                raise
        self._keep(found, whose)

    def _first(self) -> ClioSignIn:
        """Give the sign-in that another may stand by for. Raises SettingsError where there is none."""
        if self.settings.clio_access_token.get_secret_value():
            raise SettingsError("CLIO_ACCESS_TOKEN is set, for which none stands by. Take it out, and connect first.")
        first = self.store.connections.of(self.firm, Source.CONNECT)
        if first is None:
            raise SettingsError("Nobody is signed in to Clio yet. Connect first, without --standby.")
        return first

    def _check_standby(self, who: Identity) -> None:
        """Refuse who cannot take over. Raises SettingsError."""
        first = self._first()
        if who.account != first.account:
            raise SettingsError(
                f"This is Clio account {who.account}, and the bot is connected to {first.account}: it would not take"
                " over. Nothing is kept of it. Sign in as a user of the same account."
            )
        if who.user_id is not None and who.user_id == first.user_id:
            raise SettingsError(
                f"{escape(who.name)} is signed in already, and would be lost with that one. Nothing is kept of it. Let"
                " another administrator stand by."
            )

    def _place(self, region: str | None) -> str:
        """Choose the region. Raises SettingsError where two are named, or none."""
        said = self.settings.clio_region
        if region and region not in REGIONS:
            raise SettingsError(f"{region} is no region of Clio's. Name us, ca, eu or au.")
        if region and said and region != said:
            raise SettingsError(
                f"CLIO_REGION says {said}, --region {region}. Put one of them right: an account is in one."
            )
        known = self.store.firms.settings(self.firm).get("region")
        found = region or said or known
        if not found and self.settings.clio_api_url is None:
            raise SettingsError("Name the region of the firm's Clio account: --region us, ca, eu or au.")
        return str(found or self.settings.clio_site(None).split("//")[-1])

    def _browser(self, address: str, state: str, port: int) -> str:
        """Open the address, and wait for Clio to lead back here."""
        with Redirect(port, state) as redirect:
            self.console.print("Allow the bot in Clio, signed in as an administrator who sees all billing rates:")
            self.console.print(escape(address), soft_wrap=True, highlight=False)
            threading.Thread(target=_open, args=(address,), daemon=True).start()
            return code_of(redirect.wait(), state)

    def _pasted(self, address: str, state: str, ask: Callable[[str], str]) -> str:
        self.console.print("Open this address in any browser, and allow the bot in Clio, signed in as an administrator")
        self.console.print("who sees all billing rates. The page that follows does not open; copy its address.")
        self.console.print(escape(address), soft_wrap=True, highlight=False)
        return code_of(ask("The address of the page that did not open"), state)

    def _tokens(self, app: ClioApp, code: str, redirect: str) -> Tokens:
        try:
            return app.exchange(code, redirect)
        except ClioRejected as refusal:
            more = WORDS.get(refusal.kind, "").format(redirect=redirect)
            raise ClioRejected(f"{refusal} {more}".strip(), status=refusal.status, kind=refusal.kind) from None

    def _keep(self, found: Found, whose: Whose) -> None:
        """Keep what Clio gave, once it has said whose sign-in that is, and show it."""
        _, before = self.desk.keep(
            self.firm,
            found,
            by="connect",
            region=self.settings.clio_region is None,
            person=whose.person,
            stands_by=whose.standby,
        )
        how = "[bold]Stands by[/] for Clio" if whose.standby else "[bold]Connected[/] to Clio"
        self.console.print(f"{how} ({found.place}) as {escape(found.who.name)}, account {found.who.account}.")
        self._show_rights(found.rights)
        self._show_end(found.tokens)
        if whose.standby:
            self.console.print("It takes over by itself once the bot's sign-in of now is over; approvers are told.")
            return
        if before:
            self.console.print(
                f"[bold]This is another account than before ({before}).[/] What was posted there stays there;"
                " a batch that waits for it goes on only once that one is connected again."
            )
        if self.settings.clio_access_token.get_secret_value():
            self.console.print(
                "[bold]CLIO_ACCESS_TOKEN is set, and wins.[/] Take it out of the environment and start the bot again."
            )
        else:
            self.console.print("A running bot takes it up within five seconds.")

    def _show_rights(self, rights: list[Right]) -> None:
        for one in rights:
            mark = "yes" if one.may else "[bold]no[/]" if one.may is False else "not known"
            self.console.print(f"  reads {one.what}: {mark}", highlight=False)
            if one.may is False and one.todo:
                self.console.print(f"    {escape(one.todo)}", highlight=False)
        self.console.print("  writes entries, sees all billing rates: not known until the first entry", highlight=False)

    def _show_end(self, tokens: Tokens) -> None:
        if tokens.refresh:
            self.console.print("It renews itself before it ends.")
        elif tokens.life:
            days = max(round(tokens.life / 86_400), 1)
            self.console.print(
                f"It ends in {count(days, 'day')} and cannot renew itself; approvers are told before that."
            )


@contextmanager
def opened(settings: Settings, console: Console) -> Iterator[Connecting]:
    """Open the database of the bot, and find out whose it is. Raises SettingsError, StorageError."""
    with database.opened(settings.balances_db, settings.keys) as store:
        yield Connecting(settings, store, _firm(settings, store), console)


def _firm(settings: Settings, store: Store) -> str:
    """Say whose workspace the bot's token is of: by Slack, else by what is known. Raises SettingsError."""
    if settings.is_shared:
        raise SettingsError(
            "The app is installed by many workspaces (SLACK_CLIENT_ID is set), and each connects and disconnects its"
            " own Clio account in the app's Home tab. Nothing was changed."
        )
    try:
        who = who_am_i(web_client(settings, timeout=10))
    except SlackAway as away:
        known = store.firms.all()
        if len(known) == 1:
            return known[0]
        raise SettingsError(
            f"Slack does not say whose workspace SLACK_BOT_TOKEN is of ({away}), so nobody knows for which firm to sign"
            " in. Look at the token, or try again once Slack answers."
        ) from away
    store.firms.know_environments(who.firm, name=who.name, bot_user=who.bot_user)
    return who.firm


def _open(address: str) -> None:
    """Open a browser where there is one; the address stands on the screen in any case."""
    with suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
