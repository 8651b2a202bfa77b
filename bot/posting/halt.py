"""Why a run cannot go on, and what people are told of it."""

from brought_forward.bot.errors import ClioBusy, ClioError, ClioRejected, ClioRetired, ClioSignedOut, Stopping
from brought_forward.storage.records.entry import Entry

# Why a batch is paused or stopped; what the code does about it.
SIGNED_OUT, AWAY, ACCOUNT = "signed_out", "away", "account"
BY_ITSELF = (SIGNED_OUT, AWAY, ACCOUNT)  # paused until Clio answers, with the right account
REFUSALS, DESCRIPTION, REFUSED, GONE = "refusals", "description", "refused", "gone"  # paused until a person goes on
WRONG, RETIRED = "wrong", "retired"  # stopped
PERSON = "person"  # paused or stopped, and never gone on with but by a person


class Halt(Exception):  # noqa: N818 - caught where a run is moved
    """Pause or stop the run; the text is for people."""

    def __init__(self, halt: str, text: str, *, stop: bool = False) -> None:
        super().__init__(text)
        self.halt = halt
        self.stop = stop


def halt_for(trouble: ClioError) -> Halt:
    """Say what a run does that Clio does not let go on."""
    if isinstance(trouble, ClioSignedOut):
        return Halt(
            SIGNED_OUT,
            "Clio no longer accepts our sign-in. Whoever runs the bot gives it a new CLIO_ACCESS_TOKEN and starts it"
            " again; posting then goes on by itself.",
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


def wrong(entry: Entry) -> Halt:
    """Say that nothing new is sent, since Clio booked an entry otherwise than sent."""
    why = f"At {entry.matter_number}: {entry.reason} Nothing new is sent."
    return Halt(WRONG, f"{why} Remove this entry, put the cause right in Clio, then Go on.", stop=True)


def gravity(trouble: Exception) -> int:
    """Say how grave a trouble is, where several come at once: what stops a run for good goes before what pauses it."""
    if isinstance(trouble, Stopping):
        return 0
    halt = halt_for(trouble) if isinstance(trouble, ClioError) else trouble
    return 2 if isinstance(halt, Halt) and halt.stop else 1
