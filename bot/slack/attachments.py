"""Upload the workbooks that go with words, in runs of their own: no word waits for a file."""

import logging
from collections.abc import Callable, Collection
from urllib.error import HTTPError

from slack_sdk.errors import SlackApiError

from brought_forward.bot.errors import SlackSilent
from brought_forward.bot.messages.attachments import STUMBLED, missing, refused
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.messages.reading import SHUT
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.channels import Channels
from brought_forward.bot.slack.slacks import Slacks
from brought_forward.storage.attachments import SENTENCE
from brought_forward.storage.records.slack import Message
from brought_forward.storage.retention import DROP
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

REFUSALS = 3  # of one workbook; then people are told why there is none
LONGEST = 600.0  # seconds between two tries
# Slack's answers that pass, or that words meet as well: they say nothing of files.
PASSING = {
    *("internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"),
    *("invalid_auth", "not_authed", "token_expired", "token_revoked", "account_inactive"),
}

FILE_GONE = {"file_not_found", "file_deleted"}

# Which workbook, the firm, the batch if any -> its bytes.
Workbook = Callable[[str, str, int | None], bytes]


class Attachments:
    """Make Slack have the workbooks that the database owes."""

    def __init__(
        self,
        store: Store,
        slacks: Slacks,
        timing: Timing,
        *,
        workbook: Workbook,
        channels: Channels,
        owed: Callable[[], None],
    ) -> None:
        self._store = store
        self._slacks = slacks
        self._timing = timing
        self._workbook = workbook
        self._channels = channels
        self._owed = owed  # tells the outbox that there are words
        self._taken: dict[str, tuple[Message, str]] = {}  # by firm: what Slack has and our disk has not taken yet

    def due(self) -> Collection[str]:
        """Name the firms that are owed a workbook."""
        return {*self._store.attachments.due(), *self._taken}

    def move(self, firm: str) -> bool:
        """Upload a firm's next workbook that is due. Returns False where none is."""
        self._keep(firm)
        message = self._store.attachments.next_due(firm, self._channels.busy(firm))
        if message is None:
            return False
        if message.attach == DROP:
            self._delete(message)
            return True
        try:
            data = self._workbook(message.attach or "", message.firm, message.batch)
        except SlackSilent as silent:
            self._later(message, type(silent).__name__)
            return True
        except Exception:
            log.exception("the workbook of message=%d was not made", message.id)
            self._refuse(message, STUMBLED)
            return True
        try:
            file_id = self._upload(message, data)
        except SlackApiError as refusal:
            self._refused(message, refusal)
        except HTTPError as refusal:  # of the host that takes the bytes
            refused_it = 400 <= refusal.code < 500 and refusal.code != 429
            (self._refuse if refused_it else self._later)(message, f"http_{refusal.code}")
        except Exception as cut:  # noqa: BLE001 - whatever broke between us and Slack, the workbook stays owed
            self._later(message, type(cut).__name__)
        else:
            self._taken[firm] = message, file_id
            self._channels.took(firm, message.channel)
            self._keep(firm)
        return True

    def _keep(self, firm: str) -> None:
        """Write down what Slack has, before anything else is sent: the disk may be full just now."""
        if taken := self._taken.get(firm):
            self._store.attachments.sent(*taken)
            del self._taken[firm]

    def _upload(self, message: Message, data: bytes) -> str:
        """Upload a workbook and return the id of its file."""
        answer = self._slacks.of(message.firm).files_upload_v2(
            channel=message.channel,
            thread_ts=message.thread_ts,
            filename=message.file_name,
            title=message.file_name,
            content=data,
        )
        return str(answer["files"][0]["id"])

    def _delete(self, message: Message) -> None:
        """Delete a workbook whose batch was purged; one that is gone already is as good."""
        try:
            self._slacks.of(message.firm).files_delete(file=message.ts or "")
        except SlackApiError as refusal:
            error = str(refusal.response.get("error"))
            if error not in FILE_GONE:
                if error == "ratelimited" or error in PASSING or refusal.response.status_code >= 500:
                    self._later(message, error)
                    return
                log.error("the workbook of message=%d was not deleted: %s", message.id, error)
        except Exception as cut:  # noqa: BLE001 - whatever broke between us and Slack, the deletion stays owed
            self._later(message, type(cut).__name__)
            return
        self._store.attachments.give_up(message)

    def _refused(self, message: Message, refusal: SlackApiError) -> None:
        answer, status = refusal.response, refusal.response.status_code
        error = str(answer.get("error")) if isinstance(answer.data, dict) else f"http_{status}"
        if status == 429 or error == "ratelimited":
            wait = float(answer.headers.get("Retry-After") or self._timing.post_gap)
            self._channels.hold(message.firm, message.channel, wait)
            self._store.attachments.failed(message, error, again_in=wait)
        elif status >= 500 or error in PASSING or error in SHUT:
            self._later(message, error)
        else:
            self._refuse(message, error)

    def _later(self, message: Message, error: str) -> None:
        log.warning("the workbook of message=%d was not taken: %s", message.id, error)
        self._store.attachments.failed(message, error, again_in=self._pause(message))

    def _refuse(self, message: Message, error: str) -> None:
        """Try a workbook again that Slack refused; after three refusals say why there is none, and owe it no longer."""
        log.error("the workbook of message=%d was refused: %s", message.id, error)
        with self._store.transaction():
            if self._store.attachments.refused(message, error, again_in=self._pause(message)) < REFUSALS:
                return
            self._store.attachments.give_up(message)
            if self._store.messages.told(message.firm, SENTENCE + message.slot):
                self._tell_asker(message, error)
            elif message.batch is not None:
                batch = self._store.batches.get(message.batch)
                self._tell_thread(message, missing(batch, self._store.attachments.missing(batch.id), error))
        self._owed()

    def _tell_asker(self, message: Message, error: str) -> None:
        command = f"export B{message.batch}" if message.batch is not None else "template"
        text = refused(message.file_name or "", command, error)
        self._store.messages.tell(
            firm=message.firm, slot=SENTENCE + message.slot, channel=message.channel, text=text.text, blocks=text.json()
        )

    def _tell_thread(self, message: Message, text: Text) -> None:
        self._store.messages.say(
            firm=message.firm,
            batch=message.batch or 0,
            slot="no-workbook",
            channel=message.channel,
            thread_ts=message.thread_ts,
            text=text.text,
            blocks=text.json(),
        )

    def _pause(self, message: Message) -> float:
        pause: float = self._timing.first_pause * 2 ** min(message.attempts, 12)
        return min(pause, LONGEST)
