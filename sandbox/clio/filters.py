"""The filters that each list knows. Any other name in the query is ignored without a word, as Clio does.

Filters of Clio's document that no record here could meet (tasks, practice areas and so on) match nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from brought_forward.sandbox.clio.lists import (
    Arguments,
    Test,
    bad_request,
    read_day,
    read_instant,
    read_number,
    read_truth,
)
from brought_forward.sandbox.clio.records import ActivityDescription, Bill, Matter, RateType, Report, TimeEntry, User

NO_ACTIVITY_HAS = (
    "calendar_entry_id communication_id contact_note_id expense_category_id grant_id matter_note_id task_id"
)
NO_MATTER_HAS = (
    "grant_id group_id notification_event_subscriber_user_id practice_area_id responsible_staff_id subscriber_user_id"
)

# How the text of a filter becomes a value, and which record passes it.
Reader = Callable[[str, str], Any]
Rule = tuple[Reader, Callable[[Any, Any], bool]]


def _number(text: str, name: str) -> int | None:
    return None if text == "null" else read_number(text, name)


def _word(text: str, name: str) -> str:
    return text.lower()


def _words(text: str, name: str) -> set[str]:
    return set(text.lower().split(","))


def _nothing(record: Any, wanted: Any) -> bool:
    return False


STATUSES: dict[str, Callable[[TimeEntry], bool]] = {
    "billed": lambda entry: entry.billed,
    "draft": lambda entry: entry.on_bill and not entry.billed,
    "unbilled": lambda entry: not entry.on_bill and not entry.non_billable,
    "non_billable": lambda entry: entry.non_billable,
    "billable": lambda entry: not entry.non_billable,
    "written_off": lambda entry: False,
}


def _status(text: str, name: str) -> Callable[[TimeEntry], bool]:
    if text not in STATUSES:
        raise bad_request(f"{name} must be one of {', '.join(STATUSES)}")
    return STATUSES[text]


# Clio keeps instants in whole seconds: one that was made within the second asked for is older than it.
SINCE: dict[str, Rule] = {
    "created_since": (read_instant, lambda record, at: record.created_at.replace(microsecond=0) >= at),
    "updated_since": (read_instant, lambda record, at: record.updated_at.replace(microsecond=0) >= at),
}

ACTIVITIES: dict[str, Rule] = SINCE | {
    "activity_description_id": (_number, lambda entry, wanted: entry.activity_description_id == wanted),
    "matter_id": (_number, lambda entry, wanted: entry.matter_id == wanted),
    "user_id": (_number, lambda entry, wanted: entry.user_id == wanted),
    "flat_rate": (read_truth, lambda entry, wanted: entry.flat_rate == wanted),
    "only_unaccounted_for": (read_truth, lambda entry, wanted: not (wanted and entry.on_bill)),
    "start_date": (read_day, lambda entry, day: entry.date >= day),
    "end_date": (read_day, lambda entry, day: entry.date <= day),
    "status": (_status, lambda entry, test: test(entry)),
    "type": (_word, lambda entry, wanted: wanted == "timeentry"),
    "query": (_word, lambda entry, wanted: wanted in entry.note.lower()),
    **dict.fromkeys(NO_ACTIVITY_HAS.split(), (_number, _nothing)),
}

USERS: dict[str, Rule] = SINCE | {
    "enabled": (read_truth, lambda user, wanted: user.enabled == wanted),
    "name": (_word, lambda user, wanted: wanted in user.name.lower()),
    "pending_setup": (read_truth, lambda user, wanted: not wanted),
    "role": (_word, lambda user, wanted: wanted in user.roles),
    "subscription_type": (_word, lambda user, wanted: (wanted == "attorney") == user.attorney),
    # Everybody is in the list anyway: no co-counsel works with this firm.
    "include_co_counsel": (read_truth, lambda user, wanted: True),
}

MATTERS: dict[str, Rule] = SINCE | {
    "status": (_words, lambda matter, wanted: matter.status.lower() in wanted),
    "billable": (read_truth, lambda matter, wanted: matter.billable == wanted),
    "client_id": (_number, lambda matter, wanted: matter.client_id == wanted),
    "responsible_attorney_id": (_number, lambda matter, wanted: matter.responsible_attorney_id == wanted),
    "originating_attorney_id": (_number, lambda matter, wanted: matter.originating_attorney_id == wanted),
    **dict.fromkeys(NO_MATTER_HAS.split(), (_number, _nothing)),
}

DESCRIPTIONS: dict[str, Rule] = SINCE | {
    "flat_rate": (read_truth, lambda found, wanted: (found.rate_type is RateType.FLAT_RATE) == wanted),
    "type": (_word, lambda found, wanted: wanted == "clio"),
}


BILL_STATES = {"draft", "awaiting_approval", "awaiting_payment", "paid", "void", "deleted"}


def _state(text: str, name: str) -> str:
    if text not in BILL_STATES:
        raise bad_request(f"{name} must be one of {', '.join(sorted(BILL_STATES))}")
    return text


# A deleted bill is in no list unless it is asked for.
BILLS: dict[str, Rule] = SINCE | {
    "matter_id": (_number, lambda bill, wanted: bill.matter_id == wanted),
    "state": (_state, lambda bill, wanted: bill.state == wanted),
    "bill_number": (_word, lambda bill, wanted: bill.number == wanted),
    "issued_after": (read_day, lambda bill, day: bill.issued_at > day),
    "issued_before": (read_day, lambda bill, day: bill.issued_at < day),
    "type": (_word, lambda bill, wanted: wanted == "revenue"),
    **dict.fromkeys(["originating_attorney_id", "responsible_attorney_id"], (_number, _nothing)),
}


REPORTS: dict[str, Rule] = SINCE | {
    "kind": (_word, lambda report, wanted: report.kind == wanted),
    "output_format": (_word, lambda report, wanted: report.format == wanted),
    "query": (_word, lambda report, wanted: wanted in report.name.lower()),
    "source": (_word, lambda report, wanted: wanted == "reports"),
    "created_before": (read_instant, lambda report, at: report.created_at <= at),
}


def tests_for(
    rules: dict[str, Rule], arguments: Arguments
) -> list[Test[TimeEntry] | Test[User] | Test[Matter] | Test[ActivityDescription] | Test[Bill] | Test[Report]]:
    """Turn the query into tests of a record; what no rule names is ignored."""
    tests: list[Any] = []
    for name, (read, passes) in rules.items():
        text = arguments.get(name)
        if text is not None:
            tests.append(_test(passes, read(text, name)))
    ids = {read_number(text, "ids[]") for text in arguments.getlist("ids[]")}
    if ids:
        tests.append(lambda record: record.id in ids)
    return tests


def _test(passes: Callable[[Any, Any], bool], wanted: Any) -> Callable[[Any], bool]:
    return lambda record: passes(record, wanted)
