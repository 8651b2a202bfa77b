"""Who stands in for an approver who is away: what is told of it, and how a day is typed. Pure."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from brought_forward.bot.messages.blocks import Text, section
from brought_forward.bot.messages.words import count, long_date, person
from brought_forward.storage.records.stand_in import StandIn

HOW = "`/balances standin @person until 5 December` names one, `/balances standin off` ends it."
RULE = "never what either of the two brought or corrected, and never as the second beside the other"
ISO = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
SPOKEN = re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})|([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?)(?:,? (\d{4}))?")
WHOLE = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december")  # fmt: skip


def day_of(text: str, today: date) -> date | None:
    """Read a day as people type it: 5 December, Dec 5, 5 December 2026, 2026-12-05, today, tomorrow.

    One without a year is the next of that name. Returns None for what is no day.
    """
    text = " ".join(text.lower().replace(".", " ").split())
    if text in {"today", "tomorrow"}:
        return today + timedelta(days=text == "tomorrow")
    if ISO.fullmatch(text):
        return _day(*(int(part) for part in text.split("-")))
    found = SPOKEN.fullmatch(text)
    if found is None:
        return None
    word, number = found[2] or found[3], int(found[1] or found[4])
    months = [place for place, name in enumerate(WHOLE, start=1) if word in {name, name[:3], name[:4]}]
    if len(months) != 1:
        return None
    if found[5]:
        return _day(int(found[5]), months[0], number)
    years = [one for year in range(today.year, today.year + 9) if (one := _day(year, months[0], number))]
    return next((one for one in years if one >= today), None)


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def named(one: StandIn, *, waiting: int) -> Text:
    """Tell approvers, and the stand-in, that somebody was named."""
    text = (
        f"{person(one.person)} stands in for {person(one.named_by)} until {long_date(one.until)}, that day included:"
        f" approves, rejects and steers as {person(one.named_by)} may, {RULE}."
    )
    if waiting:
        text += f" {count(waiting, 'batch waits', 'batches wait')} for approval: `/balances list` has their threads."
    return Text("A stand-in is named.", [section(text)])


def ended(one: StandIn) -> Text:
    """Tell approvers, and the stand-in, that it is over before its day."""
    return Text("A stand-in has ended.", [section(f"{person(one.person)} no longer stands in for"
                                                  f" {person(one.named_by)}.")])  # fmt: skip


def run_out(one: StandIn) -> Text:
    """Tell who named a stand-in, and the stand-in, that its last day is over."""
    away = person(one.named_by)
    text = f"{person(one.person)} no longer stands in for {away}: the last day was {long_date(one.until)}."
    text += f" What waits for approval waits for {away} again. {HOW}"
    return Text("A stand-in's last day is over.", [section(text)])


def listed(known: Sequence[StandIn]) -> str:
    """List who stands in, and how one is named."""
    lines = [
        f"{person(one.person)} stands in for {person(one.named_by)} until {long_date(one.until)}." for one in known
    ]
    return "\n".join([*(lines or ["Nobody stands in for anybody."]), HOW])
