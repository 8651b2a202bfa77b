"""A person before the sandbox's page, in a real browser: what they do there, and what must never happen to them."""

from __future__ import annotations

import base64
import csv
import io
import os
import re
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from brought_forward.bot.cli.sandbox import ZONE, Sandbox, open_all

FLAGS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--force-color-profile=srgb")  # fmt: skip
PATIENCE = 45_000  # milliseconds for any one thing to be seen, as the bot has for its start
PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
WIDE, TALL, TABLET, PHONE = (1440, 900), (1440, 1840), (834, 1112), (390, 844)
CLIENTS = ("Ashgrove", "Birchall", "Cordwainer", "Dunmore", "Ellery", "Fenwick")
SCRIPTS = Path(__file__).parent / "in_page"


def chromium() -> str | None:
    """Debian's own; Playwright would fetch another from elsewhere."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for a module; it ends with it, since its event loop is this thread's."""
    program = chromium()
    if program is None:
        pytest.skip("No chromium here: install it (apt-get install chromium), or name one in CHROMIUM.")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=list(FLAGS), chromium_sandbox=False)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for a module, its time sixty times as fast; each test has a channel and matters of its own."""
    with ExitStack() as stack:
        yield open_all(stack, tmp_path_factory.mktemp("town"), speed=60)


@pytest.fixture
def fresh_town(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox of which nobody has seen anything; name it before `visit`, so that its visitors leave first."""
    with ExitStack() as stack:
        yield open_all(stack, tmp_path)


@pytest.fixture
def visit(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Open a tab in a sandbox; what none may ever see is looked for when the test is over."""
    visitors: list[Visitor] = []

    def open_tab(town: Sandbox, person: str = "staff", **more: Any) -> Visitor:
        pictures = request.config.getoption("--pictures")
        visitors.append(Visitor(browser, town, person, request.node.name, pictures=pictures, **more))
        return visitors[-1]

    yield open_tab
    for visitor in visitors:
        visitor.leave()
        assert visitor.trouble == []


class Visitor:
    """One tab. What goes wrong in it is kept in `trouble`: scripts' errors, dialogs, requests to elsewhere."""

    def __init__(
        self, browser: Any, town: Sandbox, person: str, name: str, *, pictures: bool = False, own_channel: bool = True
    ) -> None:
        slack = town.slack
        self.town, self.firm, self.person, self.pictures = town, town.clio.firm, person, pictures
        people = [slack.staff, slack.manager, slack.partner, slack.outsider, slack.guest]
        self.mark = str(zlib.crc32(name.encode()) % 900 + 100)  # begins the numbers of this visitor's matters
        self.own = slack.add_channel("receivables", people) if own_channel else None
        self.room = self.own.name if self.own else "balances"
        self.trouble: list[str] = []
        self.page: Any = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}).new_page()
        self.page.set_default_timeout(PATIENCE)
        for event, heard in (
            ("pageerror", lambda error: self.trouble.append(f"error: {error}")),
            ("console", self._logged),
            ("dialog", lambda dialog: (self.trouble.append(f"dialog: {dialog.message}"), dialog.dismiss())),
            ("popup", lambda popup: self.trouble.append(f"popup: {popup.url}")),
            ("request", self._requested),
        ):
            self.page.on(event, heard)
        self.page.goto(f"{town.address}?{urlencode({'as': person, 'in': self.room})}")

    def _logged(self, line: Any) -> None:
        given_up = line.text.startswith(("htmx:afterRequest, ", "htmx:sendAbort, "))  # a search, for a newer one
        if line.type in {"error", "warning"} and not given_up:
            self.trouble.append(f"console: {line.text}")

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.town.address, "data:", "blob:")):
            self.trouble.append(f"request: {request.url}")

    def leave(self) -> None:
        """Close the tab; the next one has a channel of the same name."""
        self.page.context.close()
        if self.own:
            self.own.members &= {self.town.slack.bot.id}

    # Where to look

    @property
    def thread(self) -> Any:
        return self.page.locator("#replies")

    @property
    def channel(self) -> Any:
        return self.page.locator("#messages")

    @property
    def modal(self) -> Any:
        return self.page.locator("#modal")

    @property
    def clio(self) -> Any:
        return self.page.locator("#clio")

    def button(self, name: str | re.Pattern[str], where: Any = None) -> Any:
        return (where or self.page).get_by_role("button", name=name).last

    # What to do

    def matters(self, count: int, more: str = "") -> list[Any]:
        """Let the firm open matters that no other test knows."""
        people = [user for user in self.firm.users if user.enabled and not user.clio_connect]
        return [
            self.firm.add_matter(
                f"{self.mark}{place:02d}-{CLIENTS[place % len(CLIENTS)]}{more}", attorney=people[place % len(people)]
            )
            for place in range(count)
        ]

    def rows(self, matters: Sequence[Any]) -> list[list[str]]:
        """One line for each matter, each of another amount."""
        return [
            [
                one.display_number,
                self.firm.users[one.responsible_attorney_id].name,
                f"{100 + 7 * place}.{place % 100:02d}",
                "",
            ]
            for place, one in enumerate(matters)
        ]

    def drag(self, rows: Sequence[Sequence[str]], name: str = "AR October.csv") -> None:
        """Drag a file of these rows over the window and let it go."""
        text = io.StringIO()
        csv.writer(text).writerows([("Matter", "User", "Balance", "Notes"), *rows])
        data = base64.b64encode(text.getvalue().encode()).decode()
        with self.drawn_anew():
            self.page.evaluate((SCRIPTS / "drag.js").read_text(), {"name": name, "data": data})

    def sample(self, label: str) -> None:
        """Choose a sample in the empty channel."""
        with self.drawn_anew():
            self.page.locator(".sample", has_text=label).click()

    def become(self, person: str) -> None:
        """Be somebody else, in the same place."""
        with self.drawn_anew():
            self.page.locator("#who").select_option(person)

    def drawn_anew(self) -> Any:
        """Wait until the Slack window was drawn anew."""
        return _Anew(self.page)

    def confirm(self, label: str | re.Pattern[str]) -> None:
        """Press a button, and yes where it asks first."""
        self.button(label, self.thread).click()
        self.page.locator("#confirm [data-yes]").click()

    def ask(self, text: str, words: str) -> str:
        """Type the command into the channel's field, and give the answer once one says this."""
        field = self.page.get_by_label(f"Message #{self.room}")
        field.fill(f"/balances {text}")
        field.press("Enter")
        answer = self.channel.locator(".only-you").filter(has_text=words).last
        answer.wait_for()
        return str(answer.inner_text())

    def fix(self) -> None:
        """Open the form that puts lines right; its button may carry their number."""
        self.button(re.compile("^Fix "), self.thread).click()

    def approve(self) -> None:
        """Be the manager and approve."""
        self.become("manager")
        self.confirm(re.compile("^Approve"))

    def posted(self) -> None:
        """Wait for the closing words; where they do not come, say what stands there instead."""
        from playwright.sync_api import TimeoutError as TooLate

        try:
            self.thread.get_by_text("Read back from Clio").wait_for()
        except TooLate as late:
            desk = self.town.desk
            raise AssertionError(
                f"{self.thread.inner_text()[-400:]}\n{desk.state} {desk.trouble} {desk.log()}"
            ) from late

    def held(self) -> list[Any]:
        """Say what Clio holds on this visitor's matters."""
        mine = {one.id for one in self.firm.matters if one.display_number.startswith(self.mark)}
        return [entry for entry in self.town.clio.time_entries if entry.matter_id in mine]

    # How it looks

    def resize(self, size: tuple[int, int], scheme: str) -> None:
        """Give the window another size, in light or dark."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def look(self, name: str, *, size: tuple[int, int] = WIDE, scheme: str = "light") -> None:
        """See that nothing reaches over the page's edge, and with --pictures take one for docs/pictures."""
        self.resize(size, scheme)
        self.fits()
        if self.pictures:
            self._take(name)

    def fits(self) -> None:
        """See that nothing has to be scrolled sideways but tables within themselves."""
        over = self.page.evaluate((SCRIPTS / "overflow.js").read_text())
        assert over == [], over

    def pale(self) -> list[str]:
        """List the words whose colour is too near to what is behind them (WCAG AA), once no colour is on its way."""
        self.page.evaluate((SCRIPTS / "turned.js").read_text())
        found: list[str] = self.page.evaluate((SCRIPTS / "contrast.js").read_text())
        return found

    def _take(self, name: str) -> None:
        from PIL import Image

        today = datetime.now(ZoneInfo(ZONE)).date()
        self.page.evaluate((SCRIPTS / "still.js").read_text(), [today.year, today.month, today.day])
        taken = self.page.screenshot(animations="allow", caret="initial")
        PICTURES.mkdir(exist_ok=True)
        Image.open(io.BytesIO(taken)).convert("RGB").quantize(200, dither=Image.Dither.NONE).save(
            PICTURES / f"{name}.png", optimize=True
        )


class _Anew:
    """The Slack window carries its tab's seat; a new one means that all of it was drawn."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def __enter__(self) -> None:
        self._seat = self._page.locator("#slack").get_attribute("hx-headers")

    def __exit__(self, *_: object) -> None:
        from playwright.sync_api import expect

        expect(self._page.locator("#slack")).not_to_have_attribute("hx-headers", self._seat)


def cells(rows: Any) -> list[list[str]]:
    """Read table rows, each cell as it is shown."""
    read: list[list[str]] = rows.evaluate_all(
        "all => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
    )
    return read


def cents(text: str) -> int:
    """Read an amount as it is shown."""
    return int(Decimal(re.sub(r"[$,]", "", text)) * 100)
