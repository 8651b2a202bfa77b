"""Fold what people do not see as a difference between two texts. Pure."""

from unicodedata import normalize


def folded(text: str) -> str:
    """Fold case, outer and inner white space (NBSP too), and the two ways in which é is written.

    Case as in Unicode's canonical caseless matching (Unicode Standard, 3.13, D145).
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(normalize("NFC", normalize("NFD", text).casefold()).split())
