"""How balances start other than by a dropped file: the form, the question for a channel, what is told. Pure."""

from collections.abc import Sequence

from brought_forward.bot.messages.blocks import ACTION, Block, Text, View, context, field, modal, plain_text, section
from brought_forward.bot.messages.words import esc, person, thread_link
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.slack import Wish

FORM = ACTION + "form"  # also the global shortcut's callback_id, as the manifest names it
FILE, CHANNEL, DATE, TOTAL = "file", "channel", "date", "total"  # block_id and action_id of each field
RADIOS = 10  # Slack's most options among radio buttons

NOTHING = (
    "There is no spreadsheet and no pasted table in this message. Use the shortcut on a message that has one, or drop"
    " the file into the channel."
)
NOT_OPENED = (
    "Slack did not open the form for bringing a file forward. Nothing was begun. Try once more, or drop the spreadsheet"
    " into a channel I am in: that needs no form."
)
MINE = "I made this file myself. Use the shortcut on the spreadsheet that it came from."
NOT_HERE = (
    "I am not in this channel, so I can neither read nor answer here. Invite me with /invite, then use the shortcut"
    " again."
)

NO_GUESTS = "members of the firm drop files of balances, not guests, so nothing was begun. Ask one of them to drop it."
NOT_OURS = (
    "it was brought to Slack by somebody who is no member of this workspace, so nothing was begun. Look through it,"
    " save a copy and drop that yourself; somebody else then approves it."
)
SILENT = "for an hour Slack did not tell me who dropped it, or into what channel, so nothing was begun. Drop it again."


def form(allowed: Sequence[str]) -> View:
    """Show the form behind the global shortcut; `allowed` is the allow-list of channels, empty for any."""
    blocks = [
        # Without `filetypes`: one that Slack does not know would refuse the whole form.
        field(FILE, "Spreadsheet", {"type": "file_input", "max_files": 1},
               hint="Excel, OpenDocument or CSV, 10 MB at most, with one balance for each matter."),
        field(CHANNEL, "Channel", _place(allowed, now=True) | {"action_id": CHANNEL},
               hint="One that I am in. The preview stands there, with names and amounts, and an approver looks at it."),
        field(DATE, "Date of the entries", {"type": "datepicker", "action_id": DATE}, optional=True,
               hint="The day of the preview where you leave it empty."),
        field(TOTAL, "Control total", {"type": "plain_text_input", "action_id": TOTAL, "max_length": 40,
               "placeholder": plain_text("123,456.78")}, optional=True,
               hint="What all lines should come to. The batch is held where they do not."),
    ]  # fmt: skip
    return modal("Bring balances forward", blocks, callback=FORM, submit="Show the preview", close="Cancel")


def where(wish: Wish, allowed: Sequence[str], *, not_in: str | None = None) -> Text:
    """Ask in a direct message which channel a file goes to; `not_in` is one that was chosen and has not the bot."""
    if not_in:
        text = (
            f"I am not in <#{not_in}> or may not write there, so nothing was begun. Invite me there with /invite, or"
            f" choose another channel for *{esc(wish.file_name)}*."
        )
    else:
        text = (
            f"In which channel shall I bring *{esc(wish.file_name)}* forward? Approvers cannot see our conversation,"
            " so the preview goes there, with names and amounts."
        )
    select = _place(allowed, now=False) | {"action_id": ACTION + "where"}
    # Another block_id for each question: Slack keeps what was chosen under the old one.
    blocks = [section(text), {"type": "actions", "block_id": f"where-{wish.id}-{wish.tries}", "elements": [select]}]
    if not allowed:
        blocks.append(context("Choose a channel that I am in."))
    return Text("In which channel shall I bring this file forward?", blocks)


def chosen(wish: Wish, channel: str) -> Text:
    """Say which channel was chosen, until the batch is there."""
    return Text("Beginning", [section(f"*{esc(wish.file_name)}* goes to <#{channel}>…")])


def begun(batch: Batch) -> Text:
    """Say in the direct message what the file became."""
    text = f"*{esc(batch.file_name)}* is {batch.name} in <#{batch.channel}>: {thread_link(batch)}."
    return Text(f"{batch.name} is begun.", [section(text)])


def top(wish: Wish) -> Text:
    """Begin a thread for a file that was not dropped in the channel."""
    text = f"{person(wish.person)} brings *{esc(wish.file_name)}* forward. The preview comes in this thread."
    return Text("Balances are brought forward", [section(text)])


def pasted(wish: Wish) -> str:
    """Say to the person alone that a pasted table is read."""
    return f"I read the table that {person(wish.author)} pasted. The preview comes in this message's thread."


def already(batch: Batch) -> str:
    """Say to the person alone which batch a file is."""
    return f"{batch.name} is this file already: {thread_link(batch)}."


def not_a_sheet(file_name: str) -> str:
    """Say what to do with a file in a direct message that is no spreadsheet."""
    return f"{esc(file_name)} is no spreadsheet. Export the balances as Excel or CSV and send me that."


def gone(file_name: str) -> str:
    """Say that a file is no longer there."""
    return f"{esc(file_name) or 'This file'} is no longer in Slack. Share it again."


def alone(file_name: str, why: str) -> Text:
    """Say to who dropped a file, alone, why nothing came of it."""
    return Text("A word about a file you dropped", [section(f"*{esc(file_name)}*: {why}")])


def private(text: str) -> Text:
    """Say something to a person in direct messages."""
    return Text("A word about a file you gave me", [section(text)])


def _place(allowed: Sequence[str], *, now: bool) -> Block:
    """Let people choose a channel: the allow-list by name, else any that Slack shows them.

    Only radio buttons and checkboxes may hold mrkdwn (docs.slack.dev, "Option object"), in which Slack writes a
    channel's name for its id; the bot itself may not read names.
    """
    if 0 < len(allowed) <= RADIOS:
        options = [{"text": {"type": "mrkdwn", "text": f"<#{one}>"}, "value": one} for one in allowed]
        radios: Block = {"type": "radio_buttons", "options": options}
        return radios | ({"initial_option": options[0]} if now and len(options) == 1 else {})
    shown = {"include": ["public", "private"], "exclude_bot_users": True, "exclude_external_shared_channels": True}
    select: Block = {"type": "conversations_select", "filter": shown, "placeholder": plain_text("Choose a channel")}
    return select | ({"default_to_current_conversation": True} if now and not allowed else {})
