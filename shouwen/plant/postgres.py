"""The embedded PostgreSQL: started by whoever needs it first, stopped by whoever leaves last.

Everything lies in one directory, `DATA_DIR/postgres`: `data` (the cluster), `password`, `url`, `log`, and two lock
files. `lock` is held while the server is being started or stopped; `users` is held shared for as long as somebody
needs the server, so that two processes can share it and a killed one never keeps it alive.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg
from psycopg import sql

from shouwen.plant import unprivileged
from shouwen.plant.disk import writes_through
from shouwen.plant.trouble import Trouble
from shouwen.plant.unprivileged import Hands, find_binaries

ROLE = DATABASE = "shouwen"
ATTEMPTS = 10
ROOM_NEEDED = 300 * 2**20
LONGEST_SOCKET = 100


def known_url(data: Path) -> str | None:
    """Return the address that the launcher wrote under `data`, without asking whether the server is up."""
    try:
        return (data / "postgres" / "url").read_text().strip() or None
    except OSError:
        return None


class Embedded:
    """The server over one data directory. `with Embedded(data) as url:` or `start()`, `url()`, `stop()`."""

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.home = (data / "postgres").resolve()
        self.durable = durable
        self._users: int | None = None
        self._hands: Hands | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.stop()

    # --- what callers use --------------------------------------------------------------------------------------

    def start(self) -> str:
        """Make the cluster if there is none, start the server unless it runs, and return its URL."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self._turn():
            self._users = self._users or os.open(self.home / "users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                if not self._answers():
                    self._make_cluster()
                    self._start_server()
                    self._make_database()
            except BaseException:
                self._let_go()
                raise
        return self.url()

    def stop(self) -> None:
        """Let go of the server, and stop it if nobody else needs it."""
        if self._users is None:
            return
        with self._turn():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                self._let_go()
            self.hands.run("pg_ctl", "-D", self.cluster, "-m", "fast", "-w", "-t", "60", "stop")
            with suppress(OSError):
                self._socket_directory().rmdir()

    def url(self) -> str:
        known = known_url(self.home.parent)
        if known is None:
            raise Trouble("数据库尚未启动。", "The database has not been started yet.")
        return known

    def postmaster(self) -> int:
        """Return the process id of the running server."""
        return int((self.cluster / "postmaster.pid").read_text().split()[0])

    @property
    def hands(self) -> Hands:
        """Whoever runs PostgreSQL's programs: this user, or `nobody` when we are root."""
        if self._hands is None:
            self._hands = Hands.for_home(self.home, find_binaries())
        return self._hands

    @property
    def cluster(self) -> Path:
        return self.hands.home / "data"

    # --- steps ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _turn(self) -> Iterator[None]:
        handle = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _let_go(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _answers(self) -> bool:
        """Tell whether the server we know of accepts our password for our database."""
        known = known_url(self.home.parent)
        if known is None:
            return False
        try:
            psycopg.connect(known, connect_timeout=3).close()
        except psycopg.Error:
            return False
        return True

    def _make_cluster(self) -> None:
        version = self.cluster / "PG_VERSION"
        ours = self.hands.major()
        if version.exists():
            if (found := version.read_text().strip()) != ours:
                raise Trouble(
                    f"{self.cluster} 是 PostgreSQL {found} 的数据，本版本使用 {ours}：请用原版本执行 "
                    "`backup`，再用本版本 `restore` 到新的 DATA_DIR。",
                    f"{self.cluster} holds data of PostgreSQL {found}, this release runs {ours}: `backup` with the "
                    "release that made it, then `restore` into a new DATA_DIR.",
                )
            return
        if shutil.disk_usage(self.hands.home).free < ROOM_NEEDED:
            raise _disk_full(self.hands.home)
        self._initdb()

    def _initdb(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a killed initdb leaves nothing."""
        draft = self.hands.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self.hands.mkdir(draft)
        words = self.hands.home / "password.new"
        self.hands.write(words, self._password() + "\n")
        try:
            done = self.hands.run(
                "initdb", "-D", draft, "-U", "postgres", f"--pwfile={words}",
                "--encoding=UTF8", "--data-checksums", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                f"--locale={unprivileged.LOCALE}", "--auth=scram-sha-256", "--no-instructions",
                *([] if self.durable else ["--no-sync"]),
            )  # fmt: skip
        finally:
            words.unlink(missing_ok=True)
        if done.returncode:
            raise self._explain("initdb", done.stderr or done.stdout)
        self.hands.write(draft / "shouwen.conf", "")
        with (draft / "postgresql.conf").open("a") as out:
            out.write("include_if_exists = 'shouwen.conf'\n")
        draft.rename(self.cluster)

    def _start_server(self) -> None:
        """Start, and try again: after a power cut orphans of the old server may hold its memory for seconds."""
        self.hands.write(self.cluster / "shouwen.conf", self._configuration())
        log = self.hands.home / "log"
        if log.exists() and log.stat().st_size > 20 * 2**20:
            log.replace(log.with_name("log.1"))
        if not log.exists():
            self.hands.write(log, "")
        said = ""
        for attempt in range(ATTEMPTS):
            done = self.hands.run("pg_ctl", "-D", self.cluster, "-l", log, "-w", "-t", "60", "-s", "start")
            if done.returncode == 0 or self._answers():
                return
            said = done.stderr + done.stdout
            if "No space left" in said or shutil.disk_usage(self.hands.home).free < 2**20:
                raise _disk_full(self.hands.home)
            if attempt + 1 < ATTEMPTS:
                time.sleep(1)
        raise self._explain("postgres", said + _tail(log))

    def _configuration(self) -> str:
        lines = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self._socket_directory()}'",
            "unix_socket_permissions": "0700",
            "max_connections": "80",
            "shared_buffers": "'256MB'",
            "effective_cache_size": "'1GB'",
            "work_mem": "'16MB'",
            "maintenance_work_mem": "'128MB'",
            "max_wal_size": "'2GB'",
            "random_page_cost": "1.1",
            "jit": "off",
            # Many small questions at once: a gang of processes for one of them would take the turn of the others.
            "max_parallel_workers_per_gather": "0",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            "idle_in_transaction_session_timeout": "'10min'",
            "dynamic_shared_memory_type": "posix" if _has_shared_memory() else "mmap",
        }
        if self.durable and writes_through(self.hands.home):
            lines["wal_sync_method"] = "fsync_writethrough"
        if not self.durable:
            lines |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return "".join(f"{name} = {value}\n" for name, value in lines.items())

    def _socket_directory(self) -> Path:
        """Return a short private directory: a socket's path may not pass 107 bytes (103 on macOS), DATA_DIR may be long."""
        name = "shouwen-" + hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        base = Path(tempfile.gettempdir())
        if len(os.fsencode(base / name)) > LONGEST_SOCKET - 16:
            base = Path("/tmp")  # noqa: S108 - the directory below is made private or refused
        place = base / name
        with suppress(FileExistsError):
            self.hands.mkdir(place)
        found = place.lstat()
        if found.st_uid != self.hands.uid or found.st_mode & 0o077 or place.is_symlink():
            raise Trouble(
                f"{place} 属于别的用户或权限过宽：请删除它，或设置 TMPDIR 后重试。",
                f"{place} belongs to somebody else or is open to others: remove it, or set TMPDIR, and try again.",
            )
        return place

    def _make_database(self) -> None:
        """Make our role and database once; the product never works as the superuser."""
        word, socket = self._password(), str(self._socket_directory())
        try:
            with psycopg.connect(
                host=socket, user="postgres", password=word, dbname="postgres", autocommit=True
            ) as connection:
                role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
                if not connection.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone():
                    connection.execute(
                        sql.SQL("create role {} login createdb password {}").format(role, sql.Literal(word))
                    )
                if not connection.execute(
                    "select 1 from pg_database where datname = %s", [DATABASE]
                ).fetchone():
                    connection.execute(
                        sql.SQL("create database {} owner {} template template0").format(database, role)
                    )
        except psycopg.OperationalError as error:
            raise self._explain("psycopg", str(error)) from error
        url = f"postgresql://{ROLE}:{word}@/{DATABASE}?host={quote(socket, safe='/')}"
        _private(self.home / "url", url + "\n")

    def _password(self) -> str:
        path = self.home / "password"
        if not path.exists():
            if (self.cluster / "PG_VERSION").exists():
                raise Trouble(
                    f"{path} 不见了：请从备份恢复它，或删除 {self.home} 后重新 `restore`。",
                    f"{path} is gone: put it back, or remove {self.home} and `restore` a backup.",
                )
            _private(path, secrets.token_hex(24) + "\n")
        return path.read_text().strip()

    def _explain(self, what: str, said: str) -> Trouble:
        if "No space left" in said:
            return _disk_full(self.hands.home)
        last = " ".join(said.split())[-600:]
        return Trouble(
            f"数据库无法启动（{what}）：{last} 日志在 {self.hands.home / 'log'}。",
            f"The database can't start ({what}). The log is {self.hands.home / 'log'}.",
        )


def _disk_full(place: Path) -> Trouble:
    return Trouble(
        f"{place} 所在磁盘空间不足：请腾出至少 {ROOM_NEEDED >> 20} MB 后重试，数据不会丢失。",
        f"The disk of {place} is full: free at least {ROOM_NEEDED >> 20} MB and start again; no data is lost.",
    )


def _has_shared_memory() -> bool:
    """A container's 64 MB of /dev/shm would refuse parallel queries; macOS shows no such place and has no such limit."""
    shown = Path("/dev/shm")  # noqa: S108
    return os.statvfs(shown).f_bavail * 4096 > 2**28 if shown.is_dir() else sys.platform == "darwin"


def _tail(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(errors="replace")[-2000:]
    return ""


def _private(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    draft.replace(path)
