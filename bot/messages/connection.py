"""What approvers read of the firm's sign-in to Clio, in direct messages."""

from brought_forward.bot.messages.blocks import Text, section
from brought_forward.bot.messages.words import count, long_date
from brought_forward.storage.records.connection import ClioSignIn


def ends(sign_in: ClioSignIn, days: int) -> Text:
    """Say that the sign-in ends soon, what that means for what is posted, and who does what about it."""
    when = f"on {long_date(sign_in.expires_at.date())}" if sign_in.expires_at else "soon"
    text = (
        f"The bot's sign-in to Clio ends within {count(days, 'day')}, {when}, and cannot be renewed by itself. Posting"
        " then pauses and loses nothing. Whoever runs the bot signs in again before that, with"
        " `brought-forward connect`; what is under way goes on."
    )
    return Text("The sign-in to Clio ends soon.", [section(text)])
