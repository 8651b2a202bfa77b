"""What is said, once for a channel, of who reads names and amounts there. Pure."""

from brought_forward.bot.messages.blocks import Text, section
from brought_forward.bot.messages.words import count
from brought_forward.storage.records.batch import Batch


def who_reads(batch: Batch, guests: int, *, is_public: bool) -> Text | None:
    """Say where names and amounts will stand, and what to do for fewer readers; None where it is no concern."""
    if is_public:
        who = "anyone in this workspace can read the names and amounts of the previews there, since it is public"
    elif guests:
        who = f"{count(guests, 'guest')} can read the names and amounts of the previews there"
    else:
        return None
    text = (
        f"<#{batch.channel}>: {who}. If that is not meant, drop balances into a private channel"
        f"{'' if is_public else ' without guests'} that I am in; I say this once."
    )
    return Text("Who reads along in a channel.", [section(text)])
