"""Slack's files: what one is, where it was shared, and its bytes."""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from slack_sdk.errors import SlackApiError, SlackClientError

from brought_forward.bot.errors import FileGone, SheetError, SlackAway
from brought_forward.bot.settings import Deployment
from brought_forward.bot.slack.slacks import NotInstalled, Slacks

log = logging.getLogger(__name__)

SLACK_API = "https://slack.com/api/"
SLACK_FILES = "files.slack.com"
PORTS = {"https": 443, "http": 80}
MOST_BYTES = 20 * 1024 * 1024
UNSEEN = {"file_not_found", "access_denied", "not_visible"}  # also where the bot is not in the file's channel
GONE = UNSEEN | {"file_deleted"}
SHEETS = {"xlsx", "xlsm", "xls", "xlsb", "ods", "csv", "tsv", "txt", "text"}

Place = tuple[str, str | None, int | None]  # scheme, host, port


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
    is_external: bool  # it lies with somebody else, at an address that whoever registered it has chosen
    shares: dict[str, list[dict[str, Any]]]  # by channel

    @property
    def sheet_like(self) -> bool:
        """Whether the name says that it may hold balances."""
        ending = self.name.rsplit(".", 1)[-1].lower() if "." in self.name else ""
        return bool({ending, self.kind} & SHEETS)


class Files:
    """Ask Slack about files and fetch them."""

    def __init__(self, slacks: Slacks, settings: Deployment) -> None:
        self._slacks = slacks
        self._settings = settings

    def info(self, file_id: str, firm: str) -> SlackFile:
        """Describe a file. Raises FileGone, and SlackAway where Slack does not say."""
        try:
            answer = self._slacks.of(firm).files_info(file=file_id)
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
            is_external=bool(found.get("is_external") or found.get("mode") == "external"),
            shares=shares,
        )

    def fetch(self, file: SlackFile, name: str, firm: str) -> bytes:
        """Download a file's bytes; `name` is for sentences, since Slack forgets the name of a deleted file.

        Raises SheetError with words for staff, requests' errors while Slack is away, and SlackAway.
        """
        if file.mode in {"tombstone", "hidden_by_limit"}:
            raise SheetError(f"{name} is no longer in Slack. Drop it here again.")
        if file.size > MOST_BYTES:
            raise SheetError(
                f"{name} has {file.size / 1024 / 1024:.0f} MB; 20 MB is the most I read."
                " Keep only the balances in it and drop it here again."
            )
        if file.is_external:
            raise SheetError(_linked(name))
        with requests.Session() as session:
            asked = self._asked(file.url, name, firm)
            given = session.merge_environment_settings(asked.url, {}, None, None, None)  # proxies, certificates
            answer = session.send(asked, timeout=(3.0, 60.0), allow_redirects=False, **given)
        answer.raise_for_status()
        # Without a good token Slack answers 200 with its sign-in page; a sheet saved as a web page has its true length.
        if answer.status_code != 200 or (file.size and len(answer.content) != file.size):
            raise requests.ConnectionError("Slack did not serve the file itself")
        return answer.content

    def as_it_is(self, file_id: str, name: str, firm: str) -> bytes | None:
        """Download what a file holds now. Returns None where it was deleted. Raises as `info` and `fetch` do."""
        try:
            file = self.info(file_id, firm)
        except FileGone:
            return None
        return None if file.mode == "tombstone" else self.fetch(file, name, firm)

    def _asked(self, url: str, name: str, firm: str) -> requests.PreparedRequest:
        """Make the request that carries the token, once it is sure where it goes. Raises SheetError.

        The address is read as it will be sent: of a text with a backslash before an @ two parsers see two hosts, and
        only the one that connects counts. Nothing else signs it: a prepared request asks no .netrc.
        """
        try:
            token = self._slacks.token(firm)
        except NotInstalled as gone:
            raise SlackAway(str(gone)) from gone
        try:
            asked = requests.Request("GET", url, headers={"Authorization": f"Bearer {token}"}).prepare()
            is_safe = "\\" not in url and _place(asked.url or "") == self._home()
        except ValueError:  # requests' words for an address that is none are of this kind too
            is_safe = False
        if not is_safe:
            raise SheetError(_linked(name))
        return asked

    def _home(self) -> Place:
        """Say where the token may go: to Slack's own file host, or to the host that stands in for Slack."""
        if self._settings.slack_api_url == SLACK_API:
            return ("https", SLACK_FILES, 443)
        return _place(requests.Request("GET", self._settings.slack_api_url).prepare().url or "")


def _place(url: str) -> Place:
    """Read scheme, host and port as requests does when it connects. Raises ValueError where somebody is named too."""
    place = urlsplit(url)
    if place.username is not None or place.password is not None:
        raise ValueError("An address with a name in it is none of Slack's.")
    return place.scheme, place.hostname, place.port or PORTS.get(place.scheme)


def _linked(name: str) -> str:
    return f"{name} is only linked here. Save it as Excel or CSV and drop the file itself."
