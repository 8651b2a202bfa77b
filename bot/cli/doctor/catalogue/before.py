"""What is said from a dropped file to the click on Approve: reading, questions, the preview, who decides."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from brought_forward.bot.cli.doctor.catalogue import samples as of
from brought_forward.bot.cli.doctor.catalogue.case import Case, cases
from brought_forward.bot.clio.connection import NOBODY
from brought_forward.bot.messages import (
    approval,
    attachments,
    audience,
    connection,
    entry_form,
    intake,
    mentions,
    preview,
    queries,
    questions,
    reading,
    stand_ins,
)
from brought_forward.bot.messages.approval import Approving
from brought_forward.bot.messages.holds import Doubts
from brought_forward.bot.messages.preview import PreviewView
from brought_forward.bot.messages.preview_sums import compare
from brought_forward.storage.records.batch import GONE, BatchStatus, EntryForm
from brought_forward.storage.records.connection import News
from brought_forward.storage.records.entry import ClientTotal, EntryState, MatterTotal, Notes, Tally, UserTotal
from brought_forward.storage.records.query import QueryEnd
from brought_forward.storage.records.sheet import Comments
from brought_forward.storage.records.stand_in import StandIn

PLANNED = Tally(58, Decimal("184220.50"))
SMALL = 3  # users whose sums stand in a table in sight; of many there is a chart


def reading_cases() -> Iterator[Case]:
    """Show what is said while a file is read, and where nothing comes of it."""
    batch = of.batch(BatchStatus.READING)
    yield from cases(reading.reading)(batch.file_name, 41_000, 0)
    yield from cases(reading.reading, "waiting")(batch.file_name, 41_000, 3)
    yield from cases(reading.crowded)(batch)
    yield from cases(reading.joined)(8, batch, 3)
    yield from cases(reading.replaced)(batch, of.batch(id=9, thread_ts="1700000001.000100"))
    yield from cases(reading.waits_already)(batch, of.batch(id=6, channel="C0000OTHER1"))
    yield from cases(reading.matching_again)(batch, of.STAFF, 3)
    yield from cases(reading.date_chosen)(batch, of.STAFF, of.DAY)
    yield from cases(reading.comments_chosen)(batch, of.STAFF, on=True)
    yield from cases(reading.waiting_for_clio)(batch.file_name, "Clio answered 503.")
    yield from cases(reading.waiting_for_sign_in)(batch.file_name, NOBODY)
    yield from cases(reading.forbidden)(batch, "Clio does not let the bot read the firm's matters.")
    yield from cases(reading.unreadable)(f"I can't read {of.LONG}: it is password-protected.")
    yield from cases(reading.shut)(batch, next(iter(reading.SHUT)))
    candidates = [
        {"value": letter, "heading": f"{of.LONG} {letter}", "sample": "$184,220.50"}
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    ]
    asked = json.dumps({"kind": "balance", "text": f"Which column is owed, {of.LONG}?", "candidates": candidates})
    yield from cases(questions.asking)(of.batch(BatchStatus.ASKING, question=asked))
    yield from cases(questions.answered)(batch, of.STAFF, 'F, "Closing Balance"')
    yield from cases(audience.who_reads, "public")(batch, 0, is_public=True)
    yield from cases(audience.who_reads, "with guests")(batch, 2, is_public=False)


def intake_cases() -> Iterator[Case]:
    """Show what is said where a file does not come by a drop into a channel."""
    wish = of.WISH
    yield from cases(intake.where, "any channel")(wish, [])
    yield from cases(intake.where, "of a list")(wish, ["C0000SAMPLE", "C0000OTHER1"], not_in="C0000OTHER1")
    yield from cases(intake.where, "of a long list")(wish, [f"C0000SAMP{place:02d}" for place in range(12)])
    yield from cases(intake.chosen)(wish, of.CHANNEL)
    yield from cases(intake.begun)(of.batch())
    yield from cases(intake.top)(wish)
    yield from cases(intake.alone)(wish.file_name, intake.NO_GUESTS)
    yield from cases(intake.private)(intake.not_a_sheet(wish.file_name))
    names = [f"AR {of.LONG} lines.xlsx", "AR to fix.xlsx"]
    yield from cases(attachments.sentence)(names[0])
    yield from cases(attachments.missing)(of.batch(), names, "storage_limit_reached")
    yield from cases(attachments.refused)(names[0], "export B7", "not_allowed")


def preview_cases() -> Iterator[Case]:
    """Show previews: ready, held by every reason, nothing to post, decided, in other forms."""
    ready = preview_view(users=SMALL)
    yield from cases(preview.preview, "few users")(ready)
    many = replace(preview_view(users=60), batch=of.batch(form=EntryForm.HOUR, comments=None, taxed=None), probed=True)
    yield from cases(preview.preview, "many users, by the hour")(many)
    unproved = of.batch(control_total=None, proofs=(), comments=Comments("I", "Remarks", 4, on=True))
    whole = [line for line in ready.lines if not line.left_out]
    yield from cases(preview.preview, "nothing proves the total")(replace(ready, batch=unproved, lines=whole))
    held = of.batch(control_total=Decimal(1), typed_total=Decimal(2), file_now=GONE,
                    differences=tuple(f"Group {place}: {of.LONG}" for place in range(15)))  # fmt: skip
    doubts = Doubts(of.REPLACEMENTS, [of.ASKED, replace(of.ASKED, id=2)])
    yield from cases(preview.preview, "on hold")(replace(many, batch=held, doubts=doubts))
    nobody = Approving((), 0, (), listed=False)
    yield from cases(preview.preview, "nobody may approve")(replace(ready, approving=nobody))
    nothing = replace(ready, planned=Tally(), by_user=[], largest=[], clients=[], texts=[])
    yield from cases(preview.preview, "nothing to post")(nothing)
    first = of.batch(first_by=of.MANAGER, first_at=of.AT, first_reason=of.LONG)
    yield from cases(preview.preview, "first of two approvals")(replace(ready, batch=first))
    for status in (BatchStatus.APPROVED, BatchStatus.REJECTED, BatchStatus.EXPIRED):
        decided = of.batch(status, decided_by=of.PARTNER, decided_at=of.AT, decided_reason=of.LONG)
        yield from cases(preview.preview, status.value)(replace(ready, batch=decided))
    yield from cases(entry_form.form_chosen)(of.batch(), of.MANAGER, EntryForm.FLAT_HOUR)


def preview_view(*, users: int) -> PreviewView:
    """Make all that a preview of a large sheet shows, for so many users."""
    lines = of.lines()
    return PreviewView(
        batch=of.batch(),
        planned=PLANNED,
        by_user=[UserTotal(f"Bartholomew Quartermaine {place}", 3, Decimal(place * 100)) for place in range(users)],
        lines=lines,
        approving=of.APPROVING,
        seconds=120.0,
        zone="America/New_York",
        findings=of.findings(lines),
        credits=frozenset({7}),
        notes=Notes(50, 8, "00213", of.LONG),
        largest=[MatterTotal(f"{place:05d}-{of.LONG}", Decimal(9_767)) for place in range(10)],
        clients=[ClientTotal(f"{of.LONG} {place}", 3, Decimal(9_767)) for place in range(10)],
        texts=[(f"{place:05d}-{of.LONG}", f"Balance brought forward: {of.LONG}") for place in range(preview.TEXTS)],
        last=of.batch(BatchStatus.POSTED, id=3),
        changes=compare(of.owed(40), of.owed(60)),
        choices=of.CHOICES,
        settled=of.CHOICES[:2],
        names=of.names(lines),
        not_counted=of.NOT_COUNTED,
        today=of.DAY,
        description_problem=f"Clio has 2 activity descriptions named {of.LONG}.",
    )


def decision_cases() -> Iterator[Case]:
    """Show what is told of a decision, and who is called for it."""
    batch, rejected = of.batch(), of.batch(BatchStatus.REJECTED, decided_by=of.MANAGER, decided_reason=of.LONG)
    yield from cases(approval.told_uploader)(rejected)
    yield from cases(approval.expired)(batch, 72.0)
    yield from cases(approval.reminder)(batch, of.APPROVING, 58, 3_600.0)
    yield from cases(mentions.waits)(batch, of.APPROVING, PLANNED)
    yield from cases(mentions.waits_for_second)(of.batch(first_by=of.MANAGER), of.APPROVING, PLANNED)
    yield from cases(mentions.no_longer_waits)(rejected, revision=2)
    yield from cases(mentions.paused)(of.batch(BatchStatus.PAUSED))
    done = of.tallies(EntryState.POSTED, EntryState.REFUSED)
    yield from cases(mentions.ended)(of.batch(BatchStatus.POSTED), done, of.read_back(2))
    yield from cases(mentions.over)(batch, "Went on", of.MANAGER)
    yield from cases(queries.query, "open")(batch, of.ASKED)
    yield from cases(queries.query, "answered")(batch, of.ANSWERED)
    taken_back = replace(of.ASKED, ended=QueryEnd.WITHDRAWN, ended_by=of.MANAGER, is_open=False)
    yield from cases(queries.query, "withdrawn")(batch, taken_back)
    yield from cases(queries.answered)(batch, of.ANSWERED, held_by="")
    one = StandIn(1, of.MANAGER, of.PARTNER, of.DAY)
    yield from cases(stand_ins.named)(one, waiting=2)
    yield from cases(stand_ins.ended)(one)
    yield from cases(stand_ins.run_out)(one)
    yield from cases(connection.ends)(of.SIGN_IN, 3)
    standby = replace(of.SIGN_IN, stands_by=True)
    yield from cases(connection.ends, "stands by")(standby, 3)
    for news in News:
        yield from cases(connection.news, news)(replace(of.SIGN_IN, news=news), standby)
