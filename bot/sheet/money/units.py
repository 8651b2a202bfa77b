"""Units that titles and headings count amounts in: "in thousands", "($000)", "$ millions", "in lakhs"."""

import re

FACTORS = {"thousand": 1_000, "lakh": 100_000, "million": 1_000_000, "crore": 10_000_000}
_SIGN = "(?:us|ca|au|nz|c|a)?[$£€₹]"
_LETTERS = "k|mm|mn|m"
_OF = r"(?:\s+of\s+(?:[\w.]+\s+)?(?:dollars|pounds|euros|rupees|[$£€₹]|[a-z]{3}\b))"
UNIT = re.compile(
    rf"(?:\bin\s+(?:{_SIGN}\s?)?|{_SIGN}\s?|[(\['’]\s?|\b(?:usd|cad|aud|nzd|gbp|eur|inr)\s+)"
    rf"(?P<word>thousand|million|lakh|crore)s?\b(?!\s+oaks){_OF}?"
    rf"|\b(?P<of>thousand|million|lakh|crore)s{_OF}"
    rf"|(?<![\w.,])(?P<noughts>(?:in\s+)?(?:{_SIGN}|[(\['’x×])[(\['’]?\s?000(?:['’]?s)?(?![\w,.]*\d)"
    r"|in\s+000(?:['’]?s)?\b|(?:in\s+)?(?:1[,.]?)?000['’]?s\b|[x×]\s?1[,.]?000\b)"
    rf"|{_SIGN}\s?(?P<letter>{_LETTERS})\b|[(\[](?:{_SIGN})?(?P<alone>{_LETTERS})[)\]]",
    re.IGNORECASE,
)
HINT = re.compile(rf"000|thousand|million|lakh|crore|[$£€₹(\[]\s?(?:{_LETTERS})\b", re.IGNORECASE)


def unit_in(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Find a unit: the words that say it, and what they can mean, as names of FACTORS; None where there is none."""
    found = UNIT.search(text) if HINT.search(text) else None
    if found is None:
        return None
    said = (found["word"] or found["of"] or found["letter"] or found["alone"] or "thousand").lower()
    return found[0].strip(" ([)]"), meanings_of(said)


def meanings_of(word: str) -> tuple[str, ...]:
    """Name what a word or a letter can mean; M is a million to some and a thousand to others."""
    word = word.lower().removesuffix("s")
    if word in FACTORS:
        return (word,)
    return ("thousand",) if word in {"k", "tsd"} else ("million",) if word != "m" else ("thousand", "million")


def without_unit(heading: str) -> str:
    """Take a unit out of a heading, so that "Balance (000s)" is known as a balance."""
    return UNIT.sub(" ", heading) if HINT.search(heading) else heading
