"""Undo under kills: some entries billed, changed, moved or deleted by hand; the bot killed -9 several times midway.

Clio cuts deletes before and after they are carried out. Every outcome is held against Clio's own books, and then the
same file is brought forward again.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from brought_forward.sandbox.clio import Firm, TimeEntry
from proofs import books
from proofs.report import Report, run
from proofs.stage import Stage, timing

ONE = "/activities/*"
CUTS = 0.06  # of all deletes, before they are carried out; as many after
TIMES = timing(second_look=0.2)
UNDONE = "SELECT 1 FROM batch WHERE id = 1 AND status = 'undone' AND read_back IS NOT NULL"
BY_HAND: tuple[tuple[str, str, Callable[[Firm, TimeEntry], object]], ...] = (
    ("put on a draft bill", "kept", lambda firm, one: firm.bill(one, "draft")),
    ("billed", "kept", lambda firm, one: firm.bill(one)),
    ("another amount", "kept", lambda firm, one: firm.change(one, price=one.price + 1)),
    ("another note", "kept", lambda firm, one: firm.change(one, note="by hand")),
    ("moved to another matter", "kept", lambda firm, one: firm.change(one, matter_id=_another(firm, one))),
    ("deleted", "reversed", lambda firm, one: firm.remove_entry(one)),
)
EACH = 2  # entries for each of these
REFUSED = 2  # entries whose delete Clio refuses


def prove(folder: Path, *, seed: int, entries: int = 60, kills: int = 8) -> Report:
    """Undo a batch under kills and cuts, hold each outcome against Clio, and bring the file forward again."""
    report = Report(f"A batch of {entries} entries undone, {kills} kills -9 midway", seed)
    dice = random.Random(seed)
    with Stage(folder, entries, TIMES) as stage:
        stage.preview()
        stage.approve()
        stage.closing()
        _rest(stage)
        before = stage.clio.time_entries
        strangers = _strangers(stage.world.firm, before[0])
        fates = _by_hand(stage, before, dice)
        held = {one.id: one for one in stage.clio.time_entries}
        _weather(stage, seed, fates)
        click = stage.slack.click(stage.slack.manager, "Undo", None)
        report.equals("Undo was clicked, status", click.status, 200)
        hits = _kill(stage, dice, kills)
        stage.until(lambda: books.ask(stage.db, UNDONE), "the end of the undo", tick=0.05)
        _rest(stage)
        _judge(report, stage, before, fates, held, strangers)
        _tell(report, stage, hits)
        report.equals("kills", sum(hits.values()), kills)
        _again(report, stage, strangers)
        report.equals("exchanges with Clio outside its contract", len(stage.world.contract.violations), 0)
        stage.kill()
    return report


def _another(firm: Firm, one: TimeEntry) -> int:
    return next(matter.id for matter in reversed(list(firm.matters)) if matter.id != one.matter_id)


def _strangers(firm: Firm, like: TimeEntry) -> list[TimeEntry]:
    """Let a person enter balances of their own, of other descriptions: nobody may touch them."""
    other = firm.add_description("Consultation")
    matter, user = firm.matters[like.matter_id or 0], firm.users[like.user_id]
    return [firm.add_entry(matter, user, other, like.price, on=like.date, note=like.note) for _ in range(3)]


def _by_hand(stage: Stage, before: list[TimeEntry], dice: random.Random) -> dict[int, tuple[str, str]]:
    """Let people work in Clio; give, by id, what they did and what must become of the entry."""
    chosen = dice.sample(before, EACH * len(BY_HAND) + REFUSED)
    fates = {}
    for place, (what, fate, hand) in enumerate(BY_HAND):
        for one in chosen[place * EACH : (place + 1) * EACH]:
            hand(stage.world.firm, one)
            fates[one.id] = (what, fate)
    for one in chosen[-REFUSED:]:
        fates[one.id] = ("its delete is refused", "failed")
    return fates


def _weather(stage: Stage, seed: int, fates: dict[int, tuple[str, str]]) -> None:
    faults = stage.clio.faults
    for number, (_, fate) in fates.items():
        if fate == "failed":
            faults.add(
                "refuse", method="DELETE", path=f"/activities/{number}.json", times=None, message="Time is locked"
            )
    for place, when in enumerate(("before", "after")):
        faults.add("delay", method="DELETE", path=ONE, seconds=0.03, when=when, times=None)  # type: ignore[arg-type]
        faults.add(f"cut_{when}", method="DELETE", path=ONE, chance=CUTS, times=None, seed=seed + place)
    faults.add("cut_after", method="DELETE", path=ONE, nth=2)
    faults.add("cut_before", method="DELETE", path=ONE, nth=3)


def _kill(stage: Stage, dice: random.Random, kills: int) -> Counter[str]:
    """Kill the bot so many times in the middle of the undo, and start it again each time."""
    hits: Counter[str] = Counter()
    for _ in range(kills):
        calls = len(stage.clio.calls)

        def deleting(since: int = calls) -> bool:
            new = list(stage.clio.calls)[since:]
            return any(call.method == "DELETE" and call.done_at is None for call in new)

        stage.until(deleting, "a DELETE under way", tick=0.001)
        stage.passes(dice.uniform(0, 0.08))
        stage.kill()
        sql = "SELECT clio_id FROM reversal WHERE tried_at IS NOT NULL AND outcome IS NULL"
        sent = {number for (number,) in books.ask(stage.db, sql)}
        gone = sent - {one.id for one in stage.clio.time_entries}
        where = "between two entries" if not sent else "Clio had deleted it" if gone else "Clio had not deleted it"
        hits[where] += 1
        stage.start()
    return hits


def _judge(
    report: Report,
    stage: Stage,
    before: list[TimeEntry],
    fates: dict[int, tuple[str, str]],
    held: dict[int, TimeEntry],
    strangers: list[TimeEntry],
) -> None:
    """Hold each outcome against what was done by hand and against what Clio has."""
    told = dict(books.ask(stage.db, "SELECT clio_id, outcome FROM reversal WHERE batch = 1"))
    now = {one.id: one for one in stage.clio.time_entries}
    must = {one.id: fates.get(one.id, ("", "reversed"))[1] for one in before}
    report.equals("entries with exactly one outcome", len(told), len(before))
    report.equals("outcomes otherwise than they must be", sum(told.get(one) != must[one] for one in must), 0)
    report.equals("reversed, and still in Clio", sum(told[one] == "reversed" and one in now for one in told), 0)
    report.equals("kept or failed, and not in Clio as it was",
                  sum(told[one] != "reversed" and now.get(one) != held[one] for one in told), 0)  # fmt: skip
    deletes = [call for call in stage.clio.calls if call.method == "DELETE"]
    numbers = [int(call.path.rpartition("/")[2].removesuffix(".json")) for call in deletes]
    report.equals("deletes of what was gone already", sum(call.status == 404 for call in deletes), 0)
    report.equals("deletes of what this batch did not post", sum(one not in must for one in numbers), 0)
    by_hand = {one for one, (what, _) in fates.items() if what != "its delete is refused"}
    report.equals("deletes of what people billed, changed or deleted", sum(one in by_hand for one in numbers), 0)
    report.equals("entries of other people touched", sum(now.get(one.id) != one for one in strangers), 0)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in before:
        sums[told[one.id]] += one.total
    cents = dict(books.ask(stage.db, "SELECT r.outcome, sum(e.amount_cents) FROM reversal r JOIN entry e"
                                     " ON e.id = r.entry WHERE r.batch = 1 GROUP BY 1"))  # fmt: skip
    for outcome in ("reversed", "kept", "failed"):
        report.equals(f"{outcome}, in cents", cents.get(outcome, 0), int(sums[outcome] * 100))
    report.equals("reversed + kept + failed = posted before, in cents", sum(cents.values()),
                  int(sum((one.total for one in before), Decimal(0)) * 100))  # fmt: skip
    counted = Counter(told.values())
    said = f"{counted['reversed']:,} of {len(before):,} reversed"
    report.equals(f'closing words say "{said}"', f"Undone: {said}" in stage.world.text(), True)


def _tell(report: Report, stage: Stage, hits: Counter[str]) -> None:
    rows = books.ask(
        stage.db, "SELECT outcome, coalesce(reason, ''), count(*) FROM reversal WHERE batch = 1 GROUP BY 1, 2"
    )
    grouped = Counter[tuple[str, str]]()
    for outcome, reason, count in rows:
        words = reason.split(", 6")[0].split(" 6")[0].split(" instead")[0]
        grouped[outcome, "its amount is changed" if "its amount" in words else words] += count
    shown = [(count, outcome, reason[:90]) for (outcome, reason), count in sorted(grouped.items(), reverse=True)]
    report.table("What became of the entries", ("entries", "outcome", "reason"), shown)
    report.table("Where the kills fell", ("kills", "where"), [(count, where) for where, count in hits.most_common()])
    served = stage.clio.faults.served
    report.note("deletes that Clio cut, before and after", f"{served['cut_before']}, {served['cut_after']}")


def _again(report: Report, stage: Stage, strangers: list[TimeEntry]) -> None:
    """Drop the same file again: what was reversed is posted once more, what was kept is not."""
    stage.clio.faults.clear()
    _rest(stage)
    there = {one.id for one in stage.clio.time_entries}
    stage.world.drop(stage.rows)
    previewed = "SELECT 1 FROM batch WHERE id = 2 AND status = 'previewed'"
    stage.until(lambda: books.ask(stage.db, previewed), "the second preview", tick=0.05)
    _rest(stage)
    held = {one.matter_id for one in stage.clio.time_entries if one not in strangers}
    # What an undo kept still holds the matter it was posted to, wherever somebody has moved it.
    held |= {one for (one,) in books.ask(stage.db, "SELECT matter_id FROM entry WHERE batch = 1 AND state = 'posted'")}
    undone = books.ask(stage.db, "SELECT matter_id FROM entry WHERE batch = 1 AND state = 'undone'")
    planned = sum(matter not in held for (matter,) in undone)
    stage.approve()
    over = "SELECT 1 FROM batch WHERE id = 2 AND status = 'posted' AND read_back IS NOT NULL"
    stage.until(lambda: books.ask(stage.db, over), "the second batch", tick=0.05)
    new = [one for one in stage.clio.time_entries if one.id not in there]
    report.note("reversed, but something that was kept holds their matter", f"{len(undone) - planned:,}")
    report.equals("entries brought forward again", len(new), planned)
    doubled = Counter((one.matter_id, one.user_id) for one in stage.clio.time_entries if one not in strangers)
    report.equals("matters and users with two entries", sum(count > 1 for count in doubled.values()), 0)


def _rest(stage: Stage) -> None:
    """Wait until Slack shows all that is owed."""
    stage.until(
        lambda: not books.ask(stage.db, "SELECT 1 FROM message WHERE shown < wanted"), "Slack to show all", tick=0.05
    )


if __name__ == "__main__":
    about = "Undo a batch, kill the bot midway, bring the file forward again."
    run(prove, about, short={"entries": 24, "kills": 2}, entries=60, kills=8)
