"""Find a firm's matters and users by what people write, in a fixed order, each step by one look into a dictionary."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from brought_forward.storage.records.firm import Matter, User, folded


class Way(StrEnum):
    """How a matter was found, in Clio's words for its fields; the order is that of the search."""

    NUMBER = "number"
    CUSTOM = "custom number"
    REFERENCE = "client reference"
    DESCRIBED = "client and description"


@dataclass(frozen=True, slots=True)
class Found:
    """The matters that a text fits by the first way that fits any; more than one is for people."""

    way: Way
    matters: list[Matter]


def names_of(users: Iterable[User]) -> frozenset[str]:
    """Give everything that users who keep time are called in a sheet, folded."""
    found = set()
    for user in users:
        if not user.clio_connect:
            found |= {user.name, f"{user.last_name}, {user.first_name}", user.email, user.initials}
    return frozenset(folded(name) for name in found if name.strip(", "))


def numbers_of(matters: Iterable[Matter]) -> frozenset[str]:
    """Give the numbers that matters go by, and the names by client and description, folded."""
    every = list(matters)
    described = (f"{one.client}: {one.description}" for one in every if one.client and one.description)
    return frozenset(map(folded, [*(one.display_number for one in every), *described]))


class FirmIndex:
    """The firm's matters and users, by every name they go by."""

    def __init__(self, matters: Iterable[Matter], users: Iterable[User]) -> None:
        self._matters: dict[int, Matter] = {}
        self._exact: dict[str, list[Matter]] = {}
        self._numbers: dict[str, list[Matter]] = {}
        self._custom: dict[str, list[Matter]] = {}
        self._references: dict[str, list[Matter]] = {}
        self._described: dict[tuple[str, str], list[Matter]] = {}
        self._clients: dict[str, list[Matter]] = {}
        for matter in matters:
            self._add(matter)
        self._users: dict[int, User] = {}
        self._asked: dict[str, list[User]] = {}
        self._named: dict[str, list[User]] = {}
        self._called: tuple[dict[str, list[User]], ...] = ({}, {}, {}, {})
        for user in users:
            self._users[user.id] = user
            self._named.setdefault(user.name, []).append(user)
            last_first = f"{user.last_name}, {user.first_name}" if user.last_name and user.first_name else ""
            for table, name in zip(self._called, (user.name, last_first, user.email, user.initials), strict=True):
                if key := folded(name):
                    table.setdefault(key, []).append(user)

    def _add(self, matter: Matter) -> None:
        self._matters[matter.id] = matter
        self._exact.setdefault(matter.display_number, []).append(matter)
        for table, text in (
            (self._numbers, matter.display_number),
            (self._custom, matter.custom_number),
            (self._references, matter.client_reference),
        ):
            if text and (key := folded(text)):
                table.setdefault(key, []).append(matter)
        if matter.client:
            self._clients.setdefault(folded(matter.client), []).append(matter)
        if matter.client and matter.description:
            self._described.setdefault((folded(matter.client), folded(matter.description)), []).append(matter)

    # Matters

    def exact(self, text: str) -> list[Matter]:
        """Find matters whose display number is this text, character by character."""
        return self._exact.get(text, []) if text else []

    def find(self, text: str, client: str | None = None) -> Found | None:
        """Find the matters that a text fits; `client` is what the line says beside it.

        The order is that of facts on Clio's data: display number exactly, then folded; what stands before the first
        colon, since Clio's pages show "00012-Acme: Lease review"; custom number; client reference; client name and
        description together.
        """
        for way, matters in self._tries(text, client):
            if matters:
                return Found(way, matters)
        return None

    def _tries(self, text: str, client: str | None) -> Iterator[tuple[Way, list[Matter]]]:
        yield Way.NUMBER, self.exact(text)
        keys = [folded(text)]
        yield Way.NUMBER, self._numbers.get(keys[0], [])
        before, colon, after = text.partition(":")
        if colon:
            yield Way.NUMBER, self.exact(before.strip())
            keys.append(folded(before))
            yield Way.NUMBER, self._numbers.get(keys[1], [])
        for way, table in ((Way.CUSTOM, self._custom), (Way.REFERENCE, self._references)):
            for key in keys:
                yield way, table.get(key, [])
        if client:
            yield Way.DESCRIBED, self._described.get((folded(client), keys[0]), [])
        if colon:
            yield Way.DESCRIBED, self._described.get((keys[1], folded(after)), [])

    def of_client(self, text: str) -> list[Matter]:
        """List the open matters of the client whose name this is. Empty where it is no client's."""
        return [one for one in self._clients.get(folded(text), ()) if one.status.lower() != "closed"]

    def matter(self, matter_id: int) -> Matter | None:
        """Find a matter by Clio's id."""
        return self._matters.get(matter_id)

    # Users

    def named(self, text: str) -> list[User]:
        """Find users whose full name is this text, character by character."""
        return self._named.get(text, [])

    def users(self, text: str) -> list[User]:
        """Find users by name, "Last, First", e-mail or initials: by the first of these that fits any.

        Who uses the client portal keeps no time, and is found only where nobody else fits.
        """
        if text not in self._asked:
            self._asked[text] = self._find_users(text)  # a sheet has few names, each on many lines
        return self._asked[text]

    def _find_users(self, text: str) -> list[User]:
        key = folded(text)
        if "," in text:
            last, _, first = text.partition(",")
            key = f"{folded(last)}, {folded(first)}"
        for table in self._called:
            if found := table.get(key):
                return [user for user in found if not user.clio_connect] or found
        return []

    def user(self, user_id: int | None) -> User | None:
        """Find a user by Clio's id."""
        return self._users.get(user_id) if user_id is not None else None
