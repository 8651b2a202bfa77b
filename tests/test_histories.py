"""Histories that nobody thought of: any order of uploads, corrections, clicks, deliveries and restarts.

After every step two rules must hold: nothing is posted without a valid approval of the very hash that was previewed,
and every line has exactly one fate. `make histories` runs five hundred; the suite a few.
"""

import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fix_form import FIX
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from world import World

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

S = BatchStatus
AT_REST = {S.UNREADABLE, S.PREVIEWED, S.REJECTED, S.WITHDRAWN, S.EXPIRED, S.PAUSED, S.POSTED, S.STOPPED}
IN_CLIO = {EntryState.POSTED, EntryState.WRONG}
PEOPLE = ("staff", "manager", "partner", "guest")
KINDS = st.lists(st.sampled_from(["good", "unknown", "unreadable", "credit"]), min_size=1, max_size=4)


class Histories(RuleBasedStateMachine):
    """One thread after another in one firm; the bot goes on from what earlier histories left."""

    world: World  # one for all histories: they differ in their files and matters

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[tuple[int, str]] = []  # batch and the ts of its thread
        self.screens: list[tuple[Any, str]] = []  # buttons that somebody may still have before them

    @initialize(kinds=KINDS, who=st.sampled_from(["staff", "manager"]))
    def begin(self, kinds: list[str], who: str) -> None:
        self.world.clio.faults.clear()
        self.upload(kinds, who)

    # Steps

    @precondition(lambda self: len(self.threads) < 2)
    @rule(kinds=KINDS, who=st.sampled_from(["staff", "manager"]))
    def drop_another(self, kinds: list[str], who: str) -> None:
        self.upload(kinds, who)

    def upload(self, kinds: list[str], who: str) -> None:
        rows = self.world.fresh(len(kinds))
        for row, kind in zip(rows, kinds, strict=True):
            if kind == "unknown":
                row[0] = f"no-{row[0]}"
            elif kind == "unreadable":
                row[2] = "n/a"
            elif kind == "credit":
                row[2] = f"-{row[2]}"
        file = self.world.drop(rows, user=self.person(who))
        self.world.slack.wait_for(
            lambda: [one.file_id for one in self.world.store.batches.newest(TEAM, 1)] == [file.id]
        )
        self.rest()
        self.threads.append((self.world.newest().id, self.world.thread()[0].ts))

    @rule(which=st.integers(0, 1), who=st.sampled_from(["manager", "partner"]))
    def approve(self, which: int, who: str) -> None:
        self.press(which, who, "Approve")

    @precondition(lambda self: self.threads)
    @rule(which=st.integers(0, 1), who=st.sampled_from(PEOPLE), label=st.sampled_from(["Approve", "Reject"]))
    def decide(self, which: int, who: str, label: str) -> None:
        self.press(which, who, label)

    @precondition(lambda self: self.threads)
    @rule(which=st.integers(0, 1), label=st.sampled_from(["Retry refused", "Go on", "Stop"]))
    def carry_on(self, which: int, label: str) -> None:
        self.press(which, "manager", label)

    @precondition(lambda self: self.screens)
    @rule(place=st.integers(0, 99), who=st.sampled_from(PEOPLE))
    def click_what_was_on_the_screen(self, place: int, who: str) -> None:
        message, label = self.screens[place % len(self.screens)]
        self.clicked(who, label, message, snapshot=message.blocks)

    @precondition(lambda self: self.threads)
    @rule(which=st.integers(0, 1), who=st.sampled_from(["staff", "partner"]), skip=st.booleans())
    def fix(self, which: int, who: str, skip: bool) -> None:
        number, ts = self.threads[which % len(self.threads)]
        message = self.button(ts, "Fix ")
        if message is None:
            return
        person = self.person(who)
        self.world.slack.click(person, FIX, message)
        self.world.slack.wait_for(lambda: self.world.slack.views(person))
        view = self.world.slack.views(person)[-1]
        row = min(self.world.left_out(number))
        (matter, *_), *_ = self.world.fresh(1)
        choice = {f"balances_fate-{row}": ["skip"]} if skip else {f"balances_matter-{row}": matter}
        if not skip and self.amount(number, row) is None:
            choice[f"Row {row}: amount"] = "77.10"
        self.world.slack.submit(person, view, choice)
        with suppress(LookupError):  # it is closed by the answer to what was saved
            self.world.slack.close(person, view)
        self.rest()

    @rule()
    def refuse_the_next_entry(self) -> None:
        self.world.clio.faults.add("refuse", message="Matter is closed to new time", nth=1)

    @rule(kind=st.sampled_from(["cut_before", "cut_after", "error_after"]))
    def cut_the_next_entry(self, kind: str) -> None:
        self.world.clio.faults.add(kind, method="POST", path="/activities.json")

    @precondition(lambda self: self.threads)
    @rule(which=st.integers(0, 1))
    def let_its_time_run_out(self, which: int) -> None:
        number, _ = self.threads[which % len(self.threads)]
        past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
        self.world.store._file.change("UPDATE batch SET expire_at = ? WHERE id = ?", (past, number))
        self.world.slack.wait_for(lambda: self.world.batch(number).status is not S.PREVIEWED)
        self.rest()

    @rule()
    def say_the_last_event_again(self) -> None:
        events = [one for one in self.world.slack.deliveries if one.kind == "file_shared"]
        if events:
            self.world.slack.redeliver(events[-1].id)
            self.rest()

    @rule()
    def restart(self) -> None:
        self.world.restart()
        self.rest()

    # What must hold

    def check(self) -> None:
        """Look at the books after each step."""
        store, held = self.world.store, {one.id: one for one in self.world.clio.time_entries}
        for number, _ in self.threads:
            batch, entries = store.batches.get(number), store.entries.of_batch(number)
            mine = [one for one in entries if one.state in IN_CLIO]
            sent = [one for one in entries if one.state is not EntryState.PLANNED]
            if sent:
                self.approved(number, batch.revision, batch.hash or "")
            for one in mine:
                found = held[one.clio_id or 0]
                assert (found.matter_id, found.user_id, found.total) == (one.matter_id, one.user_id, one.amount)
            matters = {one.matter_id for one in entries}
            assert sorted(one.id for one in held.values() if one.matter_id in matters) == sorted(
                one.clio_id or 0 for one in mine
            )
            if batch.status is S.UNREADABLE:
                continue
            lines = store.lines.of_batch(number)
            assert [line.row for line in lines if (line.entry is None) == (line.left_out is None)] == []
            posted = sum((one.amount for one in entries), Decimal(0))
            summed = sum((line.amount or Decimal(0) for line in lines if line.entry), Decimal(0))
            assert posted == summed

    def approved(self, number: int, revision: int, digest: str) -> None:
        """Somebody who may has approved this very hash, and nobody who may not has approved anything."""
        batch, decisions = self.world.batch(number), self.world.store.decisions.of_batch(number)
        barred = {batch.uploader, batch.owner, *self.world.store.decisions.correctors(number)}
        barred |= self.world.store.choices.teachers(number)
        approvals = [one for one in decisions if one["action"] == "approve" and one["allowed"]]
        assert [one for one in approvals if one["revision"] == revision and digest.startswith(one["hash"])]
        assert {one["actor"] for one in approvals} <= {self.person("manager").id, self.person("partner").id} - barred

    def teardown(self) -> None:
        self.world.clio.faults.clear()

    # Help

    def person(self, name: str) -> Any:
        return getattr(self.world.slack, name)

    def amount(self, number: int, row: int) -> Decimal | None:
        return next(line.amount for line in self.world.store.lines.of_batch(number) if line.row == row)

    def button(self, ts: str, label: str) -> Any:
        """Find the newest message of a thread with a button."""
        for message in reversed(self.world.slack.thread("balances", ts)):
            for block in message.blocks:
                for part in block.get("elements", []):
                    if part["type"] == "button" and part["text"]["text"].startswith(label):
                        return message
        return None

    def press(self, which: int, who: str, label: str) -> None:
        _, ts = self.threads[which % len(self.threads)]
        message = self.button(ts, label)
        if message is None:
            return
        self.screens.append((message, label))
        self.clicked(who, label, message)

    def clicked(self, who: str, label: str, message: Any, **more: Any) -> None:
        """Click, wait until the bot has decided on it, one way or the other, and for all that follows."""
        before, person = self.decisions(), self.person(who)
        told = len(self.world.slack.ephemerals(person))
        self.world.slack.click(person, label, message, **more)
        if label == "Reject":  # a form asks for the reason, unless the click is refused at once
            self.world.slack.wait_for(lambda: self.world.slack.views(person) or self.decisions() > before)
            for view in self.world.slack.views(person):
                self.world.slack.submit(person, view, {"Reason": "not this month"})
                self.world.slack.close(person, view, everything=True) if self.world.slack.views(person) else None
        self.world.slack.wait_for(lambda: self.decisions() > before or len(self.world.slack.ephemerals(person)) > told)
        self.rest()

    def decisions(self) -> int:
        return sum(len(self.world.store.decisions.of_batch(number)) for number, _ in self.threads)

    def rest(self) -> None:
        """Wait until nothing moves and Slack shows all that is owed; then look at the books."""
        store = self.world.store

        def still() -> bool:
            batches = [store.batches.get(number) for number, _ in self.threads] + store.batches.newest(TEAM, 1)
            moving = [one for one in batches if one.status not in AT_REST or one.results_due or one.read_back_due]
            return not moving and not store.events.open_notices(TEAM) and not store.messages.owed()

        self.world.slack.wait_for(still, timeout=30)
        self.check()


@pytest.fixture(scope="module")
def firm_of_many(tmp_path_factory: pytest.TempPathFactory, histories: int) -> Any:
    folder = Path(tempfile.mkdtemp(dir=tmp_path_factory.getbasetemp()))
    world = World(folder, firm_of_size(100 + 12 * histories, 6))
    world.clio.on_exchange.clear()  # a number that is not found lists the whole firm; the contract is others' concern
    try:
        yield world.start()
    finally:
        world.close()


# Threads beside the test, the engine's among them, draw random numbers of their own while Hypothesis draws examples.
@pytest.mark.filterwarnings("ignore:Do not use the .random. module:hypothesis.errors.HypothesisDeprecationWarning")
def test_no_history_posts_without_approval_or_loses_a_line(firm_of_many: World, histories: int) -> None:
    Histories.world = firm_of_many
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=histories,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
