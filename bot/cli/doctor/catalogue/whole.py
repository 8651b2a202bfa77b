"""The whole catalogue. A test holds it against `bot.messages`: whatever makes a message, form or Home tab is in it."""

from collections.abc import Iterator

from brought_forward.bot.cli.doctor.catalogue import administration, after, before, views
from brought_forward.bot.cli.doctor.catalogue.case import Case


def catalogue() -> Iterator[Case]:
    """Give every shape, in the order in which an upload meets them."""
    yield from before.reading_cases()
    yield from before.intake_cases()
    yield from before.preview_cases()
    yield from before.decision_cases()
    yield from after.posting_cases()
    yield from after.result_cases()
    yield from after.undo_cases()
    yield from after.later_cases()
    yield from views.form_cases()
    yield from views.home_cases()
    yield from administration.administration_cases()
