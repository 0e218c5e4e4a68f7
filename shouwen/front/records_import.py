"""Importing lists: choose a file, see what would change, take it or mend it."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate.imports.run import begin, confirm
from shouwen.estate.imports.sources import source_of, sources
from shouwen.estate.models import ImportRun
from shouwen.front import look
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.forming import Typed, form_view
from shouwen.front.record_forms import ImportForm, ModeForm
from shouwen.front.record_parts import button
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound
from shouwen.people.jobs import queue_import
from shouwen.people.models import Staff

RIGHT = "estate.import"
SHOWN = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def fetch_run(request: HttpRequest, key: int) -> ImportRun:
    rows = ImportRun.objects.filter(community_id__in=viewer(request).where(RIGHT))
    run = rows.select_related("problems").filter(pk=key).first()
    if run is None:
        raise NotFound("not_found")
    return run


@require_GET
@staff_door(RIGHT)
def import_list(request: HttpRequest) -> HttpResponse:
    """What was imported, by whom, and what came of it."""
    runs = list(ImportRun.objects.filter(community=community(request))[:SHOWN])
    names = dict(Staff.objects.filter(pk__in=[r.by_id for r in runs]).values_list("pk", "name"))
    rows = tuple(
        look.TableRow(
            url=reverse("import_run", args=[r.pk]),
            cells=(
                look.Cell(r.name, strong=True),
                look.Cell(_source_words(r)),
                look.Cell(tag=str(r.get_state_display())),
                look.Cell(str(r.refused)),
                look.Cell(names.get(r.by_id or 0, _("系统"))),
                look.Cell(f"{clock.local(r.created_at):%Y-%m-%d %H:%M}", nowrap=True, dim=True),
            ),
        )
        for r in runs
    )
    columns = tuple(map(look.Column, (_("文件"), _("内容"), _("状态"), _("问题行"), _("谁"), _("时间"))))
    templates = tuple(
        button(_("下载模板:%s") % s.label, reverse("import_template", args=[s.code]), "download")
        for s in sources()
        if s.code != "persons" and viewer(request).may(s.right, community(request).pk)
    )
    table = look.TableList(
        title=_("导入"),
        columns=columns,
        rows=rows,
        pager=look.Pager(total=len(rows)),
        actions=(*templates, button(_("导入清单"), reverse("import_new"), "upload", primary=True)),
        empty=_("还没有导入过。先下载模板,或直接用手头的表格。"),
        empty_action=look.Link(_("导入清单"), reverse("import_new"), "upload"),
    )
    return page(request, "front/list.html", {"table": table})


def _source_words(run: ImportRun) -> str:
    known = {s.code: str(s.label) for s in sources()}
    return known.get(run.source, run.source)


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
        return reverse("import_run", args=[run.pk]), _("正在检查 %s") % run.name

    return form_view(
        request,
        lambda data, files: ImportForm(data, files, rights=lambda right: me.may(right, here.pk)),
        act,
        title=_("导入清单"),
        submit=_("检查文件"),
        lead=_("认得本系统的模板、MicroCommunity 的房屋资料,以及表头写得明白的清单。"),
        home=reverse("import_list"),
        back=look.Link(_("导入"), reverse("import_list")),
    )


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def import_run(request: HttpRequest, key: int) -> HttpResponse:
    """How far an import is; after the check what it would change, and the button to take it."""
    run = fetch_run(request, key)
    form = ModeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        confirm(run.pk, actor=viewer(request), mode=form.cleaned_data["mode"], defer=queue_import)
        run.refresh_from_db()
    names = {
        "buildings": _("楼栋"), "units": _("房屋"), "persons": _("人员"), "occupancies": _("入住关系"),
        "vehicles": _("车辆"), "cases": _("事项"),
    }  # fmt: skip
    context = {
        "title": run.name,
        "run": run,
        "source": _source_words(run),
        "counts": [(names.get(kind, kind), count) for kind, count in run.counts.items()],
        "form": form,
        "may_take": run.state == ImportRun.State.CHECKED,
        "back": look.Link(_("导入"), reverse("import_list")),
        "problems_url": reverse("import_problems", args=[run.pk]) if run.problems_id else "",
        "again_url": reverse("import_new"),
        "home_url": reverse("unit_list"),
    }
    return page(request, "front/records/import_run.html", context)


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
