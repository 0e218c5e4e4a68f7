"""What has to be true before anything is served: tables, static files, and on a first start the demo."""

import hashlib
import io
import os
import shutil
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from shouwen.plant.up import is_loopback, say

# Any number: one advisory lock for whoever prepares this database.
LOCK = 71_160_001


def prepare() -> None:
    """Migrate, collect and load the demo; cheap when nothing has to be done, safe to run twice at once."""
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [LOCK])
    try:
        fresh = not _has_tables()
        if _unapplied():
            say("正在准备数据库……", "Preparing the database...")
            call_command("migrate", verbosity=0, interactive=False)
        _collect()
        _demo(fresh=fresh)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])


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
    if "demo" not in get_commands() or os.environ.get("SHOUWEN_DEMO") == "no":
        return
    if fresh:
        begun.touch()
    if not begun.exists() or done.exists():
        return
    say("正在载入演示小区……", "Loading the demo estate...")
    said = io.StringIO()
    with transaction.atomic():
        call_command("demo", stdout=said, **_demo_options())
    _write_private(done, said.getvalue())
    begun.unlink()


def _demo_options() -> dict[str, object]:
    """Whoever listens to the world gets no well-known passwords."""
    if is_loopback(os.environ.get("HOST") or "127.0.0.1"):
        return {}
    command = load_command_class(get_commands()["demo"], "demo")
    known = {action.dest for action in command.create_parser("", "demo")._actions}  # noqa: SLF001
    if "random_passwords" not in known:
        sys.exit("demo: --random-passwords is missing")
    return {"random_passwords": True}


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
