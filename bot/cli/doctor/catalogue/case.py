"""One shape: what a function of `bot.messages` makes of sample records, as Slack gets it. Pure."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar

import simplejson

from brought_forward.bot.messages.blocks import Text, View

Given = ParamSpec("Given")
Made = TypeVar("Made", Text, Text | None, list[Text], View)  # what makes a message or a view returns


class Kind(StrEnum):
    """Where Slack shows it."""

    MESSAGE = "message"
    FORM = "form"
    HOME = "Home tab"


@dataclass(frozen=True, slots=True)
class Case:
    """A shape, and the function that makes it."""

    of: Callable[..., Any]
    about: str  # in which of its states; "" where it has one
    kind: Kind
    payload: dict[str, Any]  # a message's text and blocks, or a view

    @property
    def name(self) -> str:
        """Name it as whoever reads the code finds it."""
        name = f"{self.of.__module__.rpartition('.')[2]}.{self.of.__name__}"
        return f"{name}, {self.about}" if self.about else name


def cases(of: Callable[Given, Made], about: str = "") -> Callable[Given, Iterator[Case]]:
    """Give what makes shapes by a function: called with its arguments, one for each message, form or Home tab."""

    def make(*arguments: Given.args, **more: Given.kwargs) -> Iterator[Case]:
        made = of(*arguments, **more)
        for one in made if isinstance(made, list) else [made]:
            if isinstance(one, Text):
                yield Case(of, about, Kind.MESSAGE, {"text": one.text, "blocks": json.loads(one.json())})
            elif one is not None:
                view = json.loads(simplejson.dumps(one, use_decimal=True))
                yield Case(of, about, Kind.HOME if view["type"] == "home" else Kind.FORM, view)

    return make
