"""What the doctor says of one thing: it is well, worth knowing, or somebody has to do something. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What a line is for whoever reads it."""

    OK = "ok"
    NOTE = "note"  # nobody has to do anything
    TODO = "to do"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: of what, what is so, and what to do about it."""

    what: str
    state: State
    said: str
    todo: str = ""  # whole sentences; only where something is to be done


def ok(what: str, said: str) -> Finding:
    """Say that something is well."""
    return Finding(what, State.OK, said)


def note(what: str, said: str) -> Finding:
    """Say what is worth knowing."""
    return Finding(what, State.NOTE, said)


def amiss(what: str, said: str, todo: str) -> Finding:
    """Say what is not well, and what to do."""
    return Finding(what, State.TODO, said, todo)
