"""What faults do to a request, before or after the firm has done what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from brought_forward.sandbox.clio.faults import Fault, Kind
from brought_forward.sandbox.clio.problems import ProblemError, refused
from brought_forward.sandbox.serving import cut

PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

MAINTENANCE = "<html><head><title>503</title></head><body><h1>Service Temporarily Unavailable</h1></body></html>"


def has_met(kind: Kind) -> bool:
    """Say whether the request at hand met a fault of a kind."""
    met: list[Fault] = request.environ.get("clio.faults", [])
    return any(fault.kind is kind for fault in met)


def unknown_fields() -> set[str]:
    """Name the fields that Clio does not know any more, for the request at hand."""
    met: list[Fault] = request.environ.get("clio.faults", [])
    return {fault.message for fault in met if fault.kind is Kind.UNKNOWN_FIELD}


def meet(fault: Fault, phase: str, wait: Callable[[float], object]) -> Response | None:
    """Do what a fault says, if this is its phase ("before" or "after"): wait, cut, or answer instead of Clio."""
    if fault.phase != phase:
        return None
    if fault.kind is Kind.DELAY:
        wait(fault.seconds)
    if fault.kind in {Kind.CUT_BEFORE, Kind.CUT_AFTER}:
        cut()
    make = _ANSWERS.get(fault.kind)
    return make(fault) if make else None


def as_json(body: Mapping[str, Any], status: int = 200) -> Response:
    """Write a body as Clio labels it."""
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")


def error(status: int, kind: str, message: str) -> Response:
    """Answer Clio's Error object."""
    return as_json({"error": {"type": kind, "message": message}}, status)


def tell(problem: ProblemError) -> Response:
    """Answer a problem that a view has raised."""
    return error(problem.status, problem.kind, problem.message)


def signed_out() -> Response:
    """Answer a bad token: in OAuth's words, where `error` is a string."""
    return as_json({"error": "invalid_token", "error_description": "The access token is invalid or expired"}, 401)


def gone(version: str) -> Response:
    """Answer a version of the API that is unknown or retired."""
    return error(410, "Gone", f"API version {version} is not available")


def limited(retry_after: int | None) -> Response:
    """Answer a request too many."""
    answer = error(429, "RateLimited", "Rate limit exceeded")
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer


_ANSWERS: dict[Kind, Callable[[Fault], Response]] = {
    Kind.ERROR_BEFORE: lambda fault: error(500, "InternalServerError", "Something went wrong"),
    Kind.ERROR_AFTER: lambda fault: error(500, "InternalServerError", "Something went wrong"),
    Kind.HTML_502: lambda fault: Response(PROXY_PAGE, 502, content_type="text/html"),
    Kind.UNAVAILABLE: lambda fault: Response(MAINTENANCE, 503, content_type="text/html"),
    Kind.LIMITED: lambda fault: limited(fault.retry_after),
    Kind.SIGNED_OUT: lambda fault: signed_out(),
    Kind.GONE: lambda fault: gone("4.0.13"),
    Kind.REFUSE: lambda fault: tell(refused(fault.message)),
    Kind.FORBIDDEN: lambda fault: error(403, "ForbiddenError", "User is forbidden to take that action"),
}
