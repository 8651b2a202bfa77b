"""What waited when the process before this one ended: its instants are of another life's clock."""

from brought_forward.storage.clock import LONGEST
from brought_forward.storage.database import SqliteFile
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

# By table and column: each instant that says when something is to be done again, or was done last.
RETRIES = (("message", "next_at"), ("home", "due_at"), ("wish", "next_at"), ("inquiry", "next_at"),
           ("seen_event", "next_at"))  # fmt: skip


class Waits:
    """Put the instants of the life before right."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def begin(self, *, settle: float, second_look: float, window: float) -> None:
        """Begin a life; all in seconds, as the process that calls this waits for them.

        Between two lives the machine's clock may have been set, and nothing tells by how much. What waits too long
        loses time only, so it is drawn near. A claim without an answer settles anew: to look too early could double it.
        """
        clock = self._file.clock
        with self._file.transaction():
            self._file.change(
                "UPDATE entry SET look_at = ? WHERE state = ?", (clock.stamp(after=settle), EntryState.SENDING)
            )
            self._draw_near("reversal", "look_at", clock.stamp(after=second_look))
            for table, column in RETRIES:
                self._draw_near(table, column, clock.stamp(after=LONGEST))
            self._draw_near("message", "shown_at", clock.stamp())
            self._file.change("DELETE FROM pace WHERE connection LIKE '%:new-%'")  # sign-ins that nobody came to know
            # What Clio forbade may be granted by now, and a token may be another's.
            self._file.change("UPDATE batch SET halt = NULL, halt_text = NULL WHERE status = ?", (BatchStatus.READING,))
            for column in ("window_end", "next_at", "closed_until"):
                self._draw_near("pace", column, clock.now().timestamp() + window)

    def _draw_near(self, table: str, column: str, latest: str | float) -> None:
        self._file.change(f"UPDATE {table} SET {column} = ?1 WHERE {column} > ?1", (latest,))
