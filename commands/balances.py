"""The slash command: it reads the store, and shows names and amounts only to who may see them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.approval.holds import on_hold
from brought_forward.bot.approval.stand_ins import StandIns
from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.approval import deciders, first_approver
from brought_forward.bot.messages.attachments import sentence
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.messages.purged import refuse_purged
from brought_forward.bot.messages.results import outcome, together
from brought_forward.bot.messages.status import progress, stands, total, waits, why
from brought_forward.bot.messages.words import about, count, esc, first, money, people, thread_link, when
from brought_forward.bot.posting.decide import Control
from brought_forward.bot.results.ask import Questions
from brought_forward.bot.results.digest import Digests
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.library import LINES, TEMPLATE
from brought_forward.bot.slack.people import People
from brought_forward.commands.across import Across
from brought_forward.commands.aliases import Choices
from brought_forward.commands.digest import DigestCommand
from brought_forward.commands.open_items import OpenItems
from brought_forward.commands.results import HELP as ASKING
from brought_forward.commands.results import Asking, UndoCommand
from brought_forward.commands.signoff import Signoff
from brought_forward.commands.stand_ins import StandInCommand
from brought_forward.commands.steering import VERBS as STEERING
from brought_forward.commands.steering import Steering, named
from brought_forward.storage.attachments import SENTENCE
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.records.inquiry import load_read_back
from brought_forward.storage.store import Store

LISTED = 10  # batches in a list
SHOWN = 40  # entries shown one by one: an ephemeral message is no place for more

HELP = (
    "Drop a spreadsheet of balances into a channel I am in, and I answer in its thread. Then:\n"
    "`/balances status` where the newest batch stands; `/balances status B12` another\n"
    "`/balances list` the last batches\n"
    "`/balances open` what is not brought forward yet, over all batches\n"
    "`/balances show B12` its entries and what became of them\n"
    "`/balances matter NUMBER` every entry of a matter, over all batches\n"
    "`/balances user NAME` every entry of a user, over all batches\n"
    '`/balances aliases` what a number or name was chosen to mean; `/balances aliases forget "TEXT"` forgets one\n'
    "`/balances pause B12`, `/balances resume B12` (go on), `/balances stop B12` for what is being posted, and"
    " `/balances retry B12` sends again what Clio refused: for approvers\n"
    "`/balances look B12` asks Clio again about entries whose answer was lost, and sends nothing: for approvers\n"
    f"{ASKING}"
    "`/balances export B12` a workbook of every line, sent to you; `/balances template` one to fill in\n"
    "`/balances signoff B12` a page to print and sign, and every matter: a workbook, in its thread\n"
    "`/balances undo B12` deletes in Clio what it posted, as far as it is unbilled and unchanged; asks first\n"
    "`/balances standin` who decides for an approver who is away; `/balances standin @person until 5 December` names"
    " one, `/balances standin off` ends it: for approvers, each for themselves\n"
    "`/balances digest on` tells this channel each Monday how far the bills are; `/balances digest off` ends it: for"
    " approvers\n"
    "`/balances help` this"
)

BEFORE = {  # nothing is decided yet
    BatchStatus.RECEIVED,
    BatchStatus.READING,
    BatchStatus.ASKING,
    BatchStatus.UNREADABLE,
    BatchStatus.PREVIEWED,
}


@dataclass(frozen=True, slots=True)
class Balances:
    """Answer `/balances`."""

    store: Store
    firms: Firms
    people: People
    approvers: Approvers
    connections: Connections
    control: Control
    stand_ins: StandIns
    digests: Digests
    owed: Callable[[], None]  # tells the outbox that something is owed
    attach: Callable[[Batch, str, str, str], None]  # a workbook into a batch's thread: which one, its slot and name

    def answer(self, text: str, *, user: str, firm: str, channel: str) -> str | Text:
        """Answer one command with mrkdwn, or with blocks. Raises NotAllowed for guests and strangers.

        `channel` is where it was typed.
        """
        words = text.split()
        verb = words[0].lower() if words else "help"
        verbs = self._verbs(channel)
        found = verbs.get(verb)
        if found is None:
            near = get_close_matches(verb, [*verbs, "help"], 1)
            if near and near[0] != verb:
                return f"There is no `/balances {esc(verb)}`. Did you mean `/balances {near[0]}`?"
            return HELP
        if verb not in STEERING:  # which checks as a click does: twice would take longer than Slack waits
            self.people.check(user, firm)
        return found(words[1:], user, firm)

    def _verbs(self, channel: str) -> dict[str, Callable[[list[str], str, str], str | Text]]:
        asking = Asking(Questions(self.store, self.people, self.approvers), self._whole)
        return {
            "status": self._status,
            "list": self._list,
            "show": self._show,
            "matter": Across(self.store, self.firms, self.approvers).matter,
            "user": Across(self.store, self.firms, self.approvers).user,
            "aliases": Choices(self.store, self.approvers).answer,
            "pause": partial(self._steering().answer, "pause"),
            "resume": partial(self._steering().answer, "resume"),
            "stop": partial(self._steering().answer, "stop"),
            "retry": partial(self._steering().answer, "retry"),
            "look": partial(self._steering().answer, "look"),
            "export": self._export,
            "undo": lambda words, user, firm: UndoCommand(self.store, self.approvers).answer(
                self._whole(words, firm), user
            ),
            "standin": StandInCommand(self.stand_ins).answer,
            "digest": DigestCommand(self.digests, channel).answer,
            "template": self._template,
            "reconcile": asking.reconcile,
            "bills": asking.bills,
            "report": asking.report,
            "open": OpenItems(self.store, self.approvers).answer,
            "signoff": Signoff(self.approvers, self._batch, self.attach).answer,
        }

    def _steering(self) -> Steering:
        return Steering(self.store, self.people, self.control)

    def _status(self, words: list[str], user: str, firm: str) -> str:
        batch = self._batch(words, firm)
        if batch is None:
            return "Nothing has been dropped yet. " + HELP
        return self._line(batch, user)

    def _list(self, words: list[str], user: str, firm: str) -> str:
        batches = self.store.batches.newest(firm, LISTED)
        if not batches:
            return "Nothing has been dropped yet. " + HELP
        return "\n".join(f"{self._line(batch, user)} ({thread_link(batch, 'thread')})" for batch in batches)

    def _show(self, words: list[str], user: str, firm: str) -> str:
        batch = self._whole(words, firm)
        if batch is None:
            return "Nothing has been dropped yet. " + HELP
        head = self._line(batch, user)
        if not self._may_see(batch, user):
            return f"{head}\nIts matters are shown to who uploaded it and to approvers."
        currency = batch.currency or ""
        entries = self.store.entries.of_batch(batch.id)
        lines = [
            f"{esc(entry.matter_number)}, {esc(entry.user_name)}, {money(entry.amount, currency)}:"
            f" {esc(outcome(entry, batch))}"
            for entry in entries
        ]
        lines = first(lines, SHOWN, where=", in the thread")
        left = [line for line in self.store.lines.of_batch(batch.id) if line.left_out]
        if left:
            lines.append(f"{count(len(left), 'line')} not posted; the preview in the thread says why.")
        return "\n".join([head, *lines])

    def _export(self, words: list[str], user: str, firm: str) -> str:
        batch = self._whole(words, firm)
        if batch is None:
            return "Nothing has been dropped yet. " + HELP
        if not self._may_see(batch, user):
            raise NotAllowed("Its lines are given to who uploaded it and to approvers.")
        if batch.sheet is None:
            raise NotAllowed(f"{batch.name} has no lines yet: it is {stands(batch)}.")
        self._send(user, firm, LINES, f"{batch.stem} {batch.name}.xlsx", batch.id)
        return f"Every line of {batch.name} is on its way to you as a workbook, in a direct message."

    def _template(self, words: list[str], user: str, firm: str) -> str:
        self._send(user, firm, TEMPLATE, "Balances template.xlsx", None)
        return "A workbook to fill in is on its way to you, in a direct message."

    def _send(self, user: str, firm: str, attach: str, file_name: str, batch: int | None) -> None:
        """Owe a person a workbook, and the sentence that it comes below; each wish is one."""
        slot, text = f"for-{user}-{secrets.token_hex(4)}", sentence(file_name)
        with self.store.transaction():
            self.store.messages.tell(firm=firm, slot=SENTENCE + slot, channel=user, text=text.text, blocks=text.json())
            self.store.attachments.owe(
                firm=firm, batch=batch, slot=slot, channel=user, thread_ts=None, attach=attach, file_name=file_name
            )
        self.owed()

    def _batch(self, words: list[str], firm: str) -> Batch | None:
        """Find the batch that is named, or the newest. Raises NotAllowed for a name that is none."""
        if not words:
            newest = self.store.batches.newest(firm, 1)
            return newest[0] if newest else None
        return named(self.store, words[0], firm)

    def _whole(self, words: list[str], firm: str) -> Batch | None:
        """Find it for what needs its names and notes. Raises NotAllowed where they were purged, too."""
        batch = self._batch(words, firm)
        if batch is not None:
            refuse_purged(batch)
        return batch

    def _may_see(self, batch: Batch, user: str) -> bool:
        return self.approvers.sees(user, batch)

    def _line(self, batch: Batch, user: str) -> str:
        """Say where a batch stands, in one line; sums only to who may see them."""
        tallies = self.store.entries.tallies(batch.id)
        everything = together(tallies)
        entries = count(everything.entries, "entry", "entries")
        sums = self._may_see(batch, user)
        name = f"*{esc(batch.file_name)}* ({batch.name})" if sums else f"*{batch.name}*"
        amount = f", {money(everything.amount, batch.currency or '')}" if sums and batch.currency else ""
        if batch.status in BEFORE:
            more = ""
            if batch.status is BatchStatus.PREVIEWED:
                others = self.approvers.approving(batch).named
                first = f", approved by {first_approver(batch)}" if batch.first_by else ""
                held = on_hold(self.store, batch)
                why_held = held if sums else "its thread says why"
                if held:
                    return f"{name}: {entries}{amount}, on hold: {why_held}{first}."
                more = f", {entries}{amount}{first}. It waits for {people(others, last='or')}"
            elif batch.status is BatchStatus.UNREADABLE and sums:
                more = f": {esc(batch.halt_text or '')}".rstrip(".")
            return f"{name}: {stands(batch)}{more}."
        posted = tallies[EntryState.POSTED].entries
        done = progress(batch, tallies) if sums else f"{posted:,} of {total(tallies):,} posted"
        decided = f" Approved by {deciders(batch)}." if batch.decided_by else ""
        if batch.status in {BatchStatus.REJECTED, BatchStatus.WITHDRAWN, BatchStatus.EXPIRED}:
            if batch.joined:
                return f"{name}: its lines joined B{batch.joined}."
            at = f", {when(batch.decided_at)}" if batch.decided_at else ""
            by = f"By {deciders(batch)}" if batch.decided_by else "Nobody decided it in time"
            return f"{name}: {batch.status.value}, {entries}{amount}. {by}{at}."
        left = ""
        ahead = self.store.turns.ahead(batch.id)
        if batch.status in {BatchStatus.APPROVED, BatchStatus.POSTING}:
            planned = tallies[EntryState.PLANNED].entries
            planned += sum(one.calls for one in ahead)
            pace = self.connections.of(batch.firm).clio.pace
            left = f", {about(pace.seconds_left(planned))} left" if planned else ""
        halted = batch.status in {BatchStatus.PAUSED, BatchStatus.STOPPED, BatchStatus.UNDOING}
        because = f" {why(batch)} The thread says how it goes on." if batch.halt_text and sums and halted else ""
        state = f"{waits(ahead) if ahead else stands(batch)}, "
        if batch.status is BatchStatus.POSTED:
            found = load_read_back(batch.read_back)
            state, left = "done, ", ", read back equal to the cent" if found and found.equal else ""
        return f"{name}: {state}{done}{left}.{decided}{because}"
