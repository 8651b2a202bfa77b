"""A page that says one thing to a browser, which neither keeps it nor tells anybody where it was."""

from collections.abc import Sequence
from html import escape

HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),  # the address holds Clio's code, or Slack's
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)
PAGE = "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{}</title></head><body>{}</body></html>"


def page(words: str, title: str = "Clio") -> tuple[Sequence[tuple[str, str]], bytes]:
    """Make a page of one sentence or more, paragraphs parted by an empty line: its headers, and itself."""
    paragraphs = "".join(f"<p>{escape(one)}</p>" for one in words.split("\n\n"))
    body = PAGE.format(escape(title), paragraphs).encode()
    return (*HEADERS, ("Content-Length", str(len(body)))), body
