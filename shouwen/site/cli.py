"""The command `shouwen`: a few verbs of the machine room, and the management commands of the rooms."""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psycopg

from shouwen import __version__
from shouwen.kernel import faults
from shouwen.plant import keys, ports, up
from shouwen.plant.postgres import Embedded, known_url
from shouwen.plant.trouble import Trouble

# What a room does itself: verb -> what the help says. The room has a management command of the same name.
ROOM_VERBS = {
    "demo": "载入演示小区 / load the demo estate",
    "setup": "建立第一个真实小区 / set up a first real community",
    "import": "导入房产、人员或事项 / import units, people or cases",
    "export": "导出 / export",
    "user": "员工账号 / staff accounts",
    "token": "接口令牌 / API tokens",
    "bench": "测量 / measure",
    "duties": "应办：重建、排日、重算抽查 / duties: rebuild, lay out, draw again",
    "clauses": "手册条款与状态 / the rules of the manuals and how far each is carried out",
    "freeze": "冻结指标 / freeze closed figures",
    "i18n": "译文 / translations",
}


PLAIN = {"powercut", "start"}
BUILDS = {"setup", "demo"}  # a house that is not there yet is made by these
NO_DATABASE = {"i18n", "help", "--help", "-h", "check", "clauses"}


def main(words: Sequence[str] | None = None) -> int:
    """Run one verb; trouble is one sentence in two languages and status 1."""
    words = list(sys.argv[1:] if words is None else words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwen.site.settings")
    os.environ["DATA_DIR"] = str(keys.data_dir())
    try:
        if words[:1] == ["bench"]:
            return _plain_bench(words[1:]) if words[1:2] and words[1] in PLAIN else _bench(words)
        if words[:1] == ["manage"] or (words and words[0] in ROOM_VERBS):
            return _manage(words[1:] if words[0] == "manage" else words)
        return _machine_room(words)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except BrokenPipeError:  # who read us (`| head`) has left: nobody is there to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if not faults.disk_full(error):
            raise
        print("磁盘满了：没有写入，请腾出空间后重试。", file=sys.stderr)
        print("The disk is full: nothing was written, free some space and try again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _machine_room(words: Sequence[str]) -> int:
    parser = _parser()
    given = parser.parse_args(words)
    run: Callable[[argparse.Namespace], int] | None = getattr(given, "run", None)
    if run is None:
        parser.print_help()
        return 2
    return run(given)


def _parser() -> argparse.ArgumentParser:
    rooms = "\n".join(f"  {verb:<10} {text}" for verb, text in ROOM_VERBS.items())
    parser = argparse.ArgumentParser(
        prog="shouwen",
        epilog=f"rooms:\n{rooms}\n  {'manage':<10} Django 管理命令 / any management command",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"shouwen {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="")

    def verb(name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    verb("up", "启动一切 / start everything", lambda _: up.up())
    serve = verb("serve", "网页进程 / the web processes", _serve)
    serve.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    serve.add_argument("--port", type=int, default=os.environ.get("PORT") or ports.FIRST_PORT)
    serve.add_argument("--workers", type=int, default=os.environ.get("WORKERS") or "2")
    work = verb("work", "后台任务进程 / the job process", _work)
    work.add_argument("--concurrency", type=int, default=4)
    verb("migrate", "升级数据库结构 / bring the database up to date", lambda _: _manage(["migrate"]))
    verb("prepare", "启动前的准备 / what `up` does before it serves", _prepare)
    backup = verb("backup", "备份数据库与文件 / back up database and files", _backup)
    backup.add_argument("target", type=Path, help="档案文件或目录 / archive to write, or a directory")
    backup.add_argument(
        "--force", action="store_true", help="覆盖同名的旧档案 / overwrite an archive of this name"
    )
    restore = verb("restore", "从备份恢复 / restore a backup", _restore)
    restore.add_argument("archive", type=Path)
    restore.add_argument("--replace", action="store_true", help="覆盖现有数据 / replace what is there")
    doctor = verb("doctor", "检查安装 / check the installation", _doctor)
    doctor.add_argument("--json", action="store_true")
    doctor.add_argument(
        "--retry", action="store_true", help="先让搁置的再试 / first try again what was parked"
    )
    key = verb("key", "密钥 / the key", _key)
    key.add_argument("action", choices=["new", "rotate"])
    return parser


@contextmanager
def database(*, sealed: bool = True) -> Iterator[str]:
    """Have a database for as long as this command runs: the given one, or the embedded one, started if need be.

    Unless ``sealed`` is false there is a key too: made for an empty house, asked for where data are without one.
    """
    if url := os.environ.get("DATABASE_URL"):
        must_answer(url)
        _have_key(url, sealed=sealed)
        yield url
        return
    with Embedded(keys.data_dir()) as url:
        os.environ["DATABASE_URL"] = url
        try:
            _have_key(url, sealed=sealed)
            yield url
        finally:
            os.environ.pop("DATABASE_URL", None)


def _have_key(url: str, *, sealed: bool) -> None:
    """A new key would not open what another one sealed, and lock away what is written from now on."""
    if not sealed or keys.is_given():
        return
    if has_tables(url):
        raise keys.lost()
    keys.make()


def has_tables(url: str) -> bool:
    """Tell whether a house was set up in this database."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        found = connection.execute("select to_regclass('public.django_migrations')").fetchone()
    return found is not None and found[0] is not None


def no_house() -> Trouble:
    place = "DATABASE_URL" if os.environ.get("DATABASE_URL") else keys.data_dir()
    return Trouble(
        f"{place} 里还没有首问的数据：请检查 DATA_DIR 有没有写对；要新建，请先运行 ./dev run 或 ./dev shouwen setup。",
        f"There is no Shouwen in {place} yet: check DATA_DIR; to make a new one run ./dev run or ./dev shouwen setup.",
    )


def must_be_there() -> None:
    """Refuse a mistyped DATA_DIR before a database is made in it."""
    if not os.environ.get("DATABASE_URL") and known_url(keys.data_dir()) is None:
        raise no_house()


def must_answer(url: str) -> None:
    """Refuse aloud a given database that cannot be reached: its trace would name everything but the remedy."""
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as error:
        why = " ".join(str(error).split())[:300]
        raise Trouble(
            f"连不上 DATABASE_URL 所指的数据库：{why}。请检查地址和账号，确认数据库已经启动。",
            "The database of DATABASE_URL can't be reached: check address and account, and that it is running.",
        ) from error


def _manage(words: Sequence[str]) -> int:
    """Run a management command."""
    from django.core.management import execute_from_command_line, get_commands  # noqa: PLC0415

    os.environ.setdefault("SHOUWEN_LOG", "plain")
    alone = bool(words) and (words[0] in NO_DATABASE or bool({"--help", "-h"} & {*words}))
    of_a_room = bool(words) and words[0] in {*ROOM_VERBS, "reseal"} and words[0] != "bench"
    if of_a_room and not alone and words[0] not in BUILDS:
        must_be_there()
    with nullcontext() if alone else database() as url:
        if of_a_room and url and not has_tables(url):
            if words[0] not in BUILDS:
                raise no_house()
            _build()
        import django  # noqa: PLC0415

        django.setup()  # the settings name the database that was just started, and tell which commands there are
        known = {*get_commands(), "help", "--help", "-h"}
        if len(words) > 1 and f"{words[0]}_{words[1]}" in known:
            words = [f"{words[0]}_{words[1]}", *words[2:]]  # `import cases` is a command of its own
        if words and words[0] not in known:
            raise Trouble(
                f"本版本还没有命令 `{words[0]}`。", f"This release has no command `{words[0]}` yet."
            )
        execute_from_command_line(["shouwen", *words])
    return 0


def _build() -> None:
    """Prepare an empty house for a command that fills it."""
    up.say(f"在 {keys.data_dir()} 建立新的数据。", f"Making a new house in {keys.data_dir()}.")
    import django  # noqa: PLC0415

    django.setup()
    from shouwen.site.prepare import found  # noqa: PLC0415 - it needs the rooms' models

    found()


def _serve(given: argparse.Namespace) -> int:
    with database():
        up.serve(given.host, given.port, given.workers)
    return 0


def _work(given: argparse.Namespace) -> int:
    """Run jobs. Polling each second matters: a missed NOTIFY or a lock's end is noticed only then."""
    up.hold_lifeline(lambda: os.kill(os.getpid(), signal.SIGTERM))
    with database():
        import django  # noqa: PLC0415

        django.setup()
        from procrastinate.contrib.django import app  # noqa: PLC0415 - it needs the settings

        from shouwen.duties.clauses import book  # noqa: PLC0415 - it needs the rooms' verbs

        book()  # a fault in a clause is met here, not at the first sweep
        gc.collect()
        gc.freeze()  # what stays for good is not looked through again in the middle of a sweep
        with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
            worker.run_worker(
                concurrency=given.concurrency, fetch_job_polling_interval=1, delete_jobs="successful",
                shutdown_graceful_timeout=10,
            )  # fmt: skip
    return 0


def _prepare(_: argparse.Namespace) -> int:
    with database():
        import django  # noqa: PLC0415

        django.setup()
        from shouwen.site.prepare import prepare  # noqa: PLC0415 - it needs the rooms' models

        prepare()
    return 0


def _backup(given: argparse.Namespace) -> int:
    from shouwen.plant import backup  # noqa: PLC0415

    must_be_there()
    with database(sealed=False) as url:
        made = backup.backup(url, keys.data_dir(), given.target, force=given.force)
    up.say(f"备份完成：{made}。密钥不在其中，请另行保存。",
           f"Backed up to {made}. The key is not in it: keep it apart.")  # fmt: skip
    return 0


def _restore(given: argparse.Namespace) -> int:
    """Status 1 where the data came back but not the key that opens what is sealed in them."""
    from shouwen.plant import backup  # noqa: PLC0415

    with database(sealed=False) as url:
        backup.restore(given.archive, url, keys.data_dir(), replace=given.replace)
        import django  # noqa: PLC0415

        django.setup()
        from shouwen.estate.resealing import sealed_values  # noqa: PLC0415 - it needs the rooms' models

        lost = sealed_values().lost
    up.say("恢复完成。", "Restored.")
    if lost:
        up.say(f"但有 {lost} 条加密资料打不开。", f"But {lost} sealed values can't be opened.")
        raise keys.lost()
    return 0


def _doctor(given: argparse.Namespace) -> int:
    must_be_there()
    with database(sealed=False) as url:
        if not has_tables(url):
            raise no_house()
        import django  # noqa: PLC0415

        django.setup()
        from shouwen.site.doctor import doctor  # noqa: PLC0415 - it needs the rooms' models

        return doctor(as_json=given.json, again=given.retry)


def _key(given: argparse.Namespace) -> int:
    """`new` prints a key; `rotate` puts one in front and lets the rooms seal again what the old ones sealed."""
    if given.action == "new":
        # The key alone on stdout, for `SHOUWEN_KEY=$(shouwen key new)`; what it is stands beside it.
        print("这是一个新密钥，没有保存在任何地方：写进 SHOUWEN_KEY，并另行保存一份。", file=sys.stderr)
        print("A new key, kept nowhere yet: put it into SHOUWEN_KEY and keep a copy apart.", file=sys.stderr)
        print(keys.new_key())
        return 0
    must_be_there()
    keys.rotate()
    done = _manage(["reseal"])
    up.say(
        f"新密钥已启用，正在运行的首问已自动换用。请把新的密钥文件 {keys.key_file()} 另行保存一份：旧的副本打不开今后的资料。",
        "The new key is in use, by what is running too. Keep a copy of the new key file apart: the old copy will not "
        "open what is sealed from now on.",
    )
    return done


def _bench(words: Sequence[str]) -> int:
    """Measure on a database of its own that is thrown away: never on the one that people work with."""
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="shouwen-bench-") as place:
        Path(place).chmod(0o755)
        os.environ["DATA_DIR"] = place
        with Embedded(Path(place)) as url:
            os.environ["DATABASE_URL"] = url
            _manage(["migrate", "--verbosity", "0"])
            return _manage(words)


def _plain_bench(words: Sequence[str]) -> int:
    """Measure what needs no Django in this process."""
    from shouwen.plant.bench import powercut, start  # noqa: PLC0415

    return {"powercut": powercut.command, "start": start.command}[words[0]](words[1:])


if __name__ == "__main__":
    sys.exit(main())
