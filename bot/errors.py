"""What can go wrong, one class for each decision a caller takes.

BroughtForwardError
 +- SettingsError      the person who installs must change a setting; nothing was started
 +- StorageError       the database cannot be opened or written, or is another version's; nothing was started
 +- SheetError         the file cannot be read at all; staff change it and drop it again
 |   +- SheetQuestion  it can be read once staff have answered; the answer goes into `SheetRules.answers`
 +- NotAllowed         a click or command is refused; nothing was changed
 |   +- SlackSilent    Slack did not say who or what this is: what nobody waits for is asked again
 +- Stopping           the bot is being stopped; the run goes on at the next start
 +- SlackAway          Slack did not answer what was asked; ask again later
 +- FileGone           Slack has no such file any more, or does not show it to the bot
 +- ClioError          a call to Clio did not do what was asked
     +- ClioRejected   never again with the same body: Clio understood and said no; a person puts the cause right
     +- ClioBusy       the same call again after `retry_after` seconds: Clio did not look at it
     +- ClioUnclear    look before trying again: what was asked may have happened
     |   +- ClioUnreached  no connection came about, or too late: nothing was sent, and it may go again
     +- ClioSignedOut  a person must connect again
     |   +- ClioElsewhere  somebody has connected another account; what is asked for belongs to the one before
     +- ClioRetired    this version of the API is gone: the bot must be updated

The text of each is what a person reads: what happened, then what to do.
"""

import threading
from dataclasses import dataclass


class BroughtForwardError(Exception):
    """Stop a whole step; the text is for the person who can act on it."""


class SettingsError(BroughtForwardError):
    """Refuse to start: a setting is missing or cannot be used."""


class StorageError(BroughtForwardError):
    """Refuse to start: the disk is full, broken or read-only, or somebody holds the database."""


class SheetError(BroughtForwardError):
    """Refuse a whole file."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible answer to a question about a sheet."""

    value: str  # what goes into `SheetRules.answers`: a column's letter, or a word such as "dot"
    heading: str  # as the sheet writes it, or the answer in words
    sample: str  # what stands there, or the column's sum


class SheetQuestion(SheetError):  # noqa: N818
    """Ask staff what a sheet means: it reads two ways, and nothing is guessed.

    `kind` is the key of the answer in `SheetRules.answers`. `signature` is the same for every sheet with these
    headings in these columns, so that an answer can be kept for the next one.
    """

    def __init__(self, text: str, *, kind: str, candidates: tuple[Candidate, ...], signature: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.candidates = candidates
        self.signature = signature


class NotAllowed(BroughtForwardError):  # noqa: N818 - it reads as a sentence where it is raised
    """Refuse a decision; the text names the rule."""


class SlackSilent(NotAllowed):
    """Refuse because Slack did not say in time who somebody is, or what a channel is; the same may be tried again."""


class SlackAway(BroughtForwardError):  # noqa: N818
    """Slack did not answer, or refused for a reason that may pass; the text is for the log."""


class FileGone(BroughtForwardError):  # noqa: N818
    """Slack has no such file any more, or does not show it to the bot.

    `unseen`: Slack's words are those it also has for a file of a channel where the bot is no member.
    """

    def __init__(self, text: str, *, unseen: bool) -> None:
        super().__init__(text)
        self.unseen = unseen


class ClioError(BroughtForwardError):
    """Say that a call to Clio did not do what was asked."""


class ClioRejected(ClioError):  # noqa: N818
    """Clio understood the request and refused it (400, 403, 404, 422); never send it again unchanged.

    `kind` is Clio's own type of error, so that equal refusals can be counted.
    """

    def __init__(self, text: str, *, status: int, kind: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.kind = kind


class ClioBusy(ClioError):  # noqa: N818
    """Clio refused before it looked (429); the same request may go again after `retry_after` seconds.

    `tell`: this has lasted so long that a person should hear of it.
    """

    def __init__(self, text: str, *, retry_after: float, tell: bool = False) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.tell = tell


class ClioUnclear(ClioError):  # noqa: N818
    """The answer is missing or makes no sense (cut, time-out, 5xx, not JSON): what was asked may have happened."""


class ClioUnreached(ClioUnclear):
    """Nothing was sent: no connection came about, or too late; who does not care looks as for a missing answer.

    `tell`: this has lasted so long that a person should hear of it.
    """

    def __init__(self, text: str, *, tell: bool) -> None:
        super().__init__(text)
        self.tell = tell


class ClioSignedOut(ClioError):  # noqa: N818
    """Clio no longer accepts our sign-in (401); a person must connect again."""


class ClioElsewhere(ClioSignedOut):
    """The firm's sign-in opens another Clio account than the one that this belongs to; nothing was sent."""


class ClioRetired(ClioError):  # noqa: N818
    """Clio no longer serves the pinned version of its API (410); the bot must be updated."""


class Stopping(BroughtForwardError):  # noqa: N818
    """The bot is being stopped; what was begun goes on at the next start."""


def pause_for(stopping: threading.Event, seconds: float) -> None:
    """Wait so long. Raises Stopping where the bot is being stopped meanwhile."""
    if seconds > 0 and stopping.wait(seconds):
        raise Stopping
