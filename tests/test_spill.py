"""The look for tokens sees one wherever it stands."""

import logging
from pathlib import Path
from typing import Any

from spill import heard, spilt
from world import CLIO_TOKEN, World


def test_a_token_is_seen_in_a_log_a_file_a_message_and_a_workbook(world: World, tmp_path: Path) -> None:
    assert list(spilt(tmp_path, world.slack)) == []
    (tmp_path / "left.txt").write_text(f"Bearer {CLIO_TOKEN}")
    world.preview(world.sheet(1))

    def workbooks() -> list[Any]:
        return [file for file in world.slack.workspace.files.values() if file.user == world.slack.bot.id]

    (ours,) = world.slack.wait_for(workbooks)
    ours.data, kept = CLIO_TOKEN.encode(), ours.data
    assert sorted(spilt(tmp_path, world.slack)) == [f"{ours.name}: {CLIO_TOKEN}", f"left.txt: {CLIO_TOKEN}"]
    ours.data = kept
    (tmp_path / "left.txt").unlink()
    logging.getLogger("brought_forward.bot").info("asked with %s", CLIO_TOKEN)
    assert heard() == [f"log brought_forward.bot: {CLIO_TOKEN}"]
    assert heard() == []
