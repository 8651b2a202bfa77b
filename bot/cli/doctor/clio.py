"""Clio: the sign-in, what it may read, the activity description, tax, currency, the limit, the clock."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import requests

from brought_forward.bot.cli.doctor.clocks import ahead, clock_line
from brought_forward.bot.cli.doctor.finding import Finding, amiss, note, ok
from brought_forward.bot.clio import shapes
from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.http import API_VERSION, PAGE
from brought_forward.bot.errors import ClioError, ClioRejected, ClioRetired, ClioSignedOut
from brought_forward.bot.settings import FirmSettings
from brought_forward.bot.settings.firm import REGIONS
from brought_forward.storage.records.batch import EntryForm

SIGN_IN = "Sign-in"
# Of each kind of read that the bot makes: what for, and where; a matter is asked for with its client.
RIGHTS = (
    ("Users", "/users.json", shapes.USER, "no line finds its user"),
    ("Matters, with their clients", "/matters.json", shapes.MATTER, "no line finds its matter"),
    ("Activity descriptions", "/activity_descriptions.json", shapes.DESCRIPTION, "nothing can be posted"),
    ("Time entries", "/activities.json", shapes.TIME_ENTRY, "nothing can be posted, since nothing could be proved"),
    ("Bills of entries", "/activities.json", shapes.BILLED, "/balances bills, the digest and undo do not work"),
    ("Reports", "/reports.json", "id,state", "/balances report does not work"),
)


@dataclass(slots=True)
class ClioLook:
    """Ask Clio; nothing is changed there."""

    firm: FirmSettings
    clio: Clio
    witness: Callable[[requests.Response], None] | None = None  # told of each answer too
    _last: requests.Response | None = None
    _asked: float = field(default_factory=time.time)

    def lines(self) -> Iterator[Finding]:
        """Look at all of it. Where Clio gives no answer, that is the one line."""
        if self.firm.practice:
            yield note(SIGN_IN, "a rehearsal has a pretend Clio, so nothing is asked of the real one")
            return
        self.clio.http.on_answer = self._heard
        self._asked = time.time()
        try:
            yield from self._sign_in()
        except ClioSignedOut:
            yield self._refused()
            return
        except ClioRetired as gone:
            yield amiss(SIGN_IN, str(gone), "Update the bot: git pull && make setup, then start it again.")
            return
        except ClioError as away:
            todo = f"See that this machine reaches {self.firm.clio_site}, then look again."
            yield amiss(SIGN_IN, f"{away} Nothing else is asked there.", todo)
            return
        clock = clock_line("Clio", self._ahead())
        for what, path, fields, without in RIGHTS:
            yield self._right(what, path, fields, without)
        for look in (self._amounts, self._billing, self._description):
            try:
                yield from look()
            except ClioRejected:
                continue  # told among the rights
            except ClioError as trouble:
                yield amiss(look.__name__.strip("_").capitalize(), f"not known: {trouble}", "Look again later.")
        yield note("Writing", "not known until the first entry; brought-forward doctor --probe MATTER finds it out")
        yield self._limit()
        yield self._version()
        yield clock

    def _heard(self, answer: requests.Response) -> None:
        self._last = answer
        if self.witness:
            self.witness(answer)

    def _ahead(self) -> float | None:
        return None if self._last is None else ahead(self._last.headers, self._asked, time.time())

    def _refused(self) -> Finding:
        region = self.firm.region
        others = ", ".join(one for one in REGIONS if one != region)
        todo = (
            f"A token of another region ({others}) is refused just so: the address at which people open Clio tells of"
            " which region the firm's account is. Else it has ended or was revoked: a start of the bot renews it where"
            " Clio allows that, and brought-forward connect signs in anew."
        )
        return amiss(SIGN_IN, f"Clio refuses the token, in region {region or self.firm.clio_place}", todo)

    def _sign_in(self) -> Iterator[Finding]:
        """Say whose sign-in this is and which account it opens."""
        where = self.firm.region or self.firm.clio_place
        try:
            who = self.clio.who_am_i()
        except ClioRejected as refusal:
            if self._owner() is None:
                yield amiss(SIGN_IN, "Clio does not say whose sign-in this is, nor who owns the account", str(refusal))
            else:
                yield note(
                    SIGN_IN, f"region {where}; Clio does not say whose it is, the account's owner names the account"
                )
            return
        account = f"account {who.account_id}" if who.account_id else "an account that Clio does not name"
        yield ok(SIGN_IN, f"{who.user_name or 'a user'}, {account}, region {where}; the plan lets the API in")

    def _owner(self) -> int | None:
        """Find the account's owner. Returns None where Clio does not let the bot read that either."""
        try:
            return self.clio.account_owner()
        except ClioRejected:
            return None

    def _right(self, what: str, path: str, fields: str, without: str) -> Finding:
        """Make one read of a kind, of one record."""
        what = f"May read: {what}"
        try:
            self.clio.http.first(path, fields)
        except ClioRejected as refusal:
            return amiss(what, f"Clio refuses it, so {without}", str(refusal))
        except ClioError as trouble:
            return amiss(what, f"not known: {trouble}", "Look again later.")
        if self.clio.http.fields.asked(fields) != fields:
            return note(what, "yes, but Clio no longer knows a field that the bot can do without")
        return ok(what, "yes")

    def _amounts(self) -> Iterator[Finding]:
        """Say whether Clio shows amounts, by entries of whatever kind that it has."""
        what = "Sees amounts"
        some = list(
            itertools.islice(self.clio.http.listed("/activities.json", shapes.TIME_ENTRY, shapes.time_entry), PAGE)
        )
        if any(one.total is None or one.price is None for one in some):
            yield amiss(
                what,
                "Clio hides amounts from the connected user, so the bot would stop at the first entry",
                "Sign in as a user whose billing rate visibility is All, such as an administrator.",
            )
        elif some:
            yield ok(what, "yes")
        else:
            yield note(what, "not known until the first entry: Clio shows none yet")

    def _billing(self) -> Iterator[Finding]:
        """Say what the billing settings mean for balances."""
        wanted = self.firm.currency
        try:
            found = self.clio.billing()
        except ClioRejected as refusal:
            said = "Clio does not show the billing settings, so tax by default is not known"
            either = "Or name the currency in BALANCES_CURRENCY: without either, no sheet can be read."
            yield note("Billing", said) if wanted else amiss("Billing", said, f"{refusal} {either}")
            return
        if wanted and found.currency and wanted != found.currency:
            yield amiss("Currency", f"the bot is set to {wanted}, the firm's Clio bills in {found.currency}",
                        "Leave BALANCES_CURRENCY out, or name Clio's.")  # fmt: skip
        elif currency := wanted or found.currency:
            yield ok("Currency", currency)
        else:
            yield amiss(
                "Currency", "neither Clio nor the settings name one", "Name it in BALANCES_CURRENCY, such as USD."
            )
        if found.taxed:
            yield note("Tax", "Clio adds it to bills by default: the bills of balances are made without it")
        else:
            yield ok("Tax", "Clio does not say" if found.taxed is None else "none by default")

    def _description(self) -> Iterator[Finding]:
        """Say whether the activity description is there, flat, and once."""
        name = self.firm.description
        what = f'Activity description "{name}"'
        named = [one for one in self.clio.descriptions() if one.is_called(EntryForm.FLAT.described(name))]
        if not named:
            yield note(what, "Clio has none yet: the first batch makes it, with a flat rate of 0")
        elif len(named) > 1:
            yield amiss(what, f"Clio has {len(named)} of that name", "Rename all but the flat-rate one in Clio.")
        elif not named[0].flat_rate:
            yield amiss(what, "Clio has it, but not with a flat rate, so entries would come to 0",
                        "Make it a flat rate in Clio, or rename it and let the bot make its own.")  # fmt: skip
        else:
            yield ok(what, "there, once, with a flat rate")

    def _limit(self) -> Finding:
        headers = self._last.headers if self._last is not None else {}
        limit, left = (headers.get(f"X-RateLimit-{name}") for name in ("Limit", "Remaining"))
        if limit is None:
            return note("Limit", "Clio does not say how many calls it allows")
        return ok("Limit", f"{limit} calls in a window for this sign-in, {left} of them left")

    def _version(self) -> Finding:
        echoed = self._last.headers.get("X-API-VERSION") if self._last is not None else None
        if echoed and echoed != API_VERSION:
            return amiss("API", f"Clio answers by version {echoed}, the bot asks for {API_VERSION}", "Update the bot.")
        return ok("API", f"version {API_VERSION}")
