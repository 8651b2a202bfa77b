"""What the file says to whoever watches the bot from outside: counts and ages, of no firm and nobody by name."""

from brought_forward.storage.database import Table, summed


class Gauges(Table):
    """Count what is kept."""

    def batches(self) -> dict[str, int]:
        """Count the batches by status."""
        return dict(self._file.tuples("SELECT status, count(*) FROM batch GROUP BY status"))

    def entries(self) -> dict[str, int]:
        """Count the entries by state."""
        return dict(self._file.tuples("SELECT state, count(*) FROM entry GROUP BY state"))

    def calls(self) -> int:
        """Count the calls to Clio that were given a place in its window, ever."""
        return int(self._file.value(f"SELECT coalesce({summed('calls')}, 0) FROM pace"))

    def window(self) -> tuple[int, int]:
        """Tell how many calls Clio allows in a window, and how many are left of the one at hand; 0, 0 before any."""
        now = self._file.clock.now().timestamp()
        row = self._file.row("SELECT quota, remaining, window_end FROM pace ORDER BY window_end DESC LIMIT 1")
        if row is None:
            return 0, 0
        return row["quota"], row["quota"] if row["window_end"] <= now else max(row["remaining"], 0)

    def owed(self) -> list[int]:
        """Name the messages that Slack does not show yet as they should be, workbooks too."""
        return [number for (number,) in self._file.tuples("SELECT id FROM message WHERE shown < wanted ORDER BY id")]

    def trouble(self) -> str:
        """Write as a commit does; say why that cannot be, and nothing where it can."""
        return self._file.trouble()
