"""The proofs of `make proofs`, short: the same code, a few kills, one freeze, one restored back-up, two windows."""

from pathlib import Path

from proofs import calls, freezes, gate, kills, pace, restore, undo
from proofs.stage import timing


def test_kills_at_random_moments_double_nothing_and_lose_nothing(tmp_path: Path) -> None:
    times = timing(settle=2.0, second_look=0.7, in_flight=4)  # more would leave too few entries for the kills
    report = kills.prove(tmp_path, seed=11, kills=4, entries=60, times=times, lag=1.2)
    assert report.failed == []


def test_a_freeze_past_the_settle_time_doubles_nothing_even_where_another_bot_takes_over(tmp_path: Path) -> None:
    report = freezes.prove(tmp_path, seed=12, freezes=1, takeovers=1, entries=180)
    assert report.failed == []


def test_a_freeze_between_a_claim_and_the_end_of_its_post_lets_none_come_late(tmp_path: Path) -> None:
    report = gate.prove(tmp_path, seed=17, freezes=4)
    assert report.failed == []


def test_a_restored_back_up_posts_nothing_a_second_time(tmp_path: Path) -> None:
    report = restore.prove(tmp_path, seed=13, entries=30, cases=(restore.Case(restore.MIDDLE, restore.LOST),))
    assert report.failed == []


def test_posting_keeps_to_clios_windows_and_uses_them(tmp_path: Path) -> None:
    few = (pace.CASES[4],)  # `make pace` has them all, and is for speed
    report = pace.prove(tmp_path, seed=14, entries=45, limit=20, window=3.0, most=float("inf"), cases=few)
    assert report.failed == []


def test_an_entry_costs_little_more_than_one_call(tmp_path: Path) -> None:
    report = calls.prove(tmp_path, seed=15, sizes=(80,), most=1.15)
    assert report.failed == []


def test_an_undo_that_is_killed_midway_ends_with_one_true_outcome_for_each_entry(tmp_path: Path) -> None:
    report = undo.prove(tmp_path, seed=16, entries=24, kills=2)
    assert report.failed == []
