"""The troubles of Clio and of Slack: each alone at a fixed place, then all together by lot."""

import random
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from proofs import books
from proofs.nursery import Nursery
from proofs.rack import Job, Rack, some
from proofs.stage import ENTRY
from proofs.trial import TIMES, Template, Trial

Add = Callable[[Trial], object]


def post(kind: str, nth: int = 3, **more: Any) -> Add:
    """Meet the nth POST of an entry."""
    return lambda trial: trial.clio.faults.add(kind, method="POST", path=ENTRY, nth=nth, **more)


def _get(kind: str, path: str = ENTRY, times: int = 3, **more: Any) -> Add:
    """Meet lists, which are asked for again; the second entry's answer is cut, so that it is looked up there."""

    def add(trial: Trial) -> None:
        trial.clio.faults.add("cut_after", method="POST", path=ENTRY, nth=2)
        trial.clio.faults.add(kind, method="GET", path=path, times=times, **more)

    return add


def _lag(trial: Trial) -> None:
    """Let lists lag longer than the first look waits."""
    trial.clio.faults.list_lag = 0.5
    trial.served["clio", "list_lag"] += 1
    trial.clio.faults.add("cut_after", method="POST", path=ENTRY, nth=2, times=2)


def _strangers(trial: Trial) -> None:
    """Let people have entries of other descriptions, and one of our own user; and filters be ignored for ever."""
    firm = trial.world.firm
    other = firm.add_description("Research")
    for matter, user in zip(list(firm.matters), list(firm.users), strict=False):
        trial.others.add(firm.add_entry(matter, user, other, Decimal("123.45")).id)
    trial.clio.faults.add("ignore_filters", times=None)
    trial.clio.faults.add("cut_after", method="POST", path=ENTRY, nth=2, times=2)


def _three_refusals(trial: Trial) -> None:
    trial.clio.faults.add("refuse", nth=1, times=3, message="Time is locked")
    trial.people.presses = [("paused", "Go on"), ("posted", "Retry refused")]


def _silent(trial: Trial) -> None:
    """Answer no POST until the run has paused for it; then answer all, and let a person go on."""
    trial.clio.faults.add("unavailable", method="POST", path=ENTRY, nth=2, times=None)

    def over() -> None:
        trial.clio.faults.clear()
        trial.people.presses = [("paused", "Go on")]

    trial.later.append((lambda: bool(books.ask(trial.db, "SELECT 1 FROM batch WHERE halt = 'unanswered'")), over))


def _forbidden(path: str) -> Add:
    """Forbid what a preview needs, until the thread has said so; then grant it, and let a person say that."""

    def add(trial: Trial) -> None:
        fault = trial.clio.faults.add("forbidden", method="GET", path=path, times=None)

        def granted() -> None:
            trial.clio.faults.remove(fault)
            trial.people.presses = [("reading", "Try again")]

        trial.later.append((lambda: bool(books.ask(trial.db, "SELECT 1 FROM batch WHERE halt = 'forbidden'")), granted))

    return add


def at_the_door(kind: str, **more: Any) -> Add:
    """Let Clio tell less of itself for the whole run."""
    return lambda trial: trial.clio.faults.add(kind, method="GET", times=None, **more)


# In proportion to the times in earnest: an answer is waited for 20 s, a stall lasts 30 s, the first look comes at 45 s.
STALLS = TIMES.model_copy(update={"read": 0.4, "settle": 0.9})
NO_RETRY_AFTER = TIMES.model_copy(update={"window": 0.6})

CLIO: dict[str, tuple[Add, Any]] = {
    "cut before commit": (post("cut_before"), TIMES),
    "cut after commit": (post("cut_after"), TIMES),
    "cut after commit, the first of all": (post("cut_after", 1), TIMES),
    "cut before commit, the credit": (post("cut_before", 5), TIMES),
    "500 before commit": (post("error_before"), TIMES),
    "500 after commit": (post("error_after"), TIMES),
    "502 with a page, before commit": (post("html_502", when="before"), TIMES),
    "502 with a page, after commit": (post("html_502", when="after"), TIMES),
    "503 before commit": (post("unavailable", when="before"), TIMES),
    "503 after commit": (post("unavailable", when="after"), TIMES),
    "503, and carried out a moment later": (post("late", seconds=0.15), TIMES),
    "three in a row cut after commit": (post("cut_after", 2, times=3), TIMES),
    "503 to every POST until a person goes on": (_silent, TIMES),
    "429 with Retry-After": (post("limited", retry_after=1), TIMES),
    "429 without Retry-After": (post("limited"), NO_RETRY_AFTER),
    "401 mid-run": (post("signed_out"), TIMES),
    "a stall before commit": (post("delay", seconds=0.6, when="before"), STALLS),
    "a stall after commit": (post("delay", seconds=0.6, when="after"), STALLS),
    "lists that lag": (_lag, TIMES),
    "rows of others, filters ignored": (_strangers, TIMES),
    "three refusals": (_three_refusals, TIMES),
    "lists cut": (_get("cut_before"), TIMES),
    "lists cut at their end": (_get("cut_after"), TIMES),
    "lists 500": (_get("error_before"), TIMES),
    "lists 502 with a page": (_get("html_502"), TIMES),
    "lists 503": (_get("unavailable"), TIMES),
    "lists 429": (_get("limited", retry_after=1, times=1), TIMES),
    "lists stall": (_get("delay", seconds=0.6), STALLS),
    "descriptions 503": (_get("unavailable", "/activity_descriptions.json"), TIMES),
    "the description's answer cut": (
        lambda trial: trial.clio.faults.add("cut_after", method="POST", path="/activity_descriptions.json"), TIMES),
    "the description's answer cut before": (
        lambda trial: trial.clio.faults.add("cut_before", method="POST", path="/activity_descriptions.json"), TIMES),
    "401 while listing": (_get("signed_out", times=1), TIMES),
    "who_am_i forbidden": (at_the_door("forbidden", path="/users/who_am_i.json"), TIMES),
    "who_am_i without the account": (at_the_door("no_account", path="/users/who_am_i.json"), TIMES),
    "a field that Clio does not know": (
        lambda trial: trial.clio.faults.add("unknown_field", message="created_at", times=None), TIMES),
    "billing settings forbidden until granted": (_forbidden("/settings/billing.json"), TIMES),
    "matters forbidden until granted": (_forbidden("/matters.json"), TIMES),
}  # fmt: skip


def in_weather(weather: Add, times: Any, folder: Path, nursery: Nursery, template: Template, **more: Any) -> Trial:
    """Set a batch in a weather."""
    return Trial(folder, nursery, template=template, weather=weather, times=times, **more)  # type: ignore[arg-type]


def clio(rack: Rack, share: float, dice: random.Random) -> None:
    """Meet each of Clio's troubles alone; each once and then a share of them again, killed in the midst of it."""
    jobs = [
        Job(f"Clio: {name}", partial(in_weather, CLIO[name][0], CLIO[name][1]), Trial.run, meets="clio")
        for name in some(share, dice, list(CLIO))
    ]
    rack.section(f"Clio, each trouble alone: {len(jobs)}", jobs)


# Slack


def saying(method: str, kind: str, **more: Any) -> Add:
    """Meet calls of a method of Slack's."""
    return lambda trial: trial.slack.faults.add(method, kind, **more)


def at_held(least: int, then: Add) -> Add:
    """Do something once Clio holds so many entries: in the midst of posting."""

    def weather(trial: Trial) -> None:
        trial.clio.faults.add("delay", method="POST", path=ENTRY, seconds=0.05, times=None)
        trial.later.append((lambda: len(trial.clio.time_entries) >= least, lambda: then(trial)))

    return weather


def _archived_for_a_while(trial: Trial) -> None:
    _archive(trial)
    trial.later.append((lambda: _is_read_back(trial), lambda: trial.slack.unarchive("balances")))


def _archived(trial: Trial) -> None:
    trial.silent = True
    _archive(trial)


def _archive(trial: Trial) -> None:
    trial.slack.archive("balances")
    trial.served["slack", "channel archived"] += 1


def parent_deleted(trial: Trial) -> None:
    parent = next(one for one in trial.slack.messages("balances") if one.thread_ts in {None, one.ts})
    trial.slack.delete_message(parent.ts)
    trial.served["slack", "thread's parent deleted"] += 1


def upload_deleted(trial: Trial) -> None:
    """Delete the upload before the bot's first word below it: Slack puts that word into the channel."""
    trial.slack.faults.add("chat.postMessage", "http_503", times=2)

    def delete() -> None:
        (parent,) = [one for one in trial.slack.messages("balances") if one.files and one.user != trial.slack.bot.id]
        trial.slack.delete_message(parent.ts)
        trial.served["slack", "upload deleted before the first word"] += 1

    trial.later.append((lambda: any(call.error == "http_503" for call in trial.slack.calls), delete))


def without_blocks(trial: Trial) -> None:
    """Let Slack refuse all blocks from now on, plain ones too."""
    for method in ("chat.postMessage", "chat.update"):
        trial.slack.faults.add(method, "invalid_blocks", times=None)


def down(trial: Trial) -> None:
    trial.slack.down()
    trial.served["slack", "down for the whole run"] += 1
    trial.later.append((lambda: _is_read_back(trial), trial.slack.up))


def _is_read_back(trial: Trial) -> bool:
    return bool(books.ask(trial.db, "SELECT 1 FROM batch WHERE status = 'posted' AND read_back IS NOT NULL"))


SAYING = ("chat.postMessage", "chat.update", "files.completeUploadExternal")
SLACK: dict[str, Add] = {
    **{f"429 of {method}": saying(method, "ratelimited", times=2) for method in SAYING},
    **{f"500 of {method}": saying(method, "http_500", times=2) for method in SAYING},
    **{f"503 of {method}": saying(method, "http_503", times=2) for method in SAYING},
    **{f"reset before {method}": saying(method, "reset_before", times=2) for method in SAYING},
    **{f"reset after {method}": saying(method, "reset_after", times=2) for method in SAYING},
    "429 of files.info": saying("files.info", "ratelimited"),
    "500 of the download": saying("download", "http_500", times=2),
    "reset in the download": saying("download", "reset_after", times=2),
    "500 of the upload": saying("upload", "http_500"),
    "uploads refused for good": saying("files.getUploadURLExternal", "file_uploads_disabled", times=None),
    "uploads refused by the host for good": saying("upload", "http_403", times=None),
    "no shares yet": saying("files.info", "no_shares", times=2),
    # Not those of the preview: where Slack takes no button, nobody can approve, and the words say that.
    "blocks refused in a post": at_held(1, saying("chat.postMessage", "invalid_blocks", times=4)),
    "blocks refused in an edit": at_held(1, saying("chat.update", "invalid_blocks", times=3)),
    "blocks refused always": at_held(1, without_blocks),
    "a post's blocks too long": saying("chat.postMessage", "msg_blocks_too_long", times=2),
    "an edit too long": saying("chat.update", "msg_too_long", times=2),
    "edits too long always": at_held(1, saying("chat.update", "msg_too_long", times=None)),
    "archived while posting, then not": at_held(2, _archived_for_a_while),
    "archived for good": at_held(2, _archived),
    "the upload deleted before the first word": upload_deleted,
    "the thread's parent deleted": at_held(2, parent_deleted),
    "down for the whole run": at_held(1, down),
}


def slack(rack: Rack, share: float, dice: random.Random) -> None:
    """Meet each of Slack's troubles alone."""
    jobs = [
        Job(f"Slack: {name}", partial(in_weather, SLACK[name], TIMES), Trial.run, meets="slack")
        for name in some(share, dice, list(SLACK))
    ]
    rack.section(f"Slack, each trouble alone: {len(jobs)}", jobs)


# All together

LONG, LONG_RUNS = 40, 6  # entries, runs


def _everything(seed: int, trial: Trial) -> None:
    dice = random.Random(seed)
    clio, slack = trial.clio.faults, trial.slack.faults
    clio.list_lag = 0.25
    for kind, chance, more in (
        ("cut_before", 0.04, {}), ("cut_after", 0.04, {}), ("error_before", 0.02, {}), ("error_after", 0.02, {}),
        ("html_502", 0.02, {"when": "before"}), ("html_502", 0.02, {"when": "after"}),
        ("unavailable", 0.02, {"when": "before"}), ("unavailable", 0.02, {"when": "after"}),
        ("limited", 0.01, {"retry_after": 1}), ("signed_out", 0.01, {}),
        ("delay", 0.02, {"seconds": 0.6, "when": "before"}), ("delay", 0.02, {"seconds": 0.6, "when": "after"}),
    ):  # fmt: skip
        for method in ("POST", "GET"):
            clio.add(kind, method=method, path=ENTRY, chance=chance, times=None, seed=dice.randrange(10**6), **more)  # type: ignore[arg-type]
    for method in SAYING:
        for kind in ("ratelimited", "http_500", "http_503", "reset_before", "reset_after"):
            slack.add(method, kind, times=None, chance=0.04, seed=dice.randrange(10**6))


def together(rack: Rack, share: float, dice: random.Random) -> None:
    """Meet all troubles by lot over longer runs, every second of them killed now and then."""

    def note(count: Any, outcome: Any) -> None:
        count.random += len(outcome.kills)

    jobs = []
    for number in range(max(1, round(LONG_RUNS * share))):
        seed = dice.randrange(10**6)
        moments = [dice.uniform(0.5, 4.0) for _ in range(5)] if number % 2 else []
        setting = partial(in_weather, partial(_everything, seed), STALLS, entries=LONG)
        jobs.append(Job(f"all together, seed {seed}", setting,
                        lambda trial, moments=moments: trial.run(moments, longest=180.0), note))  # type: ignore[misc]  # fmt: skip
    rack.section(f"all of Clio's and Slack's troubles together, {LONG} entries", jobs)
