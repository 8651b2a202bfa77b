"""A process that has imported the bot and does nothing but fork: each life then starts in milliseconds.

It has one thread and no open file of the bot's. `python -m proofs.nursery` takes a line of JSON for each life, and
tells a line of JSON when one began and when it ended.
"""

import faulthandler
import gc
import inspect
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from proofs.doomed import Fate, Points, doom


class Life:
    """One life of the bot, as its parents see it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ended = threading.Event()
        self.status: int | None = None  # as os.waitstatus_to_exitcode has it: -9 is kill -9

    @property
    def is_over(self) -> bool:
        return self.ended.is_set()

    def send(self, number: signal.Signals) -> None:
        if not self.is_over:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill -9, unless it has ended."""
        self.send(signal.SIGKILL)
        self.ended.wait()


class Nursery:
    """Ask for lives."""

    def __init__(self) -> None:
        env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        env["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), env.get("PYTHONPATH", "")])
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "proofs.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            text=True,
            bufsize=1,
        )
        self._lives: dict[int, Life] = {}
        self._begun: list[Life] = []
        self._changed = threading.Condition()
        self._bearing = threading.Lock()
        self._listener = threading.Thread(target=self._listen, daemon=True, name="nursery")
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for life in list(self._lives.values()):
            life.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._listener.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def bear(
        self,
        env: Mapping[str, str],
        *,
        fate: Fate,
        log: Path,
        points: Path,
        hosts: Mapping[str, str],
        patience: float | None = None,
    ) -> Life:
        """Begin a life: `env` beside the nursery's own, its words into `log`, the points it passes into `points`."""
        asked = {"env": dict(env), "fate": asdict(fate), "log": str(log), "points": str(points), "hosts": dict(hosts),
                 "patience": patience}  # fmt: skip
        assert self._process.stdin is not None
        with self._bearing, self._changed:  # one birth at a time: which life is whose would not be known
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            if not self._changed.wait_for(lambda: bool(self._begun), timeout=60):
                raise AssertionError("the nursery does not answer")
            return self._begun.pop()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            with self._changed:
                if "began" in told:
                    life = self._lives[told["began"]] = Life(told["began"])
                    self._begun.append(life)
                    self._changed.notify_all()
                else:
                    life = self._lives.pop(told["ended"])
                    life.status = told["status"]
                    life.ended.set()


# The nursery's own side


def _nurse() -> None:
    import sqlalchemy.dialects.sqlite  # noqa: F401 - which DBOS imports only once it has a file

    import brought_forward.bot.cli.main  # the whole bot, once
    import brought_forward.bot.cli.serve  # noqa: F401

    inspect.stack()  # Bolt does so for each app, and what it learns of the modules is kept
    gc.collect()
    gc.freeze()
    heard, hears = os.pipe()
    os.set_blocking(hears, False)
    signal.set_wakeup_fd(hears)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    rest, alive = b"", set[int]()
    while True:
        ready, _, _ = select.select([0, heard], [], [])
        if heard in ready:
            os.read(heard, 4096)
            _reap(alive)
        if 0 in ready:
            data = os.read(0, 1 << 20)
            if not data:  # whoever asked for lives is gone, maybe by a kill: nothing of ours stays behind
                for pid in alive:
                    os.kill(pid, signal.SIGKILL)
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                alive.add(_bear(json.loads(line), heard, hears))


def _reap(alive: set[int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        alive.discard(pid)
        _say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _bear(asked: dict[str, Any], *fds: int) -> int:
    pid = os.fork()
    if pid:
        _say({"began": pid})
        return pid
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for fd in fds:
        os.close(fd)
    status = 70
    try:
        status = _live(asked)
    finally:
        os._exit(status)


def _live(asked: dict[str, Any]) -> int:
    """Be the bot, as `brought-forward serve` is; return its exit status."""
    from brought_forward.bot.cli.serve import serve
    from brought_forward.bot.errors import BroughtForwardError
    from brought_forward.bot.settings import from_environment

    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for fd in (1, 2):
        os.dup2(log, fd)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(asked["env"])
    faulthandler.register(signal.SIGUSR1)  # where it stands, into its log, for one that is stuck
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("slack_bolt.App").setLevel(logging.ERROR)
    told = asked["fate"]
    fate = Fate(
        **told | {"die_at": told["die_at"] and tuple(told["die_at"]), "jumps": tuple(map(tuple, told["jumps"]))}
    )
    doom(Points(fate, Path(asked["points"]), _traveller() if fate.jumps else None), hosts=asked["hosts"],
         patience=asked["patience"])  # fmt: skip
    try:
        serve(from_environment())
    except BroughtForwardError as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.stderr.flush()
        return 2
    return 0


def _traveller() -> Any:
    """Set the clock of this process, all threads of it; what counts seconds by `monotonic` is not moved."""
    import time

    import time_machine

    travel = time_machine.travel(time.time(), tick=True)
    coordinates = travel.start()

    def by(seconds: float) -> None:
        coordinates.move_to(time.time() + seconds)

    return by


def _say(told: dict[str, Any]) -> None:
    os.write(1, (json.dumps(told) + "\n").encode())


if __name__ == "__main__":
    _nurse()
