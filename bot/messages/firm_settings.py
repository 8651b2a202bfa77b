"""What a firm has set: as lines, as the form that changes it, and as what is told of a change. Pure."""

from collections.abc import Callable, Set
from typing import Any

from brought_forward.bot.messages.blocks import ACTION, Block, Text, View, context, field, modal, plain_text, section
from brought_forward.bot.messages.words import count, esc, listed, money, people
from brought_forward.bot.settings.firm import FirmSettings

CALLBACK = ACTION + "settings"
GROUPS = "_groups"  # ends the name of the field that takes user groups: Slack has no menu of them
CHANNELS, MORE_CHANNELS = "channels", "more_channels"  # the fields: ticks, ten together, and a menu
TICKS = 10  # Slack's most in one field
GROUP = "S"  # how ids of user groups begin
LINE = 120  # characters of a typed field

CREDITS = {"hold": "left out", "post": "posted"}
Show = Callable[[Any], str]


def _named(value: tuple[str, ...]) -> str:
    return people(value)


def _channels(value: tuple[str, ...]) -> str:
    return listed([f"<#{one}>" for one in value]) or "any that the bot is in"


# By name: what it is called, and how its value is said.
SHOWN: dict[str, tuple[str, Show]] = {
    "approvers": ("Approvers", _named),
    "admins": ("Administrators", lambda value: people(value) if value else "the owners of this workspace"),
    "two_approvers_above": ("Two approvers above", lambda value: "no sum" if value is None else f"{value:,.2f}"),
    "credits": ("Negative balances", lambda value: CREDITS[value]),
    "channels": ("Channels", _channels),
    "description": ("Words on the bills", esc),
    "currency": ("Currency", lambda value: value or "Clio's own"),
    "timezone": ("Time zone", lambda value: esc(str(value)) if value else "UTC, since none is set"),
    "expire_hours": ("A preview waits", lambda value: f"{value:g} hours"),
    "keep_days": ("Files and names are kept", lambda value: count(value, "day")),
    "keep_years": ("Sums and ids are kept", lambda value: f"{value:g} years"),
}
# Kept with a batch as its file arrives; all else counts at once.
RULES = ("approvers", "two_approvers_above", "credits", "description", "expire_hours")


def said(settings: FirmSettings, name: str) -> str:
    """Say one setting as people read it."""
    return f"*{SHOWN[name][0]}:* {_value(settings, name)}"


def _value(settings: FirmSettings, name: str) -> str:
    value = getattr(settings, name)
    if name == "two_approvers_above" and value is not None and settings.currency:
        return money(value, settings.currency)
    return SHOWN[name][1](value)


def summary(settings: FirmSettings) -> str:
    """Say all of them, one a line."""
    return "\n".join(said(settings, name) for name in SHOWN)


# The form


def form(settings: FirmSettings, fixed: Set[str], metadata: str) -> View:
    """Show the form; `fixed` names what is set where the bot is installed, which nobody changes here."""
    blocks: list[Block] = [
        section(
            "Approvers are told of each change in a direct message, those of before too. Files dropped from then on go"
            " by it; what was dropped before keeps its rules, but who is no longer an approver approves nothing more."
        )
    ]
    for name, fields in _FIELDS.items():
        if name in fixed:
            blocks.append(section(said(settings, name)))
            blocks.append(context("Set where the bot is installed, so it can be changed only there."))
        else:
            blocks += fields(getattr(settings, name))
    return modal("Settings of the firm", blocks, callback=CALLBACK, submit="Save", close="Cancel", metadata=metadata)


def _people(name: str, label: str, hint: str) -> Callable[[Any], list[Block]]:
    def fields(value: tuple[str, ...]) -> list[Block]:
        chosen = [one for one in value if not one.startswith(GROUP)]
        select: Block = {"type": "multi_users_select", "placeholder": plain_text("Choose people")}
        select |= {"initial_users": chosen} if chosen else {}
        groups = " ".join(one for one in value if one.startswith(GROUP))
        return [
            field(name, label, select, hint=hint, optional=True),
            _typed(name + GROUPS, f"{label}: user groups", groups, hint="Ids that begin with S, parted by spaces: the"
                   " menu of a user group, Copy group ID. Who is in it counts at each click.", optional=True),
        ]  # fmt: skip

    return fields


def _typed(name: str, label: str, value: str, *, hint: str = "", optional: bool = False) -> Block:
    element: Block = {"type": "plain_text_input", "max_length": 1_000 if name.endswith(GROUPS) else LINE}
    return field(name, label, element | ({"initial_value": value} if value else {}), hint=hint, optional=optional)


def _text(name: str, label: str, hint: str = "", *, optional: bool = False) -> Callable[[Any], list[Block]]:
    def fields(value: Any) -> list[Block]:
        shown = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        return [_typed(name, label, shown, hint=hint, optional=optional)]

    return fields


def _credits(value: str) -> list[Block]:
    options = [
        {"text": plain_text("Leave them out: somebody enters them in Clio"), "value": "hold"},
        {"text": plain_text("Post them: Clio counts their bills as paid"), "value": "post"},
    ]
    chosen = next(one for one in options if one["value"] == value)
    return [field("credits", "Negative balances", {"type": "radio_buttons", "options": options,
                  "initial_option": chosen})]  # fmt: skip


def _places(value: tuple[str, ...]) -> list[Block]:
    """Show each channel that counts with a tick, and a menu for more.

    In a menu alone one that the administrator is not in might be missing, and then be taken off unseen.
    """
    options = [{"text": {"type": "mrkdwn", "text": f"<#{one}>"}, "value": one} for one in value]
    blocks = []
    for at in range(0, len(options), TICKS):
        ticks: Block = {"type": "checkboxes", "options": options[at : at + TICKS]}
        ticks |= {"initial_options": options[at : at + TICKS]}
        label = "Channels that count" if at == 0 else "and"
        hint = "With no tick at all any that the bot is in counts." if at == 0 else ""
        blocks.append(field(f"{CHANNELS}-{at}", label, ticks, hint=hint, optional=True))
    shown = {"include": ["public", "private"], "exclude_bot_users": True, "exclude_external_shared_channels": True}
    select: Block = {
        "type": "multi_conversations_select",
        "filter": shown,
        "placeholder": plain_text("Choose channels"),
    }
    hint = "Files count in these alone. Choose private ones: the preview stands there, with names and amounts."
    label = "More channels" if value else "Channels that count"
    return [*blocks, field(MORE_CHANNELS, label, select, hint=hint, optional=True)]


_FIELDS: dict[str, Callable[[Any], list[Block]]] = {
    "approvers": _people(
        "approvers", "Approvers", "Name two or more: who brings a file never approves it, and nobody approves alone."
    ),
    "admins": _people("admins", "Administrators", "Left empty, the owners of this workspace are."),
    "two_approvers_above": _text(
        "two_approvers_above", "Two approvers above", "A sum such as 10000 or 2500.50. Left empty, one is enough.",
        optional=True,
    ),
    "credits": _credits,
    "channels": _places,
    "description": _text(
        "description", "Words on the bills", "How each entry and its note begin: the activity description in Clio."
    ),
    "currency": _text("currency", "Currency", "Three letters, such as USD. Left empty, Clio's own.", optional=True),
    "timezone": _text(
        "timezone", "Time zone", "Such as America/New_York: on which day entries are dated.", optional=True
    ),
    "expire_hours": _text("expire_hours", "Hours that a preview waits"),
    "keep_days": _text("keep_days", "Days that files and names are kept", "After a batch is over; 7 at least."),
    "keep_years": _text("keep_years", "Years that sums and ids are kept", "After that; one at least."),
}  # fmt: skip


# What is told


def changed(actor: str, before: FirmSettings, after: FirmSettings, names: list[str]) -> Text:
    """Tell approvers who changed what, from what, and for which files it counts."""
    lines = [
        f"• {said(after, name)}, before: {_value(before, name)}"
        for name in SHOWN  # in their order
        if name in names
    ]
    rules = [SHOWN[name][0].lower() for name in SHOWN if name in names and name in RULES]
    ends = []
    if len(rules) == len(names):
        ends.append("Files dropped from now on go by it; what was dropped before keeps its rules.")
    elif rules:
        ends.append(f"Of these, files dropped from now on go by {listed(rules)}; what was dropped before keeps its"
                    " rules. All else counts at once.")  # fmt: skip
    else:
        ends.append("It counts at once.")
    if set(before.approvers) - set(after.approvers):
        ends.append("Who is no longer an approver approves no file any more, whenever it was dropped, and the first of"
                    " two approvals that they gave is void.")  # fmt: skip
    ends.append("If that is not meant, talk to who changed it, and approve nothing meanwhile.")
    text = "\n".join([f"{people([actor])} changed the firm's settings:", *lines, " ".join(ends)])
    return Text("The firm's settings were changed.", [section(text)])
