"""What an approver asks who brought a batch, and the answer: the forms, the thread, the reason of a hold. Pure."""

from collections.abc import Sequence

from brought_forward.bot.messages.blocks import (
    ACTION,
    Block,
    Text,
    View,
    actions,
    button,
    confirm,
    field,
    modal,
    section,
)
from brought_forward.bot.messages.status import value
from brought_forward.bot.messages.words import count, esc, people, person, quoted, shortened
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.query import Query, QueryEnd

FIELD = "reason"  # the block and the field of both forms
LONGEST = 1_000  # characters of a question and of an answer
NAME = 60  # characters of a file's name
SAID = 200  # characters of a question in the preview
CLOSED = {
    BatchStatus.REJECTED: "the batch was rejected",
    BatchStatus.WITHDRAWN: "the batch was withdrawn",
    BatchStatus.EXPIRED: "nobody decided the batch in time",
}


def asked(batch: Batch) -> list[str]:
    """Name who is asked: who shared the file, and whose it is."""
    return list(dict.fromkeys((batch.uploader, batch.owner)))


def in_short(queries: Sequence[Query], batch: Batch) -> str:
    """Say in a few words that a question is open; nothing where none is."""
    who = list(dict.fromkeys(one.asked_by for one in queries if one.is_open))
    return f"{people(who)} {'asks' if len(who) == 1 else 'ask'} {people(asked(batch))}" if who else ""


def held(queries: Sequence[Query], batch: Batch) -> str:
    """Say in a preview which questions hold it and how it goes on."""
    open_ones = [one for one in queries if one.is_open]
    texts = [f'"{esc(shortened(one.text, SAID))}"' for one in open_ones]
    ends = "It can be approved once that is answered, or withdrawn, in this thread."
    if len(open_ones) == 1:
        return f":warning: *Held: {in_short(queries, batch)}:* {texts[0]}\n{ends}"
    each = "\n".join(f"• {person(one.asked_by)}: {text}" for one, text in zip(open_ones, texts, strict=True))
    ends = "It can be approved once each is answered, or withdrawn, in this thread."
    return f":warning: *Held: {count(len(open_ones), 'question')} to {people(asked(batch))}:*\n{each}\n{ends}"


def refusal(queries: Sequence[Query], batch: Batch) -> str:
    """Say to who would approve which question is open."""
    first = next(one for one in queries if one.is_open)
    return (
        f'It is held: {person(first.asked_by)} asks {people(asked(batch))}, "{esc(shortened(first.text, SAID))}".'
        " It can be approved once that is answered, or withdrawn, in the thread."
    )


# In the thread


def query(batch: Batch, one: Query) -> Text:
    """Put a question, and say later how it ended; the answer is a message of its own, since an edit calls nobody."""
    file = f"{esc(shortened(batch.file_name, NAME))} ({batch.name})"
    said = quoted(one.text)
    if one.is_open:
        ask = confirm("Withdraw the question?", "It no longer holds the batch from approval.", "Withdraw it")
        return Text(
            f"{batch.name}: a question waits for an answer.",
            [
                section(
                    f"{people(asked(batch))}: {person(one.asked_by)} asks about {file}\n{said}\nIt cannot be approved"
                    " until this is answered or withdrawn."
                ),
                actions(
                    button("Answer", "reply", value(batch, one.id), style="primary"),
                    button("Withdraw the question", "take_back", value(batch, one.id), confirm=ask),
                ),
            ],
        )
    text = f"{person(one.asked_by)} asked {people(asked(batch))} about {file}\n{said}\n*{_end(batch, one)}.*"
    return Text(f"{batch.name}: the question is over.", [section(text)])


def _end(batch: Batch, one: Query) -> str:
    if one.ended is QueryEnd.ANSWERED:
        return f"Answered by {person(one.ended_by or '')}"
    if one.ended is QueryEnd.WITHDRAWN:
        return f"Withdrawn by {person(one.ended_by or '')}"
    return f"Closed: {CLOSED.get(batch.status, 'the batch is decided')}"


def answered(batch: Batch, one: Query, *, held_by: str) -> Text:
    """Tell who asked the answer, and how the batch goes on; `held_by` is what else holds it, in a few words."""
    file = f"{esc(shortened(batch.file_name, NAME))} ({batch.name})"
    follows = "The preview says how it goes on."
    if batch.status is not BatchStatus.PREVIEWED:
        follows = "It is being matched again; a new preview takes the place of the one above."
    elif held_by:
        follows = f"It is still on hold: {held_by}."
    elif batch.hash:
        follows = "The question holds it no longer: look at the preview, then Approve or Reject."
    said = quoted(one.answer or "")
    text = f"{person(one.asked_by)}: {person(one.ended_by or '')} answers about {file}\n{said}\n{follows}"
    return Text(f"{batch.name}: the question is answered.", [section(text)])


# Forms


def ask_form(batch: Batch, metadata: str) -> View:
    """Ask an approver what they want to know; `metadata` is kept for who sends it."""
    who = people(asked(batch))
    said = (
        f"The question stands in the thread and calls {who}. {batch.name} stays as it is, and nobody can approve it"
        " until the question is answered or withdrawn."
    )
    return _form(f"Ask about {batch.name}", [section(said)], "Question", "ask", "Ask", metadata)


def reply_form(batch: Batch, one: Query, metadata: str) -> View:
    """Ask for the answer to a question."""
    said = (
        f"{person(one.asked_by)} asks about {esc(shortened(batch.file_name, NAME))} ({batch.name})\n{quoted(one.text)}"
    )
    hint = "It stands in the thread and calls who asked. A figure is put right in the file or in its lines, not here."
    return _form(f"Answer on {batch.name}", [section(said)], "Answer", "reply", "Answer", metadata, hint)


def _form(
    title: str, blocks: list[Block], label: str, callback: str, submit: str, metadata: str, hint: str = ""
) -> View:
    element: Block = {"type": "plain_text_input", "multiline": True, "min_length": 1, "max_length": LONGEST}
    made = [*blocks, field(FIELD, label, element, hint=hint)]
    return modal(title, made, callback=ACTION + callback, submit=submit, metadata=metadata)
