"""What people read: sayable, harmless, in order, and there in the end whatever Slack does."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from world import MENTION, World, shared, tables_of

from brought_forward.bot.messages.words import clean, esc
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack import words
from brought_forward.storage.records.batch import BatchStatus


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("outbox"), firm_of_size(700, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    world = open_world.ready()
    # What the test before still had to do, and to say.
    world.slack.wait_for(lambda: not world.store.batches.to_move() and at_rest(world), timeout=20)
    return world


def ours(world: World) -> list[Any]:
    """List what the bot has said in the newest thread; its workbooks and what calls people apart."""
    return [one for one in world.spoken() if not MENTION.fullmatch(one.text)]


def at_rest(world: World) -> bool:
    return not world.store.messages.owed()


def posted(world: World) -> None:
    """Wait until the newest batch is posted, read back, and told."""
    world.slack.wait_for(lambda: world.newest().read_back is not None and at_rest(world), timeout=30)


# Slack's troubles


def test_a_message_whose_blocks_slack_refuses_goes_as_plain_words_and_its_buttons_work(world: World) -> None:
    world.slack.faults.add("download", "slow", seconds=0.7)  # "Reading..." is there before the preview, which edits it
    world.slack.faults.add("chat.update", "invalid_blocks")
    batch = world.preview(world.fresh(2))
    (shown,) = ours(world)
    kinds = [block["type"] for block in shown.blocks]
    assert set(kinds) == {"section", "actions"}
    text = world.slack.plain(shown)
    for part in ("2 entries, ", "ready for approval", "Total | 2 | $", "[Approve 2 entries] [Reject]"):
        assert part in text
    world.approve()
    posted(world)
    assert world.store.batches.get(batch.id).status is BatchStatus.POSTED
    assert "equal to the cent" in world.text()


def test_a_plain_message_shows_no_marks_of_markup(world: World) -> None:
    world.slack.faults.add("download", "slow", seconds=0.7)  # "Reading..." is there before the preview, which edits it
    world.slack.faults.add("chat.update", "invalid_blocks")
    world.preview(world.fresh())
    (shown,) = ours(world)
    texts = [block["text"] for block in shown.blocks if block["type"] == "section"]
    literal = [text["text"] for text in texts if text["type"] == "plain_text"]
    assert literal
    assert not [text for text in literal if "<@" in text or "&amp;" in text or "*" in text]
    assert "@staff" in world.slack.plain(shown)


def test_while_slack_is_down_posting_goes_on_and_the_words_come_later_in_order(world: World) -> None:
    batch = world.preview(world.fresh(3))
    world.clio.faults.add("delay", method="POST", path="/activities.json", seconds=0.4)
    world.approve()
    world.slack.wait_for(lambda: world.store.batches.get(batch.id).status is not BatchStatus.PREVIEWED)
    world.slack.down()
    world.slack.wait_for(lambda: world.store.batches.get(batch.id).status is BatchStatus.POSTED, timeout=30)
    assert world.store.messages.owed() > 0
    assert "equal to the cent" not in world.text()
    world.slack.up()
    world.until("equal to the cent")
    world.slack.wait_for(lambda: at_rest(world))
    said = [world.slack.plain(message) for message in ours(world)]
    for text, part in zip(
        said, ("approved", "All 3 entries are posted", "Done: 3 of 3", "results 1 to 3 of 3"), strict=True
    ):
        assert part in text


def test_an_answer_that_is_lost_makes_a_copy_rather_than_silence_and_the_copy_is_redrawn(world: World) -> None:
    world.slack.faults.add("chat.postMessage", "reset_after")
    world.drop(world.fresh())
    world.until("ready for approval")
    world.slack.wait_for(lambda: len(ours(world)) == 2 and at_rest(world))
    stale, shown = ours(world)
    assert "Reading" in world.slack.plain(stale)
    assert "ready for approval" in world.slack.plain(shown)


def test_a_word_that_slack_took_while_our_disk_was_full_is_said_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with world.store.transaction() as db:
        db.execute("CREATE TRIGGER no_room BEFORE UPDATE OF ts ON message WHEN OLD.ts IS NULL AND NEW.attach IS NULL"
                   " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")  # fmt: skip
    try:
        world.drop(world.fresh())
        world.slack.wait_for(lambda: caplog.text.count("messages of firm=T0WHITMAN1 stumbled") > 2)
    finally:
        with world.store.transaction() as db:
            db.execute("DROP TRIGGER no_room")
    world.until("fingerprint")
    world.slack.wait_for(lambda: at_rest(world))
    assert len(ours(world)) == 1


def test_a_copy_with_buttons_is_redrawn_when_it_is_clicked(world: World) -> None:
    batch = world.preview(world.fresh())
    world.slack.wait_for(lambda: at_rest(world))
    world.slack.faults.add("chat.update", "message_not_found")  # so that the preview is posted anew
    world.slack.faults.add("chat.postMessage", "reset_after")
    (old,) = ours(world)
    world.clio.stop()
    world.store.messages.say(
        firm=batch.firm, batch=batch.id, slot="preview", channel=batch.channel, thread_ts=batch.thread_ts,
        text="again", blocks=json.dumps(_without_ids(old.blocks)),
    )  # fmt: skip
    world.slack.wait_for(lambda: len(ours(world)) == 3 and at_rest(world))
    first, second = ours(world)[1:]
    world.reject(world.slack.manager, message=first)
    world.slack.wait_for(lambda: "Rejected by @manager" in world.slack.plain(ours(world)[1]))
    world.slack.wait_for(lambda: "Rejected by @manager" in world.slack.plain(ours(world)[2]))
    assert {message.ts for message in (first, second)} == {message.ts for message in ours(world)[1:3]}
    assert "[" not in world.slack.plain(ours(world)[1]) + world.slack.plain(ours(world)[2])


def _without_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in block.items() if name != "block_id"} for block in blocks]


def test_a_message_that_somebody_deleted_is_posted_anew(world: World) -> None:
    world.clio.stop()
    world.drop(world.fresh())
    world.until("Clio did not answer")
    (gone,) = ours(world)
    world.slack.delete_message(gone.ts)
    world.clio.start()
    world.until("ready for approval")
    (shown,) = ours(world)
    assert shown.ts != gone.ts


def test_a_channel_that_slack_asks_to_leave_alone_is_left_alone_so_long(world: World) -> None:
    world.preview(world.fresh())
    (shown,) = ours(world)
    before = refusals(world, "ratelimited")
    world.slack.faults.add("chat.postMessage", "ratelimited", seconds=1)
    world.drop(world.fresh())
    world.slack.wait_for(lambda: refusals(world, "ratelimited") > before)
    world.reject(world.slack.manager, message=shown)  # an edit of another message in the same channel
    world.until("ready for approval")
    world.slack.wait_for(lambda: at_rest(world))
    calls = [call for call in world.slack.calls if call.method.startswith("chat.")]
    place = max(number for number, call in enumerate(calls) if call.error == "ratelimited")
    assert [call.method for call in calls[place + 1 :]].count("chat.update") >= 1
    assert (calls[place + 1].at - calls[place].at).total_seconds() >= 1.0


def test_slacks_own_rate_is_kept_so_that_it_never_refuses(world: World) -> None:
    world.ready(balances_timing=world.settings().balances_timing.model_copy(update={"post_gap": 0.2}))
    world.slack.rules.messages_a_second = 5.0
    try:
        before = len(world.slack.calls)
        world.preview(world.fresh(2))
        world.approve()
        posted(world)
    finally:
        world.slack.rules.messages_a_second = None
    assert not [call for call in world.slack.calls[before:] if call.error == "ratelimited"]


def given_up(world: World) -> None:
    """Take out of the outbox what Slack will never take, so that it does not stand in the next test's way."""
    with world.store.transaction() as db:
        db.execute("UPDATE message SET shown = wanted")


def refusals(world: World, error: str) -> int:
    return len([call for call in world.slack.calls if call.error == error])


def patient(world: World) -> None:
    """Let what Slack refuses wait for a minute: no test waits so long, so what is shown meanwhile was not held back."""
    world.ready(balances_timing=world.settings().balances_timing.model_copy(update={"first_pause": 60.0}))


def test_a_thread_with_replies_goes_on_where_it_is_when_its_first_message_is_deleted(world: World) -> None:
    batch = world.preview(world.fresh(2))
    held = world.hold()
    world.click(world.slack.manager, "Approve")
    with held:
        world.slack.wait_for(lambda: world.message("status", batch.id))
        world.slack.delete_message(batch.share_ts)
    posted(world)
    below = world.slack.thread("balances", batch.share_ts)
    said = "\n".join(world.slack.plain(message) for message in below)
    assert below[0].is_tombstone
    assert f"Done: 2 of 2 posted, {total(world, batch.id)}" in said
    assert world.newest().thread_ts == batch.share_ts


def unsaid(world: World, files: dict[str, bytes]) -> Any:
    """Drop files in one message and delete it before the bot has said a word below it."""
    before = refusals(world, "http_503")
    world.slack.faults.add("chat.postMessage", "http_503")
    top = world.slack.upload_together(world.slack.staff, "balances", files)[0].shares[0].ts
    world.slack.wait_for(lambda: refusals(world, "http_503") > before)
    world.slack.delete_message(top)
    return top


def csv_of(rows: list[list[object]]) -> bytes:
    return "\n".join(["Matter,User,Balance,Note", *[",".join(str(cell) for cell in row) for row in rows]]).encode()


def test_an_upload_deleted_before_the_first_reply_leaves_a_thread_below_our_own_words(world: World) -> None:
    world.ready(balances_timing=world.settings().balances_timing.model_copy(update={"first_pause": 0.5}))
    gone = unsaid(world, {"AR.csv": csv_of(world.fresh(2))})
    batch = world.newest()
    world.slack.wait_for(lambda: "ready for approval" in world.slack.plain(world.message("preview", batch.id)))
    root = world.message("preview", batch.id)
    assert root.thread_ts is None  # Slack put it into the channel, and said no word of that
    world.slack.click(world.slack.manager, "Approve", root)
    posted(world)
    assert world.slack.thread("balances", gone) == []
    below = world.slack.thread("balances", root.ts)
    said = "\n".join(world.slack.plain(message) for message in below)
    assert f"Done: 2 of 2 posted, {total(world, batch.id)}" in said
    assert [file.name for message in below for file in message.files] == ["AR lines.xlsx", "AR results.xlsx"]
    tops = [one for one in world.slack.messages("balances") if one.thread_ts is None and one.ts >= root.ts]
    assert [one.ts for one in tops] == [root.ts]
    assert world.newest().thread_ts == root.ts  # where links to the batch lead


def test_what_waits_behind_a_first_word_whose_upload_is_deleted_goes_below_it_too(world: World) -> None:
    world.ready(balances_timing=world.settings().balances_timing.model_copy(update={"first_pause": 0.5}))
    gone = unsaid(world, {"AR.csv": csv_of(world.fresh(2))})
    world.slack.faults.add("chat.postMessage", "http_503", times=None)  # however long the preview takes
    batch = world.newest()
    world.slack.wait_for(lambda: world.batch(batch.id).status is BatchStatus.PREVIEWED)
    first = world.store.messages.find(batch.id, "preview")
    assert first is not None
    assert first.ts is None  # and with it wait the call to the approvers and a workbook
    world.slack.faults.clear()
    world.slack.wait_for(lambda: at_rest(world), timeout=30)
    root = world.message("preview", batch.id)
    assert world.slack.thread("balances", gone) == []
    tops = [one for one in world.slack.messages("balances") if one.thread_ts is None and one.ts >= root.ts]
    assert [one.ts for one in tops] == [root.ts]
    below = world.slack.thread("balances", root.ts)
    assert any("wait for your approval" in world.slack.plain(one) for one in below)
    assert [file.name for message in below for file in message.files] == ["AR lines.xlsx"]


def test_all_files_of_an_upload_deleted_so_go_on_in_one_thread(world: World) -> None:
    world.ready(balances_timing=world.settings().balances_timing.model_copy(update={"first_pause": 0.5}))
    unsaid(world, {"One.csv": csv_of(world.fresh(2)), "Two.csv": csv_of(world.fresh(2))})
    world.slack.wait_for(lambda: world.newest().file_name == "Two.csv")
    second = world.newest()
    for number in (second.id - 1, second.id):
        world.slack.wait_for(lambda number=number: "ready for approval" in world.slack.plain(
            world.message("preview", number)))  # type: ignore[misc]  # fmt: skip
    world.slack.wait_for(lambda: at_rest(world))
    roots = {world.store.batches.get(number).thread_ts for number in (second.id - 1, second.id)}
    (root,) = roots
    below = world.slack.thread("balances", root or "")
    assert len([one for one in below if "ready for approval" in world.slack.plain(one)]) == 2


def test_a_message_that_slack_refuses_holds_back_no_other_thread(world: World) -> None:
    patient(world)
    before = refusals(world, "cannot_reply_to_message")
    world.slack.faults.add("chat.postMessage", "cannot_reply_to_message")
    world.drop(world.fresh())
    try:
        world.slack.wait_for(lambda: refusals(world, "cannot_reply_to_message") > before)
        world.drop(world.fresh())
        world.until("ready for approval")
    finally:
        given_up(world)


def test_an_archived_channel_lets_posting_go_on_and_the_uploader_is_told_directly_once(world: World) -> None:
    batch = world.preview(world.fresh(2))
    before = refusals(world, "is_archived")
    held = world.hold()
    world.click(world.slack.manager, "Approve")
    with held:
        world.slack.wait_for(lambda: world.message("status", batch.id))
        world.slack.archive("balances")
    world.slack.wait_for(lambda: world.newest().read_back is not None and refusals(world, "is_archived") > before + 3)
    told = [one for one in world.slack.messages(world.slack.staff.id) if one.user == world.slack.bot.id]
    (words_,) = [text for one in told if batch.name in (text := world.slack.plain(one))]
    assert "I cannot write in #balances: it is archived." in words_
    assert f"/balances status {batch.name}" in words_
    assert world.store.messages.owed()
    world.slack.unarchive("balances")
    posted(world)
    assert "Done: 2 of 2 posted" in world.text()


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_where_slack_refuses_all_blocks_the_words_are_there_without_them(world: World, method: str) -> None:
    batch = world.preview(world.fresh(2))
    world.slack.faults.add(method, "invalid_blocks", times=None)
    world.click(world.slack.manager, "Approve")
    posted(world)
    closing = world.message(f"closing-{world.newest().episode}", batch.id)
    slot = "preview" if method == "chat.update" else "results-1"
    assert world.message(slot, batch.id).blocks == []
    assert f"Done: 2 of 2 posted, {total(world, batch.id)}" in world.slack.plain(closing)
    if method == "chat.postMessage":
        assert world.labels()[-1] == "Undo"  # the edit that says what Clio holds has them: Slack takes edits
        table = world.slack.plain(world.message("results-1", batch.id))
        assert all(f"{one.matter_number} | {one.user_name} |" in table for one in world.entries(batch.id))


@pytest.mark.parametrize("error", ["msg_too_long", "msg_blocks_too_long", "invalid_arguments", "an_error_of_tomorrow"])
def test_an_edit_refused_for_good_becomes_a_new_message_with_its_buttons(world: World, error: str) -> None:
    world.slack.faults.add("download", "slow", seconds=0.7)  # "Reading..." is there before the preview, which edits it
    before = refusals(world, error)
    world.slack.faults.add("chat.update", error, times=None)
    world.preview(world.fresh(2))
    world.slack.wait_for(lambda: at_rest(world))
    assert refusals(world, error) > before
    (shown,) = ours(world)  # it stands in the place of "Reading..."
    assert "Total | 2 | $" in world.slack.plain(shown)
    world.slack.wait_for(lambda: world.labels()[:2] == ["Approve 2 entries", "Reject"])
    world.slack.faults.clear()
    world.approve()
    posted(world)
    assert "Done: 2 of 2 posted" in world.text()


def test_an_edit_that_stood_in_words_becomes_a_new_message_once_it_has_buttons(world: World) -> None:
    batch = world.preview(world.fresh(2))
    full = kept(world, batch.id)
    world.slack.faults.add("chat.update", "invalid_blocks", times=None)
    shown_as(world, batch, [{"type": "section", "text": {"type": "plain_text", "text": "No buttons yet"}}])
    world.until("No buttons yet")
    shown_as(world, batch, full)
    world.slack.wait_for(lambda: world.labels()[:2] == ["Approve 2 entries", "Reject"])
    world.slack.wait_for(lambda: at_rest(world))
    (shown,) = ours(world)
    assert "Total | 2 | $" in world.slack.plain(shown)


def test_a_form_that_slack_refuses_once_more_is_one_section_with_its_buttons(world: World) -> None:
    world.slack.faults.add("download", "slow", seconds=0.7)  # "Reading..." is there before the preview, which edits it
    before = len(world.slack.calls)
    world.slack.faults.add("chat.update", "invalid_blocks", times=2)
    world.preview([*world.fresh(2), ["nobody's", "", "5.00", ""]])
    world.slack.wait_for(lambda: at_rest(world))
    edits = [call for call in world.slack.calls[before:] if call.method == "chat.update"]
    last = max(place for place, call in enumerate(edits) if call.error == "invalid_blocks")
    then = next(call for call in edits[last + 1 :] if call.args["ts"] == edits[last].args["ts"])
    blocks = then.args["blocks"]  # a later version of the message tries its full form again
    kinds = [block["type"] for block in (json.loads(blocks) if isinstance(blocks, str) else blocks)]
    assert kinds in (["section", "actions"], ["section"])
    (shown,) = ours(world)
    assert "Total | 2 | $" in world.slack.plain(shown)
    assert world.labels() == ["Approve 2 entries", "Reject", "Fix 1 line"]


@pytest.mark.parametrize("sections", [1, 3])  # with 1 only the bytes are too many, with 3 the characters too
def test_where_nothing_but_words_is_taken_they_stay_short_in_bytes_and_buttons_come_once_they_can(
    world: World, sections: int
) -> None:
    world.slack.faults.add("chat.*", "invalid_blocks", times=None)
    batch = world.preview(world.fresh(1))
    missing = "Slack refused to show here: Approve 1 entry, Reject, Fix lines."
    world.until(missing)
    before = len(world.slack.calls)
    long = {"type": "section", "text": {"type": "plain_text", "text": "弁護士" * 500}}
    shown_as(world, batch, [*[long] * sections, *kept(world, batch.id)])
    world.until("弁護士")
    calls = [one for one in world.slack.calls[before:] if one.method == "chat.update" and not one.args.get("blocks")]
    assert [one.error for one in calls] == [None]
    text = calls[0].args["text"]
    assert text.endswith(missing)
    assert 3_000 < len(text.encode()) <= 3_600
    world.slack.faults.clear()
    shown_as(world, batch, kept(world, batch.id)[sections:])
    world.slack.wait_for(lambda: world.labels()[:2] == ["Approve 1 entry", "Reject"])


def test_an_edits_fallback_stays_short_in_bytes_and_its_blocks_stay(world: World) -> None:
    batch = world.preview(world.fresh(1))
    world.slack.wait_for(lambda: at_rest(world))
    before = len(world.slack.calls)
    shown_as(world, batch, kept(world, batch.id), text="弁護士" * 1_000)
    world.slack.wait_for(lambda: at_rest(world) and len(world.slack.calls) > before)
    edits = [one for one in world.slack.calls[before:] if one.method == "chat.update" and "弁護士" in one.args["text"]]
    assert [one.error for one in edits] == [None]
    assert 3_500 < len(edits[0].args["text"].encode()) <= 3_600
    assert world.labels()[:2] == ["Approve 1 entry", "Reject"]


def shown_as(world: World, batch: Any, blocks: list[dict[str, Any]], text: str = "again") -> None:
    """Want a preview to show these blocks."""
    world.store.messages.say(
        firm=batch.firm, batch=batch.id, slot="preview", channel=batch.channel, thread_ts=batch.thread_ts,
        text=text, blocks=json.dumps(blocks),
    )  # fmt: skip


def kept(world: World, number: int) -> list[dict[str, Any]]:
    """Give the blocks of a preview as the outbox keeps them."""
    found = world.store.messages.find(number, "preview")
    assert found is not None
    blocks: list[dict[str, Any]] = json.loads(found.blocks)
    return blocks


def total(world: World, number: int) -> str:
    return f"${sum(one.amount for one in world.entries(number)):,.2f}"


def test_a_channel_that_the_bot_was_taken_out_of_holds_back_no_other(world: World) -> None:
    patient(world)
    partner = world.slack.partner  # who has not yet dropped 20 files: past those, one waits for the other
    before = refusals(world, "not_in_channel")
    world.slack.faults.add("chat.postMessage", "not_in_channel")  # else the message may be there before the bot is out
    world.slack.upload(partner, "billing", "AR.csv", b"Matter,Balance\n1,1\n")
    try:
        world.slack.wait_for(lambda: refusals(world, "not_in_channel") > before)
        world.slack.remove_bot("billing")
        world.preview(world.fresh(), user=partner)
    finally:
        world.slack.invite_bot("billing")
        given_up(world)


# Harmless


EVIL = [
    "<!channel>",
    "<@U0EVIL0001>",
    "<https://evil.example|Clio>",
    "<!subteam^S0EVIL|staff>",
    "*bold*",
    "_italic_",
    "~struck~",
    "`code`",
    "&lt;!here&gt;",
    "a\u202eb\u2066c\u200bd\u061ce",
    '=HYPERLINK("https://evil.example","Clio")',
]


def spoken(world: World) -> list[words.Span]:
    """Read all that Slack would make of everything the bot has sent: what is bold, a mention or a link."""
    found: list[words.Span] = []
    for message in world.sent():
        found += words.spans(message["text"], lambda name: name)
        for block in message.get("blocks") or []:
            for text in texts_of(block):
                found += words.text_spans(text, lambda name: name)
    return found


def texts_of(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every text object that Slack reads as mrkdwn."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield part
        for inner in part.values():
            yield from texts_of(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from texts_of(inner)


UNSEEN = "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069"


def strings_of(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from strings_of(inner)


def evil_world(world: World, name: str) -> None:
    """Put harmful texts wherever a text from outside can come from, and go through a whole journey."""
    world.firm.add_user(f"Eve {EVIL[0]} {name}")
    matters = [
        world.firm.add_matter(f"{name}-{place} {evil}", client=evil, attorney=world.firm.token_user)
        for place, evil in enumerate(EVIL)
    ]
    world.firm.add_matter(f"{name}-0 {EVIL[0]}".upper(), client=EVIL[1])
    world.clio.faults.add("refuse", matter=matters[2].id, message=f"No {EVIL[0]} {EVIL[4]} on this matter")
    rows: list[list[object]] = [[f"{name}-0 {EVIL[0]}".lower(), "", "1.00", ""]]
    rows += [[one.display_number, "", "10.00", evil] for one, evil in zip(matters, EVIL, strict=True)]
    rows += [[f"unknown {evil}", "", "10.00", evil] for evil in EVIL[:5]]
    rows += [[matters[1].display_number, evil, f"{20 + place}.00", evil] for place, evil in enumerate(EVIL[:5])]
    rows += [[matters[3].display_number, f"Eve {EVIL[0]} {name}", "1.00", ""]]
    world.preview(rows, name=f"AR {' '.join(EVIL[:5])} a\u202eb\u061cc.csv".replace("/", ""))
    world.approve()
    posted(world)
    for asked in ("status", "list", f"show {world.newest().name}"):
        world.slack.command(world.slack.manager, asked)


def test_a_cell_a_name_or_a_file_name_cannot_mention_or_link(world: World) -> None:
    before = len(world.slack.calls)
    evil_world(world, "90001")
    told = [message.text for message in world.slack.ephemerals(world.slack.manager)]
    for span in [*spoken(world), *(span for text in told for span in words.spans(text, lambda name: name))]:
        assert not span.mention or span.text in people(world), span
        assert not span.link or span.link.startswith(("https://slack.com/archives/", site(world))), span
    for call in world.slack.calls[before:]:
        for leaf in rich_links(call.args.get("blocks")):
            assert leaf["url"].startswith(site(world))


def test_no_cell_of_a_workbook_that_comes_back_is_a_formula(world: World) -> None:
    evil_world(world, "90004")
    books = [file.data for one in world.thread() if one.user == world.slack.bot.id for file in one.files]
    assert books
    sheets = [
        book.read(name).decode()
        for data in books
        for book in [zipfile.ZipFile(io.BytesIO(data))]
        for name in book.namelist()
        if name.startswith(("xl/worksheets/", "xl/sharedStrings"))
    ]
    assert any("=HYPERLINK" in sheet for sheet in sheets)  # it came that far, as text
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<f " in sheet]


def people(world: World) -> set[str]:
    """Name whom and where the bot itself may mention."""
    town = world.slack.workspace
    return {f"@{user}" for user in town.users} | {f"#{room}" for room in town.channels}


def site(world: World) -> str:
    return world.clio.url.partition("/api")[0]


def test_what_is_told_to_one_person_cannot_mention_either(world: World) -> None:
    made = world.firm.add_matter("90009 <!channel>", attorney=world.firm.token_user)
    world.clio.faults.add("hourly", matter=made.id)
    world.preview([[made.display_number, "", "10.00", ""]])
    world.approve()
    world.until("[Remove this entry]")
    world.click(world.slack.manager, "Remove this entry")
    world.slack.wait_for(lambda: "Removed" in world.told(world.slack.manager))
    told = world.slack.ephemerals(world.slack.manager)[-1].text
    assert not [span for span in words.spans(told, lambda name: name) if span.mention]
    posted(world)


def rich_links(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if part.get("type") == "link":
            yield part
        for inner in part.values():
            yield from rich_links(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from rich_links(inner)


def test_a_cell_cannot_look_like_our_own_emphasis(world: World) -> None:
    evil_world(world, "90002")
    styled = [span.text for span in spoken(world) if span.bold or span.italic or span.strike or span.code]
    assert not [text for text in styled if text in {"bold", "italic", "struck", "code"}]


def test_what_cannot_be_seen_is_taken_out_of_every_text(world: World) -> None:
    before = len(world.sent())
    evil_world(world, "90003")
    seen = {
        (f"U+{ord(letter):04X}", text.partition(letter)[0][-40:])
        for message in world.sent()[before:]
        for text in strings_of(message)
        for letter in UNSEEN
        if letter in text
    }
    assert seen == set()
    assert not [entry for entry in world.clio.time_entries if set(entry.note) & set(UNSEEN)]


@pytest.mark.parametrize("text", [*EVIL, "a\nb", "&amp;", "\u2028x", "<", "é\u0301"])
def test_an_escaped_text_is_one_line_of_plain_letters(text: str) -> None:
    made = esc(text)
    assert not set(made) & set("<>\n*_~`")
    (span,) = words.spans(made, lambda name: name) or [words.Span("")]
    assert span == words.Span(span.text)
    assert len(span.text) == len(clean(text))
    assert _ascii(span.text) == _ascii(clean(text))


def _ascii(text: str) -> list[str]:
    return [letter for letter in text if letter.isascii() and letter.isalnum()]


def test_no_notification_holds_a_client_a_matter_or_an_amount(world: World) -> None:
    before = len(world.sent())
    rows = world.fresh(3)
    taken = next(one for one in world.firm.matters if one.display_number == rows[0][0])
    world.clio.faults.add("refuse", matter=taken.id, message=f"{taken.display_number} is closed")
    world.preview(rows)
    world.approve()
    posted(world)
    texts = [message["text"] for message in world.sent()[before:]]
    assert len(texts) >= 5
    for text in texts:
        assert text
        assert "$" not in text
        assert not [row for row in rows if str(row[0]) in text or str(row[2]) in text or str(row[1]) in text]
        assert taken.display_number.partition("-")[2] not in text


def test_every_row_of_a_long_batch_stands_in_the_thread_and_each_message_is_sayable(world: World) -> None:
    rows = world.fresh(130)
    world.preview([*rows, *[[f"9{place:04d}-{'x' * 240}", rows[0][1], "1.00", "y" * 300] for place in range(30)]])
    assert "Left out: 30 lines, $30.00" in world.text()
    world.approve()
    posted(world)
    results = [message for message in ours(world) if "results" in world.slack.plain(message)]
    assert len(results) == 2
    assert sum(len(table["rows"]) - 1 for message in results for table in tables_of(message.blocks)) == 130
    text = world.text()
    assert not [row for row in rows if f"{row[0]} | {row[1]} | ${row[2]} | Posted" not in text]
