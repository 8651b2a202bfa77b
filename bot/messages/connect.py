"""Clio connected from the Home tab: what stands there, the form with the links, the pages, and what is told. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from brought_forward.bot.messages.blocks import (
    Block,
    Text,
    View,
    actions,
    button,
    confirm,
    plain_text,
    section,
)
from brought_forward.bot.messages.words import esc, listed, long_date, person, shortened
from brought_forward.storage.records.connection import ClioSignIn, Right

NAME = 80  # characters of somebody's name
HOW = "Whoever runs the bot signs in with `brought-forward connect`."
BACK = "Go back to Slack; this page may be closed."
AGAIN = f"Begin again in the Home tab. {BACK}"
NOT_OURS = f"This is not the answer to a sign-in that was begun in the Home tab, so nothing was connected. {AGAIN}"
TOO_LATE = f"This sign-in was begun more than ten minutes ago, so nothing was connected. {AGAIN}"
ANSWERED = (
    f"This sign-in was answered already, and nothing more is done here. The Home tab says what came of it. {BACK}"
)
NOBODY = "Nobody is signed in to Clio, so there is nothing to take back."
NO_CLIO_APP = (
    "The key and the secret of the firm's app at Clio are not set where the bot is installed. Whoever runs the bot sets"
    " them; then connect here."
)
GIVEN = (
    "The sign-in to Clio is set where the bot is installed, and it would win over one that is made here. Whoever runs"
    " the bot takes it out there first."
)
NOT_REACHED = f"Clio cannot lead you back to this bot, since it is not reached at an address of its own. {HOW}"
KINDS = {  # by OAuth's kind of error, what to do beside Clio's own words
    "invalid_client": "Whoever runs the bot looks at the key and the secret of the app at Clio, and at its region.",
    "invalid_grant": "A code serves once, for about ten minutes, and the app at Clio has to have this page's address"
    " registered to the letter.",
}


@dataclass(frozen=True, slots=True)
class SignInView:
    """By what a firm is connected, and what may be done about it from here."""

    sign_in: ClioSignIn | None
    rights: Sequence[Right] = ()
    is_given: bool = False  # set where the bot is installed
    renews: bool = False
    connects: bool = True  # Clio can lead back to the bot
    heir: ClioSignIn | None = None  # the one that stands by and takes over


def part(view: SignInView) -> list[Block]:
    """Show by what the firm is connected, and the buttons that change it."""
    one = view.sign_in
    if view.is_given:
        known = _who(one) if one else "not asked anything yet"
        return [section(f"*Clio:* {known}. Set where the bot is installed, so it can be changed only there.")]
    buttons = []
    if one is None:
        text = "*Clio:* nobody has connected it. Files wait, and nothing is posted."
    else:
        text = f"*Clio:* connected as {_who(one)}, since {long_date(one.connected_at.date())}. {_end(one, view.renews)}"
        if view.heir:
            text += f"\n{esc(shortened(view.heir.name, NAME))} stands by and takes over once this one is over."
        text += f"\n{rights(view.rights)}" if view.rights else ""
        asked = confirm("Disconnect Clio?", f"{_after(view.heir)} Clio forgets this one.", "Disconnect")
        buttons.append(button("Disconnect", "disconnect", "home", style="danger", confirm=asked))
    if view.connects:
        buttons.insert(0, button("Connect Clio", "connect", "home", style=None if one else "primary"))
    else:
        text += f"\n{HOW}"
    return [section(text), *([actions(*buttons)] if buttons else [])]


def _after(heir: ClioSignIn | None) -> str:
    if heir:
        return f"The sign-in of {shortened(heir.name, NAME)}, which stands by, takes over, and posting goes on with it."
    return "Posting pauses, loses nothing, and goes on after the next sign-in."


def _who(one: ClioSignIn) -> str:
    return f"{esc(one.name)}, account {esc(one.account or 'not known yet')}, region {esc(one.region)}"


def _end(one: ClioSignIn, renews: bool) -> str:
    if renews:
        return "It renews itself."
    if one.expires_at is None:
        return "Clio does not say when it ends."
    return f"It ends on {long_date(one.expires_at.date())} and cannot renew itself."


def rights(some: Sequence[Right]) -> str:
    """Say what a sign-in was seen to be able to read, and what to do about the rest."""
    yes, unknown = [one.what for one in some if one.may], [one.what for one in some if one.may is None]
    lines = [f"Reads {listed(yes)}."] if yes else []
    lines += [f"Does not read {one.what}: {esc(one.todo)}" for one in some if one.may is False]
    lines += [f"Whether it reads {listed(unknown, last='or')} is not known: Clio gave no answer."] if unknown else []
    return "\n".join(
        [*lines, "Whether it writes entries and sees all billing rates is not known until the first entry."]
    )


def form(links: Sequence[tuple[str, str]], minutes: int) -> View:
    """Show where Clio asks whether the bot may: a link for each region that it could be."""
    text = (
        "Clio asks whether the bot may, and then leads you back. Sign in there as an administrator who sees all billing"
        " rates: without them Clio hides totals, and posting stops at the first entry."
        f" {'The link is' if len(links) == 1 else 'The links are'} yours alone, for {minutes} minutes and one answer."
    )
    shown = [section(text)]
    if len(links) > 1:
        shown.append(section("The address at which the firm opens Clio tells of which region its account is."))
    style = "primary" if len(links) == 1 else None
    # A block for each: within one, no two buttons may have the same action. Slack tells of the click on a link too.
    shown += [
        actions(button(f"Open {place}", "clio_page", place, url=address, style=style)) for place, address in links
    ]
    return {"type": "modal", "title": plain_text("Connect Clio"), "close": plain_text("Close"), "blocks": shown}


# What is told


def connected(sign_in: ClioSignIn, some: Sequence[Right], before: str | None) -> Text:
    """Tell who connected what they connected, and what it may read."""
    text = f"You connected Clio as {_who(sign_in)}.\n{rights(some)}"
    text += f"\n{_other(before)}" if before else ""
    return Text("Clio is connected.", [section(f"{text}\nWhat waits for it goes on within five seconds.")])


def another_account(actor: str, sign_in: ClioSignIn, before: str) -> Text:
    """Tell approvers that what they approve goes elsewhere from now on."""
    text = (
        f"{person(actor)} connected another Clio account: {_who(sign_in)}. {_other(before)}"
        " If that is not meant, approve nothing and talk to them."
    )
    return Text("Another Clio account is connected.", [section(text)])


def _other(before: str) -> str:
    return (
        f"This is another account than before ({esc(before)}). What was posted there stays there; a batch that waits"
        " for it goes on only once that one is connected again."
    )


def disconnected(actor: str, heir: ClioSignIn | None) -> Text:
    """Tell approvers, and who did it, that nothing is posted for now, or who has taken over."""
    text = f"{person(actor)} signed the bot out of Clio. {esc(_after(heir))}"
    if heir is None:
        text += " Sign in from the Home tab, or with `brought-forward connect`."
    return Text("The bot is signed out of Clio.", [section(text)])


def not_disconnected(why: str) -> Text:
    """Tell who would have disconnected that nothing was changed."""
    return Text("The sign-in to Clio stays.", [section(f"Nothing was changed: {esc(why)}")])


def page_connected(sign_in: ClioSignIn) -> str:
    """Say on the page that Clio is connected, and by whom."""
    name = sign_in.user_name or "a user that Clio does not name"
    return f"Clio is connected as {name}, account {sign_in.account}. The Home tab says what may be read. {BACK}"


def page_failed(why: str, kind: str = "") -> str:
    """Say on the page that nothing was connected, why, and what to do."""
    more = KINDS.get(kind, "")
    return " ".join(one for one in (why, more, "Nothing was connected.", AGAIN) if one)
