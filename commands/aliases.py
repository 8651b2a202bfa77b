"""`/balances aliases`: what people chose that a number or a name means, and how to forget it."""

from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.words import count, esc, person, shortened, when
from brought_forward.storage.records.firm import Alias
from brought_forward.storage.store import Store

SHOWN = 50
QUOTES = "\"'`“”„‘’«» "  # what people and their keyboards put round a text


@dataclass(frozen=True, slots=True)
class Choices:
    """List and forget what a firm's people chose."""

    store: Store
    approvers: Approvers

    def answer(self, words: list[str], user: str, firm: str) -> str:
        """List the choices, or forget one. Raises NotAllowed for who neither approves nor has dropped a file."""
        known = self.store.aliases.aliases(firm)
        if not self._may_see(user, firm):
            raise NotAllowed(f"{count(len(known), 'choice')} remembered. They are shown to approvers and to who has"
                             " dropped a file.")  # fmt: skip
        if words and words[0].lower() == "forget":
            return self._forget(" ".join(words[1:]).strip(QUOTES), user, firm)
        if not known:
            return "Nothing is remembered yet: a choice made for a line that fits no matter or user is kept here."
        lines = [_line(alias) for alias in known[:SHOWN]]
        if len(known) > SHOWN:
            lines.append(f"and {len(known) - SHOWN:,} more.")
        return "\n".join([*lines, '`/balances aliases forget "TEXT"` forgets one.'])

    def _forget(self, text: str, user: str, firm: str) -> str:
        if not text:
            raise NotAllowed('Name what to forget: `/balances aliases forget "TEXT"`.')
        forgotten = self.store.aliases.forget_alias(firm, text, by=user)
        if not forgotten:
            raise NotAllowed(f'Nothing is remembered for "{esc(text)}". `/balances aliases` lists what is.')
        meant = " and ".join(esc(shortened(alias.label)) for alias in forgotten)
        text = esc(shortened(forgotten[0].text))
        return f'Forgotten: "{text}" no longer means {meant}. Batches already previewed stay as they are.'

    def _may_see(self, user: str, firm: str) -> bool:
        return self.approvers.listed(user, firm) or self.store.history.has_dropped(firm, user)


def _line(alias: Alias) -> str:
    return (
        f'{alias.kind.value.capitalize()} "{esc(shortened(alias.text))}" means {esc(shortened(alias.label))}:'
        f" chosen by {person(alias.chosen_by)}, {when(alias.chosen_at)}"
    )
