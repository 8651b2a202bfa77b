"""Who may see a batch's names and amounts, and the link to its thread."""

from brought_forward.storage.records import Batch


def may_see(batch: Batch, user: str, approvers: tuple[str, ...]) -> bool:
    """Tell whether somebody brought the batch or approves: nobody else sees names and amounts."""
    return user in {batch.uploader, batch.owner, *approvers}


def thread_link(batch: Batch) -> str:
    """Link to the thread: Slack opens it for who may see it."""
    ts = (batch.thread_ts or batch.share_ts).replace(".", "")
    return f"(<https://slack.com/archives/{batch.channel}/p{ts}|thread>)"
