"""Backup and restore: one archive with the database's dump, the files and a manifest. The key is never inside.

The archive is an uncompressed tar (the dump is compressed already, photos too): `manifest.json` last, so that an
archive that was cut off has none and is refused.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg import sql

from shouwen import __version__
from shouwen.plant.disk import to_disk
from shouwen.plant.trouble import Trouble
from shouwen.plant.unprivileged import find_binaries

FORMAT = 1
DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files"


def backup(url: str, data: Path, target: Path, *, force: bool = False) -> Path:
    """Write an archive to `target` (a file, or a directory that gets a dated one) and return its path.

    One that is there already stays, unless told so by ``force``: it may be the only good one.
    """
    if target.is_dir() or not target.suffix:  # a name without an ending means a directory, there or not
        target.mkdir(parents=True, exist_ok=True)
        target = target / f"shouwen-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar"
    if target.exists() and not force:
        raise Trouble(
            f"{target} 已经存在：请换一个名字或目录，或加 --force 覆盖它。",
            f"{target} is there already: choose another name or a directory, or add --force to overwrite it.",
        )
    draft = target.with_name(f".{target.name}.part")
    try:
        with _private_directory(target.parent) as place:
            dump = place / DUMP
            with dump.open("wb") as out:  # the dump goes through our hands: its program may be another user's
                _run(url, "pg_dump", "-Fc", "--no-owner", "--no-privileges", stdout=out)
            # Files after the dump: a row without its file would be a hole, a file without a row is only swept.
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                _write(out, dump, data / FILES)
                out.flush()
                to_disk(out.fileno())
        draft.replace(target)
    except OSError as error:
        raise Trouble(
            f"备份写不进 {target}：{error}", f"The backup can't be written to {target}: {error}"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return target


def restore(archive: Path, url: str, data: Path, *, replace: bool = False) -> dict[str, Any]:
    """Put an archive back into an empty place (or, told so, in place of what is there); return its manifest.

    Everything is checked before anything is touched. The database is restored in one transaction; what is replaced
    is first kept in `before-restore.tar`.
    """
    if not replace and not _is_empty(url, data):
        raise Trouble(
            "这里已经有数据：请恢复到新的 DATA_DIR，或加 --replace 覆盖现有数据。",
            "There is data here already: restore into a new DATA_DIR, or add --replace to overwrite it.",
        )
    data.mkdir(parents=True, exist_ok=True)
    with _private_directory(data) as place:
        manifest = _unpack(archive, place)
        if replace:
            backup(url, data, data / "before-restore.tar", force=True)
            _drop_everything(url)
        with (place / DUMP).open("rb") as dump:
            _run(url, "pg_restore", "--single-transaction", "--no-owner", "--no-privileges", stdin=dump)
        old = data / f"{FILES}.old"
        shutil.rmtree(old, ignore_errors=True)
        if (data / FILES).exists():
            (data / FILES).rename(old)
        (place / FILES).rename(data / FILES)
        shutil.rmtree(old, ignore_errors=True)
    return manifest


def _write(out: IO[bytes], dump: Path, files: Path) -> None:
    sums: dict[str, str] = {}
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for path, name in [(dump, DUMP), *_walk(files)]:
            try:
                sums[name] = _add(tar, path, name)
            except FileNotFoundError:  # swept while we walked
                continue
        manifest = {
            "format": FORMAT, "version": __version__, "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "sha256": sums,
        }  # fmt: skip
        text = json.dumps(manifest, indent=1).encode()
        tar.addfile(_entry(MANIFEST, len(text)), io.BytesIO(text))


def _walk(files: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(files.rglob("*")) if files.is_dir() else []:
        if path.is_file() and not path.is_symlink():
            yield path, f"{FILES}/{path.relative_to(files).as_posix()}"


def _add(tar: tarfile.TarFile, path: Path, name: str) -> str:
    """Add a file and return the sum of exactly the bytes that went in."""
    with path.open("rb") as file:
        entry = _entry(name, os.fstat(file.fileno()).st_size)
        summing = _Summing(file)
        tar.addfile(entry, summing)
    return summing.sum.hexdigest()


class _Summing:
    """A file that sums what is read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.sum.update(chunk)
        return chunk


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(datetime.now(UTC).timestamp())
    return entry


def _unpack(archive: Path, place: Path) -> dict[str, Any]:
    """Unpack into `place` and hold every file against the manifest."""
    (place / FILES).mkdir(mode=0o700)
    sums: dict[str, str] = {}
    try:
        with tarfile.open(archive, mode="r:") as tar:
            for entry in tar:
                source = tar.extractfile(entry) if entry.isfile() else None
                if source is None or not _is_ours(entry.name):
                    raise _broken(archive)
                sums[entry.name] = _extract(source, place / entry.name)
        manifest: dict[str, Any] = json.loads((place / MANIFEST).read_text())
    except FileNotFoundError as error:
        raise _broken(archive) if archive.exists() else _missing(archive) from error
    except (tarfile.TarError, ValueError) as error:
        raise _broken(archive) from error
    sums.pop(MANIFEST, None)
    if sums != manifest.get("sha256") or DUMP not in sums:
        raise _broken(archive)
    if manifest.get("format") != FORMAT:
        raise Trouble(
            f"备份来自版本 {manifest.get('version')}，本版本 {__version__} 不能读取：请用原版本恢复。",
            f"The backup was made by release {manifest.get('version')}, which {__version__} can't read.",
        )
    return manifest


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    inside = len(parts) > 1 and parts[0] == FILES and ".." not in parts
    return name in {DUMP, MANIFEST} or inside


def _extract(source: IO[bytes], path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    summing = _Summing(source)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while chunk := summing.read(2**20):
            out.write(chunk)
    return summing.sum.hexdigest()


def _is_empty(url: str, data: Path) -> bool:
    files = data / FILES
    if files.is_dir() and any(path.is_file() for path in files.rglob("*")):
        return False
    with psycopg.connect(url) as connection:
        return not connection.execute(
            "select 1 from pg_tables where schemaname = 'public' limit 1"
        ).fetchone()


def _drop_everything(url: str) -> None:
    """Drop what we own and leave an empty schema, as a new database has it."""
    with psycopg.connect(url) as connection:
        schemas = connection.execute(
            "select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'"
        ).fetchall()
        for (schema,) in schemas:
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
        connection.execute("create schema public")


def _run(url: str, program: str, *words: str, **streams: Any) -> None:
    """Run one of PostgreSQL's programs against the database; its password goes by the environment."""
    parts = urlsplit(url)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    environment = {
        "PGHOST": options.get("host") or parts.hostname or "",
        "PGPORT": str(parts.port or options.get("port", "5432")),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": options.get("sslmode", ""),
        "PATH": os.environ.get("PATH", ""),
        "LC_ALL": "C.UTF-8",
    }
    environment = {name: value for name, value in environment.items() if value}
    database = [f"--dbname={environment['PGDATABASE']}"] if program == "pg_restore" else []
    done = subprocess.run(
        [find_binaries() / program, *words, *database],
        check=False, stderr=subprocess.PIPE, env=environment, **{"stdin": subprocess.DEVNULL, **streams},
    )  # fmt: skip
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())[-500:]
        raise Trouble(f"{program} 失败：{said}", f"{program} failed.")


@contextmanager
def _private_directory(parent: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=".shouwen-", dir=parent) as place:
        yield Path(place)


def _broken(archive: Path) -> Trouble:
    return Trouble(
        f"{archive} 不完整或已损坏：请换一份备份，现有数据没有改动。",
        f"{archive} is incomplete or damaged: take another backup; nothing was changed.",
    )


def _missing(archive: Path) -> Trouble:
    return Trouble(f"找不到备份 {archive}。", f"There is no backup {archive}.")
