"""What Slack said about files, and what people asked for: written down before it is acknowledged."""

from datetime import date

from brought_forward.storage.batch_table import batch_of
from brought_forward.storage.database import Row, Table, cents, instant, maybe_amount, maybe_day, stamp
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.slack import Notice, Share, Wish, WishKind


class Events(Table):
    """Keep notices of files until each is a batch or is known to be none."""

    def see(self, notice: Notice) -> bool:
        """Write a notice down. Returns False where Slack had said it before."""
        typed = None if notice.typed_total is None else cents(notice.typed_total)
        return self._file.change(
            "INSERT INTO seen_event (firm, event_id, channel, file_id, person, event_ts, share_ts, thread_ts, seen_at,"
            " next_at, typed_cents, shared) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            " ON CONFLICT (firm, event_id, file_id) DO NOTHING",
            (notice.firm, notice.event_id, notice.channel, notice.file_id, notice.user, notice.event_ts,
             notice.share_ts, notice.thread_ts, stamp(), self._file.clock.stamp(), typed, int(notice.shared)),
            awaited=True,
        ) == 1  # fmt: skip

    def due(self) -> list[str]:
        """Name the firms of which a notice, a wish or a changed file waits for a look, and whose time has come."""
        now = self._file.clock.stamp()
        rows = self._file.tuples(
            "SELECT firm FROM seen_event WHERE outcome IS NULL AND next_at <= ?"
            " UNION SELECT firm FROM wish WHERE outcome IS NULL AND next_at <= ?"
            " UNION SELECT firm FROM batch WHERE file_look_at <= ?",
            (now, now, now),
        )
        return [firm for (firm,) in rows]

    def open_notices(self, firm: str) -> list[Notice]:
        """List a firm's notices that wait for a look and whose time has come, oldest first."""
        rows = self._file.rows(
            "SELECT * FROM seen_event WHERE firm = ? AND outcome IS NULL AND next_at <= ? ORDER BY seen_at, event_id,"
            " file_id",
            (firm, self._file.clock.stamp()),
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

    def has_come_to(self, notice: Notice, outcome: str, *, within: float) -> bool:
        """Tell whether another event of the same share came to this, told of so many seconds apart at most."""
        others = self._file.tuples(
            "SELECT event_ts FROM seen_event WHERE firm = ? AND channel = ? AND file_id = ? AND person = ?"
            " AND event_id <> ? AND outcome = ?",
            (notice.firm, notice.channel, notice.file_id, notice.user, notice.event_id, outcome),
        )
        return any(abs(float(ts) - float(notice.event_ts)) <= within for (ts,) in others)

    def waiting(self) -> int:
        """Count the notices that are neither a batch nor known to be none."""
        count: int = self._file.value("SELECT count(*) FROM seen_event WHERE outcome IS NULL")
        return count


AGAIN = "#"  # after a share's ts: the same share, begun anew because somebody asked for it


def _wish(row: Row) -> Wish:
    return Wish(
        firm=row["firm"],
        said=row["said"],
        kind=WishKind(row["kind"]),
        person=row["person"],
        channel=row["channel"],
        file_id=row["file_id"],
        id=row["id"],
        message_ts=row["message_ts"],
        thread_ts=row["thread_ts"],
        author=row["author"],
        file_name=row["file_name"],
        data=row["bytes"],
        posting_date=maybe_day(row["posting_date"]),
        typed_total=maybe_amount(row["typed_cents"]),
        answer_url=row["answer_url"],
        asked=bool(row["asked"]),
        tries=row["tries"],
        batch=row["batch"],
    )


class Wishes(Table):
    """Keep wishes; an open one waits for a look, or for the person to name a channel."""

    def add(self, wish: Wish) -> bool:
        """Write a wish down. Returns False where it was said before."""
        return self._file.change(
            "INSERT INTO wish (firm, said, kind, person, channel, message_ts, thread_ts, author, file_id, file_name,"
            " bytes, posting_date, typed_cents, answer_url, made_at, next_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (firm, said) DO NOTHING",
            (wish.firm, wish.said, wish.kind, wish.person, wish.channel, wish.message_ts, wish.thread_ts, wish.author,
             wish.file_id, wish.file_name, wish.data, wish.posting_date and wish.posting_date.isoformat(),
             None if wish.typed_total is None else cents(wish.typed_total), wish.answer_url, stamp(),
             self._file.clock.stamp()),
            awaited=True,
        ) == 1  # fmt: skip

    def due(self, firm: str) -> list[Wish]:
        """List a firm's wishes that wait for a look and whose time has come, oldest first."""
        rows = self._file.rows(
            "SELECT * FROM wish WHERE firm = ? AND outcome IS NULL AND next_at <= ? ORDER BY made_at, id",
            (firm, self._file.clock.stamp()),
        )
        return [_wish(row) for row in rows]

    def find(self, wish: int) -> Wish | None:
        """Read one wish, or None."""
        row = self._file.row("SELECT * FROM wish WHERE id = ?", (wish,))
        return _wish(row) if row else None

    def later(self, wish: Wish, after: float) -> None:
        """Look again after some seconds: Slack is in trouble."""
        self._file.change(
            "UPDATE wish SET tries = tries + 1, next_at = ? WHERE id = ?",
            (self._file.clock.stamp(after=after), wish.id),
        )

    def silent(self, wish: Wish) -> float:
        """Say for how many seconds Slack has not said who somebody is, or what a channel is."""
        (found,) = self._file.rows(
            "UPDATE wish SET silent_since = coalesce(silent_since, ?) WHERE id = ? RETURNING silent_since",
            (self._file.clock.stamp(), wish.id),
        )
        return -self._file.clock.until(instant(found["silent_since"]))

    def ask(self, wish: Wish, *, file_name: str) -> None:
        """Wait until the person names a channel; one that was named before is forgotten."""
        self._file.change(
            "UPDATE wish SET kind = ?, channel = NULL, asked = 1, silent_since = NULL, tries = tries + 1,"
            " file_name = ?, next_at = NULL WHERE id = ? AND outcome IS NULL",
            (WishKind.DIRECT, file_name, wish.id),
        )

    def choose(self, wish: int, *, person: str, channel: str) -> bool:
        """Take the channel that the person names; the first one wins."""
        return self._file.change(
            "UPDATE wish SET channel = ?, next_at = ? WHERE id = ? AND person = ? AND channel IS NULL AND asked = 1"
            " AND outcome IS NULL",
            (channel, self._file.clock.stamp(), wish, person),
        ) == 1  # fmt: skip

    def done(self, wish: Wish, outcome: str, batch: int | None = None) -> None:
        """Say what a wish came to; its address for answers and its bytes are kept no longer."""
        self._file.change(
            "UPDATE wish SET outcome = ?, batch = ?, answer_url = NULL, bytes = NULL WHERE id = ?",
            (outcome, batch, wish.id),
        )

    def posting_date(self, batch: int) -> date | None:
        """Tell the posting date that came with a batch's form, if any."""
        return maybe_day(self._file.value("SELECT posting_date FROM wish WHERE batch = ?", (batch,)))

    def of_share(self, share: Share) -> list[Batch]:
        """List the batches of one share of a file, newest first: more than one where it was begun anew."""
        rows = self._file.rows(
            "SELECT * FROM batch WHERE firm = ? AND channel = ? AND file_id = ?"
            " AND (share_ts = ? OR share_ts LIKE ?) ORDER BY id DESC",
            (share.firm, share.channel, share.file_id, share.share_ts, f"{share.share_ts}{AGAIN}%"),
        )
        return [batch_of(row) for row in rows]
