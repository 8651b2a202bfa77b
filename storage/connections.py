"""The firms' sign-ins to Clio. Tokens are sealed as they come in and opened as they go out, never in between."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from brought_forward.storage.audit import link
from brought_forward.storage.database import Database, Row, Table, flag, maybe_instant, stamp
from brought_forward.storage.keys import Keys
from brought_forward.storage.records.connection import ClioSignIn, Ended, Holder, News, Right, Source, Tokens

SEEN = (
    f"id, firm, region, source, account, user_id, user_name, {flag('refresh_token IS NOT NULL')} AS can_refresh,"
    " key_id, expires_at, life, version, connected_at, refreshed_at, refresh_at, warned, ended_at, ended_by, stands_by,"
    " took_over, person, holder, looked_at, news"
)


class Connections(Table):
    """Keep sign-ins; one that is over stays on record, without its tokens."""

    def __init__(self, file: Database, keys: Keys) -> None:
        super().__init__(file)
        self._keys = keys

    def of(self, firm: str, source: Source) -> ClioSignIn | None:
        """Read a firm's sign-in in force. Returns None where there is none."""
        return self._found("firm = ? AND source = ? AND stands_by = 0 AND ended_at IS NULL", firm, source)

    def standby(self, firm: str) -> ClioSignIn | None:
        """Read the one that stands by. Returns None where none does."""
        return self._found("firm = ? AND stands_by = 1 AND ended_at IS NULL", firm)

    def get(self, connection: int) -> ClioSignIn | None:
        """Read a sign-in, over or not."""
        return self._found("id = ?", connection)

    def heir(self, sign_in: ClioSignIn) -> ClioSignIn | None:
        """Give the one that takes over when a firm's sign-in is over: one that stands by for the same account."""
        standby = self.standby(sign_in.firm) if not sign_in.stands_by and sign_in.source is Source.CONNECT else None
        return standby if standby and standby.account == sign_in.account else None

    def kept(self) -> list[ClioSignIn]:
        """List what people have signed in by and is in force, those that stand by too."""
        rows = self._file.rows(
            f"SELECT {SEEN} FROM clio_connection WHERE source = ? AND ended_at IS NULL ORDER BY firm, stands_by",
            (Source.CONNECT,),
        )
        return [sign_in_of(row) for row in rows]

    def last(self, firm: str) -> ClioSignIn | None:
        """Read the newest sign-in that somebody made for a firm, over or not. None where there never was one."""
        row = self._file.row(
            f"SELECT {SEEN} FROM clio_connection WHERE firm = ? AND source = ? AND stands_by = 0"
            " ORDER BY id DESC LIMIT 1",
            (firm, Source.CONNECT),
        )
        return sign_in_of(row) if row else None

    def firms(self) -> list[str]:
        """List the firms that somebody has signed in."""
        rows = self._file.tuples(
            "SELECT firm FROM clio_connection WHERE source = ? AND stands_by = 0 AND ended_at IS NULL ORDER BY firm",
            (Source.CONNECT,),
        )
        return [firm for (firm,) in rows]

    def tokens(self, connection: int) -> Tokens | None:
        """Open a sign-in's tokens. Returns None where it is over. Raises KeyLost where no key opens them."""
        row = self._file.row(
            "SELECT access_token, refresh_token, key_id, life FROM clio_connection WHERE id = ? AND ended_at IS NULL"
            " AND access_token IS NOT NULL",
            (connection,),
        )
        if row is None:
            return None
        access = self._keys.open(row["access_token"], row["key_id"])
        refresh = self._keys.open(row["refresh_token"], row["key_id"]) if row["refresh_token"] else None
        return Tokens(access, refresh, row["life"])

    def sign_in(
        self,
        firm: str,
        *,
        region: str,
        account: str | None,
        user_id: int | None,
        user_name: str | None,
        tokens: Tokens,
        person: str | None = None,
        stands_by: bool = False,
        rights: Sequence[Right] = (),
        by: str | None = None,
    ) -> int:
        """Keep a sign-in in the place of the one before, or of the one that stood by. Returns its id.

        `person` is who holds it, in Slack; `by` who signs in here. Who signs in first stands by no longer.
        """
        with self._file.transaction():  # sealed within it: a key that is changed meanwhile waits for it
            access, refresh, key = self._sealed(tokens)
            first, standby, now = self.of(firm, Source.CONNECT), self.standby(firm), stamp()
            if not stands_by and first:
                self.end(first.id, Ended.REPLACED, by=by)
            if standby and (stands_by or (standby.account, standby.user_id) == (account, user_id)):
                self.end(standby.id, Ended.REPLACED, by=by)
            number: int = self._file.value(
                "INSERT INTO clio_connection (firm, region, source, account, user_id, user_name, access_token,"
                " refresh_token, key_id, expires_at, life, connected_at, looked_at, person, stands_by)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (firm, region, Source.CONNECT, account, user_id, user_name, access, refresh, key, _end(tokens.life),
                 tokens.life, now, now, person, int(stands_by)),
            )  # fmt: skip
            for place, one in enumerate(rights):
                self._file.change(
                    "INSERT INTO clio_right (firm, connection, place, what, may, todo) VALUES (?, ?, ?, ?, ?, ?)",
                    (firm, number, place, one.what, one.may, one.todo),
                )
            seal_link(self._file, number, "signed in to stand by" if stands_by else "signed in", by=by)
        return number

    def rights(self, connection: int) -> list[Right]:
        """Read what a sign-in was seen to be able to read; nothing where nobody looked."""
        rows = self._file.rows(
            "SELECT what, may, todo FROM clio_right WHERE connection = ? ORDER BY place", (connection,)
        )
        return [Right(row["what"], None if row["may"] is None else bool(row["may"]), row["todo"]) for row in rows]

    def know_environments(self, firm: str, *, region: str, account: str, user_id: int | None) -> None:
        """Keep whose sign-in the environment gives a firm; its token stays there."""
        with self._file.transaction():
            self._file.change(
                "INSERT INTO firm (id, known_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (firm, stamp())
            )
            known = self.of(firm, Source.ENVIRONMENT)
            if known and (known.region, known.account, known.user_id) == (region, account, user_id):
                return
            if known:
                self.end(known.id, Ended.REPLACED)
            self._file.change(
                "INSERT INTO clio_connection (firm, region, source, account, user_id, connected_at, looked_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
                (firm, region, Source.ENVIRONMENT, account, user_id, stamp()),
            )
            if found := self.of(firm, Source.ENVIRONMENT):
                seal_link(self._file, found.id, "signed in")

    def refreshed(self, connection: int, version: int, tokens: Tokens) -> bool:
        """Take new tokens in the place of a version; a refresh token that did not come with them stays.

        Returns False where somebody else was first: the tokens in the row are newer than ours.
        """
        with self._file.transaction():
            access, refresh, key = self._sealed(tokens)
            if refresh is None:
                kept = self.tokens(connection)
                refresh = self._keys.seal(kept.refresh)[0] if kept and kept.refresh else None
            changed = self._file.change(
                "UPDATE clio_connection SET access_token = ?, refresh_token = ?, key_id = ?, expires_at = ?, life = ?,"
                " version = version + 1, refreshed_at = ?, refresh_at = NULL, warned = NULL"
                " WHERE id = ? AND version = ? AND ended_at IS NULL",
                (access, refresh, key, _end(tokens.life), tokens.life, stamp(), connection, version),
            )
            if changed == 1:
                seal_link(self._file, connection, "refreshed")
        return changed == 1

    def not_refreshed(self, connection: int, *, again_in: float) -> None:
        """Keep that Clio did not answer, and not to ask again for so many seconds."""
        at = datetime.now(UTC) + timedelta(seconds=again_in)
        self._file.change("UPDATE clio_connection SET refresh_at = ? WHERE id = ?", (stamp(at), connection))

    def warn(self, connection: int, days: int) -> bool:
        """Say that approvers are told so many days ahead. Returns False where they were told that near its end."""
        changed = self._file.change(
            "UPDATE clio_connection SET warned = ?1 WHERE id = ?2 AND ended_at IS NULL"
            " AND (warned IS NULL OR warned > ?1)",
            (days, connection),
        )
        return changed == 1

    def cannot_refresh(self, connection: int, *, version: int) -> bool:
        """Forget a refresh token that Clio takes no more; the access token serves until its end.

        Returns False where the sign-in is over, or has newer tokens.
        """
        with self._file.transaction():
            changed = self._file.change(
                "UPDATE clio_connection SET refresh_token = NULL WHERE id = ? AND version = ? AND ended_at IS NULL",
                (connection, version),
            )
            if changed == 1:
                seal_link(self._file, connection, "no longer refreshed")
        return changed == 1

    def state(self) -> list[tuple[int, int]]:
        """Give what changes with each sign-in, sign-out and refresh."""
        return [
            (number, version)
            for number, version in self._file.tuples(
                "SELECT id, version FROM clio_connection WHERE ended_at IS NULL ORDER BY id"
            )
        ]

    def end(self, connection: int, why: Ended, *, version: int | None = None, by: str | None = None) -> bool:
        """End a sign-in and forget its tokens; where a version is named, only as long as it stands.

        One that stands by for the same account takes over, unless somebody has signed in anew. Returns False where it
        was over, or has newer tokens.
        """
        with self._file.transaction():
            before = self.get(connection)
            changed = self._file.change(
                "UPDATE clio_connection SET ended_at = ?, ended_by = ?, access_token = NULL, refresh_token = NULL,"
                " key_id = NULL WHERE id = ? AND ended_at IS NULL AND version = coalesce(?, version)",
                (stamp(), why, connection, version),
            )
            if changed == 1:
                seal_link(self._file, connection, "ended", by=by)
            if changed == 1 and before and why is not Ended.REPLACED:
                self._hand_over(before, why)
        return changed == 1

    def _hand_over(self, ended: ClioSignIn, why: Ended) -> None:
        """Let the one that stands by take over; of one that stood by, keep that it is lost."""
        if ended.stands_by and why is Ended.REFUSED:
            self._file.change("UPDATE clio_connection SET news = ? WHERE id = ?", (News.LOST, ended.id))
        if heir := self.heir(ended):
            self._file.change(
                "UPDATE clio_connection SET stands_by = 0, took_over = ?, news = ?, version = version + 1,"
                " warned = NULL WHERE id = ?",
                (ended.id, News.TOOK_OVER, heir.id),
            )
            seal_link(self._file, heir.id, "took over")

    def seal_anew(self) -> int:
        """Seal every token by the key that seals now. Returns how many sign-ins were sealed by another.

        Raises KeyLost where one cannot be opened; nothing is changed then.
        """
        current, count = self._keys.current, 0
        with self._file.transaction():
            for (number,) in self._file.tuples(
                "SELECT id FROM clio_connection WHERE key_id IS NOT NULL AND key_id <> ? ORDER BY id", (current,)
            ):
                tokens = self.tokens(number)
                if tokens is not None:
                    access, refresh, key = self._sealed(tokens)
                    count += self._file.change(
                        "UPDATE clio_connection SET access_token = ?, refresh_token = ?, key_id = ? WHERE id = ?",
                        (access, refresh, key, number),
                    )
                    seal_link(self._file, number, "sealed anew")
        return count

    def _found(self, where: str, *values: object) -> ClioSignIn | None:
        row = self._file.row(f"SELECT {SEEN} FROM clio_connection WHERE {where}", values)
        return sign_in_of(row) if row else None

    def _sealed(self, tokens: Tokens) -> tuple[bytes, bytes | None, str]:
        access, key = self._keys.seal(tokens.access)
        return access, self._keys.seal(tokens.refresh)[0] if tokens.refresh else None, key


def seal_link(file: Database, connection: int, does: str, *, by: str | None = None) -> None:
    """Tell the audit what became of a sign-in, by ids alone."""
    row = file.row(
        "SELECT firm, region, source, account, user_id, key_id, version, stands_by, ended_by FROM clio_connection"
        " WHERE id = ?",
        (connection,),
    )
    if row is not None:
        link(file, row.pop("firm"), "sign_in", actor=by, subject=connection, facts={"does": does, **row})


def _end(life: float | None) -> str | None:
    """Say when an access token ends. Over the wall clock: it goes on while the bot does not run."""
    return None if life is None else stamp(datetime.now(UTC) + timedelta(seconds=life))


def sign_in_of(row: Row) -> ClioSignIn:
    """Read a row of `SEEN`."""
    return ClioSignIn(
        **row
        | {
            "source": Source(row["source"]),
            "can_refresh": bool(row["can_refresh"]),
            "expires_at": maybe_instant(row["expires_at"]),
            "connected_at": datetime.fromisoformat(row["connected_at"]),
            "refreshed_at": maybe_instant(row["refreshed_at"]),
            "refresh_at": maybe_instant(row["refresh_at"]),
            "ended_at": maybe_instant(row["ended_at"]),
            "ended_by": Ended(row["ended_by"]) if row["ended_by"] else None,
            "stands_by": bool(row["stands_by"]),
            "holder": Holder(row["holder"]),
            "looked_at": maybe_instant(row["looked_at"]),
            "news": News(row["news"]) if row["news"] else None,
        }
    )
