"""How long things wait."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Timing(BaseModel):
    """How long things wait, in seconds. The defaults are for Clio and Slack; tests and the demo shrink them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect: float = 3.0  # to reach Clio
    read: float = 20.0  # for Clio to answer
    claim: float = 5.0  # between a claim and the last byte of its POST; later than that it is not sent
    fresh: float = 1.0  # between reading an entry and its DELETE; later than that it is read again
    settle: float = 45.0  # after a POST without an answer, before the first look
    second_look: float = 10.0  # between two looks that must agree
    keep_asking: float = 120.0  # how long a GET is tried before a person hears of it
    first_pause: float = 1.0  # before a failed GET is tried again; doubles
    window: float = 60.0  # of Clio's limit, until its headers speak
    quota: int = 50  # calls in a window, until the headers speak
    in_flight: Annotated[int, Field(ge=1)] = 8  # POSTs under way at once, at most; 1: each waits for the one before
    edit_gap: float = 5.0  # between two edits of the living status message
    post_gap: float = 1.0  # between two messages in one channel
    ping: Annotated[float, Field(gt=0)] = 1.5  # between two over Slack's WebSocket; four without an answer: dead
    share_pause: float = 1.0  # before Slack is asked again where a file was shared; doubles
    sweep: float = 60.0  # between two looks for batches that should be moving
    lease: float = 6.0  # that PostgreSQL lets a process sleep before others go on for it
    takeover: float = 0.5  # between two looks for what processes have left that are no more
    poll: float = 0.25  # between two looks of the engine at its queue
    linger: float = 10.0  # after the last thing that was owed to a firm, before its run ends
    home_gap: float = 5.0  # after a change, before the Home tabs of those it concerns are made anew
    person: float = 2.0  # for Slack to say who clicked; then the click is refused
    silence: float = 3_600.0  # while Slack does not say who dropped a file, before they are told
    group: Annotated[float, Field(ge=0, le=60)] = (
        60.0  # how long a user group's members are kept before Slack is asked again
    )
    watch: Annotated[float, Field(gt=0)] = 10.0  # between two looks whether the bot itself is well
    report_poll: float = 5.0  # between two looks at a report that Clio is making
    report_wait: float = 900.0  # for Clio to make a report
    remind: float = 14_400.0  # after a preview that nobody decided, before its approvers are reminded
