"""Many firms and one process: each posts at the pace that its own Clio allows, and what an entry costs there."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import psycopg
import requests
from postgres_server import PostgresServer
from world import KEY

from brought_forward.sandbox.clio import ClioSandbox, firm_of_size
from brought_forward.sandbox.serving import Server, hold_port
from brought_forward.sandbox.slack import SlackApp, SlackSandbox
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.records.connection import Tokens
from brought_forward.storage.store import Store
from proofs import books
from proofs.cost import used
from proofs.report import Report, run
from proofs.stage import sheet, timing
from proofs.windows import is_post, windows_of

T = TypeVar("T")

WINDOW = 60.0  # seconds of Clio's window
LEAST = 0.95  # of all firms' limits together
MOST = 1.1  # an entry of many firms to one of a single firm, in processor time
TWICE = 2.0  # an entry on PostgreSQL, the server's part too, to one on a file
SESSIONS = 20  # with PostgreSQL, of one process
TIMES = timing(edit_gap=5.0, home_gap=5.0, poll=0.25, sweep=60.0, in_flight=8, second_look=1.0,
               post_gap=1.0, linger=10.0, keep_asking=60.0)  # fmt: skip
HANDS = 8  # people who act at once


@dataclass(slots=True)
class Home:
    """One firm: its workspace, its Clio, its sheet."""

    team: str
    slack: SlackSandbox
    clio: ClioSandbox
    rows: list[list[object]]


class Crowd:
    """So many firms, whose Clios stand behind one address and are told apart by their tokens."""

    def __init__(
        self, folder: Path, firms: int, entries: int, limit: int, window: float, server: PostgresServer | None = None
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.window = window
        self.folder, self.server = folder, server
        self.place: Place = folder / "balances.db"
        if server:
            self.place = PostgresUrl(server.url(server.create()))
        self.app = SlackApp().start()
        self.homes = [self._home(number, entries, limit) for number in range(firms)]
        self._by_token = {home.clio.token: home.clio for home in self.homes}
        self.front = Server(self._clio)
        self.front.start()
        self.port = hold_port(self)
        for home in self.homes:
            home.slack.events_url = f"http://127.0.0.1:{self.port}/slack/events"
        self.process: subprocess.Popen[bytes] | None = None
        self._move_in()

    def _home(self, number: int, entries: int, limit: int) -> Home:
        team = f"T0FIRM{number:05}"
        firm = firm_of_size(matters=entries, users=4)
        firm.account_id = 700_001 + number
        clio = ClioSandbox(firm, token=f"token-of-{team}", limit=limit, window=self.window)
        return Home(team, self.app.add(team, f"Firm {number}"), clio, sheet(firm, entries))

    def _clio(self, environ: dict[str, Any], start_response: Any) -> Any:
        token = str(environ.get("HTTP_AUTHORIZATION", "")).removeprefix("Bearer ")
        return self._by_token[token]._record(environ, start_response)

    def _move_in(self) -> None:
        """Install the app, connect Clio and name approvers in each firm, as the rows are left by that."""
        store = Store(self.place, [KEY])
        for number, home in enumerate(self.homes):
            token = self.app.give(home.slack)
            store.firms.install(home.team, name=home.team, bot_user=home.slack.bot.id, token=token, by=None)
            user = home.clio.firm.token_user
            store.connections.sign_in(
                home.team, region="us", account=f"us:{home.clio.firm.account_id}",
                user_id=900_001 + number,  # Clio counts calls by its user, and within a region no two have the same
                user_name=user.name,
                tokens=Tokens(str(home.clio.token), None, None),
            )  # fmt: skip
            approvers = [home.slack.manager.id, home.slack.partner.id]
            store.firms.set(home.team, {"approvers": approvers}, by=home.slack.partner.id)
        store.close()

    def __enter__(self) -> Self:
        where = self.place.secret if isinstance(self.place, PostgresUrl) else str(self.place)
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
            "BALANCES_TIMING": TIMES.model_copy(update={"window": self.window}).model_dump_json(),
            "PORT": str(self.port), "NO_PROXY": "127.0.0.1",
            "SLACK_CLIENT_ID": self.app.client_id, "SLACK_CLIENT_SECRET": self.app.client_secret,
            "SLACK_SIGNING_SECRET": self.app.signing_secret, "SLACK_API_URL": self.app.api_url,
            "BALANCES_PUBLIC_URL": "https://balances.host.test", "BALANCES_DB": where, "BALANCES_KEYS": KEY,
            "CLIO_API_URL": f"{self.front.url}/api/v4", "CLIO_CLIENT_ID": "app", "CLIO_CLIENT_SECRET": "secret",
        }  # fmt: skip
        with (self.folder / "bot.log").open("ab") as log:
            command = [sys.executable, "-m", "brought_forward.bot", "serve"]
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self.until(self._is_ready, "the bot to be ready", timeout=90)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.app.stop()
        self.front.stop()

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    def until(self, seen: Callable[[], T], what: str, *, timeout: float = 600.0, tick: float = 0.1) -> T:
        """Wait until something is seen. Raises AssertionError where it is not."""
        end = time.monotonic() + timeout
        while not (found := seen()):
            if time.monotonic() > end or (self.process is not None and self.process.poll() is not None):
                log = (self.folder / "bot.log").read_text(errors="replace").splitlines()[-25:]
                raise AssertionError(f"Waited in vain for {what}.\n" + "\n".join(log))
            time.sleep(tick)
        return found

    def seconds(self) -> float:
        """Tell the processor time of the bot so far, and of its PostgreSQL where it has one."""
        assert self.process is not None
        return used(self.process.pid)[0].seconds + (self.server.seconds() if self.server else 0.0)

    def sessions(self) -> int:
        """Count the sessions that the bot has with PostgreSQL."""
        assert isinstance(self.place, PostgresUrl)
        with psycopg.connect(self.place.secret) as db:
            asked = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            ((count,),) = db.execute(asked).fetchall()
        return int(count)

    def bring_forward(self) -> None:
        """Drop every firm's sheet, and approve each once it is previewed."""
        with ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(self._drop, self.homes))
            list(hands.map(self._approve, self.homes))

    def _drop(self, home: Home) -> None:
        rows = [("Matter", "User", "Balance", "Note", "Phone"), *home.rows]
        lines = [",".join(str(cell) for cell in row) for row in rows]
        home.slack.upload(home.slack.staff, "balances", "AR.csv", "\n".join(lines).encode())

    def _approve(self, home: Home) -> None:
        def clicked() -> bool:
            for message in home.slack.messages("balances"):
                for one in home.slack.thread("balances", message.ts):
                    if one.user == home.slack.bot.id and "ready for approval" in home.slack.plain(one):
                        home.slack.click(home.slack.manager, "Approve", one)
                        return True
            return False

        self.until(clicked, f"the preview of {home.team}", tick=0.2)


def prove(
    folder: Path, *, seed: int, true: int = 40, slow: int = 200, servers: int = 100, windows: int = 3,
    window: float = WINDOW,
    least: float = LEAST, most: float = MOST, twice: float = TWICE,
) -> Report:  # fmt: skip
    """Let firms post at Clio's true pace, then more of them at a fifth of it; hold their cost beside one firm's."""
    report = Report(f"One process: {true} firms at 50 calls a minute, {slow} at 10, {servers} on PostgreSQL", seed)
    rows: list[tuple[object, ...]] = []

    def watched(firms: int, limit: int, server: PostgresServer | None = None) -> float:
        where = "PostgreSQL" if server else "a file"
        name = folder / f"{firms} firms at {limit} on {where}"
        with Crowd(name, firms, limit * (windows + 2), limit, window, server) as crowd:
            crowd.bring_forward()
            found = _watch(crowd, windows)
            refused = sum(call.status == 429 for home in crowd.homes for call in home.clio.calls)
            what = f"{firms} firms on {where}" if firms > 1 else "1 firm"
            report.equals(f"{what}: entries doubled, not asked for there, or of another amount", _wrong(crowd), 0)
        share, each = found.made / (limit * windows * firms), found.seconds / max(found.entries, 1)
        rows.append((firms, where, limit, f"{100 * share:.1f} %", found.entries, f"{1000 * each:.2f}", refused))
        report.equals(f"{what}: calls over a limit", refused, 0)
        if firms > 1:
            report.at_least(f"{what}: per cent of their limits together", round(100 * share), round(100 * least))
        if server:
            report.at_most(f"{what}: sessions of the process at once", found.sessions, SESSIONS)
        return each

    alone = watched(1, 10 * slow)
    watched(true, 50)
    many = watched(slow, 10)
    on_file = watched(servers, 20)
    server = PostgresServer()
    try:
        on_server = watched(servers, 20, server)
    finally:
        server.close()
    names = ("firms", "on", "calls a minute each", "of their limits", "entries", "ms of a processor each", "429")
    report.table("Posting", names, rows)
    report.at_most(f"an entry's cost at {slow} firms to one firm's at the same pace", many / alone, most)
    report.at_most(f"an entry's cost on PostgreSQL to a file's, {servers} firms", on_server / on_file, twice)
    return report


@dataclass(frozen=True, slots=True)
class Watched:
    """What went by in some whole windows of Clio's."""

    made: int  # calls to Clio
    entries: int
    seconds: float  # of a processor
    sessions: int  # at once, at most


def _watch(crowd: Crowd, windows: int) -> Watched:
    """Watch whole windows, once every firm posts."""
    window = crowd.window

    def posts() -> int:
        return sum(is_post(call) for home in crowd.homes for call in list(home.clio.calls))

    crowd.until(lambda: all(any(is_post(call) for call in home.clio.calls) for home in crowd.homes), "all to post")
    begin = (time.time() // window + 1) * window
    time.sleep(begin - time.time())
    before, count, sessions = crowd.seconds(), posts(), 0
    while (left := begin + windows * window - time.time()) > 0:
        sessions = max(sessions, crowd.sessions() if crowd.server else 0)
        time.sleep(min(left, 1.0))
    spent, entries = crowd.seconds() - before, posts() - count
    made = sum(
        one.calls for home in crowd.homes for one in windows_of(home.clio.calls, window)
        if begin <= one.start < begin + windows * window
    )  # fmt: skip
    return Watched(made, entries, spent, sessions)


def _wrong(crowd: Crowd) -> int:
    """Count what is not as the sheets ask; what is still to be posted is none of that."""
    return sum(
        found.doubled + found.strange + (found.differing)
        for home in crowd.homes
        for found in [books.compare(books.wanted(home.rows, home.clio.firm), home.clio.time_entries)]
    )


if __name__ == "__main__":
    run(
        prove,
        "Let many firms post side by side from one process on one file.",
        short={
            "true": 3,
            "slow": 4,
            "servers": 3,
            "windows": 1,
            "window": 4.0,
            "least": 0.0,
            "most": float("inf"),
            "twice": float("inf"),
        },
        true=40,
        slow=200,
        servers=100,
        windows=3,
    )
