"""The database: what is kept comes back, what is settled once stays so, and a file of other tables is refused."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from connections import opened
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from brought_forward.bot.cli.database import readable
from brought_forward.bot.errors import StorageError
from brought_forward.storage import schema
from brought_forward.storage.claims import IdTaken
from brought_forward.storage.database import IntegrityError, amount, cents, stamp
from brought_forward.storage.place import Place
from brought_forward.storage.records.batch import BatchStatus, EntryForm, Rules
from brought_forward.storage.records.entry import EntryState, PlannedEntry
from brought_forward.storage.records.firm import AliasKind, Matter, UsedChoice, User
from brought_forward.storage.records.sheet import BalanceLine, Problem, SheetReading
from brought_forward.storage.records.slack import Notice, Share
from brought_forward.storage.schema import OtherTables
from brought_forward.storage.store import Store
from brought_forward.storage.tables import STATEMENTS

FIRM, DAY = "T1", date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
RULES = Rules(approvers=("U9",), two_above=None, expire_hours=72.0, post_credits=False, description="BBF")


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with closing(Store(place)) as store:
        yield store


def open_batch(store: Store, ts: str = "1.000001", firm: str = FIRM) -> int:
    share = Share(firm, "C1", "F1", ts, ts)
    number = store.batches.open(share, uploader="U1", owner="U2", file_name="AR.csv", file_size=9, rules=RULES)
    assert number is not None
    return number


def planned(matter: int, cents: int = 12345, user: int = 1) -> tuple[PlannedEntry, list[int]]:
    return PlannedEntry(matter, f"{matter:05d}", user, "Don Draper", Decimal(cents) / 100, "note"), [matter]


def previewed(store: Store, *matters: int, ts: str = "1.000001", account: str = "us:1") -> int:
    """Bring a batch to its preview."""
    number = open_batch(store, ts)
    assert store.batches.new_run(number, token="run", after=None)
    assert store.batches.begin_reading(number, "run")
    offer(store, number, account)
    store.entries.plan(number, FIRM, DAY, [planned(matter) for matter in matters], {})
    return number


def offer(store: Store, number: int, account: str = "us:1") -> None:
    assert store.batches.previewed(
        number,
        "run",
        digest="d" * 64,
        account=account,
        description="BBF",
        description_id=None,
        posting_date=DAY,
        as_of=DAY,
    )


def posting(store: Store, *matters: int, ts: str = "1.000001", account: str = "us:1") -> int:
    """Bring a batch to posting."""
    number = previewed(store, *matters, ts=ts, account=account)
    assert store.batches.decide(number, revision=1, digest="d" * 12, status=BatchStatus.APPROVED, actor="U9")
    assert store.batches.begin_run(number, "run")
    return number


def claim(store: Store, number: int, token: str = "claim", **more: Any) -> bool:
    entry = store.entries.of_batch(number)[0].id
    asked: dict[str, Any] = {"batch": number, "revision": 1, "digest": "d" * 64, "run_token": "run"}
    asked["epoch"] = store.epoch()
    return store.entries.claim(entry, token, settle=0.0, **asked | more)


# Money


@given(st.integers(-(10**15), 10**15))
def test_cents_come_back_from_an_amount(number: int) -> None:
    assert cents(amount(number)) == number
    assert f"{amount(number):.2f}" == f"{amount(number)}"


@given(st.decimals(-(10**12), 10**12, places=2))
def test_an_amount_comes_back_from_its_cents(figure: Decimal) -> None:
    assert amount(cents(figure)) == figure


@pytest.mark.parametrize("text", ["0.001", "1.005", "-0.0000001", "NaN", "Infinity"])
def test_what_is_no_whole_number_of_cents_is_never_rounded(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        cents(Decimal(text))


@pytest.mark.parametrize("figure", ["9999999999.99", "-9999999999.99", "0.01"])
def test_money_is_whole_cents_in_every_table(store: Store, path: Path, figure: str) -> None:
    number = open_batch(store)
    lines = (BalanceLine(5, "00012", None, Decimal(figure)),)
    problem = Problem(6, "B6", "what?", "00013", Decimal(figure))
    store.lines.keep(number, FIRM, SheetReading("S", 1, lines, (problem,), 0, None, Decimal(figure)))
    store.batches.keep_reading(number, SheetReading("S", 1, lines, (problem,), 0, None, Decimal(figure)), [])
    assert [line.amount for line in store.lines.of_batch(number)] == [Decimal(figure)] * 2
    assert store.batches.get(number).control_total == Decimal(figure)
    with closing(sqlite3.connect(path)) as raw:
        kept = raw.execute("SELECT typeof(amount_cents), amount_cents FROM line").fetchall()
    assert kept == [("integer", int(Decimal(figure) * 100))] * 2


# Connections


def test_a_file_that_is_no_database_is_let_go(path: Path) -> None:
    path.write_bytes(b"Matter,User,Balance\n" * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        Store(path)
    assert opened(path) == 0


def test_a_thread_that_comes_after_the_close_opens_nothing(store: Store, path: Path) -> None:
    open_batch(store)
    assert opened(path) == 1
    store.close()
    with ThreadPoolExecutor(1) as late, pytest.raises(sqlite3.ProgrammingError, match="closed"):
        late.submit(store.batches.get, 1).result()
    assert opened(path) == 0


def test_a_thread_takes_over_the_connection_of_one_that_has_ended(store: Store, path: Path) -> None:
    number = open_batch(store)
    for _ in range(3):
        with ThreadPoolExecutor(1) as passing:
            assert passing.submit(store.batches.get, number).result().id == number
    assert opened(path) == 2


# Batches


def test_one_share_of_a_file_is_one_batch_and_another_share_another(store: Store) -> None:
    share = Share(FIRM, "C1", "F1", "1.000001", "1.000001")
    more: dict[str, Any] = {"uploader": "U1", "owner": "U1", "file_name": "AR.csv", "file_size": 9, "rules": RULES}
    first = store.batches.open(share, **more)
    assert store.batches.open(share, **more) is None
    for other in (Share("T2", "C1", "F1", "1.000001", None), Share(FIRM, "C1", "F1", "1.000002", None)):
        assert store.batches.open(other, **more) not in {None, first}


@pytest.mark.parametrize(
    "wrong", [{"revision": 2}, {"digest": "e" * 12}, {"digest": "d" * 11}, {"digest": ""}, {"digest": "d" * 65}]
)
def test_a_decision_names_the_revision_and_the_hash_that_stand(store: Store, wrong: dict[str, Any]) -> None:
    number = previewed(store, 1)
    asked: dict[str, Any] = {"revision": 1, "digest": "d" * 12, "status": BatchStatus.APPROVED, "actor": "U9"}
    assert not store.batches.decide(number, **asked | wrong)
    assert store.batches.get(number).decided_by is None
    assert store.batches.decide(number, **asked)
    assert not store.batches.decide(number, **asked)


def test_a_new_revision_forgets_the_decision_and_takes_the_old_hash_out_of_use(store: Store) -> None:
    number = posting(store, 1)
    offer(store, number)
    batch = store.batches.get(number)
    assert (batch.revision, batch.decided_by, batch.decided_at) == (2, None, None)
    assert not store.batches.decide(number, revision=1, digest="d" * 12, status=BatchStatus.APPROVED, actor="U9")


def test_of_two_starts_one_becomes_the_run(store: Store) -> None:
    number = open_batch(store)
    assert store.batches.new_run(number, token="a", after=None)
    assert not store.batches.new_run(number, token="b", after=None)
    assert store.batches.get(number).run_token == "a"
    assert not store.batches.begin_reading(number, "b")


def test_whether_a_file_replaces_another_is_answered_once(store: Store) -> None:
    older, newer = previewed(store, 1), previewed(store, 1, ts="1.000002")
    with store.transaction() as db:
        asked = (FIRM, newer, older)
        db.execute("INSERT INTO replacement (firm, newer, older, matters, shared) VALUES (?, ?, ?, 1, 1)", asked)
    assert store.replacements.answer(newer, older, replaces=True, by="U8")
    assert not store.replacements.answer(newer, older, replaces=False, by="U9")
    (kept,) = store.replacements.of_batch(newer)
    assert (kept.replaces, kept.answered_by) == (True, "U8")


# Claims


def test_a_planned_entry_is_claimed_once_and_the_attempt_is_kept(store: Store, path: Path) -> None:
    number = posting(store, 1)
    assert claim(store, number)
    assert not claim(store, number, "second")
    (entry,) = store.entries.of_batch(number)
    assert (entry.state, entry.token) == (EntryState.SENDING, "claim")
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT token, outcome FROM attempt").fetchall() == [("claim", None)]


@pytest.mark.parametrize(
    "wrong", [{"revision": 2}, {"digest": "d" * 12}, {"run_token": "other"}, {"run_token": ""}, {"batch": 99}]
)
def test_a_claim_fails_closed(store: Store, wrong: dict[str, Any]) -> None:
    number = posting(store, 1)
    assert not claim(store, number, **wrong)
    assert claim(store, number)


def test_what_clio_never_answered_is_claimed_twice_and_once_more_for_each_word_of_a_person(store: Store) -> None:
    number = posting(store, 1)
    (entry,) = store.entries.of_batch(number)
    for token in ("first", "second"):
        assert claim(store, number, token)
        assert store.entries.settle(entry.id, token, EntryState.PLANNED, absent=True)
    assert not claim(store, number, "third")
    store.entries.allow_again(number)
    assert claim(store, number, "third")
    assert store.entries.settle(entry.id, "third", EntryState.PLANNED, absent=True)
    assert not claim(store, number, "fourth")


def test_nothing_is_claimed_in_a_batch_that_does_not_post(store: Store) -> None:
    number = previewed(store, 1)
    assert not claim(store, number)
    assert store.batches.decide(number, revision=1, digest="d" * 12, status=BatchStatus.APPROVED, actor="U9")
    assert not claim(store, number)
    assert store.batches.begin_run(number, "run")
    assert store.batches.pause(number, "run", halt="away", text="")
    assert not claim(store, number)
    assert store.batches.stop(number, halt="person", text="")
    assert not claim(store, number)


def test_of_many_threads_one_claims(store: Store) -> None:
    number = posting(store, 1)
    won: list[bool] = []
    gate = threading.Barrier(8)

    def run(token: str) -> None:
        gate.wait()
        won.append(claim(store, number, token))

    threads = [threading.Thread(target=run, args=(f"t{place}",)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won.count(True) == 1


def test_only_the_claims_own_token_settles_and_only_once(store: Store) -> None:
    number = posting(store, 1)
    entry = store.entries.of_batch(number)[0].id
    assert not store.entries.settle(entry, "claim", EntryState.POSTED, clio_id=7)
    assert claim(store, number)
    assert not store.entries.settle(entry, "other", EntryState.POSTED, clio_id=7)
    assert store.entries.settle(entry, "claim", EntryState.POSTED, clio_id=7)
    assert not store.entries.settle(entry, "claim", EntryState.PLANNED)
    assert store.entries.get(entry).state is EntryState.POSTED


def test_an_entry_of_clios_belongs_to_one_row(store: Store) -> None:
    first, second = posting(store, 1, ts="1.0"), posting(store, 2, ts="2.0")
    for number, token in ((first, "a"), (second, "b")):
        assert claim(store, number, token)
    assert store.entries.settle(store.entries.of_batch(first)[0].id, "a", EntryState.POSTED, clio_id=7)
    other = store.entries.of_batch(second)[0].id
    with pytest.raises(IdTaken):
        store.entries.settle(other, "b", EntryState.POSTED, clio_id=7)
    assert store.entries.get(other).state is EntryState.SENDING
    assert store.entries.settle(other, "b", EntryState.PLANNED)
    with pytest.raises(IdTaken):
        store.entries.adopt(other, 7, "", clio_note="")


def test_the_same_id_in_another_clio_account_is_another_entry(store: Store) -> None:
    ours, theirs = posting(store, 1, ts="1.0"), posting(store, 1, ts="2.0", account="us:2")
    for number, token in ((ours, "a"), (theirs, "b")):
        assert claim(store, number, token)
        assert store.entries.settle(store.entries.of_batch(number)[0].id, token, EntryState.POSTED, clio_id=7)
    third = posting(store, 2, ts="3.0", account="eu:1")
    assert store.entries.known_ids(third, [7]) == set()
    assert store.entries.known_ids(ours, [7, 8]) == {7}
    assert [store.entries.clio_ids(account) for account in ("us:1", "us:2", "eu:1")] == [{7}, {7}, set()]
    owners = [store.undoing.owner(account, 7) for account in ("us:1", "us:2", "eu:1")]
    assert owners == [store.entries.of_batch(ours)[0].id, store.entries.of_batch(theirs)[0].id, None]


def test_what_was_sent_without_an_answer_stays_counted_when_it_is_planned_anew(store: Store) -> None:
    """Clio may carry it out yet: a new plan gives nobody two sendings more."""
    number = posting(store, 1, 2)
    entry = store.entries.of_batch(number)[0].id
    for token, left in (("a", [1, 2]), ("b", [2])):
        assert claim(store, number, token)
        assert store.entries.settle(entry, token, EntryState.PLANNED, absent=True)
        store.entries.plan(number, FIRM, DAY, [planned(1), planned(2)], {})
        first, second = store.entries.of_batch(number)
        entry = first.id
        assert (first.unanswered, second.unanswered) == (3 - len(left), 0)
        following = store.entries.next_to_send(number)
        assert following is not None
        assert following.matter_id == left[0]
    assert [one.matter_id for one in store.entries.spent(number)] == [1]


def test_what_one_account_did_not_answer_counts_for_nothing_in_another(store: Store) -> None:
    number = posting(store, 1)
    assert claim(store, number)
    assert store.entries.settle(store.entries.of_batch(number)[0].id, "claim", EntryState.PLANNED, absent=True)
    with store.transaction() as db:
        db.execute("UPDATE batch SET account = 'us:2' WHERE id = ?", (number,))
    store.entries.plan(number, FIRM, DAY, [planned(1)], {})
    assert [one.unanswered for one in store.entries.of_batch(number)] == [0]


@pytest.mark.parametrize("state", [EntryState.SENDING, EntryState.POSTED, EntryState.WRONG, EntryState.UNCLEAR])
def test_a_batch_of_which_something_may_stand_in_clio_takes_no_other_form(store: Store, state: EntryState) -> None:
    number = posting(store, 1)
    assert claim(store, number)
    if state is not EntryState.SENDING:
        entry = store.entries.of_batch(number)[0].id
        assert store.entries.settle(entry, "claim", state, clio_id=None if state is EntryState.UNCLEAR else 7)
    assert store.batches.pause(number, "run", halt="form", text="")
    asked: dict[str, Any] = {"revision": 1, "digest": "d" * 12, "form": EntryForm.FLAT_HOUR}
    assert not store.batches.choose_form(number, **asked)
    assert store.batches.get(number).status is BatchStatus.PAUSED
    with store.transaction() as db:
        db.execute("UPDATE entry SET state = 'refused', clio_id = NULL")
    for wrong in ({"revision": 2}, {"digest": "e" * 12}, {"digest": "d" * 11}, {"form": EntryForm.FLAT}):
        assert not store.batches.choose_form(number, **asked | wrong)
    assert store.batches.choose_form(number, **asked)
    assert not store.batches.choose_form(number, **asked)


def test_a_matter_is_held_by_the_batch_whose_entry_may_stand_in_clio(store: Store) -> None:
    first = posting(store, 1, 2, ts="1.0")
    assert store.entries.held_matters("us:1", but=99) == {}
    assert claim(store, first)
    assert store.entries.held_matters("us:1", but=99) == {1: f"B{first}"}
    assert store.entries.held_matters("us:1", but=first) == {}
    assert store.entries.held_matters("us:2", but=99) == {}
    assert store.entries.held_matters("eu:1", but=99) == {}
    told = [store.entries.held_elsewhere(*asked) for asked in (
        ("us:1", FIRM, "C1"), ("us:1", FIRM, "C2"), ("us:1", "T2", "C1"), ("us:2", FIRM, "C2"))]  # fmt: skip
    assert told == [set(), {1}, {1}, set()]


def test_one_matter_and_user_stand_in_a_batch_once(store: Store) -> None:
    number = open_batch(store)
    with pytest.raises(IntegrityError):
        store.entries.plan(number, FIRM, DAY, [planned(1), planned(1)], {})
    assert store.entries.of_batch(number) == []


def test_a_zero_entry_cannot_be_kept(store: Store) -> None:
    with pytest.raises(IntegrityError):
        store.entries.plan(open_batch(store), FIRM, DAY, [planned(1, cents=0)], {})


def test_a_plan_says_of_every_row_where_it_went_and_a_later_one_says_it_anew(store: Store) -> None:
    number, other = open_batch(store), open_batch(store, "2.0")
    lines = tuple(BalanceLine(row, f"{row}", None, Decimal(row)) for row in range(2, 7))
    bad = Problem(7, "C7", "no amount")
    for batch in (number, other):
        store.lines.keep(batch, FIRM, SheetReading("S", 1, lines, (bad,), 0, None, None))
    entries = [(planned(1)[0], [2, 4]), (planned(2)[0], [5])]

    store.entries.plan(number, FIRM, DAY, entries, {3: "closed", 6: "a credit", 7: "never matched"})
    first, second = [entry.id for entry in store.entries.of_batch(number)]
    went = {line.row: (line.entry, line.left_out) for line in store.lines.of_batch(number)}
    assert went == {
        2: (first, None), 3: (None, "closed"), 4: (first, None), 5: (second, None), 6: (None, "a credit"),
        7: (None, "no amount"),
    }  # fmt: skip

    store.entries.plan(number, FIRM, DAY, entries[1:], {2: "held"})
    (only,) = [entry.id for entry in store.entries.of_batch(number)]
    went = {line.row: (line.entry, line.left_out) for line in store.lines.of_batch(number)}
    assert went == {2: (None, "held"), 3: (None, None), 4: (None, None), 5: (only, None), 6: (None, None),
                    7: (None, "no amount")}  # fmt: skip
    assert {(line.entry, line.left_out) for line in store.lines.of_batch(other)} == {(None, None)}


# Events and the outbox


def test_an_event_is_written_down_once(store: Store) -> None:
    notice = Notice(FIRM, "Ev1", "C1", "F1", "U1", "1.0", None, None, 0)
    assert store.events.see(notice)
    assert not store.events.see(notice)
    store.events.done(notice, "B1")
    assert not store.events.see(notice)
    assert store.events.open_notices(FIRM) == []


def say(store: Store, number: int, slot: str, text: str = "x", **more: Any) -> None:
    asked = {"channel": "C1", "thread_ts": "1.0", "blocks": "[]"} | more
    store.messages.say(firm=FIRM, batch=number, slot=slot, text=text, **asked)


def test_only_the_newest_wish_is_owed_and_the_same_words_are_none(store: Store) -> None:
    number = open_batch(store)
    say(store, number, "preview", "a")
    say(store, number, "preview", "b")
    message = store.messages.next_due(FIRM, set())
    assert message is not None
    assert message.text == "b"
    store.messages.sent(message, "9.0", channel=message.channel)
    say(store, number, "preview", "b")
    assert store.messages.owed() == 0


def test_a_wish_that_comes_while_the_last_is_being_sent_is_still_owed(store: Store) -> None:
    number = open_batch(store)
    say(store, number, "preview", "a")
    message = store.messages.next_due(FIRM, set())
    assert message is not None
    say(store, number, "preview", "b")
    store.messages.sent(message, "9.0", channel=message.channel)
    owed = store.messages.next_due(FIRM, set())
    assert owed is not None
    assert (owed.text, owed.ts) == ("b", "9.0")


def test_a_post_that_waits_holds_back_the_younger_of_its_channel_only(store: Store) -> None:
    number = open_batch(store)
    say(store, number, "preview")
    say(store, number, "status")
    say(store, number, "results-1", channel="C2")
    first = store.messages.next_due(FIRM, set())
    assert first is not None
    store.messages.failed(first, "away", again_in=60)
    due = store.messages.next_due(FIRM, set())
    assert due is not None
    assert due.channel == "C2"
    assert store.messages.next_due(FIRM, {"C2"}) is None


def test_words_of_one_firm_or_batch_are_not_another_s(store: Store) -> None:
    first, second = open_batch(store, "1.0"), open_batch(store, "2.0", firm="T2")
    say(store, first, "preview", "a")
    say(store, second, "preview", "b")
    assert [store.messages.find(one, "preview").text for one in (first, second)] == ["a", "b"]  # type: ignore[union-attr]
    assert [batch.id for batch in store.batches.newest("T2", 9)] == [second]


# The file


def test_an_older_run_cannot_offer_a_preview(store: Store) -> None:
    number = previewed(store, 1)
    assert store.batches.decide(number, revision=1, digest="d" * 12, status=BatchStatus.APPROVED, actor="U9")
    assert store.batches.new_run(number, token="next", after="run")
    with pytest.raises(AssertionError):
        offer(store, number)
    assert store.batches.get(number).status is BatchStatus.APPROVED


def test_a_file_opens_twice_and_keeps_what_is_in_it(path: Path) -> None:
    with closing(Store(path)) as store:
        number = posting(store, 1)
    with closing(Store(path)) as again:
        assert again.batches.get(number).status is BatchStatus.POSTING
        assert len(again.entries.of_batch(number)) == 1


def test_every_table_carries_its_firm(store: Store, path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        without = {
            table
            for table in tables
            if "firm" not in [column[1] for column in raw.execute(f"PRAGMA table_info({table})")]
        }
        strict = {name for name, is_strict in raw.execute("SELECT name, strict FROM pragma_table_list") if is_strict}
    ours = {table for table in tables if not table.startswith(("_sqlite", "sqlite_"))}
    assert without & ours == {"firm", "pace", "purpose"}  # whoever is a firm, a sign-in, and the file itself
    assert ours <= strict


def test_every_commit_is_on_the_disk(store: Store, path: Path) -> None:
    with store.transaction() as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    class BrokenError(Exception):
        pass

    with pytest.raises(BrokenError), store.transaction():
        open_batch(store)
        with store.transaction():
            open_batch(store, "2.0")
        raise BrokenError
    assert store.batches.newest(FIRM, 9) == []


@given(st.integers(0, 10**15), st.integers(0, 10**12))
def test_instants_sort_as_their_texts(microseconds: int, later: int) -> None:
    first = NOW + timedelta(microseconds=microseconds)
    second = first + timedelta(microseconds=later)
    assert (stamp(first) < stamp(second)) == (first < second)
    assert datetime.fromisoformat(stamp(first)) == first


def remember(store: Store, text: str, clio_id: int, **more: Any) -> None:
    given: dict[str, Any] = {"firm": FIRM, "account": "us:1", "kind": AliasKind.MATTER, "by": "U1"} | more
    store.aliases.remember_alias(text=text, clio_id=clio_id, label=str(clio_id), **given)


def test_a_later_choice_replaces_the_earlier_and_both_stay_on_record(store: Store, path: Path) -> None:
    remember(store, "Smith 7", 1)
    remember(store, " SMITH  7", 2, by="U2")
    assert [(one.clio_id, one.chosen_by, one.text) for one in store.aliases.aliases(FIRM)] == [(2, "U2", "SMITH  7")]
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT clio_id, forgotten_by FROM alias ORDER BY id").fetchall() == [(1, "U2"), (2, None)]


def test_a_choice_holds_where_it_was_made_until_it_is_the_firms(store: Store) -> None:
    remember(store, "7", 1, channel="C1")
    remember(store, "7", 2, channel="C2", by="U2")
    assert [one.clio_id for one in store.aliases.here(FIRM, "us:1", "C1")] == [1]
    assert [one.clio_id for one in store.aliases.here(FIRM, "us:1", "C2")] == [2]
    assert store.aliases.here(FIRM, "us:1", "C3") == []
    remember(store, "7", 1, channel="C1", by="U9")  # means the same: it stays the choice of who made it
    assert [one.chosen_by for one in store.aliases.here(FIRM, "us:1", "C1")] == ["U1"]


def test_a_choice_is_one_firm_s_and_one_account_s_and_a_matter_is_no_user(store: Store) -> None:
    remember(store, "7", 1)
    remember(store, "7", 2, account="us:2")
    remember(store, "7", 3, firm="T2")
    remember(store, "7", 4, kind=AliasKind.USER)
    remember(store, " \u00a0", 5)
    assert {one.clio_id for one in store.aliases.aliases(FIRM)} == {1, 2, 4}
    assert {one.clio_id for one in store.aliases.here(FIRM, "us:1", None)} == {1, 4}
    assert {one.clio_id for one in store.aliases.forget_alias(FIRM, "7", by="U9")} == {1, 2, 4}
    assert store.aliases.aliases(FIRM) == []
    assert [one.clio_id for one in store.aliases.aliases("T2")] == [3]


def test_what_is_confirmed_in_one_account_leaves_the_choices_of_another_in_force(store: Store) -> None:
    remember(store, "7", 1, account="us:2")
    remember(store, "7", 2)
    (theirs,) = store.aliases.here(FIRM, "us:2", None)
    used = UsedChoice(id=theirs.id, is_answer=False, kind="matter", text="7", means="7", by="U1",
                      at=theirs.chosen_at, row=2, posted=1, amount=Decimal(1))  # fmt: skip
    store.choices.confirm([used], by="U9")
    assert {one.clio_id for one in store.aliases.here(FIRM, "us:1", None)} == {2}
    assert [(one.clio_id, one.confirmed_by) for one in store.aliases.here(FIRM, "us:2", None)] == [(1, "U9")]


def test_a_file_of_an_unreleased_version_is_refused_and_left_as_it_is(path: Path) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE _sqlite_migrations SET name = 'first_tables'")
        raw.execute("DROP TABLE not_counted")
        raw.commit()
    with pytest.raises(OtherTables, match="another version of the bot"):
        Store(path)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT name FROM _sqlite_migrations").fetchall() == [("first_tables",)]
        assert not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'not_counted'").fetchall()


def add_notes(db: Database) -> None:
    """Change the tables as a version after 1.0.0 may."""
    db.execute("ALTER TABLE firm ADD COLUMN note TEXT NOT NULL DEFAULT 'none'")


def columns(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as raw:
        return {name for _, name, *_ in raw.execute("PRAGMA table_info(firm)")}


def test_a_file_of_an_older_version_is_copied_before_its_tables_are_changed_and_that_is_said_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Store(path)) as store:
        store.firms.know("T1", "Hallam")
    monkeypatch.setattr(schema, "STEPS", (("notes of a firm", add_notes),))
    for _ in range(2):
        with closing(Store(path)) as store:
            assert store.firms.all() == ["T1"]
    assert "note" in columns(path)
    (copy,) = path.parent.glob(f"{path.name}.before-upgrade-*")
    assert "note" not in columns(copy)
    assert copy.stat().st_mode & 0o077 == 0
    said = [one.getMessage() for one in caplog.records if "older version" in one.getMessage()]
    assert len(said) == 1
    assert copy.name in said[0]
    monkeypatch.setattr(schema, "STEPS", ())
    with closing(Store(copy)) as before:  # the older version goes on with its copy
        assert before.firms.all() == ["T1"]


def test_a_new_file_has_todays_tables_and_nothing_beside_it_to_go_back_to(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "STEPS", (("notes of a firm", add_notes),))
    Store(path).close()
    assert "note" in columns(path)
    assert not [*path.parent.glob("*before*")]


def test_a_file_that_cannot_be_copied_is_not_brought_forward(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO slack_installation (firm, bot_user, source, installed_at) VALUES ('T9', 'U9', '', '')")
        raw.commit()
    monkeypatch.setattr(schema, "STEPS", (("notes of a firm", add_notes),))
    cannot = "could not be copied, so nothing in it was changed: rows of it belong"
    with pytest.raises(StorageError, match=cannot), readable(path):
        Store(path)
    assert "note" not in columns(path)
    assert not [*path.parent.glob("*before*")]


def test_words_about_the_tables_may_change_without_refusing_a_file() -> None:
    assert not [one for one in STATEMENTS if "--" in one]


def test_two_firms_of_one_clio_account_keep_lists_of_their_own(store: Store) -> None:
    def matter(number: str) -> Matter:
        return Matter(1, number, "", "Open", billable=True, billing_method="hourly", client="Acme", currency="USD",
                      responsible_attorney_id=None)  # fmt: skip

    store.listings.keep_matters(FIRM, "us:1", [matter("00001-Acme")], whole=True, begun_at=NOW)
    store.listings.keep_matters("T2", "us:1", [matter("00001-Acme, renamed")], whole=True, begun_at=LATER)
    assert store.listings.matters(FIRM, "us:1") == [matter("00001-Acme")]
    assert store.listings.since(FIRM, "us:1", "matter") == (NOW, NOW)
    store.listings.keep_matters(FIRM, "us:1", [matter("00001-Acme Corp")], whole=False, begun_at=LATER)
    assert [one.display_number for one in store.listings.matters(FIRM, "us:1")] == ["00001-Acme Corp"]
    assert [one.display_number for one in store.listings.matters("T2", "us:1")] == ["00001-Acme, renamed"]
    assert store.listings.since(FIRM, "us:1", "matter") == (NOW, LATER)
    store.listings.forget_matters("T2", "us:1", [1])
    assert store.listings.matters(FIRM, "us:1")
    assert not store.listings.matters("T2", "us:1")


def test_what_is_listed_or_hidden_in_one_account_leaves_the_lists_of_another(store: Store) -> None:
    def matter(name: str) -> Matter:
        return Matter(1, name, "", "Open", True, "hourly", "", None, None)

    for account in ("us:1", "us:2"):
        store.listings.keep_matters(FIRM, account, [matter(account)], whole=True, begun_at=NOW)
    assert store.listings.matters(FIRM, "us:1") == [matter("us:1")]
    assert store.listings.matters(FIRM, "us:2") == [matter("us:2")]
    store.listings.keep_matters(FIRM, "us:2", [matter("anew")], whole=False, begun_at=LATER)
    assert store.listings.since(FIRM, "us:1", "matter") == (NOW, NOW)
    store.listings.forget_matters(FIRM, "us:2", [1])
    assert store.listings.matters(FIRM, "us:1") == [matter("us:1")]
    assert store.listings.matters(FIRM, "us:2") == []


def test_a_users_account_is_known_only_where_one_of_that_place_lists_them(store: Store) -> None:
    def listed(account: str) -> None:
        user = User(5, "Joan", "", "", "", "", enabled=True, clio_connect=False)
        store.listings.keep_users(FIRM, account, [user], whole=True, begun_at=NOW)

    assert store.listings.account_of("us", 5) is None
    listed("eu:1")
    assert store.listings.account_of("us", 5) is None
    listed("us:1")
    assert store.listings.account_of("us", 5) == "us:1"
    listed("us:2")
    assert store.listings.account_of("us", 5) is None


def test_a_batch_waits_behind_those_of_its_own_account_alone(store: Store) -> None:
    first, behind = posting(store, 1, ts="1.0", account="us:1"), {}
    with store.transaction() as db:
        db.execute("UPDATE batch SET queued_at = created_at WHERE id = ?", (first,))
    for account, ts in (("us:2", "2.0"), ("us:1", "3.0")):
        behind[account] = number = previewed(store, 1, ts=ts, account=account)
        assert store.batches.decide(number, revision=1, digest="d" * 12, status=BatchStatus.APPROVED, actor="U9")
    assert [one.batch for one in store.turns.ahead(behind["us:1"])] == [first]
    assert store.turns.ahead(behind["us:2"]) == []


def test_a_commit_that_fails_leaves_no_transaction_open_for_what_comes_next(store: Store, path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), store.transaction() as db:
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute(
            "INSERT INTO attempt (firm, batch, entry, matter_id, user_id, amount_cents, form, token, sent_at)"
            " VALUES ('T1', 999, 999, 1, 1, 1, 'flat', 'lost', ?)",
            (stamp(),),
        )
    with store.transaction() as db:
        db.execute("INSERT INTO older_entry (firm, batch, clio_id) SELECT 'T1', id, 7 FROM batch WHERE id < 0")
        assert db.execute("SELECT count(*) FROM attempt WHERE token = 'lost'").fetchone()[0] == 0
    with closing(sqlite3.connect(path, timeout=1)) as raw:
        raw.execute("BEGIN IMMEDIATE")  # nobody holds the lock


def test_the_views_show_people_amounts_states_and_links(store: Store, path: Path) -> None:
    number = posting(store, 7)
    entry = store.entries.of_batch(number)[0]
    assert store.entries.claim(entry.id, "t", settle=1.0, batch=number, revision=1, digest="d" * 64, run_token="run")
    assert store.entries.settle(entry.id, "t", EntryState.POSTED, clio_id=77)
    store.decisions.add(
        store.batches.get(number), actor="U9", action="two_approvals", allowed=False, approvers=(), reason="your own"
    )
    with store.transaction() as db:
        db.execute("UPDATE entry SET amount_cents = -5")
        db.execute("INSERT INTO line (firm, batch, row, cell, matter, amount_cents, left_out)"
                   f" VALUES ('T1', {number}, 9, '9', '00009', 123456, 'no such matter')")  # fmt: skip
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reader:
        reader.row_factory = sqlite3.Row
        ((result,), (left,), (said,)) = (
            [dict(row) for row in reader.execute(f"SELECT * FROM {view}")] for view in ("results", "left_out", "log")
        )
    assert (result["batch"], result["matter"], result["amount"], result["result"]) == ("B1", "00007", "-0.05", "posted")
    assert result["matter_in_clio"] == "https://app.clio.com/nc/#/matters/7"
    assert (left["row"], left["amount"], left["why"]) == (9, "1234.56", "no such matter")
    assert (said["slack_user"], said["action"], said["outcome"]) == ("U9", "two approvals", "refused")
