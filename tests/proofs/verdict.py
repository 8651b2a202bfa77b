"""The judge of one small batch: Clio against the sheet, every fate, and each word that people were told.

It reads the pretend Clio's books, the database by SQL of its own and the messages as Slack shows them: none of the
bot's code.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from world import World, tables_of

from brought_forward.sandbox.clio import TimeEntry
from brought_forward.sandbox.slack import Message
from proofs import books

KNOWN = "SELECT slot, ts FROM message"
SENDS = 2  # deletes of one entry without an answer, at most


@dataclass(slots=True)
class Verdict:
    """What is wrong with one batch at its end; all empty where nothing is."""

    doubled: int = 0
    lost: int = 0
    cents: int = 0  # by which Clio's sum and the sheet's differ, without their sign
    otherwise: int = 0  # entries that are not as asked: strange, of another amount, without their one fate
    untrue: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        found = [
            f"{name} {number}" for name in ("doubled", "lost", "cents", "otherwise") if (number := getattr(self, name))
        ]
        return found + self.untrue


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: a world at rest, the sheet, and what ought to have become of it."""

    world: World
    asked: Mapping[books.Key, Decimal]
    refused: frozenset[books.Key] = frozenset()
    lost_answers: frozenset[str] = frozenset()  # messages that Slack took while the bot did not learn of it
    lost_files: int = 0
    status: str = ""  # what /balances status says
    others: frozenset[int] = frozenset()  # ids of Clio's entries that people made
    silent: bool = False  # Slack cannot be written to: only the books and /balances status are judged
    resets: int = 0  # answers that Slack itself has cut after it had done what was asked

    @property
    def entries(self) -> list[TimeEntry]:
        """List what Clio holds, but for what people made."""
        return [one for one in self.world.clio.time_entries if one.id not in self.others]


def judge(case: Case) -> Verdict:
    """Judge a batch whose run has ended."""
    world = case.world
    wanted = {key: amount for key, amount in case.asked.items() if key not in case.refused}
    found = books.compare(wanted, case.entries)
    verdict = Verdict(found.doubled, found.lost, abs(found.cents_apart), found.strange + found.differing)
    verdict.otherwise += _fates(case)
    said = verdict.untrue
    count, total = len(case.entries), sum((one.total or Decimal(0) for one in case.entries), Decimal(0))
    progress = f"{count:,} of {len(case.asked):,} posted, {_money(total)}"
    _says(said, "/balances status", case.status, f"done, {progress}")
    _says(said, "/balances status", case.status, "read back equal to the cent.")
    said += [f"outside Clio's contract: {one}" for one in world.contract.violations[:3]]
    if case.silent:
        return verdict
    thread, texts, known = _shown(case)
    _says(said, "the living status", texts.get(known.get("status", ""), ""), _over(count, len(case.asked)))
    closing = _closing(texts, known)
    _says(said, "the closing words", closing, f"Done: {progress}.")
    _says(
        said,
        "the closing words",
        closing,
        f"Read back from Clio: {_entries(count)}, {_money(total)}, equal to the cent.",
    )
    _results(case, said, [texts[ts] for slot, ts in known.items() if slot.startswith("results-") and ts in texts],
             [one for one in thread if one.ts in known.values()], "Result",
             lambda one: "Refused" if one in case.refused else "Posted")  # fmt: skip
    _once(case, said, thread, set(known.values()))
    return verdict


def _over(posted: int, asked: int) -> str:
    """Say how the living status must begin once posting is over."""
    if posted != asked:
        return "Posting is over, and not all went as it should."
    return f"{ {1: 'The entry is', 2: 'Both entries are'}.get(asked, f'All {asked:,} entries are') } posted."


def judge_undone(case: Case) -> Verdict:
    """Judge a batch that was undone: Clio holds no entry of ours, each reversal has one fate, and all words say so.

    Only what was sent as often as it may be without an answer stays, and is called failed.
    """
    db = case.world.db
    rows = books.ask(db, "SELECT e.state, e.clio_id, r.clio_id, r.outcome, r.tried_at IS NOT NULL FROM entry e"
                         " LEFT JOIN reversal r ON r.entry = e.id")  # fmt: skip
    spent = books.ask(
        db,
        "SELECT e.matter_id, e.user_id, e.clio_id FROM reversal r JOIN entry e ON e.id = r.entry"
        f" WHERE r.outcome = 'failed' AND r.tries >= {SENDS} AND e.state = 'posted'",
    )
    stays = {number for _, _, number in spent}
    there = [one for one in case.entries if one.id not in stays]
    left = sum((one.total or Decimal(0) for one in there), Decimal(0))
    verdict = Verdict(doubled=len(there), lost=len(stays) - len(case.entries) + len(there), cents=int(abs(left) * 100))
    whole = [row for row in rows if row[:2] == ("undone", None) and row[3:] == ("reversed", 1)]
    distinct = len({number for _, _, number, _, _ in whole} | stays)
    verdict.otherwise = abs(len(case.asked) - distinct) + len(rows) - len(whole) - len(stays)
    failed = {(matter, user) for matter, user, _ in spent}
    kept = sum((case.asked[one] for one in failed), Decimal(0))
    said, total = verdict.untrue, _money(sum(case.asked.values(), Decimal(0)) - kept)
    count, gone, stay = len(case.asked), len(case.asked) - len(failed), len(failed)
    progress = f"{stay:,} of {count:,} posted, {_money(kept)}"
    _says(said, "/balances status", case.status, f"undone, {progress}, {gone:,} removed again")
    said += [f"outside Clio's contract: {one}" for one in case.world.contract.violations[:3]]
    thread, texts, known = _shown(case)
    _says(said, "the living status", texts.get(known.get("status", ""), ""), "Undone.")
    closing = _closing(texts, known)
    _says(said, "the closing words", closing, f"Undone: {gone:,} of {count:,} reversed, {total}.")
    _says(said, "the closing words", closing,
          f"Read back from Clio: {_entries(stay)} left, {_money(kept)}, equal to the cent")  # fmt: skip
    _results(case, said, [texts[ts] for slot, ts in known.items() if slot.startswith("undone-") and ts in texts],
             [one for one in thread if one.ts in known.values()], "Undo",
             lambda one: "Failed" if one in failed else "Reversed")  # fmt: skip
    _once(case, said, thread, set(known.values()))
    return verdict


def _shown(case: Case) -> tuple[list[Message], dict[str, str], dict[str, str]]:
    """Give the bot's messages, what each says by its ts, and the ts that the database knows by slot."""
    world = case.world
    thread = [one for one in world.slack.messages("balances") if one.user == world.slack.bot.id]
    known = {slot: ts for slot, ts in books.ask(world.db, KNOWN) if ts and ts != "file"}
    return thread, {one.ts: world.slack.plain(one) for one in thread}, known


def _closing(texts: Mapping[str, str], known: Mapping[str, str]) -> str:
    """Give the last closing words."""
    closings = [slot for slot in known if slot.startswith("closing-") and slot.split("-")[1].isdigit()]
    last = max(closings, key=lambda slot: int(slot.split("-")[1]), default="")
    return texts.get(known.get(last, ""), "")


def _fates(case: Case) -> int:
    """Count the entries whose one fate in the database is not what Clio holds, and attempts left open."""
    held = {one.id: books.key(one) for one in case.entries}
    wrong = 0
    rows = books.ask(case.world.db, "SELECT matter_id, user_id, state, clio_id FROM entry")
    for matter, user, state, clio_id in rows:
        if (matter, user) in case.refused:
            wrong += state != "refused"
        else:
            wrong += state != "posted" or held.get(clio_id) != (matter, user)
    wrong += len(rows) != len(case.asked)
    ((unsettled,),) = books.ask(case.world.db, "SELECT count(*) FROM attempt WHERE outcome IS NULL")
    return wrong + int(unsettled)


def _results(
    case: Case,
    said: list[str],
    texts: list[str],
    thread: list[Message],
    heading: str,
    fate: Callable[[tuple[int, int]], str],
) -> None:
    """Hold the table of results against Clio: each matter and user once, with its amount and its outcome."""
    names = {one.id: one.display_number for one in case.world.firm.matters}
    users = {one.id: one.name for one in case.world.firm.users}
    wanted = Counter(
        (names[matter], users[user], _money(amount), fate((matter, user)))
        for (matter, user), amount in case.asked.items()
    )
    tables = [
        table for message in thread for table in tables_of(message.blocks)
        if [cell["text"] for cell in table["rows"][0]][-1:] == [heading]
    ]  # fmt: skip
    if not tables:  # Slack refused the blocks: the same words as plain sections
        text = "\n".join(texts)
        missing = [row for row in wanted if row[0] not in text or row[2] not in text]
        said += [f"the results do not show {row}" for row in missing[:3]]
        return
    shown = Counter(tuple(_cells(row)) for table in tables for row in table["rows"][1:])
    if shown != wanted:
        said.append(f"the results show {sorted((shown - wanted).elements())} instead of"
                    f" {sorted((wanted - shown).elements())}")  # fmt: skip


def _cells(row: list[dict[str, Any]]) -> list[str]:
    texts = [cell["elements"][0]["elements"][0]["text"] if "elements" in cell else cell["text"] for cell in row]
    return [*texts[:3], re.split(r"[:,]", texts[3])[0]]


def _once(case: Case, said: list[str], thread: list[Message], known: set[str]) -> None:
    """Let no message stand twice, but where the answer to its sending was lost."""
    copies = {one.ts for one in thread if not one.files} - known
    copies -= case.lost_answers
    files = Counter(file.name for one in thread for file in one.files)
    meant = Counter(
        name for (name,) in books.ask(case.world.db, "SELECT file_name FROM message WHERE attach IS NOT NULL")
    )
    spare = max(sum((files - meant).values()) - case.lost_files, 0)
    if len(copies) + spare > case.resets:
        said.append(f"{len(copies)} messages and {spare} workbooks stand twice without need: {dict(files)}")
    ((owed,),) = books.ask(case.world.db, "SELECT count(*) FROM message WHERE shown < wanted")
    if owed:
        said.append(f"{owed} messages are owed still")


def _says(said: list[str], what: str, text: str, *words: str) -> None:
    if not any(one in text for one in words):
        said.append(f"{what} do not say {words[0]!r} but {text[:200]!r}")


def known_messages(db: Path) -> set[str]:
    """List the messages that the database knows Slack to have."""
    return {ts for (ts,) in books.ask(db, "SELECT ts FROM message WHERE ts IS NOT NULL")} if db.exists() else set()


def shown_files(db: Path) -> int:
    """Count the workbooks that the database knows Slack to have."""
    ((count,),) = books.ask(db, "SELECT count(*) FROM message WHERE attach IS NOT NULL AND ts IS NOT NULL")
    return int(count)


def _money(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"
