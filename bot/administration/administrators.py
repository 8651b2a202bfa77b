"""Who administers a firm: whom its settings name, else the owners of its Slack workspace."""

from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.words import people
from brought_forward.bot.settings import Firms

NONE_NAMED = "Only owners of this workspace can do this, as long as they name no administrators."


@dataclass(frozen=True, slots=True)
class Administrators:
    """Ask at each click; nothing of it is kept."""

    firms: Firms
    approvers: Approvers

    def check(self, actor: str, firm: str) -> None:
        """Let an administrator through. Raises NotAllowed for anybody else, or where Slack is silent."""
        account = self.approvers.people.check(actor, firm)
        named = self.firms.settings(firm).admins
        if not named:
            if not account.is_owner:
                raise NotAllowed(NONE_NAMED)
        elif actor not in named and actor not in self.approvers.people_of(firm, named):
            raise NotAllowed(f"Only administrators can do this: {people(named, last='or')}.")

    def is_one(self, person: str, firm: str) -> bool:
        """Say whether somebody is one; where Slack does not say it, they are none."""
        try:
            self.check(person, firm)
        except NotAllowed:
            return False
        return True

    def named(self, firm: str) -> set[str]:
        """Name all whom the settings name; none where the owners are. Raises NotAllowed as `check`."""
        return self.approvers.people_of(firm, self.firms.settings(firm).admins)
