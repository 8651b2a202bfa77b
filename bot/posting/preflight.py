"""Before the first POST of a run: what Clio holds already, what is ours of it, and what changed since the preview."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.clio.ledger import Ledger, read_ledger, standing
from brought_forward.bot.clio.refusals import not_made
from brought_forward.bot.errors import (
    ClioBusy,
    ClioRejected,
    ClioRetired,
    ClioSignedOut,
    ClioUnclear,
    ClioUnreached,
    pause_for,
)
from brought_forward.bot.messages.words import count, money
from brought_forward.bot.posting.halt import ACCOUNT, DESCRIPTION, GONE, Halt
from brought_forward.bot.posting.proof import same
from brought_forward.bot.posting.watch import Watch
from brought_forward.bot.preview.make import Previews
from brought_forward.bot.preview.precedents import Precedents
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import SENDS, Entry, EntryState
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

JUST_POSTED = 16  # entries that a list may lack because it lags, at most; more are listed once more first
BY_HAND = "Create it in Clio, {rate}, $0.00, for everyone; then Go on."


@dataclass(slots=True)
class Preflight:
    """Look before a run sends anything; again in each process that takes the run up."""

    store: Store
    connections: Connections
    previews: Previews
    thread: BatchThread
    timing: Timing
    stopping: threading.Event
    _quiet_until: float = field(init=False)
    _epoch: str = field(init=False)  # the life of the database in which this began
    _asked: set[int] = field(default_factory=set)  # batches that people were asked to look at, in this life

    def __post_init__(self) -> None:
        """Begin a life."""
        self._quiet_until = time.monotonic() + self.timing.second_look
        self._epoch = self.store.epoch()

    def check(self, batch: Batch) -> Watch | None:
        """List once what Clio holds of the description; from then on the run watches what is added to it.

        Returns None where the batch went back to preview. Raises Halt where nothing may be posted as things are, and
        a ClioError.
        """
        account = self.connections.of(batch.firm).account
        if account != batch.account:
            raise Halt(
                ACCOUNT,
                f"The bot is now connected to another Clio account ({account}) than when this was"
                f" approved ({batch.account}). Nothing is sent to the other one. Whoever runs the bot connects it to"
                f" {batch.account} again and starts it; posting then goes on by itself. Or Stop, and drop the file"
                " again for the account of now.",
            )
        # A back-up may just have been restored, of whatever moment, and Clio's lists lag behind what was posted since.
        self._begin_anew()
        pause_for(self.stopping, self._quiet_until - time.monotonic())
        since = self.connections.at(batch).pace.clios_time()
        ledger = self._ledger(batch)
        if ledger.problem:
            raise Halt(DESCRIPTION, f"{ledger.problem} Then Go on.")
        watch = Watch(self.store, self.connections, {one.id for one in ledger.entries}, since)
        if batch.listed_at is None:
            return watch if self._first(batch, ledger) else None
        self._adopt(batch, ledger)
        if ledger.description is None or ledger.description.id != batch.description_id:
            raise Halt(DESCRIPTION, f'Clio no longer has the activity description "{batch.description}" that this batch'
                                    " was begun with. Bring it back under its name, then Go on.")  # fmt: skip
        self._ask_about_gone(batch, ledger)
        return watch

    def _begin_anew(self) -> None:
        """Take a database server that came back for a back-up that was restored: it may have lost what it had taken.

        What it has lost may be under way to Clio still, from this process or another, as if it had never been claimed.
        """
        if self._epoch != (epoch := self.store.epoch()):
            self._quiet_until = self.store.epoch_seen() + self.timing.settle
            self._epoch = epoch
            self._asked.clear()

    def _first(self, batch: Batch, ledger: Ledger) -> bool:
        """Begin a batch: what stands on its matters already sends it back to preview."""
        entries = self.store.entries.of_batch(batch.id)
        known = Precedents(self.store).brought(batch, batch.account or "", ledger.entries)
        changes = [f"{entry.matter_number}: {known[entry.matter_id]}" for entry in entries if entry.matter_id in known]
        changes = changes or self._changed(batch, entries, ledger)
        if changes:
            before = sum((entry.amount for entry in entries), start=entries[0].amount * 0)
            if self.previews.preview(batch.id, batch.run_token or ""):
                with self.store.transaction():
                    self.thread.drifted(batch.id, changes, before)
                    self.thread.status(batch.id)
            return False
        description = ledger.description.id if ledger.description else self._create_description(batch)
        with self.store.transaction():
            self.store.entries.keep_older(batch.id, batch.firm, [found.id for found in ledger.entries])
            self.store.batches.listed(batch.id, description_id=description)
        return True

    def _changed(self, batch: Batch, entries: Sequence[Entry], ledger: Ledger) -> list[str]:
        """List matters and users again, and say which entries would no longer be what was approved."""
        account, clio = batch.account or "", self.connections.at(batch)
        wanted = {entry.matter_id for entry in entries}
        # What changed is listed by its date of change; what was deleted or hidden has none, so it is asked for by id.
        there = {matter.id for matter in clio.matters_of(sorted(wanted))}
        self.store.listings.forget_matters(batch.firm, account, wanted - there)
        found = self.previews.match_now(batch, ledger, batch.as_of or entries[0].date)
        planned = {(one.matter_id, one.user_id): one for one, _ in found.planned}
        left_out = {line.entry: found.left_out.get(line.row) for line in self.store.lines.of_batch(batch.id)}
        changes = []
        for entry in entries:
            now = planned.pop((entry.matter_id, entry.user_id), None)
            if now is None:
                why = left_out.get(entry.id) or f"it would no longer be an entry of {entry.user_name} on this matter."
                changes.append(f"{entry.matter_number}: {why}")
            elif now.matter_number != entry.matter_number:
                changes.append(f"{entry.matter_number}: Clio now calls it {now.matter_number}.")
            elif (now.amount, now.note) != (entry.amount, entry.note):
                currency = batch.currency or ""
                changes.append(f"{entry.matter_number}: it would now be {money(now.amount, currency)}, {now.note}.")
        changes += [f"{one.matter_number}: it would be posted too, for {one.user_name}." for one in planned.values()]
        return changes

    def _create_description(self, batch: Batch) -> int:
        """Create the form's activity description; where Clio's answer is missing, look, and ask once more at most.

        The count is kept before each asking, so that it holds over restarts. Raises Halt, or a ClioError.
        """
        clio, form, batches = self.connections.at(batch), batch.form, self.store.batches
        name, rate = form.described(batch.description or ""), "flat rate" if form.flat else "custom rate"
        by_hand = BY_HAND.format(rate=rate)
        if batch.description_sends and (found := self._find_description(batch)):
            return found  # a life before this one asked for it
        for _ in range(batch.description_sends, SENDS):
            clio.pace.wait()
            batches.creating(batch.id, 1)
            try:
                made = clio.create_description(name, flat=form.flat)
            except ClioRejected as refusal:
                batches.creating(batch.id, -1)
                raise Halt(
                    DESCRIPTION,
                    f'Clio refused to create the activity description "{name}":'
                    f" {not_made('/activity_descriptions.json', refusal)} {by_hand}",
                ) from refusal
            except (ClioBusy, ClioSignedOut, ClioRetired, ClioUnreached):  # before ClioUnclear: surely not created
                batches.creating(batch.id, -1)
                raise
            except ClioUnclear:
                if found := self._find_description(batch):
                    return found
                continue
            if made.flat_rate is not form.flat or made.name != name:
                raise Halt(
                    DESCRIPTION,
                    f'Clio made the activity description "{name}" otherwise than asked: not a {rate}.'
                    f" Make it a {rate} there, then Go on.",
                )
            return made.id
        raise Halt(
            DESCRIPTION,
            f'Clio gave no answer, twice, when it was asked to create the activity description "{name}", and lists none'
            f" of that name. {by_hand}",
        )

    def _find_description(self, batch: Batch) -> int | None:
        """Look twice, once nobody can still be asking, for an activity description whose answer is missing."""
        pause_for(self.stopping, self.timing.settle)
        for _ in range(2):
            found = read_ledger(self.connections.at(batch), batch.description or "", form=batch.form)
            if found.problem:
                raise Halt(DESCRIPTION, f"{found.problem} Then Go on.")
            if found.description:
                return found.description.id
            pause_for(self.stopping, self.timing.second_look)
        return None

    def _adopt(self, batch: Batch, ledger: Ledger) -> None:
        """Take as ours what stands in Clio and was sent before this database was restored from a back-up.

        Where somebody else has entered a matter's balance meanwhile, ours is refused rather than doubled.
        """
        older = self.store.entries.older_ids(batch.id)
        taken = self.store.entries.clio_ids(batch.account or "")
        held = Precedents(self.store).held(batch, batch.account or "")
        proven = self.store.entries.proven_notes(batch.id)
        planned: dict[int, list[Entry]] = defaultdict(list)  # by matter
        in_doubt: dict[int, list[Entry]] = defaultdict(list)
        for entry in self.store.entries.of_batch(batch.id):
            if entry.state in {EntryState.SENDING, EntryState.UNCLEAR}:
                in_doubt[entry.matter_id].append(entry)
            elif entry.state is EntryState.PLANNED and entry.matter_id in held:
                self.store.entries.refuse(entry.id, f"{held[entry.matter_id]} meanwhile")
            elif entry.state is EntryState.PLANNED:
                planned[entry.matter_id].append(entry)
        for found in ledger.entries:
            if found.id in older or found.id in taken or found.matter_id is None:
                continue
            here = planned[found.matter_id]
            # What an earlier sending in another form has left stands, but is not what was approved.
            sent_so = found.description_id == batch.description_id or found.flat_rate is batch.form.flat
            ours = next((entry for entry in here if sent_so and same(entry, found, proven)), None)
            if ours:
                here.remove(ours)
                self.store.entries.adopt(ours.id, found.id, "already in Clio, not sent again", clio_note=found.note)
                continue
            if any(same(entry, found, proven) for entry in in_doubt[found.matter_id]):
                continue  # its look-up will find it, or people look already
            words = standing([found], batch.currency or "")[found.matter_id]
            for entry in here:
                self.store.entries.refuse(entry.id, f"{words}, entered by someone else meanwhile")
            here.clear()

    def _ask_about_gone(self, batch: Batch, ledger: Ledger) -> None:
        """Let people look first where Clio no longer has what was posted: this database may be older than an undo.

        Raises Halt, once in a life of this process: whoever goes on has looked.
        """
        if batch.id in self._asked or not self.store.entries.first(batch.id, EntryState.PLANNED):
            return
        gone = self._gone(batch, ledger)
        if 0 < len(gone) <= JUST_POSTED:  # a list that lags lacks what another process has just posted
            gone = self._not_there(batch, gone)
        if gone:
            pause_for(self.stopping, self.timing.settle)  # a list may lag
            gone = self._not_there(batch, self._gone(batch, self._ledger(batch)))
            if gone:
                self._asked.add(batch.id)
                total = money(sum((one.amount for one in gone), start=gone[0].amount * 0), batch.currency or "")
                those = f"{count(len(gone), 'entry', 'entries')} of those posted, {total}"
                raise Halt(
                    GONE,
                    f"Clio no longer has {those}, {gone[0].matter_number} among them. Somebody removed that there, or"
                    " this database was restored from a back-up and knows nothing of an undo. Nothing more is sent"
                    " until somebody has looked: Go on sends the rest, Stop ends it.",
                )

    def _not_there(self, batch: Batch, gone: Sequence[Entry]) -> list[Entry]:
        """Read by its id what lists lack, before anything is said of it."""
        clio = self.connections.at(batch)
        return [one for one in gone if clio.time_entry(one.clio_id or 0) is None]

    def _ledger(self, batch: Batch) -> Ledger:
        name = batch.description or ""
        known = batch.description_id or self.store.batches.description_of(batch.account or "", name, batch.form)
        return read_ledger(self.connections.at(batch), name, known, batch.form)

    def _gone(self, batch: Batch, ledger: Ledger) -> list[Entry]:
        there = {found.id for found in ledger.entries}
        posted = [one for one in self.store.entries.of_batch(batch.id) if one.state is EntryState.POSTED]
        return [one for one in posted if one.clio_id not in there]
