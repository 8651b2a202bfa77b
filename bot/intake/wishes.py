"""From a wish to a batch: look who asks and for what, find the thread, begin; what cannot be is told to them alone."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from brought_forward.bot.errors import FileGone, NotAllowed, SlackAway, SlackSilent
from brought_forward.bot.intake.door import open_batch
from brought_forward.bot.intake.payloads import NEAR, may_go
from brought_forward.bot.messages import intake as words
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.messages.words import esc
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.client import NOT_THERE, answer
from brought_forward.bot.slack.files import Files, SlackFile
from brought_forward.bot.slack.people import SHARED, People, Standing
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.intake import AGAIN
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.slack import Notice, Share, Wish, WishKind
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

S = BatchStatus
# Nothing is posted, or no more: the same file may begin anew.
OVER = {S.UNREADABLE, S.REJECTED, S.WITHDRAWN, S.EXPIRED, S.UNDONE}
LONGEST = 60.0  # seconds between two looks while Slack is in trouble
ASKED = "asked for a channel"  # what a file in a direct message comes to


@dataclass(frozen=True, slots=True)
class Wishes:
    """Look at wishes and begin their batches."""

    store: Store
    firms: Firms
    files: Files
    people: People
    thread: BatchThread
    owed: Callable[[], None]  # tells the outbox that something is owed
    own_user: Callable[[str], str]
    whisper: Callable[..., None]  # says something in a firm's channel to one person alone
    start: Callable[[RunKind, int], None]

    def write_down(self, wishes: Sequence[Wish]) -> None:
        """Keep what somebody asked for, all of one message or nothing."""
        with self.store.transaction():
            for wish in wishes:
                if self.store.wishes.add(wish):
                    log.info("noticed a wish kind=%s file=%s channel=%s", wish.kind, wish.file_id, wish.channel)

    def ask_where(self, notice: Notice, file: SlackFile) -> None:
        """Turn a file in a direct message into a wish: approvers cannot see that conversation."""
        wish = Wish(
            firm=notice.firm,
            said=f"direct-{notice.event_id}-{file.id}",
            kind=WishKind.DIRECT,
            person=notice.user,
            channel=None,
            file_id=file.id,
            author=notice.channel,
            file_name=file.name,
            typed_total=notice.typed_total,
        )
        with self.store.transaction():
            if not self.store.events.has_come_to(notice, ASKED, within=NEAR):
                self.store.wishes.add(wish)
            self.store.events.done(notice, ASKED)

    def choose(self, number: int, channel: str, *, person: str, firm: str) -> None:
        """Take the channel that a person of a firm chose in a direct message. Raises NotAllowed with the rule."""
        asked = self.store.wishes.find(number)
        if asked is None or asked.firm != firm:
            raise NotAllowed("This question is not one of mine any more.")
        if not may_go(channel, self.firms.settings(asked.firm).channels):
            raise NotAllowed("Balances are not brought forward there. Choose another channel.")
        with self.store.transaction():
            if not self.store.wishes.choose(number, person=person, channel=channel):
                raise NotAllowed("This file has its channel already.")
            wish = self.store.wishes.find(number)
            if wish:
                self._tell(wish, _where(wish), words.chosen(wish, channel))

    def look(self, wish: Wish) -> None:
        """Bring a wish one step on: ask for its channel, post the thread's first message, or begin its batch."""
        try:
            self._look(wish)
        except SlackSilent as silent:
            self._wait(wish, str(silent))
        except NotAllowed as refusal:
            self._refuse(wish, str(refusal))
        except SlackAway as trouble:
            log.warning("wish=%d waits for Slack: %s", wish.id, trouble)
            pause = self.firms.deployment.timing.share_pause * 2 ** min(wish.tries, 8)
            self.store.wishes.later(wish, min(pause, LONGEST))

    def _wait(self, wish: Wish, why: str) -> None:
        """Ask Slack again later who somebody is, or what a channel is; nothing is said meanwhile, for an hour."""
        timing, silent = self.firms.deployment.timing, self.store.wishes.silent(wish)
        if silent < timing.silence:
            self.store.wishes.later(wish, max(timing.share_pause, min(silent / 4, LONGEST)))
        else:
            self._refuse(wish, why)

    def _look(self, wish: Wish) -> None:
        if wish.kind is WishKind.MESSAGE:
            self._from_message(wish)
        elif wish.channel is None:
            self._ask(wish, self._file(wish))
        else:
            self._in_channel(wish, wish.channel)

    def _from_message(self, wish: Wish) -> None:
        """Begin in the thread of the message that the shortcut was used on, wherever the bot is a member."""
        self.people.check(wish.person, wish.firm)
        channel, ts = wish.channel or "", wish.message_ts or ""
        file = self._file(wish)
        if channel.startswith("D"):
            self._ask(replace(wish, file_name=file.name if file else wish.file_name), file)
            return
        self._check(wish, file, channel)
        share = Share(wish.firm, channel, wish.file_id, ts, wish.thread_ts or ts)
        if file is None:
            self._known(share)
            # Where the bot is no member, Slack refuses that, and says so.
            text = words.pasted(wish)
            self.whisper(wish.firm, channel=channel, user=wish.person, text=text, thread_ts=wish.thread_ts)
        self._begin(wish, share, file)

    def _ask(self, wish: Wish, file: SlackFile | None) -> None:
        """Ask in a direct message for the channel; whoever may not start is told so instead."""
        self._check(wish, file)
        if file and not file.sheet_like:
            raise NotAllowed(words.not_a_sheet(file.name))
        self._ask_for_channel(wish)

    def _check(self, wish: Wish, file: SlackFile | None, channel: str | None = None) -> None:
        """Let pass what a member brings, of a member's file, to a channel of the firm's own that the bot is in.

        Raises NotAllowed with the rule.
        """
        self.people.check(wish.person, wish.firm)
        owner = (file.owner if file else wish.author) or wish.person
        if owner != wish.person and self.people.standing(owner, wish.firm) is not Standing.MEMBER:
            raise NotAllowed(f"{esc(file.name if file else wish.file_name)}: {words.NOT_OURS}")
        if channel:
            place = self.people.place(channel, wish.firm)
            if place.is_shared:
                raise NotAllowed(SHARED)
            if not place.has_bot and wish.kind is WishKind.MESSAGE:
                raise NotAllowed(words.NOT_HERE)

    def _ask_for_channel(self, wish: Wish, *, not_in: str | None = None) -> None:
        with self.store.transaction():
            self.store.wishes.ask(wish, file_name=wish.file_name)
            asked = self.store.wishes.find(wish.id) or wish
            self._tell(wish, _where(wish), words.where(asked, self.firms.settings(wish.firm).channels, not_in=not_in))

    def _in_channel(self, wish: Wish, channel: str) -> None:
        """Post the first message of a thread, and begin the batch once Slack has said where it stands."""
        slot = f"told-top-{wish.id}-{channel}"
        told = self.store.messages.told(wish.firm, slot)
        if told is None:
            file = self._file(wish)
            self._check(wish, file, channel)
            if file and not file.sheet_like:
                raise NotAllowed(words.not_a_sheet(file.name))
            wish = replace(wish, file_name=file.name if file else wish.file_name)
            self._tell(wish, slot, words.top(wish), channel=channel)
            return
        ts, error = told
        if ts:
            file = self._file(wish)
            self._check(wish, file, channel)  # again: hours may lie between, while Slack took no message
            self._begin(wish, Share(wish.firm, channel, wish.file_id, ts, ts), file)
        elif error in NOT_THERE and self.store.messages.give_up(wish.firm, slot):
            self._ask_for_channel(wish, not_in=channel)

    def _file(self, wish: Wish) -> SlackFile | None:
        """Ask Slack about the file; None for a pasted table. Raises NotAllowed where it cannot begin anything."""
        if wish.data is not None:
            return None
        try:
            file = self.files.info(wish.file_id, wish.firm)
        except FileGone as gone:
            not_here = gone.unseen and wish.kind is WishKind.MESSAGE
            raise NotAllowed(words.NOT_HERE if not_here else words.gone(wish.file_name)) from gone
        if file.mode == "tombstone":
            raise NotAllowed(words.gone(wish.file_name))
        if file.owner == self.own_user(wish.firm):
            raise NotAllowed(words.MINE)
        return file

    def _begin(self, wish: Wish, share: Share, file: SlackFile | None) -> None:
        """Begin the batch; one that this share has already is named, unless it ended with nothing posted."""
        store = self.store
        owner = file.owner if file else wish.author
        with store.transaction():
            if earlier := self._known(share):
                share = replace(share, share_ts=f"{share.share_ts}{AGAIN}{earlier + 1}")
            batch = open_batch(
                store,
                self.firms.settings(wish.firm),
                share,
                uploader=wish.person,
                owner=owner,
                file_name=file.name if file else wish.file_name,
                file_size=file.size if file else len(wish.data or b""),
            )
            if batch is None:  # another process began it in this very moment
                raise NotAllowed(words.already(store.wishes.of_share(share)[0]))
            self._keep(wish, share, batch)
        self.start(RunKind.READ, batch.id)

    def _known(self, share: Share) -> int:
        """Count a share's batches where all ended with nothing posted. Raises NotAllowed where one stands."""
        known = self.store.wishes.of_share(share)
        if known and (known[0].status not in OVER or known[0].joined):
            raise NotAllowed(words.already(known[0]))
        return len(known)

    def _keep(self, wish: Wish, share: Share, batch: Batch) -> None:
        """Keep what came with the wish, and say in the thread that it is read."""
        store = self.store
        if wish.data is not None:
            digest = hashlib.sha256(wish.data).hexdigest()
            store.batches.keep_file(batch.id, firm=batch.firm, sha256=digest, data=wish.data)
        if wish.typed_total is not None:
            store.batches.typed(share, wish.typed_total)
        asked = wish.kind is WishKind.MESSAGE
        if asked and wish.author not in {batch.uploader, batch.owner}:
            # Three people had a part in it: who made the file, who shared it, who asks. None of them approves.
            self._took_part(batch, wish.author, "shared the file in this message")
        self._took_part(batch, wish.person, f"asked by {wish.kind}")
        store.wishes.done(wish, batch.name, batch.id)
        self.thread.reading(batch, ahead=store.batches.ahead(batch.id))
        if wish.asked:
            self._tell(wish, _where(wish), words.begun(batch))

    def _took_part(self, batch: Batch, actor: str, reason: str) -> None:
        self.store.decisions.add(batch, actor=actor, action="bring", allowed=True, approvers=(), reason=reason)

    def _refuse(self, wish: Wish, why: str) -> None:
        """End a wish and tell the person alone: by the shortcut's own address, else in direct messages."""
        with self.store.transaction():
            self.store.wishes.done(wish, why)
            if not wish.answer_url:
                self._tell(wish, _where(wish), words.private(why))
        if not wish.answer_url:
            return
        body = {"text": why, "response_type": "ephemeral", "replace_original": False}
        if wish.thread_ts:
            body["thread_ts"] = wish.thread_ts
        try:
            answer(self.firms.deployment, wish.answer_url, body)
        except SlackAway as away:  # what was decided is kept; only the word is lost
            log.warning("wish=%d: the person was not told: %s", wish.id, away)

    def say_privately(self, person: str, firm: str, why: str) -> None:
        """Owe somebody a sentence in direct messages, where Slack gave no other way to answer them."""
        text = words.private(why)
        slot = f"told-{person}-{secrets.token_hex(4)}"
        self.store.messages.tell(firm=firm, slot=slot, channel=person, text=text.text, blocks=text.json())
        self.owed()

    def _tell(self, wish: Wish, slot: str, text: Text, *, channel: str | None = None) -> None:
        """Owe a message: to the person in direct messages where no channel is named."""
        self.store.messages.tell(
            firm=wish.firm, slot=slot, channel=channel or wish.person, text=text.text, blocks=text.json()
        )
        self.owed()


def _where(wish: Wish) -> str:
    return f"told-where-{wish.id}"
