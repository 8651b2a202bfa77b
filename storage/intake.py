"""Seen events: what Slack said about files, written down before it was acknowledged."""

from brought_forward.storage.database import SqliteFile, cents, instant, maybe_amount, stamp
from brought_forward.storage.records.slack import Notice


class Events:
    """Keep notices of files until each is a batch or is known to be none."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def see(self, notice: Notice) -> bool:
        """Write a notice down; false where Slack had said it before."""
        typed = None if notice.typed_total is None else cents(notice.typed_total)
        return self._file.change(
            "INSERT INTO seen_event (firm, event_id, channel, file_id, person, event_ts, share_ts, thread_ts, seen_at,"
            " next_at, typed_cents, shared) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            " ON CONFLICT (firm, event_id, file_id) DO NOTHING",
            (notice.firm, notice.event_id, notice.channel, notice.file_id, notice.user, notice.event_ts,
             notice.share_ts, notice.thread_ts, stamp(), self._file.clock.stamp(), typed, int(notice.shared)),
        ) == 1  # fmt: skip

    def open_notices(self) -> list[Notice]:
        """List the notices that wait for a look and whose time has come, oldest first."""
        rows = self._file.rows(
            "SELECT * FROM seen_event WHERE outcome IS NULL AND next_at <= ? ORDER BY seen_at",
            (self._file.clock.stamp(),),
        )
        return [
            Notice(
                firm=row["firm"],
                event_id=row["event_id"],
                channel=row["channel"],
                file_id=row["file_id"],
                user=row["person"],
                event_ts=row["event_ts"],
                share_ts=row["share_ts"],
                thread_ts=row["thread_ts"],
                asks=row["asks"],
                typed_total=maybe_amount(row["typed_cents"]),
                shared=bool(row["shared"]),
            )
            for row in rows
        ]

    def ask_again(self, notice: Notice, after: float, *, counts: bool) -> None:
        """Look again after some seconds: Slack did not yet say where the file was shared, or did not answer."""
        self._file.change(
            "UPDATE seen_event SET asks = asks + ?, next_at = ? WHERE firm = ? AND event_id = ? AND file_id = ?",
            (int(counts), self._file.clock.stamp(after=after), notice.firm, notice.event_id, notice.file_id),
        )

    def silent(self, notice: Notice) -> float:
        """Say for how many seconds Slack has not said who somebody is, or what a channel is."""
        (found,) = self._file.rows(
            "UPDATE seen_event SET silent_since = coalesce(silent_since, ?)"
            " WHERE firm = ? AND event_id = ? AND file_id = ? RETURNING silent_since",
            (self._file.clock.stamp(), notice.firm, notice.event_id, notice.file_id),
        )
        return -self._file.clock.until(instant(found["silent_since"]))

    def done(self, notice: Notice, outcome: str) -> None:
        """Say what a notice came to: a batch's name, or why it is none."""
        self._file.change(
            "UPDATE seen_event SET outcome = ? WHERE firm = ? AND event_id = ? AND file_id = ?",
            (outcome, notice.firm, notice.event_id, notice.file_id),
        )

    def waiting(self) -> int:
        """Count the notices that are neither a batch nor known to be none."""
        count: int = self._file.value("SELECT count(*) FROM seen_event WHERE outcome IS NULL")
        return count
