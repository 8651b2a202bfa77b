"""`make torture`, a little of it: each scene killed, each fault of Clio's and of Slack's met, and all judged."""

from pathlib import Path

from proofs import torture


def test_kills_and_troubles_of_clio_and_slack_double_nothing_lose_nothing_and_are_told_truly(tmp_path: Path) -> None:
    report = torture.prove(tmp_path, seed=21, sections=["sample"])
    assert report.failed == []
    assert report.killed >= 15  # of 20 that are meant: threads run otherwise each time


def test_a_sick_disk_and_a_clock_that_is_set_double_nothing_and_lose_nothing(tmp_path: Path) -> None:
    report = torture.prove(tmp_path, seed=22, sections=["machine"])
    assert report.failed == []
