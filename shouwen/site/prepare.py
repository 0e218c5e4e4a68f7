"""What has to be true before anything is served: tables, static files, and on a first start the demo."""

import hashlib
import io
import os
import shutil
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from shouwen.duties.book.places import ClauseError
from shouwen.duties.clauses import FOLDER, book, texts_of
from shouwen.duties.kept import keep_book
from shouwen.estate.models import Community
from shouwen.estate.resealing import sealed_values
from shouwen.kernel.actors import System
from shouwen.people.actions import reset_password
from shouwen.people.models import Staff
from shouwen.plant import keys
from shouwen.plant.ports import is_loopback
from shouwen.plant.trouble import Trouble
from shouwen.plant.up import say
from shouwen.site.management.commands import demo

# Any number: one advisory lock for whoever prepares this database.
LOCK = 71_160_001


def prepare() -> None:
    """Migrate, collect and load the demo; cheap when nothing has to be done, safe to run twice at once."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [LOCK])
    try:
        fresh = not _has_tables()
        if _unapplied():
            say("正在准备数据库……", "Preparing the database...")
            call_command("migrate", verbosity=0, interactive=False)
        _sealed_opens()
        _clauses()
        _collect()
        _demo(fresh=fresh)
        _close_demo()
        if not Community.objects.exists():
            say(
                "还没有项目：在另一个终端运行 ./dev shouwen setup（DATA_DIR 要一样）。",
                "No community yet: run ./dev shouwen setup in a second terminal, with the same DATA_DIR.",
            )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])


def found() -> None:
    """Make an empty house: what `prepare` does, without the demo, for a command that brings data of its own."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [LOCK])
        try:
            if _unapplied():
                say("正在准备数据库……", "Preparing the database...")
                call_command("migrate", verbosity=0, interactive=False)
            _clauses()
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])


def _sealed_opens() -> None:
    """Refuse to work with a key that opens nothing: pages would break, and what is written would need two keys."""
    found = sealed_values()
    if not found.lost:
        return
    say(f"有 {found.lost} 条加密资料打不开。", f"{found.lost} sealed values can't be opened.")
    if not found.opens:
        raise keys.lost()


def _clauses() -> None:
    """Keep the clauses if they are good; else those stay that were kept last, and a house without any does not start."""
    try:
        keep_book(texts_of(FOLDER))
    except ClauseError as error:
        try:
            book()
        except ClauseError:
            raise Trouble(f"条款文件有错：{error}", f"A clause file has a fault: {error}") from error
        say(
            f"条款文件有错，沿用上次的条款：{error}", "A clause file has a fault; the last good clauses stay."
        )


def _has_tables() -> bool:
    return "django_migrations" in connection.introspection.table_names()


def _unapplied() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _collect() -> None:
    """Put the static files under DATA_DIR/static with their hashes in their names, once per build."""
    dist = settings.BASE_DIR / "static" / "dist"
    if not dist.is_dir():
        return
    stamp = settings.STATIC_ROOT / ".stamp"
    names = sorted(
        f"{path}:{path.stat().st_mtime_ns}:{path.stat().st_size}"
        for path in dist.rglob("*")
        if path.is_file()
    )
    now = hashlib.sha256("\n".join(names).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == now:
        return
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    settings.STORAGES["staticfiles"]["BACKEND"] = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(now)


def _demo(*, fresh: bool) -> None:
    """Load the demo estate into a database that was empty when we first saw it; a killed load starts again."""
    begun, done = settings.DATA_DIR / "demo.begun", settings.DATA_DIR / "demo.txt"
    if os.environ.get("SHOUWEN_DEMO") == "no":
        return
    if fresh:
        begun.touch()
    if not begun.exists() or done.exists():
        return
    say("正在载入演示小区……", "Loading the demo estate...")
    said = io.StringIO()
    with transaction.atomic():
        call_command("demo", stdout=said, random_passwords=_open_to_others())
    lines = said.getvalue().splitlines(keepends=True)
    residents = [line for line in lines if line.startswith("home\t")]
    _write_private(done, "".join(line for line in lines if line not in residents))
    if not _open_to_others():
        _write_private(settings.DATA_DIR / "demo-home.txt", "".join(residents))
    begun.unlink()


def _open_to_others() -> bool:
    return not is_loopback(os.environ.get("HOST") or "127.0.0.1")


def _close_demo() -> None:
    """A demo with its well-known password that is now opened to others gets new ones: each must be changed."""
    signs = settings.DATA_DIR / "demo.txt"
    if _open_to_others():
        (settings.DATA_DIR / "demo-home.txt").unlink(missing_ok=True)
    if not _open_to_others() or not signs.exists() or demo.PASSWORD not in signs.read_text():
        return
    fresh = {
        staff.username: reset_password(staff.pk, actor=System.of())
        for staff in Staff.objects.filter(is_active=True)
        if staff.check_password(demo.PASSWORD)
    }
    lines = [line.split("\t") for line in signs.read_text().splitlines()]
    changed = ["\t".join([name, fresh.get(name, "***"), *rest]) for name, _, *rest in lines]
    _write_private(signs, "\n".join(changed) + "\n")


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
