"""The errors that the pretend Clio answers."""

from __future__ import annotations


class ProblemError(Exception):
    """An answer with Clio's Error object: `{"error": {"type": ..., "message": ...}}`."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message


def bad_request(message: str, kind: str = "ArgumentError") -> ProblemError:
    """Say that the request cannot be read."""
    return ProblemError(400, kind, message)


def not_found(what: str) -> ProblemError:
    """Say that there is no such thing, or none that the connected user may see."""
    return ProblemError(404, "RecordNotFound", f"{what} was not found")


def refused(message: str) -> ProblemError:
    """Say that the record is not valid; it was not created."""
    return ProblemError(422, "UnprocessableEntity", message)
