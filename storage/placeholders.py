"""Placeholders: storage writes SQLite's, `?`, `?2` and `:name`; PostgreSQL reads `$1`, `$2`."""

import re
from functools import lru_cache

# What stands in quotes or in a comment is no placeholder; two colons are a cast. Tried in this order, at each place.
_PARTS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|::|\?(\d*)|:([A-Za-z_]\w*)""", re.DOTALL)


@lru_cache(maxsize=4096)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Write a statement with `$1`, `$2`. Returns it and, where its placeholders have names, these in their order.

    As in SQLite, a bare `?` has the number after the greatest before it, and a name that comes again its first number.
    Raises ValueError for names and numbers in one statement, which storage never writes.
    """
    names: list[str] = []
    greatest = 0

    def number(found: re.Match[str]) -> str:
        nonlocal greatest
        digits, name = found.groups()
        if name is not None:
            if name not in names:
                names.append(name)
            return f"${names.index(name) + 1}"
        if digits is None:
            return found[0]
        place = int(digits) if digits else greatest + 1
        greatest = max(greatest, place)
        return f"${place}"

    text = _PARTS.sub(number, sql)
    if names and greatest:
        raise ValueError("a statement names some of its values and numbers others")
    return text, tuple(names)
