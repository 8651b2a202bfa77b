"""What the client gives to the calls that it takes in: how one is made, not what is asked."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from brought_forward.bot.clio.refusals import Fields
from brought_forward.bot.settings import Timing

IDS = 100  # asked for in one call; longer addresses may be refused


class Numbered(Protocol):
    """A record of Clio's."""

    @property
    def id(self) -> int:
        """Clio's id."""


Shape = TypeVar("Shape")
OfId = TypeVar("OfId", bound=Numbered)


class Calls:
    """The ways of asking; `bot.clio.client` is where they are made."""

    _base: str
    _timing: Timing
    _fields: Fields

    def _list(
        self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape], **filters: Any
    ) -> Iterator[Shape]:
        raise NotImplementedError

    def _first(self, path: str, fields: str) -> None:
        raise NotImplementedError

    def _record(self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape]) -> Shape:
        raise NotImplementedError

    def _made(self, path: str, fields: str, shape: Callable[[dict[str, Any]], Shape], body: dict[str, Any]) -> Shape:
        raise NotImplementedError

    def _place(self, path: str) -> str:
        raise NotImplementedError

    def _of_ids(
        self, path: str, fields: str, shape: Callable[[dict[str, Any]], OfId], ids: Sequence[int]
    ) -> list[OfId]:
        """List records by id, as far as they are there and the connected user may see them; 100 in a call."""
        found: list[OfId] = []
        for place in range(0, len(ids), IDS):
            some = ids[place : place + IDS]
            wanted = set(some)  # Clio ignores a filter it does not know, so what it answers is checked
            found += [one for one in self._list(path, fields, shape, **{"ids[]": list(some)}) if one.id in wanted]
        return found
