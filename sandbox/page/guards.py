"""Who may talk to the page: its own tab in a browser on this machine, and nothing that another site makes it send.

A page on loopback is reached by every site that the browser visits. So the Host must be loopback's own name (else a
name that is bound to 127.0.0.1 after the fact, DNS rebinding, could read the page), and whatever changes something
must come from the page itself: its Origin, and a token that only the page holds.
"""

from __future__ import annotations

import hmac
import secrets

from flask import Flask, Response, request

HOSTS = {"127.0.0.1", "localhost"}
TOKEN_HEADER = "X-Sandbox-Token"  # noqa: S105 (its name)
READS = {"GET", "HEAD"}
# No script and no style within the page itself, nothing from elsewhere: what a cell smuggles in would not run.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


def guard(app: Flask) -> str:
    """Put the checks before every request and the headers on every answer; return the token of this start."""
    token = secrets.token_urlsafe(24)

    def check() -> tuple[str, int] | None:
        if request.host.rpartition(":")[0] not in HOSTS and request.host not in HOSTS:
            return "The sandbox answers only as 127.0.0.1 or localhost.", 403
        if request.method in READS:
            return None
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            return "The sandbox takes nothing from other sites.", 403
        given = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return "This page is of an earlier start of the sandbox. Load it again.", 403
        return None

    def seal(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.endpoint != "static":
            answer.headers["Cache-Control"] = "no-store"
        return answer

    app.before_request(check)
    app.after_request(seal)
    return token
