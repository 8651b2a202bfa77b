"""`/balances standin`: who decides for an approver who is away."""

import re
from dataclasses import dataclass

from brought_forward.bot.approval.stand_ins import StandIns
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.stand_ins import HOW, day_of, listed
from brought_forward.bot.messages.words import long_date, person

MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")  # as Slack writes @name in a command


@dataclass(frozen=True, slots=True)
class StandInCommand:
    """Answer the command."""

    stand_ins: StandIns

    def answer(self, words: list[str], user: str, firm: str) -> str:
        """Show, name or end a stand-in. Raises NotAllowed with the rule."""
        if not words:
            return listed(self.stand_ins.in_force(firm))
        if len(words) == 1 and words[0].lower() == "off":
            over = self.stand_ins.end(firm, user)
            return f"{person(over.person)} no longer stands in for you."
        who = MENTION.match(" ".join(words))
        if who is None:
            raise NotAllowed(f"Name the person with an @. {HOW}")
        rest = " ".join(words)[who.end() :].split()
        if not rest or rest[0].lower() != "until":
            raise NotAllowed(f"Say until when, that day included. {HOW}")
        until = day_of(" ".join(rest[1:]), self.stand_ins.approvers.today(firm))
        if until is None:
            raise NotAllowed(f"I could not read that day. {HOW}")
        one = self.stand_ins.name(firm, user, who[1], until)
        return (
            f"{person(one.person)} stands in for you until {long_date(one.until)}, that day included. All approvers are"
            " told. `/balances standin off` ends it earlier."
        )
