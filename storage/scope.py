"""Whose work is being done: said once where it begins, so that a transaction of one firm keeps no other waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_firm: ContextVar[str | None] = ContextVar("firm", default=None)


@contextmanager
def of_firm(firm: str | None) -> Iterator[None]:
    """Do one firm's work within it, in this thread; of no firm where none is known."""
    before = _firm.set(firm)
    try:
        yield
    finally:
        _firm.reset(before)


def whose() -> str | None:
    """Name the firm whose work this thread does. Returns None where it is nobody's or everybody's."""
    return _firm.get()
