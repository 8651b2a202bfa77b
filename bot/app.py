"""Put all together: `register(app, settings)` attaches the bot to any Bolt app and starts nothing."""

import logging
import queue
import threading
import time
from functools import partial
from pathlib import Path

from filelock import Timeout
from slack_bolt import App

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.approval.decide import Approval
from brought_forward.bot.approval.holds import Holds
from brought_forward.bot.approval.reminders import Reminders
from brought_forward.bot.approval.rules import rules_now
from brought_forward.bot.approval.totals import ReportTotals
from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.engine import Engine, Move
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.intake.notices import Notices
from brought_forward.bot.intake.originals import Originals
from brought_forward.bot.intake.uploaders import Uploaders
from brought_forward.bot.intake.wishes import Wishes
from brought_forward.bot.listeners import actions, commands, files, fix_lines, home_tab, shortcuts
from brought_forward.bot.listeners.home_tab import HomeTabs
from brought_forward.bot.posting.decide import Control
from brought_forward.bot.posting.preflight import Preflight
from brought_forward.bot.posting.resume import Resuming
from brought_forward.bot.posting.run import PostRun
from brought_forward.bot.posting.send import Sender
from brought_forward.bot.preview.comments import BillComments
from brought_forward.bot.preview.date import PostingDay
from brought_forward.bot.preview.fix import FixLines
from brought_forward.bot.preview.make import Learn, Previews
from brought_forward.bot.preview.mend import Mends
from brought_forward.bot.preview.run import ReadRun
from brought_forward.bot.results.ask import Questions
from brought_forward.bot.results.inquiries import Inquiries
from brought_forward.bot.results.run import ReadBackRun
from brought_forward.bot.settings import Settings
from brought_forward.bot.slack.attachments import Attachments
from brought_forward.bot.slack.channels import Channels
from brought_forward.bot.slack.client import web_client, whisper, who_am_i
from brought_forward.bot.slack.files import Files
from brought_forward.bot.slack.library import Workbooks
from brought_forward.bot.slack.outbox import Outbox
from brought_forward.bot.slack.people import People
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.bot.undo.decide import UndoDecisions
from brought_forward.bot.undo.run import UndoRun
from brought_forward.commands.balances import Balances
from brought_forward.storage.database import private_lock
from brought_forward.storage.records.batch import RunKind
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

PRACTICE_ALONE = (
    "BALANCES_PRACTICE works with `brought-forward serve` alone. Leave it out here, or rehearse with that command."
)


class Bot:
    """The bot behind a Bolt app. `start` takes up what was cut off; `stop` leaves nothing half said."""

    def __init__(self, settings: Settings, learn: Learn | None = None) -> None:
        if settings.balances_practice and learn is None:
            raise SettingsError(PRACTICE_ALONE)
        self.settings = settings
        timing = settings.balances_timing
        self._lock = private_lock(f"{settings.balances_db}.lock")
        self._stopping = threading.Event()
        self._asked: queue.SimpleQueue[tuple[RunKind, int] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._own_user: str | None = None
        self.store = Store(settings.balances_db)
        # The slack_sdk default sends again after a cut, which would double a message: the outbox decides instead.
        self._web = web_client(settings, timeout=30)
        quick = web_client(settings, timeout=max(round(timing.person), 1))
        self.connection = Connection(settings, self.store, self._stopping)
        channels = Channels(timing)
        self.outbox = Outbox(self.store, self._web, timing, self._stopping, channels)
        self.attachments = Attachments(
            self.store,
            self._web,
            timing,
            self._stopping,
            workbook=Workbooks(self.store).workbook,
            channels=channels,
            owed=self.outbox.wake,
        )
        self.people = People(quick)
        approvers = Approvers(self.store, settings, self.people)
        self.thread = BatchThread(self.store, settings, self.connection, self.outbox, approvers.approving)
        self._quick = quick
        previewing = Previews(self.store, settings, self.connection, approvers, self.thread, learn)
        slack_files = Files(self._web, settings)
        self.starting = Wishes(
            store=self.store,
            settings=settings,
            files=slack_files,
            people=self.people,
            thread=self.thread,
            owed=self.outbox.wake,
            own_user=self._who_am_i,
            whisper=partial(whisper, self._web),
            start=self._start_run,
        )
        self.home = HomeTabs(self.store, settings, self._web, self.people, approvers, self._stopping)
        self.reading = ReadRun(
            store=self.store,
            settings=settings,
            files=slack_files,
            previewing=previewing,
            mending=Mends(self.store, settings, self.thread),
            thread=self.thread,
            start_again=lambda kind, batch: self._asked.put((kind, batch)),
            stopping=self._stopping,
        )
        sending = Sender(self.store, self.connection.clio, timing)
        self.noticing = Notices(
            store=self.store,
            settings=settings,
            files=slack_files,
            thread=self.thread,
            uploaders=Uploaders(self.store, self.people, timing, self.outbox.wake),
            starting=self.starting,
            originals=Originals(self.store, slack_files, self.thread, timing),
            own_user=self._who_am_i,
            start=self._start_run,
            stopping=self._stopping,
        )
        posting = PostRun(
            store=self.store,
            connection=self.connection,
            sending=sending,
            preflight=Preflight(self.store, self.connection, previewing, self.thread, timing, self._stopping),
            thread=self.thread,
            timing=timing,
            start=lambda kind, batch: self._asked.put((kind, batch)),
            stopping=self._stopping,
        )
        reconciling = ReadBackRun(self.store, self.connection, self.thread, timing, self._stopping)
        self.inquiring = Questions(self.store, self.people, approvers)
        self.inquiries = Inquiries(
            store=self.store,
            connection=self.connection,
            thread=self.thread,
            reconciling=reconciling,
            timing=timing,
            clio_site=settings.clio_site,
            sending=sending,
            start=self._start_run,
            stopping=self._stopping,
        )
        self.undo = UndoRun(
            store=self.store,
            connection=self.connection,
            thread=self.thread,
            timing=timing,
            start=lambda kind, batch: self._asked.put((kind, batch)),
            stopping=self._stopping,
        )
        moves: dict[RunKind, Move] = {
            RunKind.READ: self.reading.move,
            RunKind.POST: posting.move,
            RunKind.READ_BACK: reconciling.move,
            RunKind.UNDO: self.undo.move,
        }
        engine_file = Path(f"{settings.balances_db}.engine")
        self.engine = Engine(self.store, engine_file, moves, timing)
        self.approval = Approval(self.store, approvers, self.thread, self._start_run)
        self.holds = Holds(self.store, approvers, self.thread, self._start_run)
        self.totals = ReportTotals(self.store, approvers, self.thread, self._start_run)
        self.comments = BillComments(self.store, approvers, self.thread, self._start_run)
        self.control = Control(self.store, approvers, self.thread, self._start_run, self.connection, timing)
        self.reversing = UndoDecisions(self.store, approvers, self.thread, self._start_run)
        self.dating = PostingDay(self.store, settings, self.people, approvers, self.thread, self._start_run)
        self.fixing = FixLines(self.store, settings, self.people, self.thread, self._start_run)
        self.waiting = Reminders(self.store, settings, approvers, self.thread)
        self.resuming = Resuming(
            self.store, self.connection, self.thread, self._start_run, self._stopping, timing.sweep, self.undo.look
        )
        self.balances = Balances(
            self.store, settings, self.people, approvers, self.connection, self.control, self.outbox.wake
        )

    def attach(self, app: App) -> None:
        """Attach the listeners; nothing of the host's is taken over."""
        files.register(app, self.store, self.noticing.wake)
        actions.register(
            app,
            self._quick,
            approval=self.approval,
            holds=self.holds,
            totals=self.totals,
            comments=self.comments,
            day=self.dating,
            control=self.control,
            undo=self.reversing,
            questions=self.inquiring,
        )
        fix_lines.register(app, self.fixing)
        commands.register(app, self.balances)
        shortcuts.register(app, self.starting, self.people, self.settings, self.noticing.wake)
        home_tab.register(app, self.home)

    def start(self) -> None:
        """Start the engine and the workers. Raises SettingsError where another process serves this database."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout as taken:
            raise SettingsError(
                f"Another process already serves {self.settings.balances_db}. Stop it first; two would not wait for"
                " each other."
            ) from taken
        timing = self.settings.balances_timing
        try:
            self._agree_on_practice()
            self.store.batches.give_rules(rules_now(self.settings))
            self.store.begin_life(settle=timing.settle, second_look=timing.second_look, window=timing.window)
            self.engine.launch()
        except BaseException:
            self._lock.release()
            raise
        works = {"outbox": self.outbox.run, "notices": self.noticing.run, "sweep": self._sweep, "home": self.home.run}
        works |= {"resuming": self.resuming.run, "attachments": self.attachments.run}
        works["inquiries"] = self.inquiries.run
        for name, work in works.items():
            worker = threading.Thread(target=work, name=f"brought-forward {name}", daemon=True)
            worker.start()
            self._threads.append(worker)

    def _agree_on_practice(self) -> None:
        """Raise SettingsError where the file is for practice and this is real, or the other way round."""
        practice, file = self.settings.balances_practice, self.settings.balances_db
        if self.store.settle_purpose(practice=practice):
            return
        if practice:
            raise SettingsError(f"{file} holds what was really posted, so practice must not use it. Name another file"
                                " in BALANCES_DB, or leave that out.")  # fmt: skip
        raise SettingsError(f"{file} was used in practice, and nothing in it was posted to Clio. Name another file in"
                            " BALANCES_DB, or set BALANCES_PRACTICE=1 to go on rehearsing.")  # fmt: skip

    def stop(self) -> None:
        """Stop the workers and the engine, close the database; what was begun goes on at the next start.

        One that was not started, or could not be, closes what it has opened.
        """
        self._stopping.set()
        self.noticing.wake()
        self._asked.put(None)
        self.outbox.wake()
        self.home.wake()
        for worker in self._threads:
            worker.join(timeout=30)
        self.engine.stop()
        self.store.close()
        self._lock.release()

    def _start_run(self, kind: RunKind, batch: int) -> None:
        self.engine.start(kind, batch)

    def _who_am_i(self) -> str:
        """Tell the bot's own user id, once Slack has said it. Raises SlackAway until then."""
        if self._own_user is None:
            self._own_user = who_am_i(self._web)
        return self._own_user

    def _sweep(self) -> None:
        """Start what should be moving and what runs ask for, until the bot stops."""
        due = 0.0
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= due:
                    due = time.monotonic() + self.settings.balances_timing.sweep
                    self._sweep_once()
                asked = self._asked.get(timeout=max(due - time.monotonic(), 0.0))
                if asked:  # a run cannot start another from inside itself
                    self._start_run(*asked)
            except queue.Empty:
                continue
            except Exception:
                log.exception("the sweep stumbled; it goes on")

    def _sweep_once(self) -> None:
        """Do each part of a sweep; one that stumbles takes no other with it."""
        for part in (self.engine.sweep, self.waiting.look):
            try:
                part()
            except Exception:
                log.exception("a part of the sweep stumbled; it comes again")


def register(app: App, settings: Settings, learn: Learn | None = None) -> Bot:
    """Attach the bot to a Bolt app. It runs once `start` is called on what this returns.

    `learn` is for practice: it makes a pretend firm hold what a sheet names.
    """
    bot = Bot(settings, learn)
    bot.attach(app)
    return bot
