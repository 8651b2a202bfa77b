"""Columns of yes and no that leave rows out: no of "Import", yes of "Exclude". What they mean is asked once."""

import re
from collections.abc import Mapping, Sequence

from brought_forward.bot.errors import Candidate, SheetQuestion
from brought_forward.bot.sheet.columns.census import Seen
from brought_forward.bot.sheet.money.cents import money_said

YES = {"yes", "y", "x", "true", "1", "✓", "✔", "1.0", "paid"}
NO = {"no", "n", "false", "0", "-", "0.0"}
SAID = (YES - {"paid"}) | NO
# What a heading says of rows with yes: these are brought forward, or those are not.
KEEP = re.compile(
    r".*\b(?:import|include|included|bring|post|transfer|migrate|move|carry|load|collect|collectible|collectable"
    r"|billable|owed|owing|payable|valid)\b.*"
)
DROP = re.compile(
    r".*\b(?:exclude|excluded|hold|on hold|waive|skip|ignore|omit|remove|delete|do not|disputed?|contested"
    r"|uncollectible|uncollectable|duplicate|bankrupt|bankruptcy|pro bono)\b.*"
)


def flagged(
    seen: Seen,
    words: Mapping[int, str],
    rows: Sequence[int],
    cents: Sequence[int],
    answers: Mapping[str, str],
    signature: str,
) -> list[int] | None:
    """Give the rows that a column leaves out, as staff said; None where it is none of yes and no.

    `words` are its words by row, small; `rows` are all that have an amount, of `cents`. Raises SheetQuestion.
    """
    if not all(word in SAID for word in words.values()):
        return None
    keeps = bool(KEEP.fullmatch(seen.words))
    if not keeps and seen.words and not DROP.fullmatch(seen.words):
        return None
    out = [at for at in rows if (words.get(at) in YES) != keeps]
    if not out or len(out) == len(rows):
        return None
    seen.explained = "read as a mark"
    answer = answers.get(kind := f"flag-{seen.letter}")
    if answer in {"owed", "out"}:
        return out if answer == "out" else []
    told = list(dict.fromkeys(f'"{words[at]}"' if at in words else "nothing" for at in out))
    count = "1 row" if len(out) == 1 else f"{len(out):,} rows"
    total = money_said(sum(cents[at] for at in out))
    raise SheetQuestion(
        f"Column {seen} says {' or '.join(told)} on {count}, {total}. {'Is it' if len(out) == 1 else 'Are they'} owed?",
        kind=kind,
        candidates=(
            Candidate("owed", "Owed like the rest", "posted"),
            Candidate("out", "Not to be brought forward", "left out"),
        ),
        signature=signature,
    )
