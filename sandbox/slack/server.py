"""The addresses of the pretend Slack: Web API, uploads, private files and response_urls."""

from __future__ import annotations

import json
import socket
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Request, Response, jsonify, request
from werkzeug.http import http_date

from brought_forward.sandbox.serving import cut
from brought_forward.sandbox.slack.api.web_api import call_method
from brought_forward.sandbox.slack.faults import Fault, Faults
from brought_forward.sandbox.slack.records import Call
from brought_forward.sandbox.slack.response_urls import ResponseUrls
from brought_forward.sandbox.slack.sockets import Sockets
from brought_forward.sandbox.slack.workspace import SlackError, Workspace

_AS_JSON = {"blocks", "attachments", "files", "metadata", "view", "message"}
HTTP_FAILURES = {
    "http_403": "Forbidden",
    "http_429": "Too Many Requests",
    "http_500": "Internal Server Error",
    "http_503": "Service Unavailable",
}
_SIGN_IN = "<!DOCTYPE html><html><head><title>Slack</title></head><body><h1>Sign in to Slack</h1></body></html>"


class Site:
    """The views of the app."""

    def __init__(self, workspace: Workspace, faults: Faults, urls: ResponseUrls, sockets: Sockets) -> None:
        self.workspace = workspace
        self.faults = faults
        self.urls = urls
        self.sockets = sockets

    def call(self, method: str) -> Response:
        """Answer a method of the Web API."""
        args, token = _read(request)
        fault = self._hinder(method, has_blocks=bool(args.get("blocks")))
        try:
            self._admit(token)
            _refuse_by(fault)
            result = {"ok": True, **call_method(self.workspace, method, args)}
        except SlackError as refused:
            self._note(method, args, refused.error)
            return _show_refusal(refused)
        self._note(method, args)
        if fault is not None and fault.kind == "no_shares":
            result["file"]["shares"] = {}
        if fault is not None and fault.kind == "reset_after":
            cut()
        response = jsonify(result)
        response.headers["x-oauth-scopes"] = ",".join(sorted(self.workspace.rules.scopes))
        return response

    def date(self, response: Response) -> Response:
        """Say when this is answered, by Slack's clock."""
        response.headers["Date"] = http_date(time.time() - self.faults.date_behind)
        return response

    def _admit(self, token: str) -> None:
        if not token:
            raise SlackError("not_authed")
        if token not in self.workspace.tokens:
            raise SlackError("invalid_auth")

    def upload(self, file_id: str) -> tuple[str, int]:
        """Take the bytes of an announced file."""
        fault = self._hinder("upload")
        sent = request.get_data(parse_form_data=False)  # first: the SDK labels the bytes as a form
        if request.mimetype == "multipart/form-data":
            sent = next(iter(request.files.values())).read()
        failed = fault is not None and fault.kind in HTTP_FAILURES
        with self.workspace.change():
            file = None if failed else self.workspace.pending.get(file_id)
            if file is not None:
                file.data = sent
        self._note("upload", {"file_id": file_id, "size": len(sent)}, None if file else "file_not_found")
        if failed and fault is not None:
            return _failure(fault.kind)
        return (f"OK - {len(sent)}", 200) if file else ("not found", 404)

    def download(self, place: str, name: str) -> Response:
        """Give a private file to the bearer of the bot's token, and the way in to anybody else."""
        fault = self._hinder("download")
        file = self.workspace.files.get(place.rpartition("-")[2])
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        allowed = bearer in self.workspace.tokens and file is not None and self.workspace.sees(file)
        self._note("download", {"file": place, "name": name}, None if allowed else "sign_in")
        if fault is not None and fault.kind in HTTP_FAILURES:
            words, status = _failure(fault.kind)
            return Response(words, status=status, mimetype="text/plain")
        if fault is not None and fault.kind == "reset_after":
            cut()
        if not allowed or file is None or file.mode in {"external", "tombstone"}:
            return Response(_SIGN_IN, mimetype="text/html")  # with 200, as Slack answers
        return Response(file.data, content_type=file.mimetype)

    def respond(self, token: str) -> tuple[Response, int]:
        """Take what is sent to a response_url."""
        fault = self._hinder("response_url")
        body = request.get_json(force=True, silent=True) or {}
        try:
            _refuse_by(fault)
            self.urls.use(token, body)
        except SlackError as refused:
            self._note("response_url", body, refused.error)
            status = {"used_url": 404, "expired_url": 404, "http_500": 500, "http_503": 503, "ratelimited": 429}.get(
                refused.error, 400
            )
            return jsonify({"ok": False, "error": refused.error, **refused.extra}), status
        self._note("response_url", body)
        return jsonify({"ok": True}), 200

    def open_connection(self) -> Response:
        """Answer apps.connections.open, the one method that is called with the app's own token."""
        method = "apps.connections.open"
        fault = self._hinder(method)
        try:
            _refuse_by(fault)
            url = self.sockets.invite(_read(request)[1])
        except SlackError as refused:
            self._note(method, {}, refused.error)
            return _show_refusal(refused)
        self._note(method, {})
        return jsonify({"ok": True, "url": url})

    def link(self) -> Response:
        """Serve a WebSocket until it ends."""
        self._hinder("link")
        connection: socket.socket = request.environ["werkzeug.socket"]
        if self.sockets.serve(request.args.get("ticket", ""), connection, request.headers, request.full_path):
            cut()
        return Response("no such link", status=404, mimetype="text/plain")

    def _hinder(self, method: str, *, has_blocks: bool = False) -> Fault | None:
        if self.faults.is_down:
            cut()
        fault = self.faults.take(method, has_blocks=has_blocks)
        if fault is not None and fault.kind == "reset_before":
            cut()
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.seconds)
        return fault

    def _note(self, method: str, args: dict[str, Any], error: str | None = None) -> None:
        with self.workspace.change():
            self.workspace.calls.append(Call(datetime.now(UTC), method, args, error is None, error))


def create_app(workspace: Workspace, faults: Faults, urls: ResponseUrls, sockets: Sockets) -> Flask:
    """Make the app that the server serves."""
    site = Site(workspace, faults, urls, sockets)
    app = Flask(__name__)
    app.after_request(site.date)
    app.add_url_rule("/api/apps.connections.open", view_func=site.open_connection, methods=["POST"])
    app.add_url_rule("/link/", view_func=site.link, websocket=True)
    app.add_url_rule("/api/<method>", view_func=site.call, methods=["GET", "POST"])
    app.add_url_rule("/upload/v1/<file_id>", view_func=site.upload, methods=["POST"])
    app.add_url_rule("/files-pri/<place>/<path:name>", view_func=site.download, methods=["GET"])
    app.add_url_rule("/response/<token>", view_func=site.respond, methods=["POST"])
    return app


def _read(asked: Request) -> tuple[dict[str, Any], str]:
    """Return a call's arguments, decoded, and its token."""
    args: dict[str, Any]
    if asked.is_json:
        sent = asked.get_json(silent=True)
        args = sent if isinstance(sent, dict) else {}
    else:
        args = {**asked.args.to_dict(), **asked.form.to_dict()}
    for key in _AS_JSON & args.keys():  # the SDK encodes some of them within JSON too
        if isinstance(args[key], str):
            args[key] = _decode(args[key])
    token = str(args.pop("token", "") or "")
    return args, asked.headers.get("Authorization", "").removeprefix("Bearer ").strip() or token


def _decode(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value  # the check of what it should be refuses it


def _refuse_by(fault: Fault | None) -> None:
    if fault is None or fault.kind in {"slow", "no_shares", "reset_after"}:
        return
    if fault.kind == "ratelimited":
        raise SlackError("ratelimited", retry_after=max(1, round(fault.seconds)))
    if fault.kind == "invalid_blocks":
        raise SlackError("invalid_blocks", response_metadata={"messages": ["[ERROR] on demand [json-pointer:/blocks]"]})
    raise SlackError(fault.kind)


def _failure(kind: str) -> tuple[str, int]:
    """Answer without Slack's own JSON, as what stands before it does."""
    return HTTP_FAILURES[kind], int(kind.removeprefix("http_"))


def _show_refusal(refused: SlackError) -> Response:
    extra = dict(refused.extra)
    if refused.error in HTTP_FAILURES:
        words, status = _failure(refused.error)
        return Response(words, status=status, mimetype="text/plain")
    if refused.error != "ratelimited":
        return jsonify({"ok": False, "error": refused.error, **extra})
    wait = extra.pop("retry_after", 1)
    response = jsonify({"ok": False, "error": "ratelimited"})
    response.status_code = 429
    response.headers["Retry-After"] = str(wait)
    return response
