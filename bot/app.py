"""Put all together: `register(app, settings)` attaches the bot to any Bolt app and starts nothing."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from slack_bolt import App

from brought_forward.bot.administration.desk import Desk
from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.approval.decide import Approval
from brought_forward.bot.approval.holders import SignInHolders
from brought_forward.bot.approval.holds import Holds
from brought_forward.bot.approval.queries import Queries
from brought_forward.bot.approval.reminders import Reminders
from brought_forward.bot.approval.sign_in import SignInNotices
from brought_forward.bot.approval.stand_ins import StandIns
from brought_forward.bot.approval.totals import ReportTotals
from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.clio.refresh import EVERY, Upkeep
from brought_forward.bot.engine import Duties, Engine, Move, Sweep
from brought_forward.bot.errors import SettingsError
from brought_forward.bot.intake.notices import Notices
from brought_forward.bot.intake.originals import Originals
from brought_forward.bot.intake.uploaders import Uploaders
from brought_forward.bot.intake.wishes import Wishes
from brought_forward.bot.listeners import (
    actions,
    administration,
    commands,
    departure,
    files,
    fix_lines,
    home_tab,
    shortcuts,
)
from brought_forward.bot.listeners.home_tab import HomeTabs
from brought_forward.bot.posting.chunk import Chunk
from brought_forward.bot.posting.decide import Control
from brought_forward.bot.posting.departure import Departures
from brought_forward.bot.posting.preflight import Preflight
from brought_forward.bot.posting.resume import Resuming
from brought_forward.bot.posting.run import PostRun
from brought_forward.bot.posting.send import Sender
from brought_forward.bot.preview.audience import Audience
from brought_forward.bot.preview.comments import BillComments
from brought_forward.bot.preview.date import PostingDay
from brought_forward.bot.preview.fix import FixLines
from brought_forward.bot.preview.make import Learn, Previews
from brought_forward.bot.preview.mend import Mends
from brought_forward.bot.preview.run import ReadRun
from brought_forward.bot.results.ask import Questions
from brought_forward.bot.results.digest import Digests
from brought_forward.bot.results.inquiries import Inquiries
from brought_forward.bot.results.retention import Retention
from brought_forward.bot.results.run import ReadBackRun
from brought_forward.bot.settings import Firms, Settings
from brought_forward.bot.settings.purpose import agree_on_practice, refuse_moved
from brought_forward.bot.slack.attachments import Attachments
from brought_forward.bot.slack.channels import Channels
from brought_forward.bot.slack.client import whisper
from brought_forward.bot.slack.files import Files
from brought_forward.bot.slack.installations import Installations
from brought_forward.bot.slack.library import Workbooks
from brought_forward.bot.slack.outbox import Outbox
from brought_forward.bot.slack.people import People
from brought_forward.bot.slack.slacks import Slacks
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.bot.undo.decide import UndoDecisions
from brought_forward.bot.undo.run import UndoRun
from brought_forward.commands.balances import Balances
from brought_forward.storage.place import PostgresUrl
from brought_forward.storage.records.batch import RunKind
from brought_forward.storage.records.duty import DutyKind
from brought_forward.storage.serve_lock import Served, serve_lock
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
        self.when_lost: Callable[[], None] = self._cease
        self._lock = serve_lock(settings.balances_db, self._lose, lease=settings.balances_timing.lease)
        self._stopping = threading.Event()
        self.clerks = ThreadPoolExecutor(actions.CLERKS, thread_name_prefix="clerk")
        self._sweep = Sweep(self._stopping, settings.balances_timing.sweep)
        self.threads: list[threading.Thread] = []
        self.store = Store(settings.balances_db, settings.keys)
        self.firms = Firms(self.store, settings)
        token = settings.clio_access_token.get_secret_value()
        self.connections = Connections(self.firms, self.store, self._stopping, token)
        self.duties = Duties(self.store, settings.balances_timing)
        self._owed = partial(self.duties.wake, DutyKind.MESSAGES)
        self._make_slack()
        previews = Previews(self.store, self.firms, self.connections, self.approvers, self.thread, learn)
        self._make_intake()
        self._make_runs(previews)
        self._make_decisions()
        self._make_duties()

    def _make_slack(self) -> None:
        """Make what reads from Slack and what is said there."""
        store, settings, timing, firms = self.store, self.settings, self.settings.balances_timing, self.firms
        self.slacks = Slacks(store, settings)
        channels = Channels(timing)
        self.outbox = Outbox(store, self.slacks, timing, channels, self._owed)
        self.people = People(self.slacks.quick)
        self.installations = Installations(store, firms, self.slacks)
        workbooks = Workbooks(store, firms, self.people.name)
        self.attachments = Attachments(
            store, self.slacks, timing, workbook=workbooks.workbook, channels=channels, owed=self._owed
        )
        self._files = Files(self.slacks, settings)
        self.approvers = Approvers(store, firms, self.people)
        self.thread = BatchThread(store, firms, self.connections, self.outbox, self.approvers.approving)
        self.desk = Desk(store, firms, self.approvers, self.thread, self._owed, self.connections.is_given,
                         partial(self.duties.wake, DutyKind.CHECKS), self._stopping)  # fmt: skip
        self.home = HomeTabs(store, timing, self.slacks, self.people, self.approvers, self.desk, self._stopping,
                             partial(self.duties.wake, DutyKind.HOME))  # fmt: skip

    def _make_intake(self) -> None:
        """Make what begins batches."""
        store, firms, timing = self.store, self.firms, self.settings.balances_timing
        self.wishes = Wishes(
            store=store,
            firms=firms,
            files=self._files,
            people=self.people,
            thread=self.thread,
            owed=self._owed,
            own_user=self.installations.bot_user,
            whisper=partial(whisper, self.slacks.of),
            start=self._start_run,
        )
        self.notices = Notices(
            store=store,
            firms=firms,
            files=self._files,
            thread=self.thread,
            uploaders=Uploaders(store, self.people, timing, self._owed),
            wishes=self.wishes,
            originals=Originals(store, self._files, self.thread, timing),
            own_user=self.installations.bot_user,
            start=self._start_run,
            wake=partial(self.duties.wake, DutyKind.INTAKE),
        )

    def _make_runs(self, previews: Previews) -> None:
        """Make what moves batches, and the engine that starts it."""
        store, timing, thread = self.store, self.settings.balances_timing, self.thread
        sender = Sender(store, self.connections, timing)
        reading = ReadRun(
            store=store,
            firms=self.firms,
            files=self._files,
            previews=previews,
            mends=Mends(store, self.firms, thread),
            audience=Audience(store, self.people, self._owed),
            thread=thread,
            start_again=self._sweep.ask,
            stopping=self._stopping,
        )
        posting = PostRun(
            store=store,
            connections=self.connections,
            sender=sender,
            chunk=Chunk(store, sender, thread, timing, self._stopping),
            preflight=Preflight(store, self.connections, previews, thread, timing, self._stopping),
            thread=thread,
            timing=timing,
            start=self._sweep.ask,
            stopping=self._stopping,
        )
        read_back = ReadBackRun(store, self.connections, thread, timing, self._stopping)
        self.undo = UndoRun(
            store=store,
            connections=self.connections,
            thread=thread,
            timing=timing,
            start=self._sweep.ask,
            stopping=self._stopping,
        )
        moves: dict[RunKind, Move] = {
            RunKind.READ: reading.move, RunKind.POST: posting.move,
            RunKind.READ_BACK: read_back.move, RunKind.UNDO: self.undo.move,
        }  # fmt: skip
        self.engine = Engine(store, self.settings.balances_db, moves, self.duties, timing, self._lock)
        self.inquiries = Inquiries(
            store=store, connections=self.connections, thread=thread, read_back=read_back, timing=timing,
            firms=self.firms, sender=sender, start=self._start_run, stopping=self._stopping,
        )  # fmt: skip
        self.resuming = Resuming(store, self.connections, thread, self._start_run, self.undo)

    def _make_decisions(self) -> None:
        """Make what people decide and ask."""
        store, firms, people, approvers = self.store, self.firms, self.people, self.approvers
        timing, connections = self.settings.balances_timing, self.connections
        thread, start, owed = self.thread, self._start_run, self._owed
        self.approval = Approval(store, approvers, thread, start)
        self.holds = Holds(store, approvers, thread, start)
        self.totals = ReportTotals(store, approvers, thread, start)
        self.comments = BillComments(store, approvers, thread, start)
        self.control = Control(store, approvers, thread, start, connections, timing)
        self.undo_decisions = UndoDecisions(store, approvers, thread, start)
        self.posting_day = PostingDay(store, approvers, thread, start)
        self.queries = Queries(store, approvers, thread, start)
        self.fix_lines = FixLines(store, firms, people, thread, start)
        self.departures = Departures(store, self.slacks, thread, self._wake)
        self.reminders = Reminders(store, approvers, thread)
        self.retention = Retention(store, self.firms)
        self.questions = Questions(store, people, approvers)
        notices = SignInNotices(store, approvers, owed)
        self.upkeep = Upkeep(store, connections.refresh, partial(self.duties.wake, DutyKind.RESUMING), notices)
        self.holders = SignInHolders(store, connections, people)
        self.stand_ins = StandIns(store, approvers, thread, owed)
        self.digests = Digests(store, firms, connections, approvers, owed, self._stopping)
        self.balances = Balances(store, firms, people, approvers, connections, self.control, self.stand_ins,
                                 self.digests, owed, self.thread.attach)  # fmt: skip

    def _make_duties(self) -> None:
        """Say what is owed to firms, and how often that is looked at."""
        sweep = self.settings.balances_timing.sweep
        self.duties.add(DutyKind.MESSAGES, self.outbox)
        self.duties.add(DutyKind.WORKBOOKS, self.attachments)
        self.duties.add(DutyKind.INTAKE, self.notices)
        self.duties.add(DutyKind.INQUIRIES, self.inquiries)
        self.duties.add(DutyKind.HOME, self.home)
        self.duties.add(DutyKind.CHECKS, self.desk.checks, every=sweep)
        self.duties.add(DutyKind.DIGESTS, self.digests, every=sweep)
        self.duties.add(DutyKind.RESUMING, self.resuming, every=sweep)
        self.duties.add(DutyKind.SIGN_INS, self.upkeep, every=min(sweep, EVERY))
        self.duties.add(DutyKind.HOLDERS, self.holders, every=sweep)

    def attach(self, app: App) -> None:
        """Attach the listeners; nothing of the host's is taken over."""
        files.register(app, self.store, self.notices.wake)
        actions.register(
            app, self.slacks, approval=self.approval, holds=self.holds, totals=self.totals, comments=self.comments,
            day=self.posting_day, control=self.control, undo=self.undo_decisions, questions=self.questions,
            queries=self.queries, clerks=self.clerks,
        )  # fmt: skip
        fix_lines.register(app, self.fix_lines)
        commands.register(app, self.balances)
        shortcuts.register(app, self.wishes, self.people, self.firms, self.notices.wake)
        home_tab.register(app, self.home)
        administration.register(app, self.slacks, self.desk)
        if self.settings.is_shared:
            departure.register(app, self.departures)

    def start(self) -> None:
        """Start the engine and the workers. Raises SettingsError where another process serves this database."""
        try:
            self._lock.acquire()
        except Served as taken:
            raise SettingsError(str(taken)) from taken
        timing = self.settings.balances_timing
        try:
            refuse_moved(self.settings.balances_db, self.store.moved_to())
            agree_on_practice(self.store, self.settings)
            self.store.keys.ready()
            self.connections.report()
            if self._lock.is_alone():  # else what others wait for would wait anew
                self.store.begin_life(settle=timing.settle, second_look=timing.second_look, window=timing.window)
            self.engine.launch()
        except BaseException:
            self._lock.release()
            raise
        looks = (self.engine.sweep, self.reminders.look, self.stand_ins.look, self.retention.look,
                 self.inquiries.tidy, self.installations.look, self.departures.look)  # fmt: skip
        works: dict[str, Callable[[], None]] = {
            "pulse": partial(self.duties.pulse, self.engine.begin),
            "sweep": partial(self._sweep.run, self._start_run, looks),
        }
        if isinstance(self.settings.balances_db, PostgresUrl):  # where others may serve it too
            taking_over = Sweep(self._stopping, timing.takeover)
            works["takeover"] = partial(taking_over.run, self._start_run, (self.engine.take_over,))
        log.info("process=%s serves %s", self._lock.name, self.settings.balances_db)
        for name, work in works.items():
            worker = threading.Thread(target=work, name=f"brought-forward {name}", daemon=True)
            worker.start()
            self.threads.append(worker)

    def stop(self) -> None:
        """Stop the workers and the engine, close the database; what was begun goes on at the next start.

        One that was not started, or could not be, closes what it has opened.
        """
        self.clerks.shutdown()  # a click that was acknowledged is carried out
        self._cease()
        for worker in self.threads:
            worker.join(timeout=30)
        self.engine.stop()
        self.store.close()
        self._lock.release()

    def _lose(self) -> None:
        self.when_lost()

    def _cease(self) -> None:
        """Let every worker and every run end."""
        self._stopping.set()
        self._sweep.wake()
        self.duties.close()

    def _wake(self) -> None:
        """Have what waits be looked at by its workers."""
        for kind in DutyKind:
            self.duties.wake(kind)
        self._sweep.wake()

    def _start_run(self, kind: RunKind, batch: int) -> None:
        self.engine.start(kind, batch)


def register(app: App, settings: Settings, learn: Learn | None = None) -> Bot:
    """Attach the bot to a Bolt app. It runs once `start` is called on what this returns.

    `learn` is for practice: it makes a pretend firm hold what a sheet names.
    """
    bot = Bot(settings, learn)
    bot.attach(app)
    return bot
