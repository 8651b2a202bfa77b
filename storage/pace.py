"""The pace that Clio allows: one row a sign-in, for every process and every thread."""

from dataclasses import dataclass

from brought_forward.storage.database import Database, flag, summed

SAME = 1.5  # seconds: Clio tells a window's end and its own clock in whole ones
MOST_LEFT = 0.75  # of a window is left to other programs, whatever they use: we still have to get on
PREVIEWS = 0.25  # of a window, at most, is for previews while a run asks for its turn
LATE = 0.1  # of a window: its last part, in which what was kept is given away

COUNTED = "quota, remaining, window_end, wait, calls, ours, theirs, others, next_at, closed_until, previews, run_at"


def _most(one: str, other: str) -> str:
    return f"CASE WHEN {one} > {other} THEN {one} ELSE {other} END"


def _least(one: str, other: str) -> str:
    return f"CASE WHEN {one} < {other} THEN {one} ELSE {other} END"


# What stands in the row. `remaining` is ours to give; `ours` and `theirs` count this window's calls, by us and by other
# programs with the same sign-in; `others` is what these used in windows before.
_OVER = ":now >= pace.window_end"
_OPEN = ":now >= pace.closed_until"
_LEFT = "(pace.window_end - :now)"
_USED = _most(f":window - {_LEFT}", f":window * {LATE}")
_EXPECTED = f"({_most('pace.others', f'pace.theirs * :window / ({_USED})')})"
# A run leaves room: some calls for whoever waits, and what others will likely use of the rest of this window. While
# others are at work, it spreads its calls over the window: each answer then tells how many they used.
_THEIRS = f"round({_EXPECTED} * {_LEFT} / :window + 0.49)"  # begun calls are whole ones
_ROOM = (
    f"(CASE WHEN :kept = 0 THEN 0 ELSE"
    f" CASE WHEN {_LEFT} > :window * {LATE} OR {_EXPECTED} >= 1 THEN {_least(':kept', 'pace.quota / 10')} ELSE 0 END"
    f" + {_least(_THEIRS, f'pace.quota * {MOST_LEFT}')} END)"
)
_TURN = f"(:kept = 0 OR {_EXPECTED} < 1 OR :now >= pace.next_at)"
# Reads for previews, while a run asks for its turn: so many of a window, however many files are dropped.
_SHARE = (
    f"(:shared = 0 OR :now - pace.run_at > :window OR {_OVER}"
    f" OR pace.previews < {_most(f'pace.quota * {PREVIEWS}', '1')})"
)
_FREE = f"({_OPEN} AND {_SHARE} AND ({_OVER} OR (pace.remaining > {_ROOM} AND {_TURN})))"
_NEW = f"({_OPEN} AND {_OVER})"
_OTHERS = _most("pace.theirs", "pace.others / 2")
_SPREAD = _most(f"pace.quota - ({_OTHERS})", f"pace.quota * {1 - MOST_LEFT}")
_TAKE = f"""
INSERT INTO pace (connection, quota, remaining, window_end, calls, ours, previews, run_at)
VALUES (:c, CAST(:quota AS BIGINT), :quota - 1, CAST(:now AS DOUBLE PRECISION) + CAST(:window AS DOUBLE PRECISION),
    1, 1, CAST(:shared AS BIGINT), CASE WHEN CAST(:run AS BIGINT) = 1 THEN :now ELSE 0 END)
ON CONFLICT (connection) DO UPDATE SET
wait = CASE WHEN {_FREE} THEN 0 WHEN NOT {_OPEN} THEN pace.closed_until - :now WHEN NOT {_SHARE} THEN {_LEFT}
    WHEN pace.remaining > {_ROOM} THEN {_least("pace.next_at - :now", _LEFT)} ELSE {_LEFT} END,
calls = pace.calls + {flag(_FREE)},
remaining = CASE WHEN {_NEW} THEN pace.quota - 1 ELSE pace.remaining - {flag(_FREE)} END,
previews = CASE WHEN {_NEW} THEN :shared WHEN {_FREE} THEN pace.previews + :shared ELSE pace.previews END,
run_at = CASE WHEN :run = 1 THEN :now ELSE pace.run_at END,
ours = CASE WHEN {_NEW} THEN 1 ELSE pace.ours + {flag(_FREE)} END,
others = CASE WHEN {_NEW} THEN {_OTHERS} ELSE pace.others END,
theirs = CASE WHEN {_NEW} THEN 0 ELSE pace.theirs END,
next_at = CASE WHEN {_NEW} THEN :now + :window / ({_SPREAD})
    WHEN {_FREE} THEN :now + {_LEFT} / ({_most(f"pace.remaining - {_ROOM}", "1")}) ELSE pace.next_at END,
window_end = CASE WHEN {_NEW} THEN :now + :window ELSE pace.window_end END
RETURNING wait, quota, remaining, window_end, {_most("others", "theirs")} AS others
"""
# Answers may come in another order than their calls went, so within a window the count only falls; it rises with the
# quota. A window that ended while the answer was on its way says nothing of this one.
_SAME = f"abs(window_end - :end) < {SAME}"
_HEARD = f"""
UPDATE pace SET
remaining = CASE WHEN {_SAME} THEN {_least("remaining + :quota - quota", ":remaining")} ELSE :remaining END,
theirs = CASE WHEN {_SAME} THEN {_most("theirs", ":quota - :remaining - ours")} ELSE 0 END,
ours = CASE WHEN {_SAME} THEN ours ELSE :quota - :remaining END,
window_end = :end, quota = :quota
WHERE connection = :c AND CAST(:end AS DOUBLE PRECISION) > CAST(:now AS DOUBLE PRECISION)
"""


@dataclass(frozen=True, slots=True)
class Window:
    """What was said of Clio's window when a call was asked for."""

    wait: float  # seconds before asking again makes sense; 0: the call may go now
    quota: int
    remaining: int
    ends: float  # unix seconds
    others: float  # calls that other programs use of a window


class Paces:
    """Keep one row a Clio connection: how many calls its window still allows."""

    def __init__(self, file: Database) -> None:
        self._file = file
        self.clock = file.clock

    def take(
        self,
        connection: str,
        *,
        now: float,
        quota: int,
        window: float,
        kept: int = 0,
        run: bool = False,
        shared: bool = False,
    ) -> Window:
        """Take one call from the window, if it has one.

        `quota` calls in `window` seconds until Clio's own headers speak. With `kept`, so many of a window are left
        until its last part for whoever else waits, and room is left for other programs. `run`: it is a run that asks,
        and what is `shared` leaves it most of the window.
        """
        asked = {"c": connection, "now": now, "quota": quota, "window": window, "kept": kept, "run": int(run),
                 "shared": int(shared)}  # fmt: skip
        row = self._file.rows(_TAKE, asked)[0]
        return Window(float(row["wait"]), row["quota"], row["remaining"], row["window_end"], row["others"])

    def heard(self, connection: str, *, now: float, quota: int, remaining: int, window_end: float) -> None:
        """Follow Clio's headers."""
        self._file.change(
            _HEARD, {"c": connection, "now": now, "quota": quota, "remaining": remaining, "end": window_end}
        )

    def rename(self, connection: str, known: str) -> None:
        """Keep under the name of a sign-in what was counted before it was known whose it is."""
        with self._file.transaction():
            self._file.change(
                f"INSERT INTO pace (connection, {COUNTED}) SELECT CAST(? AS TEXT), {COUNTED} FROM pace"
                " WHERE connection = ? ON CONFLICT (connection) DO UPDATE SET calls = pace.calls + excluded.calls",
                (known, connection),
            )
            self._file.change("DELETE FROM pace WHERE connection = ?", (connection,))

    def refused(self, connection: str, *, until: float) -> None:
        """Send nothing until then: Clio answered 429. Its headers have said whether others used the window up."""
        self._file.change(
            "UPDATE pace SET closed_until = ?1 WHERE connection = ?2 AND closed_until < ?1", (until, connection)
        )

    def last(self, connection: str) -> Window | None:
        """Read what is known of the window, whoever asked last. Returns None before the first call."""
        rows = self._file.tuples(
            f"SELECT quota, remaining, window_end, {_most('others', 'theirs')} FROM pace WHERE connection = ?",
            (connection,),
        )
        return Window(0.0, *rows[0]) if rows else None

    def calls(self) -> int:
        """Count the calls made to Clio, over all connections."""
        count: int = self._file.value(f"SELECT coalesce({summed('calls')}, 0) FROM pace")
        return count
