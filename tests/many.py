"""Several firms and one bot between them: a workspace and a Clio of another region each, installed and connected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from contract import Contract
from postgres_server import BOT, Everywhere, PostgresServer
from raw import raw
from sign_in import TO_CONNECT, allow
from spill import SECRETS, heard, spilt
from world import FAST, KEY, Served, World, begun, engine_file

from brought_forward.bot.app import Bot
from brought_forward.bot.cli.http import EVENTS
from brought_forward.bot.cli.install import INSTALL, REDIRECTED
from brought_forward.bot.cli.serve import build
from brought_forward.bot.settings import Settings
from brought_forward.bot.settings.deployment import REDIRECT
from brought_forward.bot.settings.firm import REGIONS
from brought_forward.sandbox.clio import ClioSandbox, firm_of_size
from brought_forward.sandbox.slack import SlackApp
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.store import Store

APPS = ("us", "eu")  # where the host has an app at Clio
PUBLIC = "https://balances.host.test"


class House(World):
    """One firm of a host: what a World is, with the host's bot."""

    def __init__(self, host: "Host", team: str, name: str, region: str, *, bot_user: str) -> None:
        self.host, self.team, self.region = host, team, region
        self.db = host.db
        self.firm = firm_of_size(60, 4)  # the same in every house, ids too
        self.slack = host.app.add(team, name, bot_user=bot_user)
        self.slack.rules.retry_pauses = (0, 0.2, 0.2)
        self.clio = ClioSandbox(self.firm, limit=0)
        self.clio.start()
        self.contract = Contract()
        self.clio.on_exchange.append(self.contract)
        app = self.clio.oauth.app
        app.redirects.add(PUBLIC + REDIRECT)
        app.client_id, app.client_secret = f"app-of-{region}", f"{region}-{TO_CONNECT['clio_client_secret']}"
        SECRETS.add(app.client_secret)
        host.patch.setitem(REGIONS, region, self.clio.site)
        self.more = {}
        self.beside = None

    @property
    def bot(self) -> Bot:  # type: ignore[override]  # of the host
        assert self.host.bot is not None
        return self.host.bot

    @property
    def store(self) -> Store:
        return self.bot.store

    def newest(self) -> Batch:
        found: Batch = self.slack.wait_for(lambda: self.store.batches.newest(self.team, 1))[0]
        return found

    def owed(self) -> int:
        """Count what of this firm Slack does not show yet."""
        asked = f"SELECT count(*) FROM message WHERE firm = '{self.team}' AND shown < wanted"
        return int(self.host.read(asked)[0][0])

    def wait_for_status(self, status: BatchStatus, number: int = 1, *, timeout: float = 20.0) -> str:
        def is_there() -> bool:
            batch = self.batch(number)
            due = batch.results_due or batch.read_back_due
            if status in {BatchStatus.POSTED, BatchStatus.STOPPED, BatchStatus.UNDONE}:
                due = due or batch.read_back is None
            return batch.status is status and not due and not self.owed()

        self.slack.wait_for(is_there, timeout=timeout)
        return self.text()

    # The way in

    def install(self) -> requests.Response:
        """Install the app as an owner does, in a browser; returns the page that is shown at the end."""
        page = self.host.visit(*self.host.begun_by(self))
        if self.slack.bot_token:
            SECRETS.add(self.slack.bot_token)
        return page

    def connect(self) -> requests.Response:
        """Connect the firm's own Clio from the Home tab; returns the page that is shown at the end."""
        view = self.opened("Connect Clio")
        links = [part["url"] for block in view.payload["blocks"] for part in block.get("elements", [])]
        assert len(links) == len(APPS)
        (link,) = [one for one in links if one.startswith(self.clio.site)]
        return self.host.led(allow(self.clio, link))

    def opened(self, label: str) -> Any:
        """Click in an owner's Home tab, and return the form that opens."""
        user = self.slack.partner
        before = len(self.slack.views(user))
        self.home(user, f"[{label}]")
        self.slack.click(user, label, self.slack.home(user))
        self.slack.wait_for(lambda: len(self.slack.views(user)) > before)
        return self.slack.views(user)[-1]

    def set(self, values: dict[str, Any]) -> Any:
        """Change the firm's settings in the form of the Home tab."""
        answer = self.slack.submit(self.slack.partner, self.opened("Change settings"), values)
        assert answer.error is None, answer
        return answer

    def move_in(self) -> "House":
        """Install, connect, and name two approvers."""
        assert self.install().status_code == 200
        assert self.connect().status_code == 200
        self.set({"Approvers": [self.slack.manager, self.slack.partner]})
        return self


class Host:
    """The bot of many firms, over HTTP, on one SQLite file."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, *, server: PostgresServer | None = None) -> None:
        self.db, self.patch = folder / "balances.db", patch
        self.server = server or (Everywhere.begun() if Everywhere.asked else None)
        self.place: Place = self.db
        if self.server:
            self.place = PostgresUrl(self.server.url(self.server.like("begun", begun), user=BOT))
        self.app = SlackApp(redirects={PUBLIC + REDIRECTED}).start()
        SECRETS.update((self.app.client_secret, self.app.signing_secret))
        self.bot: Bot | None = None
        self.houses: list[House] = []

    def add(self, team: str, name: str, region: str, *, bot_user: str = "U0BOT00001") -> House:
        house = House(self, team, name, region, bot_user=bot_user)
        self.houses.append(house)
        return house

    def settings(self, **more: Any) -> Settings:
        given: dict[str, Any] = {
            "slack_client_id": self.app.client_id,
            "slack_client_secret": self.app.client_secret,
            "slack_signing_secret": self.app.signing_secret,
            "slack_api_url": self.app.api_url,
            "balances_public_url": PUBLIC,
            "balances_db": self.place,
            "balances_keys": KEY if self.server else "",
            "balances_timing": FAST,
            "clio_client_id": ", ".join(f"{region}:app-of-{region}" for region in APPS),
            "clio_client_secret": ", ".join(f"{region}:{region}-{TO_CONNECT['clio_client_secret']}" for region in APPS),
        }
        return Settings(**given | more)

    def read(self, statement: str) -> list[tuple[Any, ...]]:
        """Read rows as somebody who has the database and passes the bot by."""
        with raw(self.place) as db:
            return [tuple(row) for row in db.execute(statement).fetchall()]

    def start(self, **more: Any) -> "Host":
        if self.place == self.db and not self.db.exists():
            Path(f"{self.db}.engine").write_bytes(engine_file())
        self.served = Served(*build(self.settings(**more)), self.app.signing_secret)
        self.bot, self.url = self.served.bot, self.served.url
        for house in self.houses:
            house.slack.events_url = self.url + EVENTS
        self.served.start()
        return self

    def stop(self) -> None:
        if self.bot is not None:
            self.served.stop()
            self.bot = None

    def close(self) -> None:
        self.stop()
        self.app.stop()
        for house in self.houses:
            house.clio.stop()
        assert heard() == []
        for house in self.houses:
            assert [*spilt(self.db.parent, house.slack)] == []
            assert house.contract.violations == []

    # A browser, to which the public address is this bot's

    def begin(self) -> tuple[str, str]:
        """Open where the app is installed; returns where Slack is asked, and the cookie that the browser was given."""
        answer = requests.get(self.url + INSTALL, allow_redirects=False, timeout=5)
        assert answer.status_code == 302
        cookie, *rules = answer.headers["Set-Cookie"].split("; ")
        assert {"Secure", "HttpOnly", "Max-Age=300"} <= set(rules)
        return answer.headers["Location"], cookie

    def begun_by(self, house: House, person: Any = None) -> tuple[str, str]:
        """Press Allow on Slack's page; returns where the browser is led, and its cookie."""
        asks, cookie = self.begin()
        return self.app.allow(house.slack, person or house.slack.partner, asks), cookie

    def led(self, place: str, cookie: str = "") -> requests.Response:
        """Go where a browser is led."""
        parts = urlsplit(place)
        assert f"{parts.scheme}://{parts.netloc}" == PUBLIC
        headers = {"Cookie": cookie} if cookie else {}
        return requests.get(f"{self.url}{parts.path}?{parts.query}", headers=headers, timeout=20)

    visit = led


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Nobody's bot yet: no firm has it, and it is not started."""
    made = Host(tmp_path, monkeypatch)
    try:
        yield made
    finally:
        made.close()
