"""What each Slack message should show, and what Slack shows. Slack is a view of it, never the record."""

from collections.abc import Collection
from datetime import timedelta

from brought_forward.storage.database import Row, Table, instant, stamp
from brought_forward.storage.records.slack import Form, Message

# A copy of a message (sent twice, because an answer of Slack's was lost) has the slot of its original and its own ts.
COPY = "@"
# A new version is tried in blocks; where only words were taken, with one section and the buttons first.
ANEW = f"CASE WHEN plain IN ({Form.WORDS}, {Form.BARE_AGAIN}) THEN {Form.BARE_AGAIN} ELSE {Form.BLOCKS} END"
DUE = (
    "SELECT id, channel, thread_ts, ts, next_at, edit_gap, shown_at FROM message"
    " WHERE firm = ? AND shown < wanted AND attach IS NULL ORDER BY id"
)


def due_at(row: Row) -> str:
    """Tell when a row of `DUE` is to be sent.

    The gap counts from what Slack shows by now: an older version may still have been on its way when this was said.
    """
    if not row["edit_gap"] or row["shown_at"] is None:
        return str(row["next_at"])
    return max(str(row["next_at"]), stamp(instant(row["shown_at"]) + timedelta(seconds=row["edit_gap"])))


def read_message(row: Row) -> Message:
    """Make a message of its row."""
    return Message(
        id=row["id"],
        firm=row["firm"],
        batch=row["batch"],
        slot=row["slot"],
        channel=row["channel"],
        thread_ts=row["thread_ts"],
        ts=row["ts"],
        text=row["text"],
        blocks=row["blocks"],
        wanted=row["wanted"],
        shown=row["shown"],
        plain=Form(row["plain"]),
        attempts=row["attempts"],
        attach=row["attach"],
        file_name=row["file_name"],
    )


class Messages(Table):
    """Keep the outbox."""

    def say(
        self,
        *,
        firm: str,
        batch: int,
        slot: str,
        channel: str,
        thread_ts: str | None,
        text: str,
        blocks: str,
        edit_gap: float = 0.0,
    ) -> None:
        """Want a message to be there, or to show something else; only the newest wish is sent.

        `edit_gap` is the least time in seconds since Slack showed the last version; 0 for a change of state.
        """
        at = self._file.clock.stamp()
        with self._file.transaction():
            # In this order two that say it at once cannot lose the later one's words.
            is_new = self._file.change(
                "INSERT INTO message (firm, batch, slot, channel, thread_ts, text, blocks, next_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (batch, slot) DO NOTHING",
                (firm, batch, slot, channel, thread_ts, text, blocks, at),
            )
            if not is_new:
                self._file.change(
                    f"UPDATE message SET text = ?1, blocks = ?2, wanted = wanted + 1, plain = {ANEW}, edit_gap = ?3,"
                    " next_at = CASE WHEN CAST(?3 AS DOUBLE PRECISION) > 0 THEN next_at ELSE ?4 END"
                    " WHERE batch = ?5 AND (slot = ?6 OR slot LIKE ?7) AND (text <> ?1 OR blocks <> ?2)",
                    (text, blocks, edit_gap, at, batch, slot, f"{slot}{COPY}%"),
                )

    def tell(self, *, firm: str, slot: str, channel: str, text: str, blocks: str) -> None:
        """Want a message that is of no batch to be there, or to show something else. `slot` begins with "told-".

        `channel` may be a person's id: it then goes to their direct messages.
        """
        with self._file.transaction():
            is_new = self._file.change(
                "INSERT INTO message (firm, slot, channel, text, blocks, next_at) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (firm, slot) WHERE batch IS NULL AND slot LIKE 'told-%' DO NOTHING",
                (firm, slot, channel, text, blocks, self._file.clock.stamp()),
            )
            if not is_new:
                self._file.change(
                    f"UPDATE message SET text = ?1, blocks = ?2, wanted = wanted + 1, plain = {ANEW}, next_at = ?3"
                    " WHERE batch IS NULL AND firm = ?4 AND slot = ?5 AND (text <> ?1 OR blocks <> ?2)",
                    (text, blocks, self._file.clock.stamp(), firm, slot),
                )

    def tell_each(self, people: Collection[str], *, firm: str, slot: str, text: str, blocks: str) -> None:
        """Tell each of some people alone, in a direct message; the slot of each ends with their id."""
        for one in sorted(people):
            self.tell(firm=firm, slot=f"{slot}-{one}", channel=one, text=text, blocks=blocks)

    def told(self, firm: str, slot: str) -> tuple[str | None, str | None] | None:
        """Tell a message's ts in Slack and what Slack last refused it for.

        Returns None where there is no such message.
        """
        row = self._file.row(
            "SELECT ts, error FROM message WHERE batch IS NULL AND firm = ? AND slot = ?", (firm, slot)
        )
        return (row["ts"], row["error"]) if row else None

    def give_up(self, firm: str, slot: str) -> bool:
        """Owe a message no longer. Returns False where Slack shows it already."""
        return self._file.change(
            "DELETE FROM message WHERE batch IS NULL AND firm = ? AND slot = ? AND ts IS NULL", (firm, slot)
        ) == 1  # fmt: skip

    def clicked(self, batch: int, slot: str, ts: str) -> None:
        """Take note of a copy that somebody clicked, so that it is redrawn with its original.

        While no answer of Slack's has told where the original is, any that is clicked counts as a copy.
        """
        self._file.change(
            "INSERT INTO message (firm, batch, slot, channel, thread_ts, ts, text, blocks, wanted, shown, next_at)"
            " SELECT firm, batch, slot || ? || ?, channel, thread_ts, ?, text, blocks, 1, 0, next_at FROM message"
            " WHERE batch = ? AND slot = ? AND (ts IS NULL OR ts <> ?)"
            " ON CONFLICT (batch, slot) DO NOTHING",
            (COPY, ts, ts, batch, slot, ts),
        )

    def due(self) -> list[str]:
        """Name the firms that are owed a message by now, or an edit whose gap may not be over yet."""
        rows = self._file.tuples(
            "SELECT DISTINCT firm FROM message WHERE shown < wanted AND attach IS NULL AND next_at <= ?",
            (self._file.clock.stamp(),),
        )
        return [firm for (firm,) in rows]

    def next_due(self, firm: str, busy: set[str]) -> Message | None:
        """Read the next message to send to a firm: the oldest of its thread, whose time has come.

        A post that must wait holds back the younger ones of its thread, so that it keeps its order; an edit that must
        wait holds back nothing. `busy` names channels to pass over.
        """
        at = self._file.clock.stamp()
        held: set[tuple[str, str | None]] = set()
        for row in self._file.rows(DUE, (firm,)):
            thread = (row["channel"], row["thread_ts"])
            if row["channel"] in busy or thread in held:
                continue
            if due_at(row) <= at:
                found = self._file.row("SELECT * FROM message WHERE id = ?", (row["id"],))
                return read_message(found) if found else None
            if row["ts"] is None:
                held.add(thread)
        return None

    def sent(self, message: Message, ts: str, *, channel: str, is_root: bool = False) -> None:
        """Say that Slack shows this version and where.

        `is_root`: the message that its thread hung on is gone, so Slack put it into the channel itself; the thread goes
        on below it, with all batches and messages of that thread.
        """
        at = self._file.clock.stamp()
        with self._file.transaction():
            self._file.change(
                "UPDATE message SET ts = ?, channel = ?, shown = ?, shown_at = ?, attempts = 0, error = NULL"
                " WHERE id = ?",
                (ts, channel, message.wanted, at, message.id),
            )
            self._file.change(  # it was clicked before Slack's answer came
                "DELETE FROM message WHERE batch = ? AND slot = ?", (message.batch, f"{message.slot}{COPY}{ts}")
            )
            if is_root:
                thread = (ts, message.firm, message.channel, message.thread_ts)
                for table in ("batch", "message"):
                    self._file.change(
                        f"UPDATE {table} SET thread_ts = ? WHERE firm = ? AND channel = ? AND thread_ts = ?", thread
                    )

    def failed(self, message: Message, error: str, *, again_in: float) -> None:
        """Say that a try failed; the message stays owed."""
        self._file.change(
            "UPDATE message SET attempts = attempts + 1, error = ?, next_at = ? WHERE id = ?",
            (error, self._file.clock.stamp(after=again_in), message.id),
        )

    def lost(self, message: Message) -> None:
        """Say that Slack does not have this message, or never edits it: what it should show is posted anew."""
        self._file.change("UPDATE message SET ts = NULL, shown = 0, plain = ? WHERE id = ?", (Form.BLOCKS, message.id))

    def go_plain(self, message: Message, form: Form) -> None:
        """Send this version in a plainer form, since Slack refused it."""
        self._file.change(
            "UPDATE message SET plain = ? WHERE id = ? AND wanted = ?", (form, message.id, message.wanted)
        )

    def owed(self) -> int:
        """Count the messages that Slack does not show yet."""
        count: int = self._file.value("SELECT count(*) FROM message WHERE shown < wanted")
        return count

    def slots(self, batch: int, prefix: str) -> list[str]:
        """Name a batch's messages whose slot begins so, copies apart."""
        rows = self._file.rows(
            "SELECT slot FROM message WHERE batch = ? AND substr(slot, 1, CAST(? AS INTEGER)) = ?"
            " AND slot NOT LIKE ? ORDER BY id",
            (batch, len(prefix), prefix, f"%{COPY}%"),
        )
        return [row["slot"] for row in rows]

    def find(self, batch: int, slot: str) -> Message | None:
        """Read one message of a batch, or None."""
        row = self._file.row("SELECT * FROM message WHERE batch = ? AND slot = ?", (batch, slot))
        return read_message(row) if row else None
