"""What is said of inquiries that end otherwise than with an answer, and of reports. Pure."""

from datetime import date

from brought_forward.bot.messages.blocks import Text, section
from brought_forward.bot.messages.words import esc, long_date, person
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.inquiry import Inquiry, InquiryKind

COMING = {
    InquiryKind.RECONCILE: "{name} is being read back from Clio; what differs comes into its thread ({link}).",
    InquiryKind.BILLS: "I am asking Clio how far the bills of {name} are; it comes into its thread ({link}).",
    InquiryKind.REPORT: "Clio is asked for its Client Activity report of {name}; it comes into its thread ({link}).",
    InquiryKind.LOOK: "I am looking in Clio for what is unclear of {name}; what I find comes into its thread ({link}).",
}
FAILED = {
    InquiryKind.RECONCILE: "{name} could not be compared with Clio",
    InquiryKind.BILLS: "Clio did not tell how far the bills of {name} are",
    InquiryKind.REPORT: "the Client Activity report of {name} did not come from Clio",
    InquiryKind.LOOK: "{name} could not be looked at again",
}


def failed(batch: Batch, inquiry: Inquiry, why: str) -> Text:
    """Say why there is no answer, and how to ask again."""
    said = FAILED[inquiry.kind].format(name=batch.name)
    text = f"{person(inquiry.asked_by)}: {said}. {esc(why)} Ask again with `/balances {inquiry.kind} {batch.name}`."
    return Text(said, [section(text)])


def reported(batch: Batch, inquiry: Inquiry, first: date, last: date) -> Text:
    """Say what the attached report is, and what it is not."""
    text = (
        f"*Clio's Client Activity report for {esc(batch.file_name)} ({batch.name})*, {period(first, last)}, asked for"
        f" by {person(inquiry.asked_by)}. It lists all activity in Clio of that time, not only this batch, and Clio's"
        " reports show credits without their sign."
    )
    return Text(f"{batch.name}: Clio's Client Activity report", [section(text)])


def period(first: date, last: date) -> str:
    """Write a period of days."""
    return long_date(first) if first == last else f"{long_date(first)} to {long_date(last)}"
