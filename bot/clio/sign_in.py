"""A sign-in kept and taken back, whoever asks for it: somebody at the command line, or in their Home tab."""

import threading
from dataclasses import dataclass

from brought_forward.bot.clio.account import Identity, identify
from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.oauth import ClioApp
from brought_forward.bot.clio.pace import Pace
from brought_forward.bot.clio.refresh import app_of
from brought_forward.bot.clio.rights import rights_of
from brought_forward.bot.errors import ClioRejected
from brought_forward.bot.settings import Deployment
from brought_forward.bot.settings.firm import REGIONS
from brought_forward.storage.records.connection import ClioSignIn, Ended, Right, Tokens
from brought_forward.storage.store import Store

PATIENCE = 5.0  # seconds that one read is tried: somebody waits at a screen, and begins again sooner than in minutes


@dataclass(frozen=True, slots=True)
class Found:
    """Whose the tokens are that Clio gave, and what they open."""

    place: str  # the region, or the host of another address
    tokens: Tokens
    who: Identity
    rights: list[Right]


@dataclass(frozen=True, slots=True)
class SignInDesk:
    """Look at what Clio gave, keep it, and give it back."""

    store: Store
    deployment: Deployment

    def clio(self, place: str, access: str) -> Clio:
        """Give a client by an access token that is not kept yet."""
        stopping, timing = threading.Event(), self.deployment.timing
        timing = timing.model_copy(update={"keep_asking": min(timing.keep_asking, PATIENCE)})
        pace = Pace(self.store.paces, f"{place}:new-connect", timing, stopping)
        return Clio(f"{self.deployment.clio_site(place)}/api/v4", lambda: access, pace, timing, stopping)

    def look(self, place: str, tokens: Tokens) -> Found:
        """Ask Clio whose the tokens are, and what they may read. Raises a ClioError; nothing is kept."""
        clio = self.clio(place, tokens.access)
        who = identify(clio, place, self.store)
        return Found(place, tokens, who, rights_of(clio))

    def keep(
        self,
        firm: str,
        found: Found,
        *,
        by: str,
        region: bool,
        person: str | None = None,
        stands_by: bool = False,
    ) -> tuple[int, str | None]:
        """Keep a sign-in as `Connections.sign_in` does; `region` too, where nothing else says it.

        Returns its id, and the account of the one before where that was another.
        """
        last = self.store.connections.last(firm)
        with self.store.transaction():
            number = self.store.connections.sign_in(
                firm,
                region=found.place,
                account=found.who.account,
                user_id=found.who.user_id,
                user_name=found.who.user_name,
                tokens=found.tokens,
                person=person,
                stands_by=stands_by,
                rights=found.rights,
                by=by,
            )
            if region and found.place in REGIONS:
                self.store.firms.set(firm, {"region": found.place}, by=by)
        before = last.account if last else None
        return number, before if before != found.who.account else None

    def sign_out(self, sign_in: ClioSignIn, *, by: str) -> bool:
        """Have Clio forget a sign-in, then forget it too. Returns False where Clio knew it no more.

        Raises a ClioError where Clio did not hear of it: nothing is changed then.
        """
        tokens, knew = self.store.connections.tokens(sign_in.id), True
        if tokens is not None:
            app = app_of(self.deployment, sign_in.region)
            app = app or ClioApp(self.deployment.clio_site(sign_in.region), "", "")
            try:
                app.take_back(tokens.access)
            except ClioRejected:
                knew = False
        self.store.connections.end(sign_in.id, Ended.DISCONNECTED, by=by)
        return knew
