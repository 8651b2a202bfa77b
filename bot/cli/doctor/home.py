"""The doctor as the bot itself asks it, for an administrator in their Home tab."""

import threading
from collections.abc import Callable, Iterator

from brought_forward.bot.cli.doctor.look import look, parts
from brought_forward.bot.messages.check import Line
from brought_forward.bot.settings import Settings


def from_home(settings: Settings) -> Callable[[threading.Event], Iterator[Line]]:
    """Give the look that `brought-forward doctor` makes; it ends early where the bot stops."""

    def lines(stopping: threading.Event) -> Iterator[Line]:
        for part in parts(settings, pause=stopping.wait):
            for one in look(part):
                if stopping.is_set():
                    return
                yield Line(part.name, one.what, one.state.value, one.said, one.todo)

    return lines
