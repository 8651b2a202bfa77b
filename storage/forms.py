"""In which form a Clio account takes entries: by what it has booked, and by the test of one cent before."""

from brought_forward.storage.database import Table, stamp
from brought_forward.storage.records.batch import EntryForm
from brought_forward.storage.records.entry import EntryState


class Forms(Table):
    """Keep what the test of one cent found, and ask the batches what their accounts have booked."""

    def is_proved(self, account: str, form: EntryForm) -> bool:
        """Tell whether a Clio account has booked an entry of this form as it was sent."""
        found = self._file.value(
            "SELECT 1 FROM batch WHERE account = ? AND form = ? AND EXISTS (SELECT 1 FROM entry"
            f" WHERE entry.batch = batch.id AND state = '{EntryState.POSTED}') LIMIT 1",
            (account, form),
        )
        return found is not None

    def booked(self, account: str) -> EntryForm | None:
        """Give the form in which a Clio account last booked entries as they were sent; None where there were none."""
        found = self._file.value(
            "SELECT form FROM batch WHERE account = ? AND EXISTS (SELECT 1 FROM entry"
            f" WHERE entry.batch = batch.id AND state = '{EntryState.POSTED}') ORDER BY id DESC LIMIT 1",
            (account,),
        )
        return EntryForm(found) if found else None

    def probed(self, firm: str, account: str) -> EntryForm | None:
        """Give the form that Clio took of the last test of one cent in an account; None where there was none."""
        found = self._file.value("SELECT form FROM probed_form WHERE firm = ? AND account = ?", (firm, account))
        return EntryForm(found) if found else None

    def first(self, firm: str, account: str) -> EntryForm:
        """Give the form in which a new batch begins: what was booked last, else what the test found, else flat."""
        return self.booked(account) or self.probed(firm, account) or EntryForm.FLAT

    def keep_probed(self, firm: str, account: str, form: EntryForm | None) -> None:
        """Keep in which form the test of one cent was taken in an account, in the place of an earlier one's.

        None: in none of them.
        """
        with self._file.transaction():
            self._file.change("DELETE FROM probed_form WHERE firm = ? AND account = ?", (firm, account))
            if form is not None:
                self._file.change(
                    "INSERT INTO probed_form (firm, account, form, probed_at) VALUES (?, ?, ?, ?)",
                    (firm, account, form, stamp()),
                )
