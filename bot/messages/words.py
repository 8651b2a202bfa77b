"""How amounts, days, durations and people are written, and how a cell's text is made harmless."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from brought_forward.storage.records.batch import Batch

SIGNS = {"USD": "$", "CAD": "$", "AUD": "$", "NZD": "$", "GBP": "£", "EUR": "€"}

# Control, zero-width and bidi characters: they can hide or turn round what a person approves.
HIDDEN = re.compile("[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


# mrkdwn has no escape for its marks. Where one could begin or end emphasis it is shown as a character that looks like
# it; inside a word, as in AR_October.xlsx, it stays.
LOOK_ALIKE = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
MARKS = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its currency, always with two decimals: -$1,234.50."""
    figure = f"{abs(amount):,.2f}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{SIGNS[currency]}{figure}" if currency in SIGNS else f"{sign}{currency} {figure}"


def long_date(day: date) -> str:
    """Write a day that no reader turns round: 31 October 2026."""
    return f"{day.day} {day:%B %Y}"


def opening(description: str, as_of: date) -> str:
    """Write how each note on a bill begins, and most of them end."""
    return f"{description} as of {long_date(as_of)}"


def count(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: 1 entry, 58 entries."""
    noun = one if number == 1 else many or f"{one}s"
    return f"{number:,} {noun}"


def times(number: int) -> str:
    """Write how often: once, twice, 3 times."""
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def about(seconds: float) -> str:
    """Write a duration as people say it."""
    if seconds < 55:
        return "less than a minute"
    if seconds < 5400:
        return f"about {count(max(round(seconds / 60), 1), 'minute')}"
    hours = f"{seconds / 3600:.1f}".removesuffix(".0")
    return f"about {hours} hours"


def clean(text: str) -> str:
    """Put a text on one line and take out what cannot be seen."""
    return " ".join(HIDDEN.sub(" ", text).split())


def clean_lines(text: str) -> str:
    """Keep a text's lines, each cleaned, without empty ones."""
    return "\n".join(line for line in map(clean, text.splitlines()) if line)


def quoted(text: str) -> str:
    """Show what a person wrote as a quotation, line by line; nothing in it is markup."""
    return "\n".join(f"&gt; {esc(line)}" for line in text.splitlines() or [""])


def shortened(text: str, length: int = 80) -> str:
    """Cut a name that is too long for its place."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def esc(text: str) -> str:
    """Make a text from outside safe in mrkdwn: it can neither mention, link nor format a ping.

    Slack's rule: exactly &, < and > are escaped, ampersand first (docs.slack.dev, "Formatting text").
    """
    return MARKS.sub(_look_alike, clean(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """Read a command's text as it was typed: Slack escapes three characters, and writes @people as <@U1|name>."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _look_alike(mark: re.Match[str]) -> str:
    return LOOK_ALIKE[mark.group()]


def person(user: str) -> str:
    """Name a person or a user group; Slack shows the name in place of the id."""
    return f"<!subteam^{user}>" if user.startswith("S") else f"<@{user}>"


def people(users: Sequence[str], *, last: str = "and") -> str:
    """Name several people: @a, @b and @c."""
    return listed([person(user) for user in users], last=last) or "nobody"


def listed(texts: Sequence[str], *, last: str = "and") -> str:
    """Join texts as a sentence lists them: a, b and c."""
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}" if len(texts) > 1 else "".join(texts)


def few(texts: Sequence[str], most: int, *, between: str = ", ", rest: str = " and {:,} more") -> str:
    """Join the first texts and say how many more there are."""
    return between.join(texts[:most]) + (rest.format(len(texts) - most) if len(texts) > most else "")


def first(texts: Sequence[str], most: int, *, where: str = "") -> list[str]:
    """Give the first lines, and one that says how many more there are, and where."""
    return [*texts[:most], *([f"and {len(texts) - most:,} more{where}."] if len(texts) > most else [])]


def when(at: datetime, zone: str | None = None) -> str:
    """Write an instant that Slack shows in each reader's own zone; where it cannot, in the firm's."""
    shown = at.astimezone(ZoneInfo(zone) if zone else UTC)
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{shown:%d %b %Y %H:%M %Z}>"


def fingerprint(digest: str) -> str:
    """Shorten a hash for people to compare: 7f3a-91c2."""
    return f"{digest[:4]}-{digest[4:8]}"


def thread_link(batch: Batch, words: str = "open the thread") -> str:
    """Link to a batch's thread: Slack opens it for who may see it."""
    ts = (batch.thread_ts or batch.share_ts).replace(".", "")
    return f"<https://slack.com/archives/{batch.channel}/p{ts}|{words}>"
