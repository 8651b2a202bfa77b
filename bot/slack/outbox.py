"""Send what we owe people to Slack: at least once, in order, at Slack's pace. Slack's troubles delay words only."""

import json
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from brought_forward.bot.messages.blocks import Block
from brought_forward.bot.messages.budget import in_bytes
from brought_forward.bot.messages.plain import bare, plain, words
from brought_forward.bot.messages.reading import SHUT, shut
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.channels import Channels
from brought_forward.bot.slack.refusals import is_of_the_form
from brought_forward.bot.slack.slacks import Slacks
from brought_forward.storage.records.slack import Form, Message
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

LONGEST = 600.0  # seconds between two tries of a message that Slack keeps refusing
AWAY = 30.0  # the same while Slack is out of reach
PERSON = ("U", "W")  # a person's id as a channel: their direct messages
PLAINER = {Form.BLOCKS: Form.PLAIN, Form.PLAIN: Form.BARE, Form.BARE: Form.WORDS, Form.BARE_AGAIN: Form.WORDS}
PLAINER_EDIT = PLAINER | {Form.BARE: Form.EDIT_IN_WORDS}
IN_WORDS = {Form.WORDS, Form.EDIT_IN_WORDS}
GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
DIRECT = (*PERSON, "D")


@dataclass(frozen=True, slots=True)
class Sent:
    """What Slack said of a message that it took."""

    ts: str
    channel: str  # the conversation it went into: a message to a person goes into one that an edit has to name
    is_root: bool = False  # the thread that it was for is gone, so Slack put it into the channel itself


class Outbox:
    """Make Slack show what the database wants, each firm's in order."""

    def __init__(
        self, store: Store, slacks: Slacks, timing: Timing, channels: Channels, wake: Callable[[], None]
    ) -> None:
        self._store = store
        self._slacks = slacks
        self._timing = timing
        self._channels = channels
        self.wake = wake  # says that something new is owed
        self._taken: dict[str, tuple[Message, Sent]] = {}  # by firm: what Slack shows and our disk has not taken yet

    def due(self) -> Collection[str]:
        """Name the firms that are owed a message."""
        return {*self._store.messages.due(), *self._taken}

    def move(self, firm: str) -> bool:
        """Send a firm the next message that is due. Returns False where none is."""
        self._keep(firm)
        message = self._store.messages.next_due(firm, self._channels.busy(firm))
        if message is None:
            return False
        try:
            sent = self._send(message)
        except SlackApiError as refusal:
            self._refused(message, refusal)
        except Exception as cut:  # noqa: BLE001 - whatever broke between us and Slack, the message stays owed
            log.warning("message=%d was not sent: %s", message.id, type(cut).__name__)
            self._later(message, type(cut).__name__, AWAY)
        else:
            self._taken[firm] = (message, sent)
            self._channels.took(firm, message.channel)
            self._keep(firm)
        return True

    def _keep(self, firm: str) -> None:
        """Write down what Slack shows, before anything else is sent: the disk may be full just now."""
        if taken := self._taken.get(firm):
            message, sent = taken
            self._store.messages.sent(message, sent.ts, channel=sent.channel, is_root=sent.is_root)
            del self._taken[firm]

    def _send(self, message: Message) -> Sent:
        text, blocks = _made(message)
        client = self._slacks.of(message.firm)
        if message.ts is None:
            answer = client.chat_postMessage(
                channel=message.channel,
                thread_ts=message.thread_ts,
                text=text,
                blocks=blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
            if message.channel.startswith(PERSON):
                return Sent(str(answer["ts"]), str(answer["channel"]))
            said = answer.get("message") or {"thread_ts": message.thread_ts}
            return Sent(str(answer["ts"]), message.channel, bool(message.thread_ts and not said.get("thread_ts")))
        answer = client.chat_update(channel=message.channel, ts=message.ts, text=text, blocks=blocks)
        return Sent(str(answer["ts"]), message.channel)

    def _refused(self, message: Message, refusal: SlackApiError) -> None:
        error = str(refusal.response.get("error"))
        if refusal.response.status_code == 429 or error == "ratelimited":
            wait = float(refusal.response.headers.get("Retry-After") or self._timing.post_gap)
            self._channels.hold(message.firm, message.channel, wait)
            self._store.messages.failed(message, error, again_in=wait)
        elif error in GONE and message.ts is not None:
            self._store.messages.lost(message)
        elif is_of_the_form(refusal) and (message.ts or message.plain in PLAINER):
            log.error("Slack refused the form of message=%d: %s, %s", message.id, error, _reasons(refusal))
            self._plainer(message)
        else:
            log.error("Slack refused message=%d: %s", message.id, error)
            if error in SHUT and message.batch is not None and not message.channel.startswith(DIRECT):
                self._tell_shut(message.batch, error)
            self._later(message, error, LONGEST)

    def _plainer(self, message: Message) -> None:
        """Send the next plainer form; an edit that has none left, or loses its buttons, becomes a new message.

        Where Slack takes no blocks at all, words alone are better than silence; the next version tries buttons again.
        """
        if message.ts is None:
            self._store.messages.go_plain(message, PLAINER[message.plain])
            return
        plainer = PLAINER_EDIT.get(message.plain)
        if plainer and not (plainer is Form.EDIT_IN_WORDS and _has_buttons(message)):
            self._store.messages.go_plain(message, plainer)
            return
        self._store.messages.lost(message)
        try:
            self._slacks.of(message.firm).chat_delete(channel=message.channel, ts=message.ts)
        except Exception as trouble:  # noqa: BLE001 - the old one stays: its buttons decide nothing that is out of date
            log.warning("the old message=%d stays: %s", message.id, type(trouble).__name__)

    def _tell_shut(self, number: int, error: str) -> None:
        """Tell the uploader elsewhere that the whole channel takes nothing."""
        batch = self._store.batches.get(number)
        text = shut(batch, error)
        self._store.messages.tell(firm=batch.firm, slot=f"told-shut-{batch.name}", channel=batch.uploader,
                                  text=text.text, blocks=text.json())  # fmt: skip

    def _later(self, message: Message, error: str, longest: float) -> None:
        pause = min(self._timing.first_pause * 2 ** min(message.attempts, 12), longest)
        self._store.messages.failed(message, error, again_in=pause)


def _made(message: Message) -> tuple[str, list[Block]]:
    """Make a message in the form that it has come to: its text, its blocks."""
    blocks = json.loads(message.blocks)  # an amount's `value` only sorts a column; its text is what people read
    if message.plain in IN_WORDS:
        return words(blocks) or message.text, []
    if message.plain is not Form.BLOCKS:
        blocks = plain(blocks) if message.plain is Form.PLAIN else bare(blocks)
    return in_bytes(message.text), blocks


def _has_buttons(message: Message) -> bool:
    return any(block["type"] == "actions" for block in json.loads(message.blocks))


def _reasons(refusal: SlackApiError) -> str:
    """Quote Slack's reasons, which name places in the blocks; their texts are never logged."""
    metadata = refusal.response.get("response_metadata") or {}
    return "; ".join(str(reason) for reason in metadata.get("messages", []))[:500]
