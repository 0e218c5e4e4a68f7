"""`shouwen doctor`: look at the installation and say, a line each, what is well and what to do about the rest."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

import django
from django.conf import settings
from django.db import DatabaseError, connection

from shouwen import __version__
from shouwen.duties.book.places import ClauseError
from shouwen.duties.clauses import book
from shouwen.estate.resealing import sealed_values
from shouwen.front.manual.ties import rules
from shouwen.kernel import clock, deliveries
from shouwen.kernel.models import Delivery
from shouwen.notices import outbox
from shouwen.notices.models import Letter
from shouwen.plant import keys
from shouwen.plant.trouble import Trouble
from shouwen.site.health import is_migrated

DISK_WANTED = 2 * 2**30
STALLED_AFTER = 120


@dataclass(frozen=True)
class Finding:
    what: str
    ok: bool
    say: str


def doctor(*, as_json: bool, again: bool = False) -> int:
    """Print all findings; status 1 if one of them is bad. ``again`` first tries what was parked."""
    if again:
        retry()
    findings = list(examine())
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{'✓' if finding.ok else '✗'} {finding.what}：{finding.say}")
    return 0 if all(finding.ok for finding in findings) else 1


def examine() -> Iterator[Finding]:
    python = sys.version.split()[0]
    yield Finding("版本 release", ok=True, say=f"{__version__}, Python {python}, Django {django.__version__}")
    for check in (_data, _key, _disk, _database, _jobs, _deliveries, _letters, _clauses, _static, _address):
        try:
            yield from check()
        except (DatabaseError, OSError, Trouble) as error:
            yield Finding(check.__name__.strip("_"), ok=False, say=str(error).strip().splitlines()[0])


def _data() -> Iterator[Finding]:
    place = settings.DATA_DIR
    good = os.access(place, os.W_OK)
    yield Finding("数据目录 data", ok=good, say=str(place) if good else f"{place} 不可写 / not writable")


def _key() -> Iterator[Finding]:
    if not keys.is_given():
        yield Finding("密钥 key", ok=False, say=_sentence(keys.lost()))
        return
    if lost := sealed_values().lost:
        yield Finding("密钥 key", ok=False, say=f"有 {lost} 条加密资料打不开；{_sentence(keys.lost())}")
        return
    if os.environ.get("SHOUWEN_KEY"):
        yield Finding("密钥 key", ok=True, say=f"SHOUWEN_KEY，{len(keys.all())}")
        return
    mode = keys.key_file().stat().st_mode & 0o777
    good = mode == 0o600
    remedy = "" if good else f" 权限 {mode:o}，请执行 chmod 600 / chmod 600 it"
    yield Finding("密钥 key", ok=good, say=f"{keys.key_file()}{remedy}；请另行保存一份 / keep a copy apart")


def _sentence(trouble: Trouble) -> str:
    return " / ".join(str(trouble).splitlines())


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    yield Finding("磁盘 disk", ok=free > DISK_WANTED, say=f"{free / 2**30:.1f} GB 可用 / free")


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select version(), pg_encoding_to_char(encoding), current_setting('data_checksums'),"
            " extract(epoch from clock_timestamp()) from pg_database where datname = current_database()"
        )
        version, encoding, checksums, clock = cursor.fetchone()
        cursor.execute("select show_trgm('水管漏水') <> '{}'" if _has_trgm() else "select 'é' ~ '\\w'")
        letters = cursor.fetchone()[0]
    yield Finding("数据库 database", ok=True, say=version.split(" on ")[0])
    good = encoding == "UTF8" and letters
    yield Finding("编码 encoding", ok=good, say=f"{encoding}, LC_CTYPE {'ok' if letters else 'C'}")
    yield Finding("校验 checksums", ok=checksums == "on", say=checksums)
    apart = abs(time.time() - float(clock))
    yield Finding("时钟 clock", ok=apart < 5, say=f"与数据库相差 {apart:.1f} 秒 / seconds apart")
    migrated = is_migrated()
    said = "ok" if migrated else "请执行 ./dev migrate / run ./dev migrate"
    yield Finding("迁移 migrations", ok=migrated, say=said)


def _has_trgm() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_extension where extname = 'pg_trgm'")
        return cursor.fetchone() is not None


def _jobs() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) filter (where status = 'failed'),"
            " count(*) filter (where status = 'todo' and scheduled_at < now() - make_interval(secs => %s)),"
            # A process that was killed leaves its heartbeat, not its ear.
            " (select count(*) from pg_stat_activity where datname = current_database()"
            "  and query ilike 'listen%%procrastinate%%')"
            " from procrastinate_jobs",
            [STALLED_AFTER],
        )
        failed, late, workers = cursor.fetchone()
    running = f"{workers} 个进程 / processes" if workers else "后台进程没有运行 / no job process runs"
    said = f"{running}，{late} 迟 / late，{failed} 失败 / failed"
    yield Finding("任务 jobs", ok=not late, say=said)


def _deliveries() -> Iterator[Finding]:
    """Facts that wait for a reader: a backlog tells of a job process that is gone, a parked one of a reader's fault."""
    late = deliveries.waiting(clock.now() - timedelta(seconds=STALLED_AFTER))
    given_up = deliveries.parked()
    said = f"{deliveries.waiting()} 待读 / waiting，{late} 迟 / late，{len(given_up)} 搁置 / parked"
    yield Finding("通知 deliveries", ok=not late and not given_up, say=said + _remedy(given_up))


def _letters() -> Iterator[Finding]:
    """Letters on their way out."""
    given_up = outbox.parked()
    said = f"{outbox.waiting()} 待发 / waiting，{len(given_up)} 搁置 / parked"
    yield Finding("外发 letters", ok=not given_up, say=said + _remedy(given_up))


def _clauses() -> Iterator[Finding]:
    """The clause files and the rules of the manuals; while a file has a fault, the clauses that were kept last stay."""
    try:
        fault = book().fault
        found = f"{len(book().clauses)} 条款 / clauses，{len(rules())} 手册 / rules"
    except ClauseError as error:
        fault, found = error, ""
    remedy = "；沿用上次的条款，改好后重新启动 / the last good clauses stay: mend the file and start again"
    yield Finding("条款 clauses", ok=fault is None, say=f"{fault}{remedy}" if fault else found)


def _remedy(given_up: Sequence[Delivery] | Sequence[Letter]) -> str:
    if not given_up:
        return ""
    return f"（{given_up[0].error[:120]}）；排除原因后执行 shouwen doctor --retry / mend the cause, then run it with --retry"


def retry() -> None:
    """Try again what was parked."""
    deliveries.retry_parked()
    outbox.retry_parked()


def _static() -> Iterator[Finding]:
    built = (settings.BASE_DIR / "static" / "dist").is_dir()
    yield Finding("前端 front end", ok=built, say="ok" if built else "请执行 ./dev build / run ./dev build")


def _address() -> Iterator[Finding]:
    site, host = settings.SITE_URL, os.environ.get("HOST") or "127.0.0.1"
    outside = host not in {"127.0.0.1", "::1", "localhost"}
    good = settings.SECURE or bool(os.environ.get("TLS_CERT")) or not outside
    remedy = "" if good else "；对外提供服务时请设 SITE_URL=https://… / set SITE_URL to an https address"
    yield Finding("地址 address", ok=good, say=f"{site or host}{remedy}")
