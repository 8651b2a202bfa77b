"""The clock of what waits: set when a process opens its file, then moved on by seconds alone."""

import time
from datetime import UTC, datetime, timedelta

LONGEST = 600.0  # seconds: no pause before another try is longer


class Clock:
    """Tell when something is to be done again, however the machine's clock is set meanwhile.

    What people read and decide by, such as when a batch was approved or expires, goes by the wall clock instead.
    """

    def __init__(self) -> None:
        self._wall, self._began = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        """Tell the time, aware and in UTC: as it was when this process began, and the seconds since."""
        return self._wall + timedelta(seconds=time.monotonic() - self._began)

    def stamp(self, *, after: float = 0.0) -> str:
        """Write the instant in so many seconds, so that texts sort as times do."""
        return (self.now() + timedelta(seconds=after)).isoformat(timespec="microseconds")

    def until(self, at: datetime) -> float:
        """Tell how many seconds are left until an instant of this clock; less than 0 once it is over."""
        return (at - self.now()).total_seconds()
