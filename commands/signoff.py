"""`/balances signoff B12`: a page to print and sign, into the thread of a batch that has ended."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.status import stands
from brought_forward.bot.messages.words import thread_link
from brought_forward.bot.slack.library import SIGNOFF
from brought_forward.storage.records.batch import Batch, BatchStatus

ENDED = {BatchStatus.POSTED, BatchStatus.STOPPED, BatchStatus.UNDONE}


@dataclass(frozen=True, slots=True)
class Signoff:
    """Owe a batch's thread its sign-off; it is made when it is sent, each one that is asked for anew."""

    approvers: Approvers
    find: Callable[[list[str], str], Batch | None]  # the batch that the words name, or the newest
    attach: Callable[[Batch, str, str, str], None]

    def answer(self, words: list[str], user: str, firm: str) -> str:
        """Take the wish down. Raises NotAllowed for who may not see the batch, and for one that has not ended."""
        if not words:
            raise NotAllowed("Name the batch: `/balances signoff B12`. `/balances list` names the last ones.")
        batch = self.find(words, firm)
        if batch is None:
            raise NotAllowed("Nothing has been dropped yet.")
        if not self.approvers.sees(user, batch):
            raise NotAllowed("Its sign-off is made for who uploaded it and for approvers.")
        if batch.status not in ENDED or batch.results_due or batch.read_back_due:
            raise NotAllowed(
                f"{batch.name} is {stands(batch)}. Its sign-off is made once all is posted and read back from Clio."
            )
        self.attach(batch, SIGNOFF, f"signoff-{secrets.token_hex(4)}", f"{batch.stem} {batch.name} sign-off.xlsx")
        return f"The sign-off of {batch.name} is on its way into its {thread_link(batch, 'thread')}."
