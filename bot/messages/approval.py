"""Who decides a batch and who decided it: the part of the preview about approval, and what is told of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from brought_forward.bot.messages.blocks import ACTION, Block, Text, View, context, field, modal, section
from brought_forward.bot.messages.words import about, count, esc, fingerprint, listed, money, people, person, when
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import Tally

REASON = 300  # characters of a reason
DAY = "day"  # the block and the field of the form that asks for one
COMMENT = 500  # characters of a comment on an approval
DECIDED = {
    BatchStatus.REJECTED: "Rejected",
    BatchStatus.WITHDRAWN: "Withdrawn",
    BatchStatus.EXPIRED: "Expired",
}


@dataclass(frozen=True, slots=True)
class Approving:
    """Who could still approve a batch."""

    named: Sequence[str]  # people and groups as people read them, less who is barred
    people: int  # how many could, as far as groups are known
    unread: Sequence[str]  # groups whose members Slack did not tell
    listed: bool  # whether anyone is named at all
    corrected: bool = False  # whether an approver is barred for having corrected it
    taught: Sequence[str] = ()  # approvers who are barred by nothing but a choice of theirs that is not confirmed
    alone: bool = False  # whether who uploaded it is the only one in the lists
    two_above: Decimal | None = None  # the sum above which this batch needs two; None where one is enough


def decided(batch: Batch, zone: str | None) -> Block:
    """Say who decided, when and why, in place of the buttons."""
    word = DECIDED.get(batch.status, "Approved")
    first = batch.first_by if word == "Approved" else None
    by = f" by {names}" if (names := deciders(batch)) else ""
    at = f", {when(batch.decided_at, zone)}" if batch.decided_at else ""
    said = [f"{word} by {first_approver(batch)}: {esc(batch.first_reason)}"] if first and batch.first_reason else []
    last = for_whom(batch.decided_by, batch.decided_for) if batch.decided_by else ""
    if batch.decided_reason:
        by = f" by {last}" if said and last else by
        said.append(f"{word}{by}: {esc(batch.decided_reason)}")
    elif said and last:
        said.append(f"{word} by {last}.")
    if said:
        return context("\n".join([*said, f"{small(batch)}{at}."]))
    return context(f"{word}{by}{at}. {small(batch)}.")


def deciders(batch: Batch) -> str:
    """Name who decided a batch, of two approvers both, and for whom a stand-in did; nothing where nobody did."""
    who = [for_whom(batch.decided_by, batch.decided_for)] if batch.decided_by else []
    if batch.first_by and batch.status not in DECIDED:
        who.insert(0, first_approver(batch))
    return listed(who)


def first_approver(batch: Batch) -> str:
    """Name who gave the first of two approvals."""
    return for_whom(batch.first_by or "", batch.first_for)


def for_whom(user: str, away: str | None) -> str:
    """Name a person, and the approver for whom they stood in."""
    return f"{person(user)} for {person(away)}" if away else person(user)


def facts(batch: Batch, planned: Tally, *, is_first: bool) -> str:
    """Say what an approval does, before it is given; `is_first`: of two, so that nothing is posted by it yet."""
    sums = f"{count(planned.entries, 'entry', 'entries')}, {money(planned.amount, batch.currency or '')}"
    if is_first:
        return f"Your approval of {sums}. A second approver is still needed; nothing is posted before."
    return f"Post {sums}, to Clio? Entries can be undone here until they are billed."


def yes(planned: Tally, *, is_first: bool) -> str:
    """Name what the approver then does."""
    return "Record my approval" if is_first else f"Post {count(planned.entries, 'entry', 'entries')}"


def comment_form(batch: Batch, planned: Tally, metadata: str, *, is_first: bool) -> View:
    """Ask for the comment that an approval is given with, by the facts that Approve shows."""
    element: Block = {"type": "plain_text_input", "multiline": True, "min_length": 1, "max_length": COMMENT}
    blocks = [
        section(facts(batch, planned, is_first=is_first)),
        field("reason", "Comment", element, hint="It stands in the thread and is kept with your approval."),
    ]
    submit = yes(planned, is_first=is_first)
    return modal(f"Approve {batch.name}", blocks, callback=ACTION + "approve", submit=submit, metadata=metadata)


def date_form(batch: Batch, metadata: str) -> View:
    """Ask for another posting date."""
    said = (
        f"All entries of {batch.name} are dated by it. The preview is made anew for that day, and whoever changes it"
        " cannot approve this batch."
    )
    element: Block = {"type": "datepicker"}
    if batch.posting_date:
        element["initial_date"] = batch.posting_date.isoformat()
    blocks = [section(said), field(DAY, "Date of the entries", element)]
    return modal(f"Date of {batch.name}", blocks, callback=ACTION + "date", submit="Change the day", metadata=metadata)


def small(batch: Batch) -> str:
    """Name what a decision speaks for."""
    return f"{batch.name}, revision {batch.revision}, fingerprint {fingerprint(batch.hash or '')}"


def waiting(batch: Batch, approving: Approving) -> str:
    """Say for whom a batch waits; for whom not is said too."""
    who = people(approving.named, last="or")
    mine = f"{person(batch.uploader)} may withdraw it with Reject."
    unread = ""
    if approving.unread:
        unread = f" :warning: I cannot read who is in {people(approving.unread)} just now; I look again at each click."
    limit = money(approving.two_above, batch.currency or "") if approving.two_above is not None else ""
    if limit and batch.first_by:
        comment = f', "{esc(batch.first_reason)}"' if batch.first_reason else ""
        return (
            f"Approved by {first_approver(batch)}{comment}; one more approver is needed above {limit}: {who}."
            f" {mine}{unread}"
        )
    if limit:
        few = "" if approving.people > 1 or approving.unread else " :warning: Only one person can approve it as it is."
        return (
            f"Waiting for two approvers other than {person(batch.uploader)}, since it is above {limit}: {who}."
            f" {mine}{few}{unread}"
        )
    return f"Waiting for an approver other than {person(batch.uploader)}: {who}. {mine}{unread}"


def can_be_approved(approving: Approving) -> bool:
    """Say whether anyone could approve; a group that cannot be read may hold someone."""
    return bool(approving.named) and bool(approving.people or approving.unread)


def nobody(batch: Batch, approving: Approving) -> str:
    """Say why nobody can approve, and how somebody can."""
    if not approving.listed:
        return (
            ":warning: Nobody can approve this: no approvers are set. Whoever runs this bot names them in"
            " its settings, starts it again, and the file is dropped once more."
        )
    if batch.first_by:
        limit = money(approving.two_above or Decimal(0), batch.currency or "")
        return (
            f":warning: Approved by {first_approver(batch)}; one more approver is needed above {limit}, and nobody"
            " else can approve it. Whoever runs this bot names another approver, and the file is dropped again."
        )
    if approving.taught:
        return (
            f":warning: Nobody can approve this yet: {people(approving.taught)} made a choice that it uses. Another"
            f" approver confirms the choices here; then {people(approving.taught, last='or')} can approve it."
        )
    if approving.alone:
        return (
            f":warning: Nobody can approve this: {person(batch.uploader)} uploaded it and is the only approver."
            " Someone else drops the file, or whoever runs this bot names a second approver."
        )
    again = (
        "Someone who does not approve drops the corrected file again."
        if approving.corrected
        else "Whoever runs this bot names another approver, and the file is dropped again."
    )
    return (
        ":warning: Nobody can approve this: who uploaded or corrected a file does not approve it, and no other approver"
        f" is left. {again}"
    )


# What is told as a message of its own, since an edit notifies nobody


def told_uploader(batch: Batch) -> Text:
    """Tell the uploader that somebody else ended the batch, why, and how it goes on."""
    word = DECIDED[batch.status].lower()
    reason = f": {esc(batch.decided_reason)}" if batch.decided_reason else "."
    text = (
        f"{person(batch.uploader)}: {esc(batch.file_name)} was {word} by {person(batch.decided_by or '')}{reason}\n"
        "Nothing was posted. Correct the file and drop it again."
    )
    return Text(f"{batch.name} was {word}.", [section(text)])


def expired(batch: Batch, hours: float) -> Text:
    """Tell the uploader that nobody decided in time."""
    text = (
        f"{person(batch.uploader)}: {esc(batch.file_name)} waited {about(hours * 3600).removeprefix('about ')} for"
        " approval and has expired. Nothing was posted. Drop the file again to have it matched afresh and approved."
    )
    return Text(f"{batch.name} has expired.", [section(text)])


def reminder(batch: Batch, approving: Approving, entries: int, seconds: float | None) -> Text:
    """Remind those who may approve; told once."""
    until = f" It expires in {about(seconds)}." if seconds is not None else ""
    size = count(entries, "entry", "entries")
    text = (
        f"{people(approving.named)}: {esc(batch.file_name)} ({size}) still waits for approval. Look at the preview"
        f" above, then Approve or Reject.{until}"
    )
    return Text(f"{batch.name} still waits for approval.", [section(text)])


def refused_form(view: Mapping[str, Any], refusal: str) -> View:
    """Say in a form why what was sent is refused; what was typed stays, since its block and field do."""
    kept = [block for block in view["blocks"] if block["type"] == "input"]
    shown = {name: view[name] for name in ("type", "callback_id", "private_metadata", "title", "submit", "close")}
    return {**shown, "blocks": [section(refusal), *kept]}


def reject_form(batch: Batch, metadata: str, *, mine: bool) -> View:
    """Ask for the reason; a withdrawal needs none. `metadata` is the button's value and the message it stood in."""
    verb = "Withdraw" if mine else "Reject"
    element: Block = {"type": "plain_text_input", "multiline": True, "max_length": REASON}
    element |= {} if mine else {"min_length": 1}
    hint = "It stands in the thread." if mine else "It stands in the thread, and the uploader is told."
    blocks = [
        section("Nothing will be posted. The file can be dropped again."),
        field("reason", "Reason", element, hint=hint, optional=mine),
    ]
    return modal(f"{verb} {batch.name}", blocks, callback=ACTION + "reject", submit=verb, metadata=metadata)
