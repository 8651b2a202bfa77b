"""A firm's app in Slack and its sign-ins to Clio: plain values. Tokens never stand in what is printed of them."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


class Source(StrEnum):
    """Where a token comes from."""

    ENVIRONMENT = "environment"  # the process has it; the file does not
    CONNECT = "connect"  # somebody signed in, and the file holds it, sealed
    INSTALL = "install"  # somebody installed the app in a workspace, and the file holds its token, sealed


class Ended(StrEnum):
    """Why a sign-in is over."""

    REPLACED = "connect"  # somebody signed in anew
    DISCONNECTED = "disconnect"  # somebody signed out
    REFUSED = "clio"  # Clio takes it no more, and gives no other for it


class Left(StrEnum):
    """How the app left a workspace."""

    UNINSTALLED = "uninstalled"
    REVOKED = "revoked"  # its token, by somebody of the workspace or by Slack


class Holder(StrEnum):
    """What became of who holds a sign-in."""

    HERE = "here"
    DISABLED = "disabled"  # in Clio
    LEFT = "left"  # Slack's workspace


class News(StrEnum):
    """What approvers are told of a sign-in, once."""

    TOOK_OVER = "took over"  # it stood by, and the first one is over
    LOST = "lost"  # it stood by, and Clio takes it no more
    DISABLED = "disabled"  # who holds it is disabled in Clio
    LEFT = "left"  # who holds it has left Slack's workspace


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Clio gave for a sign-in."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)  # None: it ends when the access token does
    life: float | None  # seconds that Clio gave the access token; None: it did not say


@dataclass(frozen=True, slots=True)
class ClioSignIn:
    """One sign-in of a firm to Clio, without its tokens."""

    id: int
    firm: str
    region: str  # us, ca, eu, au, or the host where another address is set
    source: Source
    account: str | None  # "us:1234", once Clio has said so
    user_id: int | None
    user_name: str | None
    can_refresh: bool
    key_id: str | None
    expires_at: dt.datetime | None  # the access token's end; None: not known
    life: float | None
    version: int
    connected_at: dt.datetime
    refreshed_at: dt.datetime | None
    refresh_at: dt.datetime | None  # not tried again before
    warned: int | None  # days before its end that approvers were last told of
    ended_at: dt.datetime | None
    ended_by: Ended | None
    stands_by: bool = False  # it takes over once the first of its account is over
    took_over: int | None = None  # the one that it took over from
    person: str | None = None  # who holds it, in Slack, where somebody said so
    holder: Holder = Holder.HERE
    looked_at: dt.datetime | None = None  # when somebody last looked what became of who holds it
    news: News | None = None  # what approvers are still to be told of it

    @property
    def name(self) -> str:
        """Whose it is, as people call them."""
        return called(self.user_id, self.user_name)


def called(user_id: int | None, user_name: str | None) -> str:
    """Call a user of Clio's by what is known of them."""
    return user_name or (f"user {user_id}" if user_id else "a user that Clio does not name")


@dataclass(frozen=True, slots=True)
class Installation:
    """A firm's app in Slack."""

    firm: str
    bot_user: str
    source: Source
    installed_at: dt.datetime
    ended_at: dt.datetime | None = None
    ended_by: Left | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """Whether a sign-in may read something."""

    what: str
    may: bool | None  # None: Clio did not answer
    todo: str = ""


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """A sign-in that somebody began in their Home tab, by the state that Clio hands back with its answer."""

    digest: str  # of the state, which stands nowhere
    firm: str
    person: str
    region: str
    is_over: bool  # nobody answered it in time
    is_used: bool  # it was answered
    connection: int | None  # what came of it
