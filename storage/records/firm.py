"""The firm's matters and users as Clio lists them, and what people chose that a text means: plain values."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from unicodedata import normalize


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter of the firm, as Clio lists it."""

    id: int
    display_number: str
    description: str
    status: str  # Open, Pending, Closed
    billable: bool
    billing_method: str  # hourly, flat, contingency
    client: str
    currency: str | None  # ISO code; None where Clio does not say
    responsible_attorney_id: int | None
    custom_number: str = ""
    client_reference: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A user of the firm, as Clio lists them."""

    id: int
    name: str
    first_name: str
    last_name: str
    initials: str
    email: str
    enabled: bool
    clio_connect: bool  # a portal user is no timekeeper


class AliasKind(StrEnum):
    """What a remembered text means."""

    MATTER = "matter"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Alias:
    """What a person chose that a text of the firm's sheets means, until it is forgotten."""

    kind: AliasKind
    text: str  # as the sheet wrote it
    folded: str
    account: str  # the Clio account whose id this is
    clio_id: int
    label: str  # what the matter or user was called when it was chosen
    chosen_by: str
    chosen_at: dt.datetime
    id: int = 0
    channel: str | None = None  # where it was chosen; there alone it holds until it is confirmed. None: not known
    confirmed_by: str | None = None  # the approver who made it the firm's


def folded(text: str) -> str:
    """Fold case, outer and inner white space (NBSP too), and the two ways in which é is written.

    Case as in Unicode's canonical caseless matching (Unicode Standard, 3.13, D145).
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(normalize("NFC", normalize("NFD", text).casefold()).split())


@dataclass(frozen=True, slots=True)
class Near:
    """A matter or user that a text of a sheet may mean; nobody has said so."""

    clio_id: int
    label: str  # the matter's number or the user's name
    sure: bool = True  # else only named: a disabled user, a number that stands before another name


@dataclass(frozen=True, slots=True)
class OpenName:
    """What a line writes for its matter or user and Clio has none of, or several; and what is near it."""

    row: int
    kind: AliasKind
    text: str  # as the sheet writes it
    near: tuple[Near, ...] = ()
    client: str | None = None  # it is no matter's name but this client's: each line of it is a question of its own

    @property
    def only(self) -> Near | None:
        """The only one that is near. Returns None where there are several, or it is not sure."""
        return self.near[0] if len(self.near) == 1 and self.near[0].sure else None


@dataclass(frozen=True, slots=True)
class UsedChoice:
    """A choice that a batch uses, as far as an approver has to know it."""

    id: int
    is_answer: bool  # to a question about the sheet; else what a number or a name was taken as
    kind: str  # matter, user, or the question's
    text: str  # what stands in the sheets, or the answer: a column's letter, "dot"
    means: str  # what it was taken as, or the answer in words
    by: str
    at: dt.datetime
    row: int | None  # the first that is posted by it
    posted: int  # rows of the batch that are
    amount: Decimal  # what they come to
    confirmed_by: str | None = None  # the approver who made it the firm's; None: nobody yet
