"""The proofs of `make proofs`, at their smallest: a few kills, one freeze, one restored back-up, two windows."""

import pytest
from targets import made


def test_kills_at_random_moments_double_nothing_and_lose_nothing() -> None:
    made("kills", SEED=11)


def test_a_freeze_past_the_settle_time_doubles_nothing_even_where_another_bot_takes_over() -> None:
    made("freezes", SEED=12)


def test_a_freeze_between_a_claim_and_the_end_of_its_post_lets_none_come_late() -> None:
    made("gate", SEED=17)


def test_a_restored_back_up_posts_nothing_a_second_time() -> None:
    made("restore", SEED=13)


def test_posting_keeps_to_clios_windows_and_uses_them() -> None:
    made("pace", SEED=14)


def test_an_entry_costs_little_more_than_one_call() -> None:
    made("calls", SEED=15)


def test_an_undo_that_is_killed_midway_ends_with_one_true_outcome_for_each_entry() -> None:
    made("undo", SEED=16)


def test_an_entry_is_written_down_as_briefly_at_a_batchs_end_as_at_its_beginning() -> None:
    made("cost", SEED=18)


def test_no_end_of_a_connection_to_slack_leaves_the_bot_deaf_for_long() -> None:
    made("deaf", SEED=19)


@pytest.mark.timeout(420)  # six starts of the bot, and a server that restarts under it
def test_whatever_ends_a_process_or_its_postgresql_doubles_nothing_and_the_others_go_on() -> None:
    made("scale", SEED=21, seconds=400)


@pytest.mark.timeout(420)  # five bots one after another
def test_firms_side_by_side_each_post_at_their_own_pace() -> None:
    made("crowd", SEED=22, seconds=400)


def test_many_uploads_and_clicks_at_once_are_each_taken_once_while_a_batch_posts() -> None:
    made("load", SEED=20)
