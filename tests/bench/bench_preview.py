# ruff: noqa: T201
"""Measure how many characters a preview has, by the lines of its sheet: Slack counts all blocks of a message together.

With --short for the two smallest sheets. Exits 1 where one has more than a message may hold.
"""

import sys

from preview_sizes import view

from brought_forward.bot.messages.budget import BUDGET
from brought_forward.bot.messages.preview import preview
from brought_forward.sandbox.slack.blocks.blocks import count_text

SIZES = (3, 60, 2_000, 20_000)
SLACK = 12_000  # characters above which Slack refuses a message, or somewhat later


def main() -> int:
    """Print a line for each size."""
    sizes = SIZES[:2] if sys.argv[1:] == ["--short"] else SIZES
    print(f"Characters of a preview: {BUDGET:,} at most, and Slack refuses above {SLACK:,}.")
    print(f"{'lines':>8}  {'in sight':>8}  {'in folds':>8}  {'in all':>8}  blocks")
    most = 0
    for lines in sizes:
        blocks = preview(view(lines)).blocks
        folds = count_text([block for block in blocks if block["type"] == "container"])
        whole = count_text(blocks)
        print(f"{lines:>8,}  {whole - folds:>8,}  {folds:>8,}  {whole:>8,}  {len(blocks):>6}")
        most = max(most, whole)
    return most > BUDGET


if __name__ == "__main__":
    sys.exit(main())
