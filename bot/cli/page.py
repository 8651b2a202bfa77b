"""A page that says one thing to a browser, which neither keeps it nor tells anybody where it was."""

from collections.abc import Sequence
from html import escape

HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),  # the address holds Clio's code
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
PAGE = (
    "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Clio</title></head><body><p>{}</p></body></html>"
)


def page(words: str) -> tuple[Sequence[tuple[str, str]], bytes]:
    """Make a page of one sentence or more: its headers, and itself."""
    body = PAGE.format(escape(words)).encode()
    return (*HEADERS, ("Content-Length", str(len(body)))), body
