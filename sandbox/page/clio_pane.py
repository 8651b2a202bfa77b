"""The window on the pretend Clio firm."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from brought_forward.sandbox.clio import ClioSandbox
from brought_forward.sandbox.slack import SlackSandbox


def blueprint(slack: SlackSandbox, clio: ClioSandbox, desk: Any) -> Blueprint:
    """Make the routes below /clio; `templates/clio/pane.html` is drawn with the page."""
    return Blueprint("clio", __name__, url_prefix="/clio")
