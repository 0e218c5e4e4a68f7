"""The records of units and buildings: lists, the page of a unit, and what may be done to it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.cases.models import Case
from shouwen.estate import actions, lineage
from shouwen.estate.household import household, neighbours
from shouwen.estate.models import Building, Occupancy, Unit
from shouwen.estate.search import units_found
from shouwen.front import exports, look
from shouwen.front.doors import community, may, page, staff_door, viewer
from shouwen.front.forming import Typed, form_view, version_of
from shouwen.front.households import matters_table, open_matters
from shouwen.front.ledgers.meters import meters_table
from shouwen.front.ledgers.payments import payments_table
from shouwen.front.record_forms import (
    UNIT_FIELDS,
    ChronicleForm,
    MergeUnitsForm,
    SplitForm,
    UnitForm,
)
from shouwen.front.record_parts import (
    area,
    button,
    chronicle_table,
    facts_of,
    history,
    lineage_table,
    members_table,
    past_table,
    vehicles_table,
)
from shouwen.front.tables import Facet, listing
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import joined

EDIT = "estate.edit"


def fetch_unit(request: HttpRequest, key: int) -> Unit:
    """The unit of this key if the viewer sees the estate there; NotFound otherwise."""
    rows = Unit.objects.filter(community_id__in=viewer(request).where("estate.see"))
    unit = rows.select_related("building", "community").filter(pk=key).first()
    if unit is None:
        raise NotFound("not_found")
    return unit


def buildings_of(community_id: int) -> list[tuple[int, str]]:
    return [(b.pk, str(b)) for b in Building.objects.filter(community_id=community_id)]


@require_GET
@staff_door("estate.see")
def unit_list(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """All units of the community."""
    here = community(request)
    rows = Unit.objects.visible_to(viewer(request)).filter(community=here, retired_on__isnull=True)
    return listing(
        request,
        title=_("房屋"),
        rows=rows.select_related("building"),
        keys=("sort", "id"),
        search=lambda _rows, text: units_found([here.pk], text).select_related("building"),
        search_hint=_("房号、门牌"),
        facets=(
            Facet(
                "building",
                gettext_lazy("楼栋"),
                lambda found, v: found.filter(building_id=int(v)),
                buildings_of(here.pk),
            ),
            Facet("kind", gettext_lazy("类型"), lambda found, v: found.filter(kind=v), Unit.Kind.choices),
            Facet(
                "status", gettext_lazy("状态"), lambda found, v: found.filter(status=v), Unit.Status.choices
            ),
        ),
        columns=(_("房号"), _("楼栋"), _("住户"), _("类型"), _("状态"), _("建筑面积")),
        cells=_unit_rows,
        export=exports.UNITS,
        actions=_list_actions(request),
        empty=_("还没有房屋。可以先导入一份清单，或新建楼栋和房屋。"),
        empty_action=look.Link(_("导入清单"), reverse("import_new"), "upload")
        if may(request, "estate.import")
        else None,
    )


def _list_actions(request: HttpRequest) -> tuple[look.Action, ...]:
    wanted = (
        (EDIT, "unit_new", _("新建房屋"), "plus"),
        ("estate.see", "building_list", pgettext("page", "楼栋"), "building"),
        ("estate.import", "import_list", _("导入"), "upload"),
    )
    return tuple(
        button(words, reverse(name), icon) for right, name, words, icon in wanted if may(request, right)
    )


def _unit_rows(units: list[Unit]) -> list[look.TableRow]:
    people: dict[int, list[str]] = {}
    held = Occupancy.objects.filter(unit__in=units, during__contains=clock.today()).order_by("pk")
    for unit_id, name in held.values_list("unit_id", "person__name"):
        people.setdefault(unit_id, []).append(name)
    return [
        look.TableRow(
            url=reverse("unit", args=[u.pk]),
            cells=(
                look.Cell(u.code, strong=True, nowrap=True),
                look.Cell(str(u.building)),
                look.Cell(joined(people.get(u.pk, ())[:3])),
                look.Cell(str(u.get_kind_display())),
                look.Cell(tag=str(u.get_status_display())),
                look.Cell(area(u.built_area), nowrap=True),
            ),
        )
        for u in units
    ]


@require_GET
@staff_door("estate.see")
def unit(request: HttpRequest, key: int) -> HttpResponse:
    """The page of a unit: who lives there, what is open, what has been."""
    row = fetch_unit(request, key)
    me = viewer(request)
    home = household(row, me)
    editable = me.may(EDIT, row.community_id) and not row.retired_on
    matters = list(Case.objects.visible_to(me).open().filter(unit_id=row.pk).order_by("-opened_at")[:8])
    context = {
        "title": row.code,
        "lead": str(row.building),
        "back": look.Link(_("房屋"), reverse("unit_list")),
        "tags": tuple(
            filter(None, (str(row.get_status_display()), row.remark, _("已拆并") if row.retired_on else ""))
        ),
        "facts": facts_of(row),
        "actions": _unit_actions(row, me.may("case.register", row.community_id), editable),
        "tables": tuple(
            filter(
                None,
                (
                    members_table(home, editable, me.may("person.reveal", row.community_id)),
                    matters_table(
                        me, row.community_id, Q(unit_id=row.pk), f"{reverse('case_list')}?unit={row.pk}"
                    ),
                    vehicles_table(row, home, editable),
                    meters_table(row, me),
                    payments_table(row, me),
                    chronicle_table(row, home, editable),
                    past_table(row),
                    lineage_table(neighbours(row)),
                ),
            )
        ),
        "timeline": history(row, Q(community_id=row.community_id, unit_id=row.pk)),
        "timeline_title": _("资料变动"),
        "aside": (open_matters(matters, None),),
    }
    return page(request, "front/detail.html", context)


def _unit_actions(row: Unit, registers: bool, editable: bool) -> tuple[look.Action, ...]:
    wanted: list[tuple[bool, str, str, str]] = [
        (registers and not row.retired_on, _("登记事项"), f"{reverse('intake')}?unit={row.pk}", "plus"),
        (editable, _("办理入住"), reverse("move_in", args=[row.pk]), "login"),
        (editable, _("住户自助"), reverse("home_door", args=[row.pk]), "qrcode"),
        (editable, _("修改"), reverse("unit_edit", args=[row.pk]), "pencil"),
        (editable, _("拆分"), reverse("unit_split", args=[row.pk]), "arrows-split-2"),
        (editable, _("合并"), reverse("unit_merge", args=[row.pk]), "arrows-join"),
    ]
    return tuple(button(words, url, icon) for shown, words, url, icon in wanted if shown)


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def unit_new(request: HttpRequest) -> HttpResponse:
    """A unit more."""
    here = community(request)

    def act(typed: Typed) -> tuple[str, str]:
        building = typed.pop("building")
        row = actions.add_unit(building, actor=viewer(request), **typed)
        return reverse("unit", args=[row.pk]), _("%s 已建立") % row.code

    def make(data: Any, _files: Any) -> UnitForm:
        return UnitForm(
            data, buildings=buildings_of(here.pk), initial={"building": request.GET.get("building")}
        )

    return form_view(
        request, make, act, title=_("新建房屋"), submit=_("建立房屋"), home=reverse("unit_list"),
        lead="" if buildings_of(here.pk) else _("请先新建楼栋。"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def unit_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change a unit; somebody else's change in between is shown, not overwritten."""
    row = fetch_unit(request, key)
    initial = {name: getattr(row, name) for name in UNIT_FIELDS} | {"building": row.building_id}

    def act(typed: Typed) -> tuple[str, str]:
        typed["building_id"] = typed.pop("building")
        changed = actions.edit_unit(row.pk, actor=viewer(request), version=version_of(request), **typed)
        return reverse("unit", args=[row.pk]), _("%s 已保存") % changed.code

    return form_view(
        request,
        lambda data, _files: UnitForm(data, buildings=buildings_of(row.community_id), initial=initial),
        act,
        title=_("修改 %s") % row.code,
        submit=_("保存房屋"),
        home=reverse("unit", args=[row.pk]),
        version=row.version,
    )


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def unit_split(request: HttpRequest, key: int) -> HttpResponse:
    """One unit becomes several."""
    row = fetch_unit(request, key)

    def act(typed: Typed) -> tuple[str, str]:
        parts = [_part(line) for line in typed["parts"].splitlines() if line.strip()]
        new = lineage.split_unit(
            row.pk, actor=viewer(request), parts=parts, on=typed["on"], version=version_of(request)
        )
        words = {"old": row.code, "new": joined(u.code for u in new)}
        return reverse("unit", args=[new[0].pk]), _("%(old)s 已拆成 %(new)s") % words

    return form_view(
        request,
        lambda data, _files: SplitForm(data, initial={"on": clock.today(row.community.zone)}),
        act,
        title=_("拆分 %s") % row.code,
        submit=_("拆分房屋"),
        lead=_("原房屋停用，历史保留；现有住户转到每一套新房。"),
        home=reverse("unit", args=[row.pk]),
        version=row.version,
    )


def _part(line: str) -> lineage.Part:
    """One line of the split form: code, door, area."""
    cells = [cell.strip() for cell in line.replace(",", ",").split(",")]
    code, door, built = (*cells, "", "")[:3]
    try:
        return lineage.Part(code, door, built_area=Decimal(built) if built else None)
    except InvalidOperation as error:
        raise Refused("bad_field", field=_("建筑面积"), why=built) from error


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def unit_merge(request: HttpRequest, key: int) -> HttpResponse:
    """Several units become one."""
    row = fetch_unit(request, key)

    def act(typed: Typed) -> tuple[str, str]:
        codes = [code.strip() for code in typed["others"].replace(",", ",").split(",") if code.strip()]
        others = Unit.objects.filter(community_id=row.community_id, code__in=codes, retired_on__isnull=True)
        found = {u.code: u.pk for u in others}
        if missing := [code for code in codes if code not in found]:
            raise Refused("bad_field", field=_("房号"), why=joined(missing))
        part = lineage.Part(typed["code"], typed["door"], typed["built_area"])
        new = lineage.merge_units([row.pk, *found.values()], actor=viewer(request), part=part, on=typed["on"])
        return reverse("unit", args=[new.pk]), _("已合并为 %s") % new.code

    return form_view(
        request,
        lambda data, _files: MergeUnitsForm(data, initial={"on": clock.today(row.community.zone)}),
        act,
        title=_("合并 %s") % row.code,
        submit=_("合并房屋"),
        lead=_("原房屋停用，历史保留；现有住户都转到合并后的房屋。"),
        home=reverse("unit", args=[row.pk]),
    )


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def chronicle_new(request: HttpRequest, key: int) -> HttpResponse:
    """A line in the chronicle of a unit."""
    row = fetch_unit(request, key)

    def act(typed: Typed) -> tuple[str, str]:
        actions.add_chronicle(row.pk, actor=viewer(request), on=typed["on"], words=typed["words"])
        return reverse("unit", args=[row.pk]), _("大事记已记下")

    return form_view(
        request,
        lambda data, _files: ChronicleForm(data, initial={"on": clock.today(row.community.zone)}),
        act,
        title=_("记一条大事：%s") % row.code,
        submit=_("记下"),
        home=reverse("unit", args=[row.pk]),
    )
