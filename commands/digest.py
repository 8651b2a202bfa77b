"""`/balances digest on | off`: how far the bills are, each Monday morning in the channel where it is typed."""

from dataclasses import dataclass

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.results.digest import Digests

WHEN = "each Monday from eight in the morning on, how far the bills are of what was brought forward here"
HOW = "`/balances digest on` tells this channel " + WHEN + "; `/balances digest off` ends it."


@dataclass(frozen=True, slots=True)
class DigestCommand:
    """Answer the command for the channel in which it was typed."""

    digests: Digests
    channel: str

    def answer(self, words: list[str], user: str, firm: str) -> str:
        """Turn it on or off, or say whether it is on. Raises NotAllowed with the rule."""
        wish = words[0].lower() if len(words) == 1 else ""
        if wish == "on":
            new = self.digests.turn_on(firm, self.channel, user)
            return f"I tell this channel {WHEN}{'' if new else ' already'}. `/balances digest off` ends it."
        if wish == "off":
            was = self.digests.turn_off(firm, self.channel, user)
            return "This channel gets no digest any more." if was else f"This channel gets no digest. {HOW}"
        if words:
            raise NotAllowed(f"Say `on` or `off`. {HOW}")
        on = self.digests.store.digests.is_on(firm, self.channel)
        return f"The weekly digest is {'on' if on else 'off'} in this channel. {HOW}"
