"""A pretend Slack workspace: a real HTTP server on loopback that refuses what Slack refuses."""

from brought_forward.sandbox.slack.app import SlackApp
from brought_forward.sandbox.slack.records import (
    Answer,
    Call,
    Channel,
    Click,
    Confirm,
    Delivery,
    File,
    Message,
    Rules,
    User,
    View,
)
from brought_forward.sandbox.slack.sandbox import SlackSandbox

__all__ = [
    "Answer",
    "Call",
    "Channel",
    "Click",
    "Confirm",
    "Delivery",
    "File",
    "Message",
    "Rules",
    "SlackApp",
    "SlackSandbox",
    "User",
    "View",
]
