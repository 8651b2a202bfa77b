"""Every shape that the bot can send, through Slack's `blocks.validate`, which says what is wrong and shows nothing."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from brought_forward.bot.cli.doctor.catalogue.case import Case, Kind
from brought_forward.bot.cli.doctor.finding import Finding, amiss, note, ok
from brought_forward.bot.messages.plain import bare, plain, sections_of
from brought_forward.bot.messages.words import count
from brought_forward.bot.slack.refusals import is_of_the_form

WHAT = "Shapes"
SHOWN = 3  # of Slack's reasons for a shape
# Errors of the call, where Slack names no place in what was sent: they say nothing of the shape.
OF_THE_CALL = {"unknown_method", "invalid_arguments", "not_allowed_token_type", "ratelimited"}
WAITS = 120.0  # seconds in all: Slack asks to wait after so many calls a minute


class Untold(Exception):  # noqa: N818 - it reads as a sentence where it is raised
    """Slack does not say whether it takes a shape; the text is why."""


@dataclass(slots=True)
class Validation:
    """Ask Slack of shapes, at the pace that it allows."""

    client: WebClient
    pause: Callable[[float], object] = time.sleep
    left: float = WAITS

    def lines(self, catalogue: Iterable[Case]) -> Iterator[Finding]:
        """Say how many shapes Slack takes, and of each that it refuses what people see instead."""
        taken: Counter[Kind] = Counter()
        for case in catalogue:
            try:
                if refusal := self.refusal(case.kind, case.payload):
                    yield self._refused(case, refusal)
                else:
                    taken[case.kind] += 1
            except Untold as why:
                yield note(WHAT, f"Slack does not say whether it takes all that the bot can send ({why})")
                break
        if taken:
            listed = ", ".join(count(taken[kind], kind.value) for kind in Kind if taken[kind])
            yield ok(WHAT, f"Slack takes {listed} as they are made")

    def _refused(self, case: Case, refusal: str) -> Finding:
        """Say of a shape that Slack refuses whether its plainer forms are taken: people then see these."""
        what = f"{WHAT}: {case.name}"
        said = f"Slack refuses this {case.kind.value} as it is made ({refusal})"
        for name, payload in plainer(case):
            if not self.refusal(case.kind, payload):
                return note(what, f"{said}; it goes out {name}, which Slack takes")
        return amiss(what, f"{said}, and in every plainer form too", "Report it, with brought-forward doctor --json.")

    def refusal(self, kind: Kind, payload: dict[str, Any]) -> str:
        """Ask Slack of one shape. Returns its words where it refuses it, else nothing. Raises Untold."""
        text = json.dumps(payload)
        while True:
            try:
                if kind is Kind.MESSAGE:
                    self.client.blocks_validate(message=text)
                else:
                    self.client.blocks_validate(view=text)
            except SlackApiError as refusal:
                error = str(refusal.response.get("error"))
                reasons = _reasons(refusal)
                if reasons or (is_of_the_form(refusal) and error not in OF_THE_CALL):
                    return reasons or error
                self._wait(refusal, error)
            except (SlackClientError, OSError) as away:
                raise Untold(type(away).__name__) from away
            else:
                return ""

    def _wait(self, refusal: SlackApiError, error: str) -> None:
        """Wait as long as Slack asks. Raises Untold where it says something else, or has asked for too much."""
        if error != "ratelimited":
            raise Untold(error) from refusal
        seconds = float(refusal.response.headers.get("Retry-After") or 1)
        if seconds > self.left:
            raise Untold(error) from refusal
        self.left -= seconds
        self.pause(seconds)


def plainer(case: Case) -> list[tuple[str, dict[str, Any]]]:
    """Give the forms in which a refused shape goes out instead, each plainer than the one before."""
    blocks = case.payload["blocks"]
    if case.kind is Kind.MESSAGE:
        forms = (("in plain sections", plain(blocks)), ("as one section with its buttons", bare(blocks)))
        return [(name, case.payload | {"blocks": made}) for name, made in forms]
    return [("in plain sections", case.payload | {"blocks": sections_of(blocks)})]


def _reasons(refusal: SlackApiError) -> str:
    """Quote Slack's reasons: they name places, never what stands there."""
    errors = refusal.response.get("errors") or []
    told = [f"{one.get('pointer')}: {one.get('message')}" for one in errors if isinstance(one, dict)]
    metadata = refusal.response.get("response_metadata") or {}
    told += [str(one) for one in metadata.get("messages") or []]
    return "; ".join(told[:SHOWN])
