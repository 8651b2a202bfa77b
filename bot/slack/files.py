"""Slack's files: what one is, where it was shared, and its bytes."""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from brought_forward.bot.errors import FileGone, SheetError, SlackAway
from brought_forward.bot.settings import Settings

log = logging.getLogger(__name__)

SLACK_API = "https://slack.com/api/"
SLACK_FILES = "files.slack.com"
MOST_BYTES = 20 * 1024 * 1024
UNSEEN = {"file_not_found", "access_denied", "not_visible"}  # also where the bot is not in the file's channel
GONE = UNSEEN | {"file_deleted"}
SHEETS = {"xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "tsv", "txt", "text"}


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file as Slack describes it."""

    id: str
    name: str
    kind: str  # Slack's filetype, or the name's ending
    size: int
    owner: str
    url: str
    mode: str
    shares: dict[str, list[dict[str, Any]]]  # by channel

    @property
    def sheet_like(self) -> bool:
        """Whether the name says that it may hold balances."""
        ending = self.name.rsplit(".", 1)[-1].lower() if "." in self.name else ""
        return bool({ending, self.kind} & SHEETS)


class Files:
    """Ask Slack about files and fetch them."""

    def __init__(self, client: WebClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def info(self, file_id: str) -> SlackFile:
        """Describe a file. Raises FileGone, and SlackAway where Slack does not say."""
        try:
            answer = self._client.files_info(file=file_id)
        except SlackApiError as refusal:
            error = str(refusal.response.get("error"))
            if error in GONE:
                raise FileGone(error, unseen=error in UNSEEN) from refusal
            raise SlackAway(error) from refusal
        except (SlackClientError, OSError) as silent:
            raise SlackAway(type(silent).__name__) from silent
        found: dict[str, Any] = answer["file"]
        shares: dict[str, list[dict[str, Any]]] = {}
        for places in (found.get("shares") or {}).values():
            for channel, times in places.items():
                shares.setdefault(channel, []).extend(times)
        return SlackFile(
            id=file_id,
            name=str(found.get("name") or found.get("title") or "file"),
            kind=str(found.get("filetype") or ""),
            size=int(found.get("size") or 0),
            owner=str(found.get("user") or ""),
            url=str(found.get("url_private_download") or found.get("url_private") or ""),
            mode=str(found.get("mode") or ""),
            shares=shares,
        )

    def fetch(self, file: SlackFile, name: str) -> bytes:
        """Download a file's bytes; `name` is for sentences, since Slack forgets the name of a deleted file.

        Raises SheetError with words for staff, requests' errors while Slack is away.
        """
        if file.mode in {"tombstone", "hidden_by_limit"}:
            raise SheetError(f"{name} is no longer in Slack. Drop it here again.")
        if file.size > MOST_BYTES:
            raise SheetError(
                f"{name} has {file.size / 1024 / 1024:.0f} MB; 20 MB is the most I read."
                " Keep only the balances in it and drop it here again."
            )
        if not self._is_slacks(file.url):
            raise SheetError(f"{name} is only linked here. Save it as Excel or CSV and drop the file itself.")
        answer = requests.get(
            file.url,
            headers={"Authorization": f"Bearer {self._settings.slack_bot_token.get_secret_value()}"},
            timeout=(3.0, 60.0),
            allow_redirects=False,
        )
        answer.raise_for_status()
        # Without a good token Slack answers 200 with its sign-in page; a sheet saved as a web page has its true length.
        if answer.status_code != 200 or (file.size and len(answer.content) != file.size):
            raise requests.ConnectionError("Slack did not serve the file itself")
        return answer.content

    def as_it_is(self, file_id: str, name: str) -> bytes | None:
        """Download what a file holds now; None where it was deleted. Raises as `info` and `fetch` do."""
        try:
            file = self.info(file_id)
        except FileGone:
            return None
        return None if file.mode == "tombstone" else self.fetch(file, name)

    def _is_slacks(self, url: str) -> bool:
        """Whether the token may go there: only to Slack's own file host, or to the host that stands in for Slack."""
        place = urlsplit(url)
        if self._settings.slack_api_url == SLACK_API:
            return place.scheme == "https" and place.hostname == SLACK_FILES
        api = urlsplit(self._settings.slack_api_url)
        return (place.scheme, place.netloc) == (api.scheme, api.netloc)
