"""What approvers read of the firm's sign-in to Clio, in direct messages."""

from brought_forward.bot.messages.blocks import Text, section
from brought_forward.bot.messages.words import count, esc, long_date
from brought_forward.storage.records.connection import ClioSignIn, Ended, News

ANOTHER = "Whoever runs the bot lets somebody else stand by, with `brought-forward connect --standby`."


def ends(sign_in: ClioSignIn, days: int) -> Text:
    """Say that the sign-in ends soon, what that means for what is posted, and who does what about it."""
    if sign_in.stands_by:
        text = (
            f"The sign-in to Clio of {esc(sign_in.name)}, which stands by, ends within {count(days, 'day')} and"
            f" cannot be renewed by itself. Posting goes on. {ANOTHER}"
        )
        return Text("A sign-in to Clio that stands by ends soon.", [section(text)])
    when = f"on {long_date(sign_in.expires_at.date())}" if sign_in.expires_at else "soon"
    text = (
        f"The bot's sign-in to Clio ends within {count(days, 'day')}, {when}, and cannot be renewed by itself. Posting"
        " then pauses and loses nothing. Whoever runs the bot signs in again before that, with"
        " `brought-forward connect`; what is under way goes on."
    )
    return Text("The sign-in to Clio ends soon.", [section(text)])


def news(sign_in: ClioSignIn, other: ClioSignIn | None) -> Text:
    """Say what is new of a sign-in.

    `other` is the one that it took over from, or else the one that stands by.
    """
    name, them = esc(sign_in.name), esc(other.name) if other else ""
    match sign_in.news:
        case News.TOOK_OVER:
            by_us = other is not None and other.ended_by is Ended.DISCONNECTED
            how = "was signed out" if by_us else "is over: Clio takes it no more"
            text = (
                f"The sign-in to Clio of {them} {how}. The bot goes on with that of {name}, which stood by; nothing is"
                f" lost or doubled. {ANOTHER}"
            )
            return Text("The bot goes on with another sign-in to Clio.", [section(text)])
        case News.LOST:
            text = f"Clio takes the sign-in of {name} no more, which stood by. Posting goes on. {ANOTHER}"
            return Text("A sign-in to Clio that stood by is over.", [section(text)])
        case _:
            left = sign_in.news is News.LEFT
            how = "has left this workspace" if left else "is disabled in Clio"
            return Text(f"Who signed the bot in to Clio {how}.", [section(_gone(sign_in, other, how))])


def _gone(sign_in: ClioSignIn, other: ClioSignIn | None, how: str) -> str:
    """Say what it means that who holds a sign-in is no longer there, and what to do about it."""
    name = esc(sign_in.name)
    if sign_in.stands_by:
        return f"{name}, whose sign-in to Clio stands by, {how}. Posting goes on. {ANOTHER}"
    then = (
        f"posting then goes on with that of {esc(other.name)}, which stands by"
        if other and other.account == sign_in.account
        else "posting then pauses and loses nothing"
    )
    return (
        f"{name}, by whose sign-in the bot reaches Clio, {how}. That sign-in may end at any time; {then}. Whoever runs"
        " the bot has somebody who stays sign in, with `brought-forward connect`."
    )
