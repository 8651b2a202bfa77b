"""What stands in a preview's place until it is there: being read, waiting, unreadable, joined to another. Pure."""

from datetime import date

from brought_forward.bot.messages.blocks import Text, actions, button, section
from brought_forward.bot.messages.status import value
from brought_forward.bot.messages.words import count, esc, long_date, person, thread_link
from brought_forward.storage.records.batch import MANY, Batch


def reading(file_name: str, size: int, ahead: int) -> Text:
    """Say that a file is being read, or how many are read before it."""
    kilobytes = max(round(size / 1024), 1)
    if ahead:
        before = f"{count(ahead, 'file')} in this channel {'is' if ahead == 1 else 'are'} read before it"
        return Text(f"{esc(file_name)} waits.", [section(f"{esc(file_name)} ({kilobytes:,} KB) waits: {before}.")])
    return Text(f"Reading {esc(file_name)}…", [section(f"Reading {esc(file_name)} ({kilobytes:,} KB)…")])


def crowded(batch: Batch) -> Text:
    """Say that one of very many files waits until those of others are read."""
    kilobytes = max(round(batch.file_size / 1024), 1)
    text = (
        f"{esc(batch.file_name)} ({kilobytes:,} KB) waits: thank you, {person(batch.uploader)}, these are more than"
        f" {MANY} files within an hour, so the files of others are read first. This one comes by itself after them;"
        " nothing is lost and nothing need be dropped again."
    )
    return Text(f"{esc(batch.file_name)} waits.", [section(text)])


def joined(number: int, to: Batch, lines: int) -> Text:
    """Say where a mended file's lines went."""
    text = f"{count(lines, 'line')} of {esc(to.file_name)} mended (B{number}). Its preview above becomes revision"
    return Text(f"B{number}: its lines joined {to.name}", [section(f"{text} {to.revision + 1}.")])


def replaced(batch: Batch, newer: Batch) -> Text:
    """Say in a preview's place that a copy of its file has a newer one, and where that stands."""
    text = (
        f"{esc(batch.file_name)} ({batch.name}): the same file was dropped again, and its newer preview ({newer.name})"
        f" takes this one's place. Nothing of this one is posted. Approve or correct it {_where(batch, newer, 'down')}."
    )
    return Text(f"{batch.name} is replaced by {newer.name}.", [section(text)])


def waits_already(batch: Batch, older: Batch) -> Text:
    """Say in a copy's place that its file waits already, with what people have put right or said in it."""
    text = (
        f"{esc(batch.file_name)} ({batch.name}): the same file waits as {older.name} already, and people have worked on"
        f" that one. Nothing of this copy is posted. Approve or correct it {_where(batch, older, 'up')}; to begin anew,"
        f" reject {older.name} and drop the file again."
    )
    return Text(f"{batch.name} is {older.name} already.", [section(text)])


def _where(batch: Batch, other: Batch, further: str) -> str:
    """Say where another batch stands; in which channel is told to those alone whom Slack lets follow the link."""
    if other.channel != batch.channel:
        return f"in another channel: {thread_link(other)}"
    if other.thread_ts != batch.thread_ts:
        return f"there: {thread_link(other)}"
    return f"further {further} in this thread"


def matching_again(batch: Batch, by: str, lines: int) -> Text:
    """Say that a preview is made anew; it takes this message's place."""
    what = f"{person(by)} mended {count(lines, 'line')}. Matching again…"
    return Text(f"{batch.name}: matching again", [section(f"{esc(batch.file_name)} ({batch.name}): {what}")])


def date_chosen(batch: Batch, by: str, day: date) -> Text:
    """Say that a preview is made anew for another posting date; it takes this message's place."""
    what = f"{person(by)} chose {long_date(day)} as the posting date. Matching again…"
    return Text(f"{batch.name}: matching again", [section(f"{esc(batch.file_name)} ({batch.name}): {what}")])


def comments_chosen(batch: Batch, by: str, *, on: bool) -> Text:
    """Say that a preview is made anew with the comments on its bills, or without; it takes this message's place."""
    what = (
        f"{person(by)} {'put the comments on the bills' if on else 'left the comments off the bills'}. Reading again…"
    )
    return Text(f"{batch.name}: reading again", [section(f"{esc(batch.file_name)} ({batch.name}): {what}")])


def waiting_for_clio(file_name: str, why: str) -> Text:
    """Say why a file that was read has no preview yet."""
    text = f"{esc(file_name)} is read, but Clio did not answer as it should. {esc(why)} I try again by myself."
    return Text("Waiting for Clio.", [section(text)])


def waiting_for_sign_in(file_name: str, why: str) -> Text:
    """Say that nobody is signed in to Clio, so that a file waits; `why` says who does what about it."""
    text = f"{esc(file_name)} waits, and nothing of it is posted. {esc(why)} It then goes on by itself."
    return Text("Waiting for Clio.", [section(text)])


def forbidden(batch: Batch, why: str) -> Text:
    """Say what Clio does not let the bot read, and offer to try again once somebody has put it right."""
    text = (
        f"{esc(batch.file_name)} waits, and nothing of it is posted: {esc(why)} Once that is done, *Try again*; the"
        " file need not be dropped again."
    )
    again = button("Try again", "try_again", value(batch))
    return Text(f"{batch.name}: Clio does not let the bot read what it needs.", [section(text), actions(again)])


def unreadable(why: str) -> Text:
    """Say what is wrong with a file and what to do."""
    return Text("This file cannot be read.", [section(esc(why))])


# What Slack answers where a channel takes nothing of ours, and how people read it.
SHUT = {
    "is_archived": "it is archived",
    "not_in_channel": "I am no longer in it",
    "channel_not_found": "I am no longer in it",
    "restricted_action": "only some people may write there",
    "restricted_action_read_only_channel": "only some people may write there",
    "restricted_action_thread_only_channel": "only replies may be written there",
    "restricted_action_non_threadable_channel": "no replies may be written there",
}
BACK = {
    "is_archived": "Once it is unarchived",
    "not_in_channel": "Once I am invited there again with /invite",
    "channel_not_found": "Once I am invited there again with /invite",
}


def shut(batch: Batch, error: str) -> Text:
    """Tell the uploader that the channel takes nothing of ours; `error` is one of `SHUT`."""
    text = (
        f"I cannot write in <#{batch.channel}>: {SHUT[error]}. *{esc(batch.file_name)}* ({batch.name}) goes on all the"
        f" same: what is approved is posted to Clio. `/balances status {batch.name}` says how far it is."
        f" {BACK.get(error, 'Once I may')}, all that is missing is told in its thread."
    )
    return Text(f"{batch.name}: its channel takes no messages.", [section(text)])
