"""Who holds the sign-ins to Clio: what became of them, and what approvers are still to be told of it."""

from datetime import datetime

from brought_forward.storage.connections import SEEN, seal_link, sign_in_of
from brought_forward.storage.database import Table, stamp
from brought_forward.storage.records.connection import ClioSignIn, Holder, News


class Holders(Table):
    """Keep what was seen of who holds a sign-in, and say each piece of news once."""

    def seen(self, sign_in: ClioSignIn, holder: Holder, at: datetime, *, name: str | None = None) -> None:
        """Keep what became of who holds a sign-in; what is not as it should be is news.

        `name` is what Clio calls them, for a sign-in of which that is not known.
        """
        with self._file.transaction():
            changed = self._file.change(
                "UPDATE clio_connection SET holder = ?1, looked_at = ?2, news = CASE WHEN holder = ?1 THEN news ELSE ?3"
                " END, user_name = coalesce(user_name, ?5) WHERE id = ?4 AND ended_at IS NULL",
                (holder, stamp(at), None if holder is Holder.HERE else News(holder), sign_in.id, name),
            )
            if changed and holder is not sign_in.holder:
                seal_link(self._file, sign_in.id, f"holder {holder}")

    def news(self) -> list[ClioSignIn]:
        """List the sign-ins of which approvers are still to be told something."""
        rows = self._file.rows(f"SELECT {SEEN} FROM clio_connection WHERE news IS NOT NULL ORDER BY id")
        return [sign_in_of(row) for row in rows]

    def told(self, sign_in: ClioSignIn) -> bool:
        """Keep that approvers are told the news of a sign-in. Returns False where they were, or there is other news."""
        changed = self._file.change(
            "UPDATE clio_connection SET news = NULL WHERE id = ? AND news = ?", (sign_in.id, sign_in.news)
        )
        return changed == 1
