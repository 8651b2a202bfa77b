"""Say which names of a sheet's lines are open, and which of the firm's matters and users are near them. Pure.

Nothing that is near is ever taken by itself: a person chooses.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from rapidfuzz import fuzz

from brought_forward.bot.matching.index import FirmIndex
from brought_forward.bot.matching.search import MatterSearch
from brought_forward.storage.records.firm import Alias, AliasKind, Matter, Near, OpenName, User, folded
from brought_forward.storage.records.sheet import Line

NEAR = 85.0  # of 100: as like as a name with a letter or two wrong
SEVERAL = 4  # near ones that are looked for; more say nothing
TEXTS = 300  # different texts for whose likes a firm's matters are searched; a search over 20,000 takes 20 ms
INITIALS = 3  # letters from which on the beginning of a name stands for it


def open_names(
    lines: Iterable[Line],
    left_out: Collection[int],
    firm: FirmIndex,
    aliases: Sequence[Alias],
    users: Sequence[User],
    search: Callable[[], MatterSearch],
) -> list[OpenName]:
    """List the open names of lines that are left out, by row; those that a person left out are nobody's question.

    `left_out` are rows; `search` makes the index, which is costly, where there is something to look for.
    """
    return _Names(firm, aliases, users, search).of(
        line for line in lines if (line.row in left_out or line.unreadable) and line.skipped is None
    )


class _Names:
    def __init__(
        self, firm: FirmIndex, aliases: Sequence[Alias], users: Sequence[User], search: Callable[[], MatterSearch]
    ) -> None:
        self._firm = firm
        self._chosen = {(alias.kind, alias.folded): alias.clio_id for alias in aliases}
        self._keepers = [user for user in users if not user.clio_connect]
        self._make = search
        self._search: MatterSearch | None = None
        self._matters: dict[tuple[str, str], tuple[Near, ...]] = {}
        self._users: dict[str, tuple[Near, ...]] = {}

    def of(self, lines: Iterable[Line]) -> list[OpenName]:
        found: list[OpenName] = []
        for line in lines:
            found += [one for one in (self._matter(line), self._user(line)) if one]
        return found

    def _matter(self, line: Line) -> OpenName | None:
        text = line.matter or ""
        if not text:
            return self._of_client(line, line.client or "") if line.unreadable else None
        chosen = self._chosen.get((AliasKind.MATTER, folded(text)))
        if len(self._firm.exact(text)) == 1 or self._firm.matter(chosen or 0):
            return None
        found = self._firm.find(text, line.client)
        if found is None:
            return self._of_client(line, text) or OpenName(
                line.row, AliasKind.MATTER, text, self._near_matters(text, line.client or "")
            )
        if len(found.matters) == 1:
            return None
        return OpenName(line.row, AliasKind.MATTER, text, tuple(map(_near_matter, found.matters[:SEVERAL])))

    def _of_client(self, line: Line, text: str) -> OpenName | None:
        """Take a text for a client's name; the one open matter of such a client is near, of several none is."""
        matters = self._firm.of_client(text)
        if not matters:
            return None
        near = tuple(map(_near_matter, matters)) if len(matters) == 1 else ()
        return OpenName(line.row, AliasKind.MATTER, text, near, matters[0].client)

    def _near_matters(self, text: str, client: str) -> tuple[Near, ...]:
        key = (folded(text), folded(client))
        if key not in self._matters:
            if len(self._matters) >= TEXTS:
                return ()
            self._search = self._search or self._make()
            near = self._search.near(text, client, SEVERAL)
            self._matters[key] = tuple(Near(matter.id, matter.display_number, sure) for matter, sure in near)
        return self._matters[key]

    def _user(self, line: Line) -> OpenName | None:
        text = line.user or ""
        if not text or self._firm.user(self._chosen.get((AliasKind.USER, folded(text)))):
            return None
        if len(self._firm.named(text)) == 1 or len(self._firm.users(text)) == 1:
            return None
        if text not in self._users:
            found = self._firm.users(text) or near_users(text, self._keepers)
            self._users[text] = tuple(Near(one.id, one.name, one.enabled) for one in found[:SEVERAL])
        return OpenName(line.row, AliasKind.USER, text, self._users[text])


def near_users(text: str, users: Iterable[User]) -> list[User]:
    """List the users whose name holds all that was written, or is like it, the likest first."""
    wanted = folded(text).replace(",", " ").replace(".", " ").split()
    if not wanted:
        return []
    scores = [(_likeness(wanted, user), user) for user in users]
    return [user for score, user in sorted(scores, key=lambda one: (-one[0], one[1].name)) if score >= NEAR]


def _likeness(wanted: Sequence[str], user: User) -> float:
    """Score 100 where each word written is one of the name's, or begins one and another is one whole."""
    names = folded(f"{user.first_name} {user.last_name} {user.name}").replace(".", " ").split()
    whole = sum(1 for word in wanted if word in names)
    begins = all(any(name.startswith(word) for name in names) for word in wanted)
    if begins and (whole or max(map(len, wanted)) >= INITIALS):
        return 100.0
    written = " ".join(sorted(wanted))
    return max(fuzz.ratio(written, " ".join(sorted(set(names)))), fuzz.ratio(" ".join(wanted), folded(user.email)))


def _near_matter(matter: Matter) -> Near:
    return Near(matter.id, matter.display_number)
