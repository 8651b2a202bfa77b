"""Why a run cannot go on, and what people are told of it."""

from collections.abc import Sequence

from brought_forward.bot.errors import (
    ClioBusy,
    ClioElsewhere,
    ClioError,
    ClioRejected,
    ClioRetired,
    ClioSignedOut,
    Stopping,
)
from brought_forward.bot.messages.entry_form import NAMES
from brought_forward.bot.messages.words import count, money, times
from brought_forward.storage.records.batch import EntryForm
from brought_forward.storage.records.entry import Entry, EntryState

# Why a batch is paused or stopped; what the code does about it.
SIGNED_OUT, AWAY, ACCOUNT = "signed_out", "away", "account"
BY_ITSELF = (SIGNED_OUT, AWAY, ACCOUNT)  # paused until Clio answers, with the right account
REFUSALS, DESCRIPTION, REFUSED, GONE = "refusals", "description", "refused", "gone"  # paused until a person goes on
STRANGER = "stranger"  # the same: somebody else posts with our activity description at this moment
UNCLEAR = "unclear"  # the same: several in a row are unclear for one reason
UNANSWERED = "unanswered"  # the same: an entry was sent as often as it may be, and Clio gave no answer
WRONG, RETIRED = "wrong", "retired"  # stopped
FORM = "form"  # Clio does not take the first entry in this form: stopped where it booked it otherwise, else paused
PERSON = "person"  # paused or stopped, and never gone on with but by a person


class Halt(Exception):  # noqa: N818 - caught where a run is moved
    """Pause or stop the run; the text is for people."""

    def __init__(self, halt: str, text: str, *, stop: bool = False) -> None:
        super().__init__(text)
        self.halt = halt
        self.stop = stop


def halt_for(trouble: ClioError) -> Halt:
    """Say what a run does that Clio does not let go on."""
    if isinstance(trouble, ClioElsewhere):
        return Halt(
            ACCOUNT,
            "The bot was connected to another Clio account meanwhile. Nothing is sent to that one. Whoever runs the bot"
            " connects the one before again; posting then goes on by itself. Or Stop, and drop the file again for the"
            " account of now.",
        )
    if isinstance(trouble, ClioSignedOut):
        return Halt(
            SIGNED_OUT,
            f"{trouble} Posting then goes on by itself; nothing is lost or doubled.",
        )
    if isinstance(trouble, ClioRetired):
        return Halt(RETIRED, f"{trouble} Nothing more is sent until whoever runs the bot has done that; then Go on.",
                    stop=True)  # fmt: skip
    if isinstance(trouble, ClioRejected) and trouble.status == 403:
        return Halt(REFUSED, f"{trouble} Then Go on.")
    if isinstance(trouble, ClioRejected):
        return Halt(REFUSED, f"Clio refused to show what it holds: {trouble} An administrator of Clio gives the app or"
                             " the connected user that permission; then Go on.")  # fmt: skip
    if isinstance(trouble, ClioBusy):
        return Halt(AWAY, f"Clio has let nothing through for a while. {trouble} Posting goes on by itself when it"
                          " does.")  # fmt: skip
    return Halt(AWAY, f"Clio has not answered for a while. {trouble} Posting goes on by itself when it does.")


def wrong(entry: Entry, *, following: EntryForm | None = None) -> Halt:
    """Say that nothing new is sent, since Clio booked an entry otherwise than sent.

    `following` is the form to try next, where its form is what Clio did not take.
    """
    why = f"At {entry.matter_number}: {entry.reason} Nothing new is sent."
    if following:
        return Halt(
            FORM,
            f"{why} Remove this entry; then it can be previewed as {NAMES[following]}, which is approved anew. Or put"
            " the cause right in Clio, then Go on.",
            stop=True,
        )
    return Halt(WRONG, f"{why} Remove this entry, put the cause right in Clio, then Go on.", stop=True)


def alike(state: EntryState, number: int, reason: str) -> Halt:
    """Say that several in a row came out the same, refused or unclear: something is wrong with more than one matter."""
    if state is EntryState.UNCLEAR:
        return Halt(
            UNCLEAR,
            f'{number} entries are unclear for the same reason: "{reason}". Look at them in Clio, then Go on, or Stop.'
            " Look again settles what is clear there.",
        )
    return Halt(
        REFUSALS,
        f'After {number} refusals for the same reason: "{reason}". Put that right in Clio, then Go on, or Stop. Retry'
        " refused goes on with these too.",
    )


def unanswered(entries: Sequence[Entry], currency: str) -> Halt:
    """Say that Clio gave no answer to an entry as often as it may be sent, and lists nothing of it."""
    first, sends = entries[0], max(entry.unanswered for entry in entries)
    what = f"{first.matter_number}, {first.user_name}, {money(first.amount, currency)}"
    more = f", and {count(len(entries) - 1, 'entry', 'entries')} more" if len(entries) > 1 else ""
    return Halt(
        UNANSWERED,
        f"Clio gave no answer, {times(sends)}, to {what}{more}, and lists nothing of"
        " it. It may still carry out what it did not answer, so nothing is sent until somebody has looked at it there."
        " Go on looks first, and sends once more what Clio has nothing of; Stop ends it.",
    )


def refused_form(reason: str, following: EntryForm) -> Halt:
    """Say that nothing more is sent, since Clio's refusal of the first entry speaks of its form."""
    return Halt(
        FORM,
        f'Clio refused the first entry: "{reason}" Nothing else was sent. If it wants the entry in another form,'
        f" preview it as {NAMES[following]}, which is approved anew. Or put it right in Clio, then Go on.",
    )


def gravity(trouble: Exception) -> int:
    """Say how grave a trouble is, where several come at once: what stops a run for good goes before what pauses it."""
    if isinstance(trouble, Stopping):
        return 0
    halt = halt_for(trouble) if isinstance(trouble, ClioError) else trouble
    return 2 if isinstance(halt, Halt) and halt.stop else 1
