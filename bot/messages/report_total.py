"""The total of the firm's own report: the form that asks for it, where nothing in the file proves the sum. Pure."""

from brought_forward.bot.messages.blocks import ACTION, Block, View, field, modal, section
from brought_forward.bot.messages.words import esc
from brought_forward.storage.records.batch import Batch

CALLBACK = ACTION + "total"
FIELD = "total"  # the block and the field
LONGEST = 40  # characters of a total


def total_form(batch: Batch, total: str, metadata: str) -> View:
    """Ask for the report's total; `total` is what the lines come to, in words, `metadata` is kept for who sends it."""
    element: Block = {"type": "plain_text_input", "max_length": LONGEST, "min_length": 1}
    if batch.typed_total is not None:
        element["initial_value"] = f"{batch.typed_total:,.2f}"
    hint = "As your own report has it, such as 123,456.78. One that differs holds the batch."
    said = f"The lines of {esc(batch.file_name)} come to {total}. Who types the total may still approve."
    blocks = [section(said), field(FIELD, "The report's total", element, hint=hint)]
    return modal(f"Total of {batch.name}", blocks, callback=CALLBACK, submit="Compare", metadata=metadata)
