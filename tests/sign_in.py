"""Signing in to the pretend Clio: at a terminal with a browser beside it, or at once where a test begins signed in."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from world import World, environment

from brought_forward.bot.clio.oauth import ClioApp
from brought_forward.sandbox.clio import ClioSandbox
from brought_forward.sandbox.serving import hold_port
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.connection import Tokens
from brought_forward.storage.store import Store

BROWSER = """
import os, sys, urllib.error, urllib.request
decision, address = sys.argv[1:]
if os.path.exists(sys.argv[0] + ".first"):
    try:
        urllib.request.urlopen(open(sys.argv[0] + ".first").read())
    except urllib.error.HTTPError as refused:
        open(sys.argv[0] + ".refused", "w").write(f"{refused.code} {refused.read().decode()}")
urllib.request.urlopen(address)
page = urllib.request.urlopen(address, data=f"decision={decision}".encode())
open(sys.argv[0] + ".page", "w").write(page.read().decode())
"""
TO_CONNECT = {
    "clio_access_token": "",
    "clio_client_id": "clio-sandbox-app",
    "clio_client_secret": "clio-sandbox-secret",
}


def allow(clio: ClioSandbox, address: str, decision: str = "allow") -> str:
    """Decide at the page of an address; return where Clio leads then."""
    answer = requests.post(address, data={"decision": decision}, allow_redirects=False, timeout=5)
    return answer.headers["Location"]


def granted(clio: ClioSandbox, user: Any = None) -> Tokens:
    """Allow the app and exchange the code, as `connect` does; `user` is who allows it."""
    if user is not None:
        clio.firm.token_user_id = user.id
    app = ClioApp(clio.site, clio.oauth.app.client_id, clio.oauth.app.client_secret)
    redirect = sorted(clio.oauth.app.redirects)[0]
    place = allow(clio, app.address(redirect, "state"))
    return app.exchange(parse_qs(urlsplit(place).query)["code"][0], redirect)


def sign_in(
    world: World,
    store: Store,
    *,
    tokens: Tokens | None = None,
    account: str | None = None,
    user: Any = None,
    **more: Any,
) -> int:
    """Keep a sign-in of the firm's, made just now; `user` is whose, else that of who owns the account."""
    store.firms.know(TEAM)
    user = user or world.firm.token_user
    return store.connections.sign_in(
        TEAM, region="us", account=account or f"us:{world.firm.account_id}", user_id=user.id, user_name=user.name,
        tokens=tokens or granted(world.clio, user), **more,
    )  # fmt: skip


class Terminal:
    """Where somebody types `brought-forward connect`, with a browser that decides as a person would."""

    def __init__(self, world: World, folder: Path, **more: str) -> None:
        self.world = world
        self.port = hold_port(self)
        self.redirect = f"http://127.0.0.1:{self.port}/"
        world.clio.oauth.app.redirects.add(self.redirect)
        self.browser = folder / "browser.py"
        self.browser.write_text(BROWSER)
        self.environment = environment(world, 3000) | {
            "CLIO_ACCESS_TOKEN": "",
            "CLIO_CLIENT_ID": world.clio.oauth.app.client_id,
            "CLIO_CLIENT_SECRET": world.clio.oauth.app.client_secret,
            "BROWSER": self.browse(),
        } | more  # fmt: skip

    def browse(self, decision: str = "allow") -> str:
        """Say which browser is there: one whose user decides so."""
        return f"{sys.executable} {self.browser} {decision} %s"

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Type a command and wait for its end."""
        return subprocess.run(
            [sys.executable, "-m", "brought_forward.bot", *words], env=self.environment | more, capture_output=True,
            text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def connect(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Connect by the browser."""
        return self.run("connect", "--port", str(self.port), *words, **more)

    def paste(self, change: Any = None, **more: str) -> tuple[int, str]:
        """Connect without a browser: the address that is printed is opened elsewhere, and what follows is pasted.

        `change` gets the address before it is pasted, and returns it as it is pasted.
        """
        command = [sys.executable, "-m", "brought_forward.bot", "connect", "--no-browser", "--port", str(self.port)]
        with subprocess.Popen(
            command, env=os.environ | self.environment | more, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if "/oauth/authorize?" in line:
                    break
            else:
                return process.wait(30), said
            place = allow(self.world.clio, line.strip())
            rest, _ = process.communicate((change(place) if change else place) + "\n", timeout=60)
            return process.returncode, said + rest
