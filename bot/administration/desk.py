"""What administrators may do from their Home tab, put together."""

import threading
from collections.abc import Callable
from secrets import token_hex

from brought_forward.bot.administration.administrators import Administrators
from brought_forward.bot.administration.check import Checks
from brought_forward.bot.administration.firm_settings import SettingsForm
from brought_forward.bot.administration.sign_in import SignIns
from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed, SlackSilent
from brought_forward.bot.messages import administration as words
from brought_forward.bot.messages.administration import Administration
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.store import Store


class Desk:
    """The administrators, and what each of their buttons does."""

    def __init__(
        self,
        store: Store,
        firms: Firms,
        approvers: Approvers,
        thread: BatchThread,
        owed: Callable[[], None],
        given: Callable[[str], bool],
        asked: Callable[[], None],
        stopping: threading.Event,
    ) -> None:
        """Put it together; `given` says whether a firm's sign-in to Clio is set where the bot is installed.

        `asked` has a look for those who asked for a look at everything.
        """
        self._store, self._firms, self._owed = store, firms, owed
        self.administrators = Administrators(firms, approvers)
        self.settings = SettingsForm(store, firms, self.administrators, approvers, thread, owed)
        self.sign_ins = SignIns(store, firms, self.administrators, approvers, owed, given)
        self.checks = Checks(store, self.administrators, owed, asked, stopping)

    def not_opened(self, person: str, firm: str) -> None:
        """Tell somebody in their direct messages what Slack did not open in their Home tab."""
        text = words.not_opened()
        slot = f"told-desk-{person}-{token_hex(4)}"
        self._store.messages.tell(firm=firm, slot=slot, channel=person, text=text.text, blocks=text.json())
        self._owed()

    def part(self, firm: str, person: str) -> Administration | None:
        """Make the part of somebody's Home tab. Returns None for who is no administrator.

        Raises SlackSilent where Slack does not say who they are: the tab then stays as it is for now.
        """
        try:
            self.administrators.check(person, firm)
        except SlackSilent:
            raise
        except NotAllowed:
            return None
        return Administration(self._firms.settings(firm), self.sign_ins.view(firm), self.checks.look is not None)
