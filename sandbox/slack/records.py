"""What a workspace holds, and what is written down about its traffic."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Block = dict[str, Any]


@dataclass(slots=True)
class User:
    """A member of the workspace, or a guest in it."""

    id: str
    name: str
    real_name: str
    team_id: str
    is_restricted: bool = False  # a guest
    is_ultra_restricted: bool = False  # a guest of one channel
    is_owner: bool = False  # of the workspace
    is_bot: bool = False
    deleted: bool = False
    is_stranger: bool = False  # from another company, met in a shared channel
    teams: tuple[str, ...] = ()  # of an Enterprise Grid organisation: all its workspaces that this person is in
    tz: str = "America/New_York"


@dataclass(slots=True)
class Channel:
    """A public channel, or a direct conversation of one user with the bot."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    is_im: bool = False
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    is_pending_ext_shared: bool = False  # the other company has not accepted yet


Person = User | str  # or an id
Place = Channel | User | str  # or an id or name; a user stands for the direct conversation with them


@dataclass(slots=True)
class Share:
    """One place where a file can be seen."""

    channel: str
    ts: str
    thread_ts: str | None = None


@dataclass(slots=True)
class File:
    """A file and its bytes."""

    id: str
    name: str
    user: str
    data: bytes
    created: int
    mode: str = "hosted"  # snippet | hosted | external | tombstone
    mimetype: str = "application/octet-stream"
    filetype: str = "binary"
    title: str = ""
    shares: list[Share] = field(default_factory=list)
    is_handed_over: bool = False  # put into a form of the bot's, which may then read it
    address: str = ""  # where it lies by the word of whoever registered it; nobody checks that for Slack
    is_external: bool | None = None  # Slack's flag; None: as the mode says


@dataclass(frozen=True, slots=True)
class Edit:
    """What a message said before it was changed."""

    text: str
    blocks: list[Block]
    replaced_ts: str


@dataclass(slots=True)
class Message:
    """A message as Slack keeps it. `edits` holds its earlier forms, oldest first."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Block] = field(default_factory=list)
    thread_ts: str | None = None
    files: list[File] = field(default_factory=list)
    edited_ts: str | None = None
    edits: list[Edit] = field(default_factory=list)
    ephemeral_to: str | None = None
    is_tombstone: bool = False  # deleted, and kept as a mark since its replies stand below it
    metadata: dict[str, Any] | None = None
    client_msg_id: str | None = None


Values = dict[str, dict[str, dict[str, Any]]]  # what was typed and chosen: block_id, action_id, as Slack shows it


@dataclass(slots=True)
class View:
    """A modal that somebody has open, or somebody's Home tab."""

    id: str
    user: str
    payload: dict[str, Any]
    hash: str
    root_id: str = ""  # of the first view of its stack, which may be itself
    previous_id: str | None = None  # of the view under it
    channel: str | None = None  # that the person was looking at when it was opened
    values: Values = field(default_factory=dict)  # what the person changed in it
    errors: dict[str, str] = field(default_factory=dict)  # what is wrong with what was typed, by block_id
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Trigger:
    """What one interaction may be exchanged for: a view, at once."""

    user: str
    made: float
    channel: str | None = None  # where the person was
    view: str | None = None  # the view in which it was made


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the bot: a Web API method, an upload, a download, or a use of a response_url."""

    at: datetime
    method: str
    args: dict[str, Any]
    ok: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to hand something to the bot. `status` is None when there was no answer."""

    at: datetime
    kind: str  # an event's or an interaction's type, or slash_command
    id: str
    attempt: int  # 0 is the first
    status: int | None
    reason: str = ""  # http_timeout, connection_failed, http_error
    seconds: float = 0.0  # until the bot answered


@dataclass(frozen=True, slots=True)
class Confirm:
    """What Slack asks before it sends a click."""

    title: str
    text: str
    confirm: str
    deny: str


@dataclass(frozen=True, slots=True)
class Click:
    """A pressed button: what was asked first, and how the bot answered. `status` is None when it did not."""

    action_id: str
    value: str | None
    confirm: Confirm | None
    status: int | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a slash command, a form or an options query got back at once."""

    status: int | None
    body: str = ""
    error: str | None = None
    message: Message | None = None  # the ephemeral message made of it, if any
    options: tuple[dict[str, Any], ...] = ()  # what was offered for an external_select, groups laid flat


@dataclass(slots=True)
class Rules:
    """What the pretend Slack does where the real one has a choice; tests shrink the times (seconds)."""

    # and message; sent in this order
    subscriptions: tuple[str, ...] = ("file_shared", "file_deleted", "file_change", "app_home_opened")
    shortcuts: dict[str, str] = field(
        default_factory=lambda: {"balances_message": "message_action", "balances_form": "shortcut"}
    )  # by callback_id: what the app declares
    escapes: bool = True  # `should_escape` of the command: names in its text become ids
    home_tab: bool = True
    socket_mode: bool = False  # then all goes over WebSockets, nothing to the request URL
    answers_pings: bool = True  # of connections opened from then on
    data_blocks: bool = True  # some plans refuse native tables and charts, on every surface: their roll-out is phased
    names_sharer: bool = True  # in file_shared; not every event that speaks of a file says by whom
    names_owner: bool = True  # in a file; one that an app has made may have nobody
    flags_shared: bool = True  # is_ext_shared_channel in an event's envelope, where the channel is shared
    tells_outside: bool = False  # of files in channels that the bot is not in, where it sees the file elsewhere
    answer_within: float = 3.0
    retry_pauses: tuple[float, ...] = (0.0, 60.0, 300.0)
    trigger_seconds: float = 3.0
    response_url_uses: int = 5
    response_url_seconds: float = 1800.0
    messages_a_second: float | None = None  # for each channel; None is no limit
    burst: int = 3
    scopes: frozenset[str] = frozenset(
        {
            "channels:read",
            "chat:write",
            "commands",
            "files:read",
            "files:write",
            "groups:read",
            "usergroups:read",
            "users:read",
        }
    )
    usergroups: dict[str, list[str]] | None = None  # members by id; None is a free plan, which has none
