"""Find the matter that a person means while they type, and suggest the few that a line may mean. Pure.

Nothing found here is taken by itself: a person chooses.
"""

import re
from collections.abc import Iterable, Sequence
from math import log

from rapidfuzz import fuzz, process

from brought_forward.storage.records.firm import Matter, folded
from brought_forward.storage.records.sheet import Line

ALIKE = 60.0  # of 100: below that a suggestion is noise
ALIKE_WORD = 72.0
SUGGESTED = 10  # matters that are only alike, below those that hold what was typed
SHORTEST = 3  # characters from which on likeness says something
NEAR = 80.0  # of 100: a number with a digit or two turned round, a name with a letter wrong
NEAR_WORDS = 88.0
LEADING = re.compile(r"[#\s]*([0-9]+(?:[-./ ][0-9]+)*)(?![0-9])")
WORDS = 8  # of a text, compared one by one


class MatterSearch:
    """Search a firm's matters; build it once for a listing and use it from many threads."""

    def __init__(self, matters: Iterable[Matter]) -> None:
        self._matters = sorted(matters, key=lambda matter: (matter.display_number, matter.id))
        self._numbers = [folded(matter.display_number) for matter in self._matters]
        self._others = [folded(f"{matter.custom_number} {matter.client_reference}") for matter in self._matters]
        names = [folded(f"{matter.client} {matter.description}") for matter in self._matters]
        # A blank before each word, so that " ac" finds the words that begin with it.
        self._words = [
            f" {number} {other} {name}" for number, other, name in zip(self._numbers, self._others, names, strict=True)
        ]
        self._numbered: dict[tuple[str, ...], list[int]] = {}  # by the number before a matter's name
        for place, number in enumerate(self._numbers):
            if key := _number(number):
                self._numbered.setdefault(key, []).append(place)
        self._places: dict[str, list[int]] = {}  # of each word of a client or description
        for place, name in enumerate(names):
            for word in set(name.split()):
                self._places.setdefault(word, []).append(place)
        self._vocabulary = list(self._places)

    def find(self, text: str, limit: int = 100) -> list[Matter]:
        """List the matters that fit what was typed, the likeliest first; all by number where nothing was typed.

        Numbers that begin with it; numbers that hold it, custom number and client reference too; matters of whose
        number, client and description each typed word begins a word; then a few that are only alike.
        """
        wanted = folded(text)
        if not wanted:
            return self._matters[:limit]
        ranked: dict[int, None] = {}
        starting = [place for place, number in enumerate(self._numbers) if number.startswith(wanted)]
        ranked.update(dict.fromkeys(starting[:limit]))
        for texts in (self._numbers, self._others):
            if len(ranked) < limit:
                ranked.update(dict.fromkeys(place for place, one in enumerate(texts) if wanted in one))
        if len(ranked) < limit:
            ranked.update(dict.fromkeys(self._with_words(wanted)))
        if len(ranked) < limit:
            ranked.update(dict.fromkeys(self._alike([wanted], wanted, SUGGESTED)))
        return [self._matters[place] for place in list(ranked)[:limit]]

    def suggest(self, line: Line, limit: int = 3) -> list[Matter]:
        """List the few matters that an unmatched line may mean, the likeliest first. Empty where none is alike."""
        text = folded(line.matter or "")
        before = text.partition(":")[0].strip()
        asked = dict.fromkeys((text, before))
        words = folded(f"{line.client or ''} {text}").replace(":", " ")
        return [self._matters[place] for place in self._alike(asked, words, limit)]

    def near(self, text: str, client: str = "", limit: int = 4) -> list[tuple[Matter, bool]]:
        """List the matters that are so near a text that a person may well have meant one of them, the nearest first.

        A bare number is near none but a matter with that very number before its name: one digit more or less is
        another matter's. `client` is what the line says beside it. Each comes with whether name and number agree as far
        as both are written.
        """
        wanted = folded(text)
        numbered = self._numbered.get(_number(wanted), []) if _number(wanted) else []
        against = [place for place in numbered if not self._agrees(place, wanted)]
        best = dict.fromkeys((place for place in numbered if place not in against), 100.0)
        if any(one.isalpha() for one in wanted):
            for texts in (self._numbers, self._others):
                for _, score, place in process.extract(
                    wanted, texts, scorer=fuzz.ratio, score_cutoff=NEAR, limit=limit
                ):
                    best[place] = max(best.get(place, 0.0), score)
            words = folded(f"{client} {text}").replace(":", " ").replace("-", " ").split()
            for place, score in self._alike_words(words[:WORDS]).items():
                if score >= NEAR_WORDS:
                    best[place] = max(best.get(place, 0.0), score)
        nearest = sorted(best, key=lambda place: (-best[place], place))[:limit]
        if nearest:  # a name says more than a number, which another matter has as soon as a digit is wrong
            return [(self._matters[place], True) for place in nearest]
        return [(self._matters[place], False) for place in against[:limit]]

    def _agrees(self, place: int, wanted: str) -> bool:
        """Tell whether a matter of the number that was written has its name too, where one was written."""
        name = _name(wanted)
        return not name or fuzz.ratio(name, _name(self._numbers[place])) >= ALIKE

    def of_client(self, client: str) -> list[Matter]:
        """List the matters of a client by its name, the open ones first."""
        wanted = folded(client)
        found = [one for one in self._matters if folded(one.client) == wanted]
        return sorted(found, key=lambda one: one.status.lower() == "closed")

    def _with_words(self, wanted: str) -> list[int]:
        """Give the places of matters of which each word that was typed begins a word."""
        places: Sequence[int] = range(len(self._words))
        for word in sorted(wanted.split(), key=len, reverse=True):
            beginning = f" {word}"
            places = [place for place in places if beginning in self._words[place]]
        return list(places)

    def _alike(self, numbers: Iterable[str], words: str, limit: int) -> list[int]:
        """Give the places of matters whose number, or whose client and description, are most like these."""
        best: dict[int, float] = self._alike_words(words.split()[:WORDS])
        for wanted in numbers:
            if len(wanted) < SHORTEST:
                continue
            for texts in (self._numbers, self._others):
                found = process.extract(wanted, texts, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=limit)
                for _, score, place in found:
                    best[place] = max(best.get(place, 0.0), score)
        return sorted(best, key=lambda place: (-best[place], place))[:limit]

    def _alike_words(self, words: Sequence[str]) -> dict[int, float]:
        """Score matters by how like their words are to these, 100 at most; a rare word counts for more."""
        scores: dict[int, float] = {}
        most = 0.0
        for word in words:
            alike = process.extract(word, self._vocabulary, scorer=fuzz.ratio, score_cutoff=ALIKE_WORD, limit=5)
            by_place: dict[int, float] = {}
            for known, score, _ in reversed(alike):  # the likest last, so that it stands
                weight = score * log(1 + len(self._matters) / len(self._places[known]))
                by_place.update(dict.fromkeys(self._places[known], weight))
            rarest = min((len(self._places[known]) for known, _, _ in alike), default=1)
            most += 100 * log(1 + len(self._matters) / rarest)
            for place, weight in by_place.items():
                scores[place] = scores.get(place, 0.0) + weight
        return {place: 100 * score / most for place, score in scores.items() if 100 * score >= ALIKE * most}


def _number(text: str) -> tuple[str, ...]:
    """Read the number that a text begins with, without the zeros before it: "00012-Acme" and "12" are alike."""
    found = LEADING.match(text)
    return tuple(part.lstrip("0") or "0" for part in re.split("[-./ ]", found[1])) if found else ()


def _name(text: str) -> str:
    """Read what stands behind the number that a text begins with."""
    return LEADING.sub("", text, count=1).strip("-:./ ")
