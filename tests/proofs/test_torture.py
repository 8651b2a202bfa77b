"""`make torture`, a little of it: each scene killed, each fault of Clio's and of Slack's met, and all judged."""

import re

from targets import made


def test_kills_and_troubles_of_clio_and_slack_double_nothing_lose_nothing_and_are_told_truly() -> None:
    printed = made("torture", ONLY="sample", SEED=21)
    killed = re.search(r"^Killed ([0-9,]+) times", printed, re.MULTILINE)
    assert killed
    assert int(killed[1]) > 10  # of 20 points; how many of them a life reaches hangs on how its threads are run


def test_a_sick_disk_and_a_clock_that_is_set_double_nothing_and_lose_nothing() -> None:
    made("torture", ONLY="machine", SEED=22)
