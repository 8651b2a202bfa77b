"""Choices that a batch uses and nobody but who made them has confirmed: they bar who made them from approving it."""

from collections.abc import Sequence

from brought_forward.storage.audit import link
from brought_forward.storage.database import Row, Table, amount, flag, instant, stamp, summed
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.firm import UsedChoice

# What a number or a name was taken as, with the rows that are posted by it; parameter 1 is the batch.
ALIASES = (
    "SELECT * FROM (SELECT alias.id, alias.kind, alias.text, alias.label AS means, alias.chosen_by AS by,"
    " alias.chosen_at AS at, min(CASE WHEN line.entry IS NOT NULL THEN line.row END) AS row,"
    " count(line.entry) AS posted,"
    f" coalesce({summed('CASE WHEN line.entry IS NOT NULL THEN line.amount_cents END')}, 0) AS total"
    " FROM finding JOIN alias ON alias.id = finding.choice"
    " LEFT JOIN line ON line.batch = finding.batch AND line.row = finding.row"
    " WHERE finding.batch = ? AND alias.confirmed_at IS NULL GROUP BY alias.id) used ORDER BY abs(total) DESC, id"
)
ANSWERS = (
    "SELECT answer.id, answer.kind, answer.choice AS text, coalesce(answer.heading, answer.choice) AS means,"
    " answer.confirmed_by,"
    " answer.answered_by AS by, answer.answered_at AS at, NULL AS row, count(line.entry) AS posted, 0 AS total"
    " FROM used_answer JOIN answer ON answer.id = used_answer.answer LEFT JOIN line ON line.batch = used_answer.batch"
    f" WHERE used_answer.batch = ? AND {flag('answer.confirmed_at IS NULL')} = ? GROUP BY answer.id"
    " ORDER BY answer.id"
)


def _choice(row: Row, *, is_answer: bool) -> UsedChoice:
    return UsedChoice(
        id=row["id"],
        is_answer=is_answer,
        kind=row["kind"],
        text=row["text"],
        means=row["means"],
        by=row["by"],
        at=instant(row["at"]),
        row=row["row"],
        posted=row["posted"],
        amount=amount(row["total"]),
        confirmed_by=row.get("confirmed_by"),
    )


class Choices(Table):
    """Find what is unconfirmed, and confirm it. What was replaced or forgotten since still counts for a batch."""

    def unconfirmed(self, batch: int) -> list[UsedChoice]:
        """List the choices that a batch uses and nobody has confirmed: answers first, then by what they move."""
        answers = [_choice(row, is_answer=True) for row in self._file.rows(ANSWERS, (batch, 1))]
        return answers + [_choice(row, is_answer=False) for row in self._file.rows(ALIASES, (batch,))]

    def settled_answers(self, batch: int) -> list[UsedChoice]:
        """List the answers by which a batch was read and that are the firm's by now."""
        return [_choice(row, is_answer=True) for row in self._file.rows(ANSWERS, (batch, 0))]

    def teachers(self, batch: int) -> set[str]:
        """Name who made them."""
        return {one.by for one in self.unconfirmed(batch)}

    def use_answers(self, batch: int, firm: str, answers: Sequence[int]) -> None:
        """Say by which answers a batch's file was read; a file that joined another brings its answers along."""
        self._file.change_each(
            "INSERT INTO used_answer (firm, batch, answer) VALUES (?, ?, ?) ON CONFLICT (batch, answer) DO NOTHING",
            [(firm, batch, answer) for answer in answers],
        )

    def drop_answers(self, batch: int, kind: str) -> None:
        """Say that a batch's file is no longer read by an answer of this kind."""
        self._file.change(
            "DELETE FROM used_answer WHERE batch = ? AND answer IN (SELECT id FROM answer WHERE kind = ?)",
            (batch, kind),
        )

    def confirm(self, choices: Sequence[UsedChoice], *, by: str) -> None:
        """Make choices the firm's, each only while nobody has and never by who made it.

        What the firm took a text for until then goes out of force; a choice that is itself out of force stays so.
        """
        with self._file.transaction():
            for one in choices:
                if one.is_answer:
                    firm = self._file.value(
                        "UPDATE answer SET confirmed_by = ?1, confirmed_at = ?2 WHERE id = ?3 AND confirmed_at IS NULL"
                        " AND answered_by <> ?1 RETURNING firm",
                        (by, stamp(), one.id),
                    )
                    if firm:
                        self._seal(firm, "answer", by, one)
                    continue
                self._file.change(
                    "UPDATE alias SET forgotten_by = ?1, forgotten_at = ?2 WHERE forgotten_at IS NULL AND id <> ?3"
                    " AND (confirmed_at IS NOT NULL OR channel IS NULL) AND (firm, account, kind, folded) ="
                    " (SELECT firm, account, kind, folded FROM alias WHERE id = ?3 AND forgotten_at IS NULL"
                    " AND confirmed_at IS NULL AND chosen_by <> ?1)",
                    (by, stamp(), one.id),
                )
                firm = self._file.value(
                    "UPDATE alias SET confirmed_by = ?1, confirmed_at = ?2 WHERE id = ?3 AND confirmed_at IS NULL"
                    " AND chosen_by <> ?1 RETURNING firm",
                    (by, stamp(), one.id),
                )
                if firm:
                    self._seal(firm, "choice", by, one)
                    # From now on no preview names a person for it.
                    self._file.change(
                        "UPDATE finding SET chosen_by = NULL, chosen_at = NULL WHERE choice = ?", (one.id,)
                    )

    def _seal(self, firm: str, kind: str, by: str, one: UsedChoice) -> None:
        facts = {"does": "confirmed", "question": one.kind, "chosen_by": one.by}
        link(self._file, firm, kind, actor=by, facts=facts, words={"text": one.text, "means": one.means})

    def waiting_with(self, choices: Sequence[UsedChoice]) -> list[int]:
        """List the batches that wait for approval and use any of these choices."""
        found: set[int] = set()
        for one in choices:
            table, column = ("used_answer", "answer") if one.is_answer else ("finding", "choice")
            rows = self._file.rows(
                f"SELECT id FROM batch WHERE status = ? AND id IN (SELECT batch FROM {table} WHERE {column} = ?)",
                (BatchStatus.PREVIEWED, one.id),
            )
            found |= {row["id"] for row in rows}
        return sorted(found)
