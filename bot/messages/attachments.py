"""What is said where a workbook cannot come. Pure."""

from collections.abc import Sequence

from brought_forward.bot.messages.blocks import Text, section
from brought_forward.bot.messages.words import esc, listed
from brought_forward.storage.records.batch import Batch

STUMBLED = "stumbled"  # no word of Slack's: we could not make it
# What Slack answers where it takes no file: why, as people read it, and who can help.
WHY = {
    "missing_scope": (
        "this app may not upload files",
        "Whoever runs the bot adds files:write to the app and installs it again",
    ),
    "file_uploads_disabled": (
        "nobody may upload files in this workspace",
        "An administrator of Slack allows that",
    ),
    "file_uploads_except_images_disabled": (
        "only pictures may be uploaded in this workspace",
        "An administrator of Slack allows other files",
    ),
    "file_type_not_allowed": (
        "workbooks may not be uploaded in this workspace",
        "An administrator of Slack allows them",
    ),
    "file_upload_size_restricted": (
        "files of this size may not be uploaded in this workspace",
        "An administrator of Slack allows that",
    ),
}


def sentence(file_name: str) -> Text:
    """Say to a person that the workbook they asked for comes below."""
    return Text("The workbook that you asked for.", [section(f"Here is {esc(file_name)}.")])


def missing(batch: Batch, names: Sequence[str], error: str) -> Text:
    """Say in a thread which workbooks are not there and why; `error` is Slack's, or `STUMBLED`."""
    why, cure = _why(error, many=len(names) > 1)
    is_ = "are" if len(names) > 1 else "is"
    text = (
        f"{listed([esc(name) for name in names])} {is_} not here: {why}. Nothing else waits for that: what is approved"
        f" is posted to Clio. {cure}; `/balances export {batch.name}` then sends every line."
    )
    return Text(f"{batch.name}: a workbook is missing.", [section(text)])


def refused(file_name: str, command: str, error: str) -> Text:
    """Say to a person, in place of the sentence, why the workbook that they asked for does not come."""
    why, cure = _why(error, many=False)
    text = f"{esc(file_name)} is not here: {why}. {cure}; then ask again with `/balances {command}`."
    return Text("The workbook that you asked for is missing.", [section(text)])


def _why(error: str, *, many: bool) -> tuple[str, str]:
    if error == STUMBLED:
        return "something went wrong on my side", "Whoever runs the bot finds it in its log"
    why, cure = WHY.get(error, (f"its answer is `{esc(error)}`", "Whoever runs the bot looks into that"))
    return f"Slack refuses {'them' if many else 'it'}, since {why}", cure
