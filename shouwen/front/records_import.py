"""Importing lists: choose a file, see what would change, take it or mend it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate.imports import heads
from shouwen.estate.imports.lines import change_words
from shouwen.estate.imports.run import assign, begin, confirm, forget
from shouwen.estate.imports.sources import Source, source_of, sources
from shouwen.estate.models import ImportLine, ImportRun
from shouwen.front import look
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.forming import Typed, form_view
from shouwen.front.record_forms import ColumnsForm, ImportForm, ModeForm
from shouwen.front.record_parts import button
from shouwen.front.tables import Export, listing
from shouwen.kernel import clock, limits
from shouwen.kernel.lists import keyset
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import seeded
from shouwen.people.jobs import queue_import
from shouwen.people.models import Staff

RIGHT = "estate.import|billing.import|material.import"
SHOWN = 50
Outcome = ImportLine.Outcome
KIND_WORDS = {
    "buildings": pgettext_lazy("page", "楼栋"), "units": gettext_lazy("房屋"), "persons": gettext_lazy("人员"),
    "occupancies": gettext_lazy("入住关系"), "vehicles": gettext_lazy("车辆"), "cases": gettext_lazy("事项"),
}  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def runs_of(request: HttpRequest) -> QuerySet[ImportRun]:
    """The imports of the kinds of lists that the viewer may import, each where they may."""
    me, rows = viewer(request), ImportRun.objects.none()
    for right in {source.right for source in sources()}:
        kinds = [source.code for source in sources() if source.right == right]
        rows |= ImportRun.objects.filter(source__in=kinds, community_id__in=me.where(right))
    return rows


def fetch_run(request: HttpRequest, key: int) -> ImportRun:
    run = runs_of(request).select_related("problems").filter(pk=key).first()
    if run is None:
        raise NotFound("not_found")
    return run


@require_GET
@staff_door(RIGHT)
def import_list(request: HttpRequest) -> HttpResponse:
    """What was imported, by whom, and what came of it."""
    me, here = viewer(request), community(request)
    templates = tuple(
        button(_("下载模板：%s") % s.label, reverse("import_template", args=[s.code]), "download")
        for s in sources()
        if s.code != "persons" and me.may(s.right, here.pk)
    )
    return listing(  # type: ignore[return-value]
        request,
        title=_("导入"),
        rows=runs_of(request).filter(community=here),
        keys=("-id",),
        columns=(_("文件"), _("内容"), _("状态"), _("问题行"), _("谁"), _("时间")),
        cells=_run_rows,
        export=Export((_("文件"), _("内容"), _("状态"), _("问题行"), _("谁"), _("时间")), _run_lines),
        actions=(*templates, button(_("导入清单"), reverse("import_new"), "upload", primary=True)),
        empty=_("还没有导入过。先下载模板，或直接用手头的表格。"),
        empty_action=look.Link(_("导入清单"), reverse("import_new"), "upload"),
    )


def _run_lines(runs: list[ImportRun]) -> Iterator[tuple[Any, ...]]:
    names = dict(Staff.objects.filter(pk__in=[r.by_id for r in runs]).values_list("pk", "name"))
    for r in runs:
        who = names.get(r.by_id or 0, _("系统"))
        yield r.name, _source_words(r), str(r.get_state_display()), r.refused, who, r.created_at


def _run_rows(runs: list[ImportRun]) -> list[look.TableRow]:
    return [
        look.TableRow(
            url=reverse("import_run", args=[r.pk]),
            cells=(
                look.Cell(name, strong=True),
                look.Cell(source),
                look.Cell(tag=state),
                look.Cell(str(refused)),
                look.Cell(who),
                look.Cell(f"{clock.local(at):%Y-%m-%d %H:%M}", nowrap=True, dim=True),
            ),
        )
        for r, (name, source, state, refused, who, at) in zip(runs, _run_lines(runs), strict=True)
    ]


def _source_words(run: ImportRun) -> str:
    return _label(run.source)


def _label(code: str) -> str:
    return next((str(s.label) for s in sources() if s.code == code), code)


def _kind_words(kind: str) -> str:
    """What was counted: a part of the estate, else the rows of a register."""
    return str(KIND_WORDS[kind]) if kind in KIND_WORDS else _label(kind)


def _home_words(run: ImportRun) -> str:
    source = source_of(run.source)
    return _("看房屋") if source.page == "unit_list" else _("看%s") % source.label


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def import_new(request: HttpRequest) -> HttpResponse:
    """Hand in a file: it is checked first, nothing is written yet."""
    me, here = viewer(request), community(request)

    def act(typed: Typed) -> tuple[str, str]:
        file = typed["file"]
        run = begin(
            here.pk,
            actor=me,
            source=typed["source"],
            name=file.name,
            data=file.read(),
            mode=ImportRun.Mode.DRY,
            defer=queue_import,
        )
        return reverse("import_run", args=[run.pk]), _("%s 已上传") % run.name

    return form_view(
        request,
        lambda data, files: ImportForm(
            data,
            files,
            rights=lambda right: me.may(right, here.pk),
            initial={"source": request.GET.get("source")},
        ),
        act,
        title=_("导入清单"),
        submit=_("检查文件"),
        lead=_(
            "认得本系统的模板（在“导入”页下载）、MicroCommunity 的导入模板，以及表头写得明白的清单。选错内容时按表头认。"
        ),
        home=reverse("import_list"),
        back=look.Link(_("导入"), reverse("import_list")),
    )


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def import_run(request: HttpRequest, key: int) -> HttpResponse:
    """How far an import is; after the check what comes of every line, and the button to take it."""
    run = fetch_run(request, key)
    form, columns = _pressed(request, run)
    run.refresh_from_db()
    shown = _shown(request, run)
    context = {
        "title": run.name,
        "run": run,
        "source": _source_words(run),
        "counts": [(_kind_words(kind), count) for kind, count in run.counts.items()],
        "form": form,
        "columns": columns,
        "heads": heads.sentences(dict(run.columns), source_of(run.source).headers()) if run.columns else (),
        "may_take": run.state == ImportRun.State.CHECKED
        or (run.state == ImportRun.State.REFUSED and run.outcomes),
        "back": look.Link(_("导入"), reverse("import_list")),
        "outcomes": _outcomes(run, shown) if run.over else (),
        "table": _lines(request, run, shown) if run.over and shown else None,
        "problems_url": reverse("import_problems", args=[run.pk]) if run.problems_id else "",
        "again_url": reverse("import_new"),
        "home": look.Link(_home_words(run), reverse(source_of(run.source).page)),
    }
    return page(request, "front/records/import_run.html", context)


def _pressed(request: HttpRequest, run: ImportRun) -> tuple[ModeForm, ColumnsForm]:
    """The two forms of the page, after what was pressed in one of them: take the file, or check it with other columns."""
    asked = request.POST if request.method == "POST" else None
    which = next((name for name in ("columns", "forget") if asked is not None and name in asked), "take")
    form = ModeForm(asked if which == "take" else None, run=run)
    columns = ColumnsForm(asked if which == "columns" else None, run=run)
    me = viewer(request)
    if which == "forget":
        forget(run.pk, actor=me, defer=queue_import)
    elif form.is_valid():
        confirm(run.pk, actor=me, mode=form.cleaned_data["mode"], defer=queue_import)
    elif columns.is_valid():
        try:
            assign(run.pk, actor=me, columns=columns.wanted(), defer=queue_import)
        except Refused as refusal:
            columns.add_error(None, str(refusal))
    return form, columns


def _shown(request: HttpRequest, run: ImportRun) -> str:
    """The outcome whose lines are shown: as the address asks, else the first that has any, what is wrong before all."""
    there = [code for code in Outcome.values if run.outcomes.get(code)]
    wanted = request.GET.get("show", "")
    return wanted if wanted in there else there[0] if there else ""


def _outcomes(run: ImportRun, shown: str) -> tuple[look.Link, ...]:
    return tuple(
        look.Link(
            str(outcome.label), f"?show={outcome}", current=outcome == shown, count=str(run.outcomes[outcome])
        )
        for outcome in Outcome
        if run.outcomes.get(outcome)
    )


def _lines(request: HttpRequest, run: ImportRun, shown: str) -> look.TableList:
    """A page of the lines with one outcome."""
    part = keyset(run.lines.filter(outcome=shown), ("number", "id"), request.GET.get("page", ""), SHOWN)
    bad = shown in (Outcome.REFUSED, Outcome.WARNED)
    heads = (_("列"), _("填的是"), _("原因")) if bad else (_("变化"),)
    url, source = f"?show={shown}", source_of(run.source)
    return look.TableList(
        title=str(Outcome(shown).label),
        columns=tuple(map(look.Column, (_("行号"), _("内容"), *heads))),
        rows=tuple(look.TableRow(cells=_line_cells(line, bad, source)) for line in part.rows),
        pager=look.Pager(
            total=run.outcomes[shown],
            cap=limits.SHEET_ROWS,
            first_url=url if request.GET.get("page") else "",
            previous_url=f"{url}&page={quote(part.previous)}" if part.previous else "",
            next_url=f"{url}&page={quote(part.next)}" if part.next else "",
        ),
    )


def _line_cells(line: ImportLine, bad: bool, source: Source) -> tuple[look.Cell, ...]:
    first = (
        look.Cell(str(line.number), sub=line.sheet, nowrap=True, dim=True),
        look.Cell(line.what, strong=True),
    )
    if bad:
        return (
            *first,
            look.Cell(seeded(source.column(line.column)), nowrap=True),
            look.Cell(line.value),
            look.Cell(line.why),
        )
    return *first, look.Cell(_("；").join(map(change_words, line.changes)) or _("没有变化"))


@require_GET
@staff_door(RIGHT)
def import_problems(request: HttpRequest, key: int) -> HttpResponse | FileResponse:
    """The bad lines as a workbook."""
    run = fetch_run(request, key)
    if run.problems is None:
        raise NotFound("not_found")
    return run.problems.response()


@require_GET
@staff_door(RIGHT)
def import_template(request: HttpRequest, source: str) -> HttpResponse:
    """An empty workbook to fill in."""
    try:
        known = source_of(source)
    except KeyError as error:
        raise NotFound("not_found") from error
    response = HttpResponse(known.template(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="shouwen-{known.code}.xlsx"'
    return response
