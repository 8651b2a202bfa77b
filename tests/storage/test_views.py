"""What people read in the file itself, beside the running bot."""

import re
import sqlite3
from typing import Any

import pytest
from world import World

pytestmark = pytest.mark.file

WHEN = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC")


def read(world: World, view: str, number: int) -> list[dict[str, Any]]:
    """Read a batch's rows of a view as a browser of SQLite files does: of a file that it cannot write."""
    file = sqlite3.connect(f"{world.db.absolute().as_uri()}?mode=ro", uri=True)
    file.row_factory = sqlite3.Row
    rows = [dict(row) for row in file.execute(f"SELECT * FROM {view} WHERE batch = ?", (f"B{number}",))]
    file.close()
    return rows


def test_the_views_say_in_words_what_was_posted_left_out_and_decided(world: World) -> None:
    rows = world.fresh(3, cents=5)
    rows[1][2], rows[2][0] = "-1234.50", "99999-Nobody"
    number = world.begin(rows)
    world.finish(number)
    (posted,) = read(world, "results", number)
    (entry,) = world.entries(number)
    assert (posted["matter"], posted["user"], posted["amount"], posted["result"]) == (
        entry.matter_number, entry.user_name, "0.05", "posted"
    )  # fmt: skip
    assert posted["matter_in_clio"] == f"https://app.clio.com/nc/#/matters/{entry.matter_id}"
    assert WHEN.fullmatch(posted["at"])
    credit, nobody = read(world, "left_out", number)
    assert (credit["amount"], nobody["matter"]) == ("-1234.50", "99999-Nobody")
    assert nobody["why"].startswith("Clio has no matter of this number")
    approved = next(one for one in read(world, "log", number) if one["action"] == "approve")
    assert (approved["slack_user"], approved["outcome"]) == (world.slack.manager.id, "done")
    assert WHEN.fullmatch(approved["at"])
