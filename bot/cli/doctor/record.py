"""What Clio and Slack answer to each call, as shapes alone, for whoever keeps the pretend ones true."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from brought_forward.bot.cli.doctor.redaction import Shape, merged, shape_of
from brought_forward.bot.clio.http import API_VERSION
from brought_forward.storage.database import PRIVATE

FORMAT = 1  # of the file
API = "/api/v4"  # where Clio's addresses begin
# Of the headers that we use: those whose values say nothing of a firm, and those of which only the kind is kept.
VALUES = ("content-type", "x-api-version", "x-oauth-scopes", "x-ratelimit-limit")
KINDS = ("date", "retry-after", "x-ratelimit-remaining", "x-ratelimit-reset")
FIELDS = "fields"  # of a query, the one value that is ours alone


@dataclass(slots=True)
class Record:
    """Collect answers; those to one call with one status are one shape."""

    _calls: dict[tuple[str, str, str, str, int], dict[str, Any]] = field(default_factory=dict)
    _cent: dict[str, str] = field(default_factory=dict)

    def clio(self, answer: requests.Response) -> None:
        """Take in an answer of Clio's."""
        url = urlsplit(str(answer.request.url))
        path = re.sub(r"/\d+(?=[./])", "/{id}", url.path.partition(API)[2])
        query = parse_qsl(url.query, keep_blank_values=True)
        fields = next((value for name, value in query if name == FIELDS), "")
        filters = "&".join(sorted({name for name, _ in query if name != FIELDS}))
        asked = f"{answer.request.method} {path}{'?' * bool(filters)}{filters}"
        sent = _sent(answer.request.body)
        self._keep("clio", asked, (fields, sent), answer.status_code, answer.headers, _body(answer.content))

    def cent(self, form: str, came: str) -> None:
        """Take in what came of the cent in one form."""
        self._cent[form] = came

    def slack(self, method: str, answer: SlackResponse) -> None:
        """Take in an answer of Slack's."""
        body = shape_of(answer.data) if isinstance(answer.data, dict) else "no JSON"
        self._keep("slack", method, ("", ""), answer.status_code, answer.headers, body)

    def _keep(
        self, service: str, call: str, asked: tuple[str, str], status: int, headers: Mapping[str, str], body: Shape
    ) -> None:
        kept = self._calls.setdefault((service, call, *asked, status), {"headers": {}, "body": body})
        kept["headers"] |= _headers(headers)
        kept["body"] = merged([kept["body"], body])

    def json(self, version: str) -> str:
        """Write all of it."""
        calls = [
            {"service": service, "call": call, **({"fields": fields} if fields else {}),
             **({"sent": sent} if sent else {}), "status": status, **kept}
            for (service, call, fields, sent, status), kept in self._calls.items()
        ]  # fmt: skip
        cent = {"cent": self._cent} if self._cent else {}
        content = {"format": FORMAT, "version": version, "api": API_VERSION, **cent, "calls": calls}
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"

    def write(self, file: Path, version: str) -> None:
        """Write it to a file of this account's alone. Raises OSError."""
        with open(file, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, PRIVATE)) as to:
            to.write(self.json(version))


class RecordedClient(WebClient):
    """Slack's Web API, each answer recorded."""

    def __init__(self, record: Record, token: str, **more: Any) -> None:
        super().__init__(token, **more)
        self._record = record

    def api_call(self, api_method: str, **more: Any) -> SlackResponse:
        """Call a method, and record what it answers."""
        try:
            answer = super().api_call(api_method, **more)
        except SlackApiError as refusal:
            if isinstance(refusal.response, SlackResponse):
                self._record.slack(api_method, refusal.response)
            raise
        self._record.slack(api_method, answer)
        return answer


def _sent(body: str | bytes | None) -> str:
    """Name what a call that writes has sent: our own words, without their values. Empty where nothing was sent."""
    data = json.loads(body).get("data", {}) if body else {}
    return ", ".join(sorted(data))


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    low = {name.lower(): value for name, value in headers.items()}
    kept = {name: low[name] for name in VALUES if name in low}
    return kept | {name: shape_of(low[name]) for name in KINDS if name in low}


def _body(content: bytes) -> Shape:
    if not content:
        return "nothing"
    try:
        return shape_of(json.loads(content, parse_float=Decimal))
    except ValueError:
        return "no JSON"
