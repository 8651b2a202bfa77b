"""`connect --status` and `disconnect`: the firm's sign-ins to Clio shown, and taken back."""

from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape

from brought_forward.bot.clio.account import identify
from brought_forward.bot.clio.refresh import app_of
from brought_forward.bot.clio.sign_in import SignInDesk
from brought_forward.bot.errors import ClioError, SettingsError
from brought_forward.bot.messages.words import count, long_date
from brought_forward.bot.settings import Settings
from brought_forward.storage.records.connection import ClioSignIn, Ended, Holder, Source
from brought_forward.storage.store import Store


@dataclass(frozen=True)
class Connected:
    """By what a firm is connected."""

    settings: Settings
    store: Store
    firm: str
    console: Console

    @property
    def desk(self) -> SignInDesk:
        """Where sign-ins are kept and taken back."""
        return SignInDesk(self.store, self.settings)

    def status(self) -> bool:
        """Show by what the firm is connected. Returns False where Clio does not accept it."""
        token = self.settings.clio_access_token.get_secret_value()
        if token:
            place = self.settings.clio_region or self.settings.clio_site(None).split("//")[-1]
            self.console.print(f"{self.firm}: by CLIO_ACCESS_TOKEN of the environment, Clio ({place}).")
            return self._is_accepted(place, token)
        sign_in = self.store.connections.of(self.firm, Source.CONNECT)
        if sign_in is None:
            self.console.print(f"{self.firm}: {self._why_not()} Sign in with `brought-forward connect`.")
            return False
        accepted = self._show(sign_in)
        if standby := self.store.connections.standby(self.firm):
            self._show(standby)
            if standby.account != sign_in.account:
                self.console.print("  [bold]It is of another account, so it does not take over.[/]")
        return accepted

    def _show(self, sign_in: ClioSignIn) -> bool:
        self._describe(sign_in)
        tokens = self.store.connections.tokens(sign_in.id)
        return tokens is not None and self._is_accepted(sign_in.region, tokens.access)

    def _why_not(self) -> str:
        last = self.store.connections.last(self.firm)
        if last is None or last.ended_at is None:
            return "nobody has connected Clio yet."
        on = long_date(last.ended_at.date())
        return f"Clio took the sign-in back on {on}." if last.ended_by is Ended.REFUSED else f"signed out on {on}."

    def _describe(self, sign_in: ClioSignIn) -> None:
        what = "stands by: " if sign_in.stands_by else ""
        self.console.print(
            f"{self.firm}: {what}Clio ({sign_in.region}) as {escape(sign_in.name)}, account {sign_in.account}, since"
            f" {long_date(sign_in.connected_at.date())}.",
            highlight=False,
        )
        if sign_in.holder is not Holder.HERE:
            gone = "is disabled in Clio" if sign_in.holder is Holder.DISABLED else "has left Slack's workspace"
            self.console.print(f"  [bold]{escape(sign_in.name)} {gone}: this may end at any time.[/]", highlight=False)
        if sign_in.expires_at is None:
            return
        left = max((sign_in.expires_at - datetime.now(UTC)).days, 0)
        renews = sign_in.can_refresh and app_of(self.settings, sign_in.region) is not None
        how = "renews itself before that" if renews else "cannot renew itself: sign in again before that"
        self.console.print(f"  its token ends in {count(left, 'day')}, and it {how}.", highlight=False)

    def _is_accepted(self, place: str, access: str) -> bool:
        try:
            identify(self.desk.clio(place, access), place, self.store)
        except ClioError as trouble:
            self.console.print(f"  [bold]Clio does not accept it just now:[/] {escape(str(trouble))}")
            return False
        self.console.print("  Clio accepts it.")
        return True

    def disconnect(self, *, standby: bool = False) -> None:
        """Have Clio forget a sign-in, then forget it too. Raises SettingsError, or a ClioError: nothing changed."""
        connections = self.store.connections
        sign_in = connections.standby(self.firm) if standby else connections.of(self.firm, Source.CONNECT)
        if sign_in is None:
            if standby:
                raise SettingsError("No sign-in to Clio stands by, so there is nothing to take back.")
            if self.settings.clio_access_token.get_secret_value():
                raise SettingsError("The sign-in is CLIO_ACCESS_TOKEN of the environment: take it out there.")
            raise SettingsError("Nobody is signed in to Clio, so there is nothing to take back.")
        if not self.desk.sign_out(sign_in, by="disconnect"):
            self.console.print("Clio knew this sign-in no more.")
        heir = None if standby else connections.of(self.firm, Source.CONNECT)
        if standby:
            self.console.print(f"{escape(sign_in.name)} stands by no longer. Posting goes on as before.")
        elif heir:
            self.console.print(f"Signed out of Clio. The sign-in of {escape(heir.name)}, which stood by, takes over.")
        else:
            self.console.print("Signed out of Clio. Posting pauses, loses nothing, and goes on after the next sign-in.")
