"""Carrying out an import: planned, then written in one transaction with one fact, with progress that can be watched."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Self

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.estate.imports import heads, memory
from shouwen.estate.imports.columns import Given, Unknown
from shouwen.estate.imports.heads import left
from shouwen.estate.imports.lines import keep as keep_lines
from shouwen.estate.imports.sources import Planned, Progress, Source, knowing, source_of
from shouwen.estate.models import Community, ImportRun
from shouwen.estate.resealing import keep_keys
from shouwen.estate.saving import allow, fetch, save
from shouwen.kernel import clock, files, sheets
from shouwen.kernel.actors import Actor
from shouwen.kernel.files import Prepared
from shouwen.kernel.images import BadFile
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import clean_line

log = logging.getLogger(__name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LOCK = 0x5357_0001
_FACT_KINDS = ("units", "persons", "occupancies", "vehicles", "cases")
"""What facts count by name; the rows of simple registers are counted together."""


def begin(
    community_id: int,
    *,
    actor: Actor,
    source: str,
    name: str,
    data: bytes,
    mode: str,
    chosen: Mapping[str, str] | None = None,
    defer: Callable[[int], Any] | None = None,
) -> ImportRun:
    """Keep the file and queue the import; ``chosen`` has fields by header where the headers don't say it, ``defer`` puts
    its job into the same transaction.
    """
    with frame(actor):
        community = Community.objects.visible_to(actor).get(pk=community_id)
        allow(actor, source_of(source).right, community_id)
        heads.check(chosen or {}, source_of(source).headers())
        kept = files.keep(
            Prepared(clean_line(name)[:120], _mime(data), data), actor=actor, community_id=community_id
        )
        run = save(
            ImportRun(
                community=community,
                source=source,
                name=clean_line(name)[:120],
                file=kept,
                mode=mode,
                chosen=dict(chosen or {}),
                by_id=actor.id,
                created_at=clock.now(),
            )
        )
        if defer:
            defer(run.pk)
    return run


def confirm(key: int, *, actor: Actor, mode: str, defer: Callable[[int], Any]) -> ImportRun:
    """After a dry run: take the same file in earnest."""
    with frame(actor):
        return _again(_fetch(key, actor), mode, defer)


def assign(key: int, *, actor: Actor, columns: Mapping[str, str], defer: Callable[[int], Any]) -> ImportRun:
    """Check the same file again with columns as somebody chose: fields by header, empty for one to leave out.

    What is as the run has it was not chosen. `Refused` for a field that is none of this list, or comes twice.
    """
    with frame(actor):
        run = _fetch(key, actor)
        now = dict(run.columns)
        changed = {h: f for h, f in columns.items() if h in now and now[h] != f}
        kept = {field for header, field in now.items() if field and header not in changed}
        heads.check(changed, source_of(run.source).headers(), kept)
        run.chosen |= changed
        run.recalled = False
        run.counts, run.outcomes, run.refused, run.warned = {}, {}, 0, 0
        return _again(run, ImportRun.Mode.DRY, defer)


def forget(key: int, *, actor: Actor, defer: Callable[[int], Any]) -> ImportRun:
    """Check the same file again as if nobody had ever chosen for files with its head."""
    with frame(actor):
        run = _fetch(key, actor)
        memory.forget(run)
        record("import:columns_forgotten", run, source=run.source)
        run.chosen, run.recalled = {}, False
        run.counts, run.outcomes, run.refused, run.warned = {}, {}, 0, 0
        return _again(run, ImportRun.Mode.DRY, defer)


def _fetch(key: int, actor: Actor) -> ImportRun:
    """The locked run, when the actor may import its kind of list."""
    code = ImportRun.objects.visible_to(actor).filter(pk=key).values_list("source", flat=True).first()
    if code is None:
        raise NotFound("not_found")
    run: ImportRun = fetch(ImportRun.objects, key, actor=actor, right=source_of(code).right)
    if not run.over or run.state == ImportRun.State.DONE:
        raise Refused("import_over")
    return run


def _again(run: ImportRun, mode: str, defer: Callable[[int], Any]) -> ImportRun:
    run.mode, run.state, run.progress, run.ended_at = mode, ImportRun.State.QUEUED, 0, None
    run.words = ""
    save(run)
    defer(run.pk)
    return run


def carry_out(run: ImportRun, *, actor: Actor) -> ImportRun:
    """Do the whole import; what goes wrong ends in the run's state and words. Safe to call again after a crash."""
    if run.state == ImportRun.State.DONE:
        return run
    run.state, run.progress = ImportRun.State.RUNNING, 1
    save(run)
    try:
        with _Beside(run) as beside:
            data = run.file.path().read_bytes() if run.file else b""
            planned = _work(run, data, actor, beside)
        _finish(run, source_of(run.source), planned, actor)
    except (Refused, BadFile) as trouble:
        run.state, run.words = ImportRun.State.REFUSED, str(trouble)[:300]
        if isinstance(trouble, Unknown):
            run.columns = list(trouble.columns.items())
    except Exception:
        log.exception("import %s failed", run.pk)
        run.state, run.words = ImportRun.State.FAILED, _("导入出错，没有写入任何资料。请把单号告诉维护人员。")
    run.progress, run.ended_at = 100, clock.now()
    return save(run)


def _work(run: ImportRun, data: bytes, actor: Actor, beside: _Beside) -> Planned:
    source, given, progress = source_of(run.source), Given(run.name, data, run.chosen), beside.tell
    if run.mode == ImportRun.Mode.DRY:
        with transaction.atomic():
            keep_keys(beside.wait)
            planned = _checked(run, source, given, actor, progress)
        run.state = ImportRun.State.CHECKED
        return planned
    with frame(actor), connection.cursor() as cursor:
        keep_keys(beside.wait)
        # One import at a time in a community: two would both find a person unknown and register them twice.
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [_LOCK, run.community_id])
        if not cursor.fetchone()[0]:
            raise Refused("import_running")
        try:
            planned = _plan(run, source, given, actor, progress)
        except Unknown as unknown:
            raise _refusal(source, unknown) from unknown
        if run.mode == ImportRun.Mode.ALL and planned.refused:
            run.state, run.words = (
                ImportRun.State.REFUSED,
                _("有 %(n)d 行不对，按你的选择全部没有导入。") % {"n": planned.refused},
            )
            return planned
        if planned.changes:
            source.write(planned, run, progress)
            record("import:done", run, **_fact(run, planned))
        run.state = ImportRun.State.DONE
    return planned


def _checked(run: ImportRun, source: Source, given: Given, actor: Actor, progress: Progress) -> Planned:
    """A dry run takes a list of another kind than was chosen as what it is, and says so: nothing is written yet."""
    try:
        return _plan(run, source, given, actor, progress)
    except Unknown as unknown:
        other = knowing(unknown)
        if other is None or not actor.may(other.right, run.community_id):
            raise _refusal(source, unknown) from unknown
        run.source, run.chosen = other.code, {}  # what was chosen were fields of another kind of list
        run.words = _("按表头，这是“%(label)s”，已按它检查。") % {"label": other.label}
        return _plan(run, other, replace(given, chosen={}), actor, progress)


def _plan(run: ImportRun, source: Source, given: Given, actor: Actor, progress: Progress) -> Planned:
    """Where nobody chose for this file, as was chosen for the last one with its head."""
    planned, unknown = None, None
    try:
        planned = source.plan(run.community, given, actor, progress)
        columns = planned.columns
    except Unknown as error:
        unknown, columns = error, error.columns
    kept = {} if run.chosen else memory.remembered(run, source.code, columns)
    if kept:
        run.chosen, run.recalled = kept, True
        return source.plan(run.community, replace(given, chosen=kept), actor, progress)
    if planned is None:
        raise unknown or AssertionError
    return planned


def _refusal(source: Source, unknown: Unknown) -> Refused:
    """Names the right kind of a list that was taken for another; else what is needed."""
    other = knowing(unknown)
    return Refused("import_other", chosen=source.label, label=other.label) if other else unknown


def _fact(run: ImportRun, planned: Planned) -> dict[str, Any]:
    added = {kind: planned.counts[kind]["added"] for kind in _FACT_KINDS if kind in planned.counts}
    others = [
        count["added"] for kind, count in planned.counts.items() if kind not in (*_FACT_KINDS, "buildings")
    ]
    if others:
        added["rows"] = sum(others)
    changed = sum(count["changed"] for count in planned.counts.values())
    return {"source": run.source, **added, "changed": changed, "refused": planned.refused}


def _finish(run: ImportRun, source: Source, planned: Planned, actor: Actor) -> None:
    run.counts, run.refused = planned.counts, planned.refused
    run.warned = len(planned.problems) - planned.refused
    run.columns, run.problems = list(planned.columns.items()), None
    if run.chosen and not run.recalled:
        memory.remember(run)
    keep_lines(run, source.told(planned))
    if planned.problems:
        book = problems_workbook(source, planned)
        name = _("问题行-%(name)s") % {"name": run.name.rsplit(".", 1)[0][:90]}
        run.problems = files.keep(
            Prepared(f"{name}.xlsx", XLSX, book), actor=actor, community_id=run.community_id
        )


def problems_workbook(source: Source, planned: Planned) -> bytes:
    """The lines left out and those taken with a remark, with our headers, and behind them the columns that were
    not taken, as they stand in the file: mend them here and import this file.
    """
    fields, missed = list(source.headers()), left(planned.columns)
    ours = [_("工作表"), _("行号"), _("结果"), _("原因"), *(header for _field, header in fields)]
    # A header of ours whose column was left out by choice stands there twice otherwise.
    behind = [_("原列 %s") % header if header in ours else header for header in missed]
    rows = (
        [
            problem.line.sheet,
            problem.line.number,
            pgettext("outcome of a row", "提醒") if problem.warning else _("未导入"),
            problem.why,
            *(problem.line.cells.get(field) for field, _header in fields),
            *((problem.line.rest or {}).get(header) for header in missed),
        ]
        for problem in planned.problems
    )
    out = io.BytesIO()
    sheets.write_xlsx([*ours, *behind], rows, out, title=_("问题行"))
    return out.getvalue()


class _Beside:
    """Tells the run's progress on a connection of its own, so that it is seen while the transaction is still open."""

    def __init__(self, run: ImportRun) -> None:
        self.run, self.last = run, 0
        # Inside somebody's transaction (tests, a command) the row may not be visible elsewhere yet.
        self.side = None if connection.in_atomic_block else connection.copy()
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.side:
            self.side.close()

    def tell(self, percent: int) -> None:
        with self.lock:
            if percent < self.last + 3 or self.side is None:
                return
            self.last = percent
            self._write("progress", percent)

    def wait(self) -> None:
        """Why nothing moves, in words that go when the run has ended."""
        with self.lock:
            self._write("words", _("密钥正在更换，等换好后自动继续。"))

    def _write(self, column: str, value: int | str) -> None:
        if self.side is not None:
            with self.side.cursor() as cursor:
                cursor.execute(
                    f"update estate_importrun set {column} = %s where id = %s", [value, self.run.pk]
                )


def _mime(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        sheets.check_archive(data)
        return XLSX
    return "application/vnd.ms-excel" if data.startswith(b"\xd0\xcf\x11\xe0") else "text/csv"
