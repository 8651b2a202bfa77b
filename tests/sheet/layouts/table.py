"""Print the layouts: lines, total, problems: python tests/sheet/layouts/table.py [--short], the first few alone."""

import sys
from decimal import Decimal

from golden import NAMES, expected, outcome

FEW = 4

if __name__ == "__main__":
    print(f"{'sheet':36} {'lines':>5} {'total':>14} {'problems':>8} {'zero':>4} {'own total':>14}  what is said")  # noqa: T201
    for name in NAMES[:FEW] if sys.argv[1:] == ["--short"] else NAMES:
        rules = expected(name)["rules"]
        before = outcome(name, {**rules, "answers": {}})
        found = outcome(name, rules)
        asked = f"asks for the {before['question']['kind']}" if "question" in before else ""
        if "reading" not in found:
            print(f"{name:36} {'':5} {'':14} {'':8} {'':4} {'':14}  {asked or 'refused'}")  # noqa: T201
            continue
        reading = found["reading"]
        total = sum((Decimal(line["amount"]) for line in reading["lines"]), Decimal(0))
        differing = "a group's total differs" if reading.get("group_totals") else ""
        said = ", ".join(filter(None, (asked, differing)))
        print(  # noqa: T201
            f"{name:36} {len(reading['lines']):5} {total:14,.2f} {len(reading['problems']):8} {reading['zero_rows']:4}"
            f" {reading['control_total'] or '':>14}  {said}"
        )
