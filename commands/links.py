"""The link to a batch's thread."""

from brought_forward.storage.records import Batch


def thread_link(batch: Batch) -> str:
    """Link to the thread: Slack opens it for who may see it."""
    ts = (batch.thread_ts or batch.share_ts).replace(".", "")
    return f"(<https://slack.com/archives/{batch.channel}/p{ts}|thread>)"
