"""Clio connected and disconnected from the Home tab: an administrator's own links, Clio's answer, and who is told."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qs

from brought_forward.bot.administration.administrators import Administrators
from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.clio.oauth import DECLINED, ClioApp, code_of, new_state
from brought_forward.bot.clio.refresh import app_of
from brought_forward.bot.clio.sign_in import Found, SignInDesk
from brought_forward.bot.errors import ClioError, ClioRejected, NotAllowed, SlackSilent
from brought_forward.bot.messages import connect as words
from brought_forward.bot.messages.blocks import Text, View
from brought_forward.bot.messages.connect import SignInView
from brought_forward.bot.settings import Firms
from brought_forward.bot.settings.firm import REGIONS
from brought_forward.storage.records.connection import SignInRequest, Source
from brought_forward.storage.store import Store

LIFE = 600.0  # seconds of a link, as of Clio's own code


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser is answered."""

    status: int
    words: str


@dataclass(slots=True)
class SignIns:
    """What the buttons do, and the page that Clio leads to.

    `is_served` says that something answers at that page: the bot's own server does, a host application only once it
    has a route to `answer`.
    """

    store: Store
    firms: Firms
    administrators: Administrators
    approvers: Approvers
    owed: Callable[[], None]  # tells the outbox that something is owed
    given: Callable[[str], bool]  # whether a firm's sign-in is set where the bot is installed
    is_served: bool = False

    @property
    def desk(self) -> SignInDesk:
        """Where sign-ins are kept and taken back."""
        return SignInDesk(self.store, self.firms.deployment)

    def view(self, firm: str) -> SignInView:
        """Say by what a firm is connected."""
        is_given = self.given(firm)
        sign_in = self.store.connections.of(firm, Source.ENVIRONMENT if is_given else Source.CONNECT)
        return SignInView(
            sign_in=sign_in,
            rights=self.store.connections.rights(sign_in.id) if sign_in else [],
            is_given=is_given,
            renews=bool(sign_in and sign_in.can_refresh and app_of(self.firms.deployment, sign_in.region)),
            connects=self._redirect is not None,
            heir=self.store.connections.heir(sign_in) if sign_in else None,
        )

    @property
    def _redirect(self) -> str | None:
        """Where Clio leads back to; None where nobody answers there."""
        return self.firms.deployment.redirect_uri if self.is_served else None

    # The links

    def form(self, actor: str, firm: str) -> View:
        """Make the links of a sign-in. Raises NotAllowed with the rule, or with what stands in the way."""
        self.administrators.check(actor, firm)
        redirect = self._redirect
        if self.given(firm):
            raise NotAllowed(words.GIVEN)
        if redirect is None:
            raise NotAllowed(words.NOT_REACHED)
        links, states = [], []
        for place in self._places(firm):
            app = app_of(self.firms.deployment, place)
            if app is None:
                continue  # whoever runs the bot has no app in that region
            state = new_state()
            states.append((place, state))
            links.append((f"Clio ({place})", app.address(redirect, state)))
        if not links:
            raise NotAllowed(words.NO_CLIO_APP)
        self.store.sign_in_requests.make(firm, actor, states, life=LIFE)
        return words.form(links, round(LIFE / 60))

    def _places(self, firm: str) -> list[str]:
        """Name the regions that it could be: the one that is known, else all."""
        settings = self.firms.settings(firm)
        if settings.region or settings.api_url:
            return [settings.region or settings.clio_place]
        return list(REGIONS)

    # The answer

    def answer(self, query: str) -> Page:
        """Take Clio's answer, as it stands in the address that a browser was led to. Asked again, it does nothing."""
        state = parse_qs(query).get("state", [""])[0]
        request = self.store.sign_in_requests.find(state)
        if request is None:
            return Page(400, words.NOT_OURS)
        if request.is_used:
            return self._again(request)
        if request.is_over:
            return Page(400, words.TOO_LATE)
        app, redirect = app_of(self.firms.deployment, request.region), self._redirect
        if app is None or redirect is None or self.given(request.firm):
            return Page(409, words.page_failed("The bot is set up in another way by now."))
        try:
            self.administrators.check(request.person, request.firm)
            approvers = self.approvers.everyone(request.firm)
        except SlackSilent as silent:  # the state stays good: the page may be asked for again
            return Page(503, str(silent))
        except NotAllowed as refusal:
            return Page(403, words.page_failed(str(refusal)))
        if not self.store.sign_in_requests.use(request):
            return self._again(self.store.sign_in_requests.find(state) or request)
        return self._taken(request, query, state, app, redirect, approvers)

    def _again(self, request: SignInRequest) -> Page:
        """Answer what was answered: with what came of it."""
        sign_in = self.store.connections.of(request.firm, Source.CONNECT)
        if sign_in and sign_in.id == request.connection:
            return Page(200, words.page_connected(sign_in))
        return Page(200, words.ANSWERED)

    def _taken(
        self, request: SignInRequest, query: str, state: str, app: ClioApp, redirect: str, approvers: set[str]
    ) -> Page:
        """Exchange the code, once, and keep what it gives."""
        try:
            tokens = app.exchange(code_of(f"{redirect}?{query}", state), redirect)
        except ClioRejected as refusal:
            self.store.sign_in_requests.failed(request, refusal.kind)
            if refusal.kind == DECLINED:
                return Page(200, f"{refusal} {words.BACK}")
            return Page(400, words.page_failed(str(refusal), refusal.kind))
        except ClioError as away:
            self.store.sign_in_requests.failed(request, "no answer")
            return Page(502, words.page_failed(str(away)))
        try:
            found = self.desk.look(request.region, tokens)
        except ClioError as trouble:
            with suppress(ClioError):  # what is not kept here is better not kept there
                app.take_back(tokens.access)
            self.store.sign_in_requests.failed(request, "not known whose")
            return Page(502, words.page_failed(str(trouble)))
        return self._keep(request, found, approvers)

    def _keep(self, request: SignInRequest, found: Found, approvers: set[str]) -> Page:
        """Keep it, and tell who connected, and the approvers where it opens another account than before."""
        firm, actor = request.firm, request.person
        region = "region" not in self.firms.said(firm)
        with self.store.transaction():
            number, before = self.desk.keep(firm, found, by=actor, region=region, person=actor)
            self.store.sign_in_requests.connected(request, number)
            sign_in = self.store.connections.of(firm, Source.CONNECT)
            assert sign_in is not None  # noqa: S101 - it was kept a line above
            self._tell({actor}, firm, f"connected-{number}", words.connected(sign_in, found.rights, before))
            if before:
                text = words.another_account(actor, sign_in, before)
                self._tell(approvers - {actor}, firm, f"another-{number}", text)
            self.store.homes.changed(firm, 0.0)
        self.owed()
        return Page(200, words.page_connected(sign_in))

    # Signing out

    def disconnect(self, actor: str, firm: str) -> None:
        """Sign out of Clio, and tell approvers and who did it. Raises NotAllowed with the rule: nothing is changed.

        Clio may take its time, so whoever waits for an answer has it by then.
        """
        self.administrators.check(actor, firm)
        if self.given(firm):
            raise NotAllowed(words.GIVEN)
        approvers = self.approvers.everyone(firm)
        sign_in = self.store.connections.of(firm, Source.CONNECT)
        if sign_in is None:
            raise NotAllowed(words.NOBODY)
        heir = self.store.connections.heir(sign_in)
        try:
            self.desk.sign_out(sign_in, by=actor)
        except ClioError as away:
            self._tell({actor}, firm, f"stays-{sign_in.id}-{sign_in.version}", words.not_disconnected(str(away)))
        else:
            self._tell({actor, *approvers}, firm, f"disconnected-{sign_in.id}", words.disconnected(actor, heir))
            self.store.homes.changed(firm, 0.0)
        self.owed()

    def _tell(self, people: set[str], firm: str, slot: str, text: Text) -> None:
        self.store.messages.tell_each(people, firm=firm, slot=f"told-clio-{slot}", text=text.text, blocks=text.json())
