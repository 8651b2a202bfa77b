"""The page as a Flask app: two windows, each a blueprint of its own, behind one set of guards."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

from flask import Flask, render_template

from brought_forward.sandbox.clio import ClioSandbox
from brought_forward.sandbox.page import clio_pane, slack_pane
from brought_forward.sandbox.page.guards import guard
from brought_forward.sandbox.slack import SlackSandbox

MOST_BYTES = 64 * 1024 * 1024  # of one request: several files at once


def make_page(slack: SlackSandbox, clio: ClioSandbox, desk: Any) -> Flask:
    """Make the page over a pretend Slack and a pretend Clio.

    `desk` starts and stops the bot and sets how fast time runs; the Slack window never touches it.
    """
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 86_400  # an asset's address changes with its bytes
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    token = guard(app)
    stamps = {file.name: f"{zlib.crc32(file.read_bytes()):08x}" for file in Path(app.static_folder or "").iterdir()}
    app.context_processor(lambda: {"token": token, "stamps": stamps})
    window = slack_pane.SlackPane(slack, clio.firm)
    app.register_blueprint(window.blueprint())
    app.register_blueprint(clio_pane.blueprint(slack, clio, desk))

    @app.get("/")
    def page() -> str:
        return render_template("page.html", **window.sit_down())

    return app
