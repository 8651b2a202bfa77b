"""What is said where the channel of a batch takes nothing of ours. Pure."""

from brought_forward.bot.messages.blocks import Text, section
from brought_forward.bot.messages.words import esc
from brought_forward.storage.records.batch import Batch

# What Slack answers where a channel takes nothing of ours, and how people read it.
SHUT = {
    "is_archived": "it is archived",
    "not_in_channel": "I am no longer in it",
    "channel_not_found": "I am no longer in it",
    "restricted_action": "only some people may write there",
    "restricted_action_read_only_channel": "only some people may write there",
    "restricted_action_thread_only_channel": "only replies may be written there",
    "restricted_action_non_threadable_channel": "no replies may be written there",
}
BACK = {
    "is_archived": "Once it is unarchived",
    "not_in_channel": "Once I am invited there again with /invite",
    "channel_not_found": "Once I am invited there again with /invite",
}


def shut(batch: Batch, error: str) -> Text:
    """Tell the uploader that the channel takes nothing of ours; `error` is one of `SHUT`."""
    text = (
        f"I cannot write in <#{batch.channel}>: {SHUT[error]}. *{esc(batch.file_name)}* ({batch.name}) goes on all the"
        f" same: what is approved is posted to Clio. `/balances status {batch.name}` says how far it is."
        f" {BACK.get(error, 'Once I may')}, all that is missing is told in its thread."
    )
    return Text(f"{batch.name}: its channel takes no messages.", [section(text)])
