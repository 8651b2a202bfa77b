"""What a sign-in may read, as one read of each kind shows it; nothing is written to find out more."""

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.errors import ClioError, ClioRejected
from brought_forward.storage.records.connection import Right

KINDS = (
    ("users", "/users.json"),
    ("matters", "/matters.json"),
    ("time entries", "/activities.json"),
    ("activity descriptions", "/activity_descriptions.json"),
    ("bills", "/bills.json"),
    ("reports", "/reports.json"),
)


def rights_of(clio: Clio) -> list[Right]:
    """Ask for one of each thing that the bot reads."""
    found = [_right(clio, what, path) for what, path in KINDS]
    return [*found[:4], _billing(clio), *found[4:]]


def _right(clio: Clio, what: str, path: str) -> Right:
    try:
        clio.http.first(path, "id")
    except ClioRejected as refusal:
        return Right(what, False, str(refusal))
    except ClioError:
        return Right(what, None)
    return Right(what, True)


def _billing(clio: Clio) -> Right:
    what = "billing settings"
    try:
        clio.billing()
    except ClioRejected as refusal:
        return Right(what, False, str(refusal))
    except ClioError:
        return Right(what, None)
    return Right(what, True)
