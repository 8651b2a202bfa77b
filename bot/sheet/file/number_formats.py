"""The number formats of a workbook: those that a file names by a number alone, and those that say nothing."""

import re

GENERAL = "General"
# Of ECMA-376, 18.8.30. Those with a currency (5 to 8, 42, 44) show that of the computer they are opened on, so that no
# currency is in them here; a program that means one writes the format out.
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "#,##0_);(#,##0)", 6: "#,##0_);[Red](#,##0)",
    7: "#,##0.00_);(#,##0.00)", 8: "#,##0.00_);[Red](#,##0.00)", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)", 41: "_(* #,##0_);_(* (#,##0);_(* -_);_(@_)",
    42: "_(* #,##0_);_(* (#,##0);_(* -_);_(@_)", 43: "_(* #,##0.00_);_(* (#,##0.00);_(* -??_);_(@_)",
    44: "_(* #,##0.00_);_(* (#,##0.00);_(* -??_);_(@_)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip
# A number as it is, with a sign before it or in brackets; a date or a time. A comma after the last digit divides by
# a thousand, a currency is a letter or a sign, and a negative number without a sign looks like a positive one.
_DIGITS = r"[#0?]+(?:,[#0?]+)*(?:\.[#0?]+)?"
_SPACE = r"(?:[ ]|\\[ ]|_.|\*.|\[(?:Red|Black|Blue|Color ?[0-9]{1,2})\])*"
_POSITIVE = rf"{_SPACE}{_DIGITS}{_SPACE}"
_NEGATIVE = rf"{_SPACE}\\?(?:-{_SPACE}{_DIGITS}|\({_SPACE}{_DIGITS}{_SPACE}\\?\)|{_DIGITS}-){_SPACE}"
_NOTHING = rf'{_SPACE}(?:"?-"?[#?]*|{_DIGITS}){_SPACE}'
PLAIN = re.compile(
    rf"General|@|{_POSITIVE}(?:;{_NEGATIVE}(?:;{_NOTHING}(?:;{_SPACE}@{_SPACE})?)?)?"
    r'|(?:\[\$-[0-9A-Fa-f,]+\])?(?:[ymdhsYMDHS/:.,\-\\ ]|\[[hms]+\]|AM/PM|A/P|")+0*(?:;@)?',
    re.IGNORECASE,
)
LONGEST = 255  # characters; Excel takes no longer one


def telling(code: str) -> bool:
    """Tell whether a format can show a cell as something else than its plain value."""
    return len(code) > LONGEST or not PLAIN.fullmatch(code)


def built_in(number: int) -> str:
    """Give the format that a number stands for by itself."""
    return BUILT_IN.get(number, GENERAL)
