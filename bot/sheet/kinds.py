"""What a file is by its first bytes: names and labels lie."""

import re

# Kinds in the order they are tried. A compound file is Excel before 2007, and every encrypted workbook.
SIGNATURES = {
    "workbook": re.compile(rb"PK\x03\x04"),
    "old_excel": re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "pdf": re.compile(rb"%PDF-"),
    "picture": re.compile(
        rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\x00|MM\x00\*|BM.{4}\x00{4}|RIFF.{4}WEBP|.{4}ftyp", re.DOTALL
    ),
    "web_page": re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|meta|\?xml|!--)", re.IGNORECASE),
}


def kind_of(data: bytes) -> str:
    """Name the kind: "workbook" or "text" can be parsed; any other is a reason of `parse.REASONS`."""
    if not data.strip():
        return "empty"
    for kind, signature in SIGNATURES.items():
        if signature.match(data):
            encrypted = kind == "old_excel" and "EncryptedPackage".encode("utf-16-le") in data
            return "password" if encrypted else kind
    # NUL stands in no text but UTF-16's, which says so at its start
    return "binary" if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")) else "text"
