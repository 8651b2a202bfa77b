"""What one process knows of a run: what is proved, what must be waited for, and for how long Clio has been silent."""

from dataclasses import dataclass, field

from brought_forward.bot.posting.watch import Watch
from brought_forward.storage.records.entry import EntryState

SILENT = 3  # answers in a row that do not come: then nothing is sent until all of it is looked up
ANSWERED = {EntryState.POSTED, EntryState.WRONG, EntryState.REFUSED, EntryState.UNCLEAR}


@dataclass(slots=True)
class Silence:
    """Count what Clio gave no answer to, in the order in which it landed; posting and undoing wait by the same rule."""

    quiet: bool = False  # nothing is sent until everything without an answer is looked up
    _in_a_row: int = 0
    _alone: bool = False  # what goes first after a silence goes alone

    def unanswered(self) -> None:
        """Take in that an answer did not come."""
        self._in_a_row += 1
        self.quiet = self.quiet or self._alone or self._in_a_row >= SILENT

    def answered(self) -> None:
        """Take in that Clio has answered."""
        self._in_a_row, self._alone = 0, False

    def over(self) -> None:
        """Go on after all is looked up, one alone first."""
        self._in_a_row, self.quiet, self._alone = 0, False, True


@dataclass(slots=True)
class Life:
    """What this process knows of a run that posts: gone with it, so that the next process looks again."""

    silence: Silence
    spent: bool  # an entry was sent as often as it may be: a person decides, once all is looked up
    watch: Watch
    sign_in: int | None  # the one that the run has listed by: another may see less
    epoch: str  # the life of the database in which it has listed: another may know less
    stride: int  # entries from one showing of how far it is to the next, at least
    proved: set[bool] = field(default_factory=set)  # of credits, of balances: one was posted and is as sent
    alone: int | None = None  # the entry that must be settled before another goes
    refusals: list[str] = field(default_factory=list)  # the last ones in a row
    untold: int = 0  # entries settled since

    def landed(self, state: EntryState | None) -> None:
        """Take in how a POST landed. Returns None where somebody else has settled it."""
        if state is EntryState.SENDING:
            self.silence.unanswered()
        elif state in ANSWERED:
            self.silence.answered()

    def go_on(self) -> None:
        """Let others go again after a silence: one alone first, as at the beginning of a run."""
        self.silence.over()
        self.proved.clear()
