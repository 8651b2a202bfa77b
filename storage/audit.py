"""The audit chain: one a firm, appended only, each link with a hash over itself and the hash before.

The chain holds ids, codes, cents and digests. Names and texts stand beside it, each under a salted digest of its link,
so that they can be purged and the chain still holds: the salt goes with them, and what is short cannot be guessed.
A link is written in the transaction of what it tells, so neither is there without the other.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from brought_forward.storage.database import Database, Row, Table, instant, stamp
from brought_forward.storage.records.audit import Link, Verdict
from brought_forward.storage.records.entry import EntryState

SHORT = 12  # characters of a hash that people read
# An entry that is, or may be, in Clio: its row is never planned anew.
STANDING = (EntryState.POSTED, EntryState.WRONG, EntryState.UNCLEAR)
SAME = ("batch", "matter_id", "user_id", "state", "clio_id", "cents")


def canonical(value: Any) -> str:
    """Write a value as JSON in one way only: keys in order, no spaces, no escapes but those that JSON needs."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


GONE = {"does": "rows"}  # the facts of the link that tells that a batch's rows were deleted, years after
# What a row says by now beside what its last link said: a row that was changed behind the bot's back.
FORGOTTEN = (
    " AND audit.batch NOT IN (SELECT batch FROM audit gone WHERE gone.firm = audit.firm AND gone.kind = 'purge'"
    f" AND gone.facts = '{canonical(GONE)}')"
)
ENTRIES = (
    "SELECT audit.number, audit.batch AS sealed_batch, audit.facts, entry.batch, matter_id, user_id, state, clio_id,"
    " amount_cents AS cents FROM audit LEFT JOIN entry ON entry.id = audit.subject WHERE audit.firm = ?"
    f" AND audit.kind = 'entry'{FORGOTTEN} AND audit.number = (SELECT max(number) FROM audit last"
    " WHERE last.firm = audit.firm AND last.subject = audit.subject AND last.kind IN ('send', 'entry'))"
    " ORDER BY audit.number"
)
UNSEALED = (
    "SELECT id, batch FROM entry WHERE firm = ? AND clio_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit"
    " WHERE audit.firm = entry.firm AND audit.kind = 'entry' AND audit.subject = entry.id) ORDER BY id"
)
DECISIONS = (
    "SELECT decision.id, decision.batch, decision.actor, decision.action, decision.allowed, decision.revision,"
    " audit.number, audit.actor AS sealed_actor, audit.facts FROM audit LEFT JOIN decision ON decision.id ="
    f" audit.subject WHERE audit.firm = ? AND audit.kind = 'decision'{FORGOTTEN} ORDER BY audit.number"
)


def link(
    file: Database,
    firm: str,
    kind: str,
    *,
    facts: Mapping[str, Any],
    actor: str | None = None,
    batch: int | None = None,
    subject: int | None = None,
    words: Mapping[str, Any] | None = None,
) -> None:
    """Append one link to a firm's chain. `subject` is the row that it tells of, by which it is found again.

    `words` that are all empty are none.
    """
    spoken = {name: text for name, text in (words or {}).items() if text not in (None, "")}
    with file.transaction():
        last = file.row("SELECT number, hash FROM audit WHERE firm = ? ORDER BY number DESC LIMIT 1", (firm,))
        number, before = (last["number"] + 1, last["hash"]) if last else (1, "")
        salt = secrets.token_hex(16) if spoken else None
        row: Row = {
            "firm": firm, "number": number, "at": stamp(), "kind": kind, "actor": actor, "batch": batch,
            "subject": subject, "facts": canonical(dict(facts)),
            "words_digest": _digest(f"{salt}{canonical(spoken)}") if spoken else None, "before": before,
        }  # fmt: skip
        file.change(
            "INSERT INTO audit (firm, number, at, kind, actor, batch, subject, facts, words_digest, before, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row.values(), _digest(canonical(row))),
        )
        if spoken:
            file.change(
                "INSERT INTO audit_words (firm, number, batch, salt, words) VALUES (?, ?, ?, ?, ?)",
                (firm, number, batch, salt, canonical(spoken)),
            )


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


class Audit(Table):
    """Read the chains, look whether they hold, and add what no other table tells."""

    def add(
        self,
        firm: str,
        kind: str,
        *,
        facts: Mapping[str, Any],
        actor: str | None = None,
        batch: int | None = None,
        words: Mapping[str, Any] | None = None,
    ) -> None:
        """Append a link on what changes no row of ours, such as an export."""
        link(self._file, firm, kind, facts=facts, actor=actor, batch=batch, words=words)

    def firms(self) -> list[str]:
        """Name the firms that have a chain."""
        return [row["firm"] for row in self._file.rows("SELECT DISTINCT firm FROM audit ORDER BY firm")]

    def seal(self, batch: int) -> str | None:
        """Give the short hash of the last link on where a batch stands or what Clio held of it; None before the first.

        Said where people keep it, it shows a chain whose end was cut off.
        """
        found: str | None = self._file.value(
            "SELECT substr(hash, 1, CAST(? AS INTEGER)) FROM audit WHERE batch = ? AND kind IN ('status', 'read_back')"
            " ORDER BY number DESC LIMIT 1",
            (SHORT, batch),
        )
        return found

    def links(self, firm: str) -> Iterator[Link]:
        """Read a firm's chain from its first link on."""
        for row in self._rows(firm):
            yield Link(
                firm=firm,
                number=row["number"],
                at=instant(row["at"]),
                kind=row["kind"],
                actor=row["actor"],
                batch=row["batch"],
                facts=json.loads(row["facts"]),
                words=None if row["words"] is None else json.loads(row["words"]),
                purged=row["words_digest"] is not None and row["words"] is None,
                hash=row["hash"],
            )

    def verify(self, firm: str, *, sealed: str = "") -> Verdict:
        """Look whether a firm's chain holds from its first link to its last, and its rows say what it says.

        `sealed` is a short hash that somebody has kept, such as that of a batch's closing words: one that is in no link
        means that the chain was cut or made anew.
        """
        before, number, purged, broken, met = "", 0, 0, None, not sealed
        for row in self._rows(firm):
            broken = _wrong(row, number + 1, before)
            if broken:
                break
            number, before = row["number"], row["hash"]
            purged += row["words_digest"] is not None and row["words"] is None
            met = met or before.startswith(sealed)
        if broken is None and not met:
            broken = f"no link has the hash {sealed}: links were cut off the end, or the whole chain was made anew"
        return Verdict(firm, number, purged, before, broken or self._changed(firm))

    def _rows(self, firm: str) -> Iterator[Row]:
        """Read links with their words, some at a time: of a firm there may be a hundred thousand."""
        after = 0
        while some := self._file.rows(
            "SELECT audit.firm, audit.number, at, kind, actor, audit.batch, subject, facts, words_digest, before, hash,"
            " salt, words, audit_words.number AS beside FROM audit LEFT JOIN audit_words ON audit_words.firm ="
            " audit.firm AND audit_words.number = audit.number WHERE audit.firm = ? AND audit.number > ?"
            " ORDER BY audit.number LIMIT 1000",
            (firm, after),
        ):
            yield from some
            after = some[-1]["number"]

    def _changed(self, firm: str) -> str | None:
        """Name the first row that no longer says what its link says, or None."""
        for row in self._file.rows(ENTRIES, (firm,)):
            facts = json.loads(row["facts"]) | {"batch": row["sealed_batch"]}
            stands = facts["state"] in STANDING or row["clio_id"] is not None
            if stands and any(row[name] != facts[name] for name in SAME):
                return f"an entry of B{facts['batch']} is not what link {row['number']} says it became"
        for row in self._file.rows(UNSEALED, (firm,)):
            return f"an entry of B{row['batch']} stands in Clio by the database, and no link says so"
        for row in self._file.rows(DECISIONS, (firm,)):
            facts = json.loads(row["facts"])
            if row["id"] is None or (row["actor"], row["action"], bool(row["allowed"]), row["revision"]) != (
                row["sealed_actor"], facts["action"], facts["allowed"], facts["revision"]
            ):  # fmt: skip
                return f"the decision of link {row['number']} was changed or taken away in the log"
        return None


SEALED = ("firm", "number", "at", "kind", "actor", "batch", "subject", "facts", "words_digest", "before")


def _wrong(row: Row, number: int, before: str) -> str | None:
    """Say in words why a link does not hold, or None."""
    if row["number"] != number:
        return f"link {number} is missing"
    if row["before"] != before:
        return f"link {number} does not follow on link {number - 1}"
    if _digest(canonical({name: row[name] for name in SEALED})) != row["hash"]:
        return f"link {number} was changed"
    if row["words_digest"] is None:
        return None if row["beside"] is None else f"the words of link {number} were added later"
    if row["beside"] is None:
        return f"the words of link {number} are missing, and no purge took them"
    if row["words"] is not None and _digest(f"{row['salt']}{row['words']}") != row["words_digest"]:
        return f"the words of link {number} were changed"
    return None
