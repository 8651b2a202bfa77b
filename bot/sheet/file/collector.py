"""The garbage collector, told to wait while the cells of a sheet are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def waiting() -> Iterator[None]:
    """Keep the collector from going through all of the process each time a quarter more of it is cells.

    Cells hold no cycles, so there is nothing for it to find; it takes a fifth of a large sheet's time. Whoever found it
    on sets it on again, so that readings in several threads leave it as it was.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
