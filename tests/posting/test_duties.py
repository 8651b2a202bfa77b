"""What is owed to firms: a run for each firm and kind, begun once, begun anew when it is lost."""

import sqlite3
import threading
from contextlib import closing
from typing import Any

import pytest
from world import FAST, World

from brought_forward.bot.engine import Duties
from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.duty import DutyKind
from brought_forward.storage.store import Store

ANOTHER = "T0ANOTHER1"
MESSAGES = DutyKind.MESSAGES


@pytest.fixture
def brief(tmp_path: Any) -> Any:
    """A bot whose runs end as soon as nothing is due."""
    world = World(tmp_path, sample_firm())
    world.start(balances_timing=FAST.model_copy(update={"linger": 0.05}))
    yield world
    world.close()


def tell(world: World, slot: str, *, firm: str = TEAM, to: str | None = None) -> None:
    world.store.messages.tell(firm=firm, slot=f"told-{slot}", channel=to or world.slack.manager.id, text=slot,
                              blocks="[]")  # fmt: skip


def said(world: World, user: Any = None) -> list[str]:
    return [world.slack.plain(one) for one in world.told_directly(user or world.slack.manager)]


def runs(world: World, kind: DutyKind = MESSAGES, firm: str = TEAM) -> dict[str, str]:
    """Give the state of each run of a kind that the engine knows."""
    with closing(sqlite3.connect(f"{world.db}.engine")) as engine:
        return dict(
            engine.execute(
                "SELECT workflow_uuid, status FROM workflow_status WHERE workflow_uuid LIKE ?", (f"{kind}:{firm}:%",)
            ).fetchall()
        )


def test_a_firm_whose_slack_hangs_keeps_no_other_waiting(world: World) -> None:
    fault = world.slack.faults.add("chat.postMessage", "slow", seconds=3.0)
    tell(world, "slow")
    world.slack.wait_for(lambda: fault.seen)
    tell(world, "quick", firm=ANOTHER, to=world.slack.partner.id)
    world.slack.wait_for(lambda: said(world, world.slack.partner))
    assert not said(world)
    world.slack.wait_for(lambda: said(world))


@pytest.mark.file
def test_a_busy_firm_costs_one_run_and_an_idle_one_none(brief: World) -> None:
    for number in range(3):
        tell(brief, f"word {number}")
        brief.slack.wait_for(lambda wanted=number: len(said(brief)) > wanted)
        brief.slack.wait_for(lambda: set(runs(brief).values()) == {"SUCCESS"})
    assert len(runs(brief)) == 1  # what is over is forgotten once another has begun


@pytest.mark.file
def test_what_comes_while_a_run_waits_is_carried_out_by_the_same(world: World) -> None:
    for number in range(3):
        tell(world, f"word {number}")
        world.slack.wait_for(lambda wanted=number: len(said(world)) > wanted)
    assert list(runs(world).values()) == ["PENDING"]


@pytest.mark.file
def test_many_that_begin_one_at_once_begin_one(brief: World) -> None:
    assert brief.bot is not None
    engine = brief.bot.engine
    before = threading.active_count()
    begin = [threading.Thread(target=engine.begin, args=(MESSAGES, ANOTHER)) for _ in range(8)]
    for one in begin:
        one.start()
    for one in begin:
        one.join()
    brief.slack.wait_for(lambda: set(runs(brief, firm=ANOTHER).values()) == {"SUCCESS"})
    begun = runs(brief, firm=ANOTHER)
    assert f"{MESSAGES}:{ANOTHER}:{brief.store.duties.token(MESSAGES, ANOTHER)}" in begun
    assert len(begun) < 8
    assert threading.active_count() < before + 8


@pytest.mark.file
def test_a_run_that_another_has_taken_over_from_does_nothing_more(world: World) -> None:
    tell(world, "first")
    world.slack.wait_for(lambda: said(world))
    before = world.store.duties.token(MESSAGES, TEAM)
    assert before is not None
    assert world.store.duties.begin(MESSAGES, TEAM, token="another's", after=before)
    assert not world.store.duties.begin(MESSAGES, TEAM, token="a third", after=before)
    tell(world, "second")
    world.slack.wait_for(lambda: len(said(world)) == 2)  # by a run that was begun after it had ended
    now = world.store.duties.token(MESSAGES, TEAM)
    assert now not in {before, "another's"}
    states = runs(world)
    assert states[f"{MESSAGES}:{TEAM}:{now}"] == "PENDING"
    assert states.get(f"{MESSAGES}:{TEAM}:{before}") in {None, "SUCCESS"}


@pytest.mark.file
def test_a_run_whose_end_the_disk_did_not_take_is_begun_anew(brief: World) -> None:
    tell(brief, "first")
    brief.slack.wait_for(lambda: set(runs(brief).values()) == {"SUCCESS"})
    with closing(sqlite3.connect(f"{brief.db}.engine", timeout=10)) as engine, engine:
        engine.execute("UPDATE workflow_status SET status = 'PENDING' WHERE workflow_uuid LIKE ?", (f"{MESSAGES}:%",))
    tell(brief, "second")
    brief.slack.wait_for(lambda: len(said(brief)) == 2)


def test_a_duty_that_stumbles_comes_again_and_holds_up_no_other_firm(tmp_path: Any) -> None:
    store = Store(tmp_path / "balances.db")
    duties = Duties(store, FAST.model_copy(update={"linger": 0.05}))
    done: list[str] = []

    class Stumbling:
        def due(self) -> list[str]:
            return [firm for firm in (TEAM, ANOTHER) if firm not in done]

        def move(self, firm: str) -> bool:
            if firm == TEAM and ANOTHER not in done:
                raise RuntimeError("a stumble")
            done.append(firm)
            return False

    began: list[threading.Thread] = []

    def begin(kind: DutyKind, firm: str) -> None:
        store.duties.begin(kind, firm, token=firm, after=None)
        began.append(threading.Thread(target=duties.work, args=(kind, firm, firm)))
        began[-1].start()

    duties.add(MESSAGES, Stumbling())
    pulse = threading.Thread(target=duties.pulse, args=(begin,))
    pulse.start()
    while len(done) < 2:
        pulse.join(0.05)
    duties.close()
    for one in (pulse, *began):
        one.join()
    store.close()
    assert done == [ANOTHER, TEAM]
