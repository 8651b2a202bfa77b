"""How one program writes amounts and days: as text, and as Excel's formats."""

import datetime as dt
import random
from dataclasses import dataclass
from decimal import Decimal

from readings.ledger import CENT

FORMATS = ["#,##0.00", "0.00", "General", '"$"#,##0.00', "#,##0.00;[Red]#,##0.00", "#,##0.00_);(#,##0.00)",
           "#,##0",
           '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
              "[$$-409]#,##0.00;[Red]-[$$-409]#,##0.00"]  # fmt: skip
DAYS = ["%m/%d/%Y", "%Y-%m-%d", "%d %b %Y", "%b %d, %Y", "%m/%d/%y", "%d/%m/%Y"]
EXCEL_DAYS = {"%m/%d/%Y": "mm/dd/yyyy", "%Y-%m-%d": "yyyy-mm-dd", "%d %b %Y": "d mmm yyyy",
              "%b %d, %Y": "mmm d, yyyy",
              "%m/%d/%y": "mm/dd/yy", "%d/%m/%Y": "dd/mm/yyyy"}  # fmt: skip


@dataclass(slots=True)
class Style:
    """How a sheet's cells are written."""

    symbol: str = ""
    after: bool = False  # the symbol stands after the amount
    group: str = ","
    decimal: str = "."
    negative: str = "-"  # "-", "()", "trailing", "CR", "minus", "-$"
    zero: str = "0.00"
    plus: bool = False
    indian: bool = False
    trimmed: bool = False  # 1500.5, as exports of floats write it
    dust: bool = False  # what adding floats leaves
    textual: bool = False  # xlsx: amounts are text
    format: str = "#,##0.00"
    days: str = "%m/%d/%Y"

    def amount(self, amount: Decimal) -> str:
        """Write an amount as text."""
        if not amount:
            return self.zero
        text = self._grouped(abs(amount))
        if self.trimmed:
            text = text.rstrip("0").rstrip(self.decimal)
        text = f"{text} {self.symbol}" if self.after and self.symbol else f"{self.symbol}{text}"
        if amount > 0:
            return f"+{text}" if self.plus else text
        ways = {"-": f"-{text}", "()": f"({text})", "trailing": f"{text}-", "CR": f"{text} CR",
                "minus": f"\u2212{text}",
                "-$": f"{self.symbol}-{text.removeprefix(self.symbol)}"}  # fmt: skip
        return ways[self.negative]

    def _grouped(self, amount: Decimal) -> str:
        digits = 2 if amount == amount.quantize(CENT) else 3
        whole, _, cents = f"{amount:.{digits}f}".partition(".")
        if self.indian and len(whole) > 3:
            head, groups = whole[:-3], [whole[-3:]]
            while head:
                groups.insert(0, head[-2:])
                head = head[:-2]
            return f"{','.join(groups)}.{cents}"
        return f"{int(whole):,}".replace(",", self.group) + self.decimal + cents

    def number(self, amount: Decimal) -> float:
        """Give the number that a workbook holds."""
        return dusty(amount) if self.dust else float(amount)

    def day(self, day: dt.date) -> str:
        """Write a day as text."""
        return day.strftime(self.days)


def dusty(amount: Decimal) -> float:
    """Add and take away, as a spreadsheet's sums do, so that some digits far behind the cents stay."""
    return float(amount) + 4711.1 - 4711.1


def draw_style(dice: random.Random, kind: str, *, plain: bool) -> tuple[Style, list[str]]:
    """Draw a style and name what is odd about it."""
    style = Style()
    if plain:
        return style, []
    style.days = dice.choice(DAYS)
    style.format = dice.choice(FORMATS)
    style.zero = dice.choice(["0.00", "0.00", "-", "\u2013", "0", ""])
    style.negative = dice.choice(["-", "-", "()", "trailing", "CR", "minus"])
    roll = dice.random()
    odd: list[str] = []
    if roll < 0.2:
        style.symbol, style.negative = "$", dice.choice(["-", "()", "-$", "trailing"])
    elif roll < 0.26 and kind == "csv":
        style.group, style.decimal, style.zero = dice.choice([".", " ", "\u00a0"]), ",", "0,00"
        odd.append("decimal comma")
    elif roll < 0.31:
        style.indian = True
        odd.append("indian groups")
    elif roll < 0.36:
        style.plus = True
        odd.append("plus signs")
    elif roll < 0.42:
        style.group, style.trimmed = "", True
        odd.append("trimmed zeros")
    elif roll < 0.48:
        style.group = ""
    elif roll < 0.52:
        style.group = "'"
        odd.append("apostrophes")
    if dice.random() < 0.1 and kind != "html":
        style.dust = True
        odd.append("float dust")
    style.textual = kind == "xlsx" and dice.random() < 0.1
    if style.textual:
        odd.append("amounts as text")
    return style, odd
