"""Batches from upload to preview: each step one statement that succeeds once."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from brought_forward.storage.audit import link
from brought_forward.storage.batch_table import BatchTable, batch_of
from brought_forward.storage.database import cents, seconds, stamp
from brought_forward.storage.records.batch import MANY, Batch, BatchStatus, Rules, stem_of
from brought_forward.storage.records.sheet import Comments, SheetReading
from brought_forward.storage.records.slack import Share

S = BatchStatus


# Whether a batch's file, by the table's name, is one of too many.
CROWDED = (
    "((SELECT count(*) FROM batch earlier WHERE earlier.firm = {0}.firm AND earlier.uploader = {0}.uploader AND"
    f" earlier.id < {{0}}.id AND {seconds('earlier.created_at')} > {seconds('{0}.created_at')} - 3600) >= {MANY})"
)


class Uploads(BatchTable):
    """Keep what is known of an upload until it can be approved."""

    def open(
        self, share: Share, *, uploader: str, owner: str, file_name: str, file_size: int, rules: Rules
    ) -> int | None:
        """Begin a batch for one share of a file, by these rules.

        Returns None where that share has its batch already.
        """
        at = stamp()
        there = self._file.tuples(
            "SELECT file_name FROM batch WHERE firm = ? AND channel = ? AND thread_ts = ?",
            (share.firm, share.channel, share.thread_ts),
        )
        namesake = stem_of(file_name) in {stem_of(name) for (name,) in there}
        with self._file.transaction():
            row = self._file.row(
                "INSERT INTO batch (firm, channel, file_id, share_ts, thread_ts, uploader, owner, file_name, file_size,"
                " status, rules, created_at, updated_at, namesake) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (firm, channel, file_id, share_ts) DO NOTHING RETURNING id",
                (share.firm, share.channel, share.file_id, share.share_ts, share.thread_ts, uploader, owner, file_name,
                 file_size, S.RECEIVED, rules.json(), at, at, int(namesake)),
            )  # fmt: skip
            if row is None:
                return None
            facts = {"channel": share.channel, "file": share.file_id, "share": share.share_ts, "owner": owner,
                     "size": file_size, "rules": rules.json()}  # fmt: skip
            link(self._file, share.firm, "upload", actor=uploader, batch=row["id"], facts=facts,
                 words={"file": file_name})  # fmt: skip
        return int(row["id"])

    def begin_reading(self, batch: int, token: str) -> bool:
        """Move a received batch to reading; also true for one whose reading was cut off."""
        return self._move(batch, S.READING, (S.RECEIVED, S.READING), ", halt = NULL, halt_text = NULL", (),
                          token=token)  # fmt: skip

    def forbidden(self, batch: int, token: str, why: str) -> bool:
        """Let a batch that is being read wait for a person: Clio forbids what its preview needs."""
        setting = ", halt = 'forbidden', halt_text = ?"
        return self._move(batch, S.READING, (S.READING,), setting, (why,), token=token)

    def try_again(self, batch: int) -> bool:
        """Let the reading of such a batch go on."""
        where = "status = ? AND halt IS NOT NULL"
        return self._update(batch, "halt = NULL, halt_text = NULL", (), where, (S.READING,))

    def keep_file(self, batch: int, *, firm: str, sha256: str, data: bytes) -> None:
        """Keep the file's bytes: posting never reads Slack again."""
        with self._file.transaction():
            self._file.change(
                "INSERT INTO kept_file (firm, sha256, bytes, kept_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (firm, sha256) DO NOTHING",
                (firm, sha256, data, stamp()),
            )
            self._update(batch, "sha256 = ?, file_size = ?", (sha256, len(data)))
            link(self._file, firm, "file", batch=batch, facts={"sha256": sha256, "size": len(data)})

    def file_bytes(self, firm: str, sha256: str) -> bytes:
        """Read a kept file."""
        data: bytes = self._file.value("SELECT bytes FROM kept_file WHERE firm = ? AND sha256 = ?", (firm, sha256))
        return data

    def keep_billing(self, batch: int, *, currency: str, taxed: bool | None) -> None:
        """Keep the currency, and whether Clio taxes bills by default. Returns None where it does not say."""
        values = (currency, int(bool(taxed)), int(taxed is None))
        self._update(batch, "currency = ?, taxed = ?, tax_unknown = ?", values)

    def choose_user(self, batch: int, user_id: int | None) -> None:
        """Say whose are the lines that name no user; the next preview follows it."""
        self._update(batch, "user_id = ?", (user_id,))

    def begin_parsing(self, batch: int) -> int:
        """Count a parsing that begins, before it begins; the count falls to 0 when one ends."""
        row = self._file.row("UPDATE batch SET parses = parses + 1 WHERE id = ? RETURNING parses", (batch,))
        return int(row["parses"]) if row else 0

    def keep_reading(self, batch: int, reading: SheetReading, differences: Sequence[str]) -> None:
        """Keep what the sheet says of itself; its lines are kept by `Lines`."""
        self._update(
            batch,
            "parses = 0, sheet = ?, header_row = ?, zero_rows = ?, stated_as_of = ?, control_cents = ?, remarks = ?,"
            " mended = ?, differences = ?, balance = ?, proofs = ?, census = ?, column_cents = ?, comments = ?,"
            " signature = ?",
            (
                reading.sheet,
                reading.header_row,
                reading.zero_rows,
                reading.as_of and reading.as_of.isoformat(),
                None if reading.control_total is None else cents(reading.control_total),
                json.dumps(reading.remarks),
                int(bool(reading.mends)),
                json.dumps(list(differences)),
                reading.balance,
                json.dumps(reading.proofs),
                json.dumps([asdict(one) for one in reading.census], default=str),
                None if reading.column_total is None else cents(reading.column_total),
                _comments(reading.comments),
                reading.signature,
            ),
        )

    def ask(self, batch: int, question: str) -> bool:
        """Put a question to staff; the batch waits for the answer."""
        return self._move(batch, S.ASKING, (S.READING,), ", question = ?, parses = 0", (question,))

    def answered(self, batch: int) -> bool:
        """Let reading go on after an answer; the first answer wins."""
        return self._move(batch, S.READING, (S.ASKING,), ", question = NULL", ())

    def confirm(self, batch: int, *, revision: int, by: str) -> bool:
        """Say that the lines are right although a total differs; once a revision. A first approval no longer counts."""
        where = "status = ? AND revision = ? AND confirmed_by IS NULL"
        return self._update(
            batch, "confirmed_by = ?, first_by = NULL, first_at = NULL", (by,), where, (S.PREVIEWED, revision)
        )

    def forget_first(self, batch: int) -> None:
        """Let a first approval no longer count: the preview was held since."""
        self._update(batch, "first_by = NULL, first_at = NULL", (), "status = ?", (S.PREVIEWED,))

    def typed(self, share: Share, total: Decimal) -> Batch | None:
        """Keep the control total that came with a share; the batch, if it is new there."""
        row = self._file.row(
            "UPDATE batch SET typed_cents = ?, typed_by = NULL"
            " WHERE firm = ? AND channel = ? AND file_id = ? AND share_ts = ? AND typed_cents IS DISTINCT FROM ?1"
            " RETURNING *",
            (cents(total), share.firm, share.channel, share.file_id, share.share_ts),
        )
        return batch_of(row) if row else None

    def type_total(self, batch: int, *, revision: int, digest: str, total: Decimal, by: str) -> bool:
        """Keep the total of the firm's own report, while that preview waits; one that differs holds it anew."""
        return self._change_preview(batch, "typed_cents = ?, typed_by = ?, confirmed_by = NULL", (cents(total), by),
                             (revision, digest))  # fmt: skip

    def read_notes_again(self, batch: int, *, revision: int, digest: str) -> bool:
        """Send a previewed batch round again, since its comments were put on the bills or taken off.

        As after a correction its old buttons are out of use, and the next preview has the next revision.
        """
        setting = "status = ?, run_token = NULL, renote = 1"
        return self._change_preview(batch, setting, (S.READING,), (revision, digest))

    def keep_comments(self, batch: int, comments: Comments | None) -> None:
        """Say whether the notes that were read again hold the comments."""
        self._update(batch, "renote = 0, comments = ?", (_comments(comments),))

    def ahead(self, batch: int) -> int:
        """Count the files of the same channel that are read before this one."""
        count: int = self._file.value(
            "SELECT count(*) FROM batch b JOIN batch a ON a.channel = b.channel AND a.firm = b.firm AND a.id < b.id"
            f" WHERE b.id = ? AND a.status IN (?, ?) AND a.halt IS NULL AND NOT {CROWDED.format('a')}",
            (batch, S.RECEIVED, S.READING),
        )
        return count

    def crowded(self, batch: int) -> bool:
        """Whether a file waits to be read that is one of too many of its uploader's within an hour."""
        where = f"me.id = ? AND me.status = ? AND {CROWDED.format('me')}"
        return bool(self._file.value(f"SELECT 1 FROM batch me WHERE {where}", (batch, S.RECEIVED)))

    def gives_way(self, batch: int) -> bool:
        """Whether such a file still waits: somebody else's is to be read, which is not one of too many itself."""
        return self.crowded(batch) and bool(
            self._file.value(
                "SELECT 1 FROM batch me JOIN batch other ON (other.firm, other.uploader) <> (me.firm, me.uploader)"
                f" WHERE me.id = ? AND other.status IN (?, ?) AND other.halt IS NULL AND NOT {CROWDED.format('other')}",
                (batch, S.RECEIVED, S.READING),
            )
        )

    def correct(self, batch: int, *, revision: int, zero_rows: int = 0) -> bool:
        """Send a previewed batch through matching again, after its lines were corrected; once a revision.

        Its old buttons are out of use from now on, and a run that matches what stood there before can offer nothing;
        the next preview has the next revision. `zero_rows` more of its rows hold nothing to bring forward.
        """
        return self._update(
            batch,
            "status = ?, run_token = NULL, zero_rows = zero_rows + ?, first_by = NULL, first_at = NULL",
            (S.READING, zero_rows),
            "status IN (?, ?) AND revision = ? AND revision > 0",
            (S.PREVIEWED, S.READING, revision),
        )

    def choose_date(self, batch: int, *, revision: int, digest: str, day: date) -> bool:
        """Date a previewed batch's entries otherwise and send it through matching again; once a revision.

        As after a correction its old buttons are out of use, and the next preview has the next revision.
        """
        setting, values = "status = ?, run_token = NULL, chosen_date = ?", (S.READING, day.isoformat())
        return self._change_preview(batch, setting, values, (revision, digest))

    def join(self, batch: int, to: int) -> bool:
        """End a batch whose lines went into another."""
        return self._move(batch, S.WITHDRAWN, (S.READING,), ", joined = ?", (to,))

    def waiting_in(self, share: Batch) -> list[Batch]:
        """List the batches that wait for approval in the thread of another, newest first."""
        rows = self._file.rows(
            "SELECT * FROM batch WHERE firm = ? AND channel = ? AND thread_ts = ? AND status = ? ORDER BY id DESC",
            (share.firm, share.channel, share.thread_ts, S.PREVIEWED),
        )
        return [batch_of(row) for row in rows]

    def before_in(self, share: Batch) -> list[Batch]:
        """List the batches before another in its thread that had a preview, newest first."""
        rows = self._file.rows(
            "SELECT * FROM batch WHERE firm = ? AND channel = ? AND thread_ts = ? AND id < ? AND revision > 0"
            " ORDER BY id DESC",
            (share.firm, share.channel, share.thread_ts, share.id),
        )
        return [batch_of(row) for row in rows]

    def unreadable(self, batch: int, why: str) -> bool:
        """End a batch whose file cannot be read."""
        return self._move(batch, S.UNREADABLE, (S.RECEIVED, S.READING), ", halt_text = ?", (why,))


def _comments(comments: Comments | None) -> str | None:
    return json.dumps(asdict(comments)) if comments else None


# Of others no preview will come: after an approval one may, where Clio has drifted or another form is tried.
OVER = f"('{S.UNREADABLE}', '{S.REJECTED}', '{S.WITHDRAWN}', '{S.EXPIRED}', '{S.UNDOING}', '{S.UNDONE}')"


class Originals(BatchTable):
    """Keep what became of files after they were read."""

    def touched(self, firm: str, file_id: str) -> int:
        """Take note that a file was changed or deleted; count the batches that it is to be looked at for."""
        return self._file.change(
            f"UPDATE batch SET file_look_at = ? WHERE firm = ? AND file_id = ? AND status NOT IN {OVER}",
            (self._file.clock.stamp(), firm, file_id),
            awaited=True,
        )

    def due(self, firm: str) -> list[Batch]:
        """List a firm's batches whose file is to be looked at now."""
        rows = self._file.rows(
            "SELECT * FROM batch WHERE firm = ? AND file_look_at <= ? ORDER BY file_look_at NULLS FIRST, id",
            (firm, self._file.clock.stamp()),
        )
        return [batch_of(row) for row in rows]

    def later(self, batch: Batch, seconds: float) -> None:
        """Look again after some seconds, unless Slack has told of it anew."""
        self._file.change(
            "UPDATE batch SET file_look_at = ? WHERE id = ? AND file_look_at = ?",
            (self._file.clock.stamp(after=seconds), batch.id, _as_kept(batch)),
        )

    def looked(self, batch: Batch, now: str | None) -> bool:
        """Keep what stands in Slack now, as in `Batch.file_now`. Returns False where that was known already.

        Who said to go on as read said so of another state: with a new one it no longer counts.
        """
        self._file.change(
            "UPDATE batch SET file_look_at = NULL WHERE id = ? AND file_look_at = ?", (batch.id, _as_kept(batch))
        )
        return self._update(
            batch.id, "file_now = ?, file_kept_by = NULL", (now,), "file_now IS DISTINCT FROM ?", (now,)
        )

    def keep(self, batch: int, *, revision: int, by: str) -> bool:
        """Say to go on as read although the file was deleted or changed; the first one wins."""
        where = "status = ? AND revision = ? AND file_now IS NOT NULL AND file_kept_by IS NULL"
        return self._update(batch, "file_kept_by = ?", (by,), where, (S.PREVIEWED, revision))


def _as_kept(batch: Batch) -> str | None:
    return batch.file_look_at.isoformat(timespec="microseconds") if batch.file_look_at else None
