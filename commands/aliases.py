"""`/balances aliases`: what people chose that a number or a name means, and how to forget it."""

from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.words import esc, first, person, shortened, when
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
        """List the choices, or forget one: all for an approver, for others those that they made themselves.

        Raises NotAllowed. What is not there and what is not for the asker read the same.
        """
        of = None if self.approvers.listed(user, firm) else user
        if words and words[0].lower() == "forget":
            return self._forget(" ".join(words[1:]).strip(QUOTES), user, firm, of)
        known = self.store.aliases.aliases(firm, of=of)
        if not known:
            return (
                "Nothing is remembered yet that you may see: a choice made for a line that fits no matter or user is"
                " kept here."
            )
        return "\n".join(
            [*first([_line(alias) for alias in known], SHOWN), '`/balances aliases forget "TEXT"` forgets one.']
        )

    def _forget(self, text: str, user: str, firm: str, of: str | None) -> str:
        if not text:
            raise NotAllowed('Name what to forget: `/balances aliases forget "TEXT"`.')
        forgotten = self.store.aliases.forget_alias(firm, text, by=user, of=of)
        if not forgotten:
            raise NotAllowed(f'Nothing is remembered for "{esc(text)}". `/balances aliases` lists what is.')
        meant = " and ".join(dict.fromkeys(esc(shortened(alias.label)) for alias in forgotten))
        text = esc(shortened(forgotten[0].text))
        return f'Forgotten: "{text}" no longer means {meant}. Batches already previewed stay as they are.'


def _line(alias: Alias) -> str:
    return (
        f'{alias.kind.value.capitalize()} "{esc(shortened(alias.text))}" means {esc(shortened(alias.label))}:'
        f" chosen by {person(alias.chosen_by)}, {when(alias.chosen_at)}, {_force(alias)}"
    )


def _force(alias: Alias) -> str:
    """Say where a choice holds, and by whose word."""
    if alias.confirmed_by:
        return f"confirmed by {person(alias.confirmed_by)}"
    return f"not confirmed, in <#{alias.channel}> alone" if alias.channel else "not confirmed"
