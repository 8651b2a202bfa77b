"""What is said of a line before anything is posted: which rules block it, which only warn. Pure.

This table and the one in docs/rules.md are the same; a test compares them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a rule does to a line."""

    BLOCKS = "blocks"  # the line is not posted
    WARNS = "warns"  # it is posted, and the preview says this


class Code(StrEnum):
    """A rule's name; kept in the database with what it said."""

    MATTER_UNKNOWN = "matter_unknown"
    MATTER_AMBIGUOUS = "matter_ambiguous"
    MATTER_OF_CLIENT = "matter_of_client"
    MATTER_GUESSED = "matter_guessed"
    MATTER_CHOSEN = "matter_chosen"
    USER_CHOSEN = "user_chosen"
    CHOICE_GONE = "choice_gone"
    ALREADY = "already"
    NOT_BILLABLE = "not_billable"
    OTHER_CURRENCY = "other_currency"
    CLOSED = "closed"
    FLAT_FEE = "flat_fee"
    USER_MISSING = "user_missing"
    USER_UNKNOWN = "user_unknown"
    USER_AMBIGUOUS = "user_ambiguous"
    USER_PORTAL = "user_portal"
    USER_DISABLED = "user_disabled"
    SHEET_SAYS = "sheet_says"
    ZERO = "zero"
    CREDIT = "credit"
    TEN_TIMES = "ten_times"
    SAME_FILE = "same_file"
    SAME_LINES = "same_lines"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `sentence` has its details in braces."""

    code: Code
    effect: Effect
    anyway: bool  # a person may post the line anyway, with a reason
    sentence: str

    def say(self, **details: str) -> str:
        """Fill the details in."""
        return self.sentence.format(**details)


BLOCKS, WARNS = Effect.BLOCKS, Effect.WARNS

RULES = (
    Rule(Code.MATTER_UNKNOWN, BLOCKS, False,
         "Clio has no matter of this number (or the bot may not see it)."),
    Rule(Code.MATTER_AMBIGUOUS, BLOCKS, False,
         "this {what} fits more than one matter: {both}. Write the number exactly as Clio shows it."),
    Rule(Code.MATTER_OF_CLIENT, BLOCKS, False, "{client} is a client with {many}: choose the matter."),
    Rule(Code.MATTER_GUESSED, WARNS, False, "taken as {number}, by its {what}."),
    Rule(Code.MATTER_CHOSEN, WARNS, False, "taken as {number}, as chosen"),
    Rule(Code.USER_CHOSEN, WARNS, False, '"{name}" is taken as {user}, as chosen'),
    Rule(Code.CHOICE_GONE, WARNS, False,
         '"{text}" was once chosen to mean {label}; Clio does not show that any more, so the choice is not used.'),
    Rule(Code.ALREADY, BLOCKS, False, "already brought forward: {what}."),
    Rule(Code.NOT_BILLABLE, BLOCKS, False, "the matter is not billable in Clio, so no bill could carry it."),
    Rule(Code.OTHER_CURRENCY, BLOCKS, False, "the matter is kept in {theirs}, this batch in {ours}."),
    Rule(Code.CLOSED, WARNS, False, "the matter is closed in Clio, which may refuse the entry."),
    Rule(Code.FLAT_FEE, WARNS, False,
         "the matter has a flat fee. Should Clio make the entry not billable, posting stops there."),
    Rule(Code.USER_MISSING, BLOCKS, False, "the line names no user, and the matter has no responsible attorney."),
    Rule(Code.USER_UNKNOWN, BLOCKS, False,
         'no user "{name}" in Clio. Write the name, e-mail or initials as Clio has them.'),
    Rule(Code.USER_AMBIGUOUS, BLOCKS, False, '"{name}" fits more than one user: {both}. Write the full name.'),
    Rule(Code.USER_PORTAL, BLOCKS, False, "{user} uses the client portal and keeps no time."),
    Rule(Code.USER_DISABLED, BLOCKS, True, "{user} is disabled in Clio. Enable the user, or name another."),
    Rule(Code.SHEET_SAYS, BLOCKS, True, "{what}"),
    Rule(Code.ZERO, BLOCKS, False, "{what}"),
    Rule(Code.CREDIT, BLOCKS, False,
         "a credit{many}, not posted: enter it in Clio by hand."),
    Rule(Code.TEN_TIMES, WARNS, False, "{amount} is ten times what {batch} had for this matter, {before}, or more."),
    Rule(Code.SAME_FILE, WARNS, False, "This same file is {batch} too, dropped on {day}: {state}."),
    Rule(Code.SAME_LINES, WARNS, False, "{file} ({batch}), {state}, holds {lines} of this file too."),
)  # fmt: skip

RULE = {rule.code: rule for rule in RULES}
