"""The bot's request URL: what Slack sends there is signed, and answered within three seconds."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import requests

from brought_forward.sandbox.slack.way import Reply, Sort
from brought_forward.sandbox.slack.workspace import Workspace

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a body: https://docs.slack.dev/authentication/verifying-requests-from-slack ."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


class RequestUrl:
    """The way over HTTP."""

    def __init__(self, workspace: Workspace, signing_secret: str, url: str | None) -> None:
        self.workspace = workspace
        self.signing_secret = signing_secret
        self.url = url

    @property
    def is_known(self) -> bool:
        """Tell whether a URL is set."""
        return self.url is not None

    def exchange(self, sort: Sort, payload: dict[str, Any], attempt: int, reason: str) -> Reply:
        """Send one signed request."""
        if self.url is None:
            return Reply(None, reason="no_request_url")
        content_type, body = _encode(sort, payload)
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self.signing_secret, timestamp, body),
        }
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy has no part in loopback
                answer = session.post(self.url, data=body, headers=headers, timeout=self.workspace.rules.answer_within)
        except requests.Timeout:
            return Reply(None, reason="http_timeout")
        except requests.RequestException:
            return Reply(None, reason="connection_failed")
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, answer.text, "http_error", found)


def _encode(sort: Sort, payload: dict[str, Any]) -> tuple[str, bytes]:
    if sort is Sort.EVENTS:
        return JSON, json.dumps(payload).encode()
    return FORM, urlencode(payload if sort is Sort.COMMANDS else {"payload": json.dumps(payload)}).encode()
