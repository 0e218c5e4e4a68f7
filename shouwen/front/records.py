"""The records of units and buildings: lists, the page of a unit, and what may be done to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate import actions, lineage
from shouwen.estate.household import household
from shouwen.estate.models import Building, Occupancy, Space, Unit
from shouwen.estate.search import units_found
from shouwen.front import look
from shouwen.front.doors import community, may, page, staff_door, viewer
from shouwen.front.forming import Typed, form_view, version_of
from shouwen.front.households import open_matters
from shouwen.front.record_forms import (
    UNIT_FIELDS,
    BuildingForm,
    ChronicleForm,
    MergeUnitsForm,
    SpaceForm,
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
from shouwen.cases.models import Case
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound, Refused

EDIT = "estate.edit"


def fetch_unit(request: HttpRequest, key: int) -> Unit:
    """The unit of this key if the viewer sees the estate there; NotFound otherwise."""
    rows = Unit.objects.filter(community_id__in=viewer(request).where("estate.see"))
    unit = rows.select_related("building", "community").filter(pk=key).first()
    if unit is None:
        raise NotFound("not_found")
    return unit


@require_GET
@staff_door("estate.see")
def unit_list(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """All units of the community."""
    here = community(request)
    rows = Unit.objects.visible_to(viewer(request)).filter(community=here, retired_on__isnull=True)
    houses = [(b.pk, str(b)) for b in Building.objects.filter(community=here)[:300]]
    return listing(
        request,
        title=_("房屋"),
        rows=rows.select_related("building"),
        keys=("code", "id"),
        search=lambda _rows, text: units_found([here.pk], text).select_related("building"),
        search_hint=_("房号、门牌"),
        facets=(
            Facet("building", gettext_lazy("楼栋"), lambda found, v: found.filter(building_id=int(v)), houses),
            Facet("kind", gettext_lazy("类型"), lambda found, v: found.filter(kind=v), Unit.Kind.choices),
            Facet("status", gettext_lazy("状态"), lambda found, v: found.filter(status=v), Unit.Status.choices),
        ),
        columns=(_("房号"), _("楼栋"), _("住户"), _("类型"), _("状态"), _("建筑面积")),
        cells=_unit_rows,
        heads=[_("房号"), _("楼栋"), _("单元"), _("楼层"), _("门牌"), _("类型"), _("状态"), _("建筑面积"), _("套内面积"), _("收楼日期")],
        values=_unit_values,
        actions=_list_actions(request),
        empty=_("还没有房屋。可以先导入一份清单，或新建楼栋和房屋。"),
        empty_action=look.Link(_("导入清单"), reverse("import_new"), "upload") if may(request, "estate.import") else None,
    )


def _list_actions(request: HttpRequest) -> tuple[look.Action, ...]:
    wanted = (
        (EDIT, "unit_new", _("新建房屋"), "plus"),
        ("estate.see", "building_list", _("楼栋"), "building"),
        ("estate.import", "import_list", _("导入"), "upload"),
    )
    return tuple(button(words, reverse(name), icon) for right, name, words, icon in wanted if may(request, right))


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
                look.Cell("、".join(people.get(u.pk, ())[:3])),
                look.Cell(str(u.get_kind_display())),
                look.Cell(tag=str(u.get_status_display())),
                look.Cell(area(u.built_area), nowrap=True),
            ),
        )
        for u in units
    ]


def _unit_values(u: Unit) -> tuple[Any, ...]:
    return (
        u.code, str(u.building), u.entrance, u.floor, u.door, u.get_kind_display(), u.get_status_display(),
        u.built_area, u.inner_area, u.handed_over_on,
    )  # fmt: skip


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
        "tags": tuple(filter(None, (str(row.get_status_display()), row.remark, _("已拆并") if row.retired_on else ""))),
        "facts": facts_of(row),
        "actions": _unit_actions(row, me.may("case.register", row.community_id), editable),
        "tables": tuple(
            filter(
                None,
                (
                    members_table(home, editable, me.may("person.reveal", row.community_id)),
                    vehicles_table(row, home, editable),
                    chronicle_table(row, home, editable),
                    past_table(row),
                    lineage_table(home),
                ),
            )
        ),
        "timeline": history(row, Q(community_id=row.community_id, unit_id=row.pk)),
        "timeline_title": _("资料变动"),
        "aside": (open_matters(matters, None),),
    }
    return page(request, "front/detail.html", context)


def _unit_actions(row: Unit, registers: bool, editable: bool) -> tuple[look.Action, ...]:  # noqa: FBT001
    wanted: list[tuple[bool, str, str, str]] = [
        (registers and not row.retired_on, _("登记事项"), f"{reverse('intake')}?unit={row.pk}", "plus"),
        (editable, _("办理入住"), reverse("move_in", args=[row.pk]), "login"),
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
        return UnitForm(data, buildings=_buildings(here.pk), initial={"building": request.GET.get("building")})

    return form_view(
        request, make, act, title=_("新建房屋"), submit=_("建立房屋"), home=reverse("unit_list"),
        lead="" if _buildings(here.pk) else _("请先新建楼栋。"),
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
        lambda data, _files: UnitForm(data, buildings=_buildings(row.community_id), initial=initial),
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
        words = {"old": row.code, "new": "、".join(u.code for u in new)}
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
            raise Refused("bad_field", field=_("房号"), why="、".join(missing))
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


# --- buildings and public areas ---------------------------------------------------------------------------------


@require_GET
@staff_door("estate.see")
def building_list(request: HttpRequest) -> HttpResponse:
    """Buildings with their number of units, and the public areas."""
    here = community(request)
    editable = may(request, EDIT)
    rows = Building.objects.filter(community=here).annotate(
        homes=Count("units", filter=Q(units__retired_on__isnull=True))
    )
    spaces = Space.objects.filter(community=here).select_related("building")
    tables = (
        look.TableList(
            title=_("楼栋"),
            columns=tuple(map(look.Column, (_("楼栋号"), _("名称"), _("房屋"), ""))),
            rows=tuple(_building_row(b, editable) for b in rows[:300]),
            actions=(button(_("新建楼栋"), reverse("building_new"), "plus"),) if editable else (),
            empty=_("还没有楼栋。"),
        ),
        look.TableList(
            title=_("公共区域"),
            columns=tuple(map(look.Column, (_("名称"), _("楼栋")))),
            rows=tuple(
                look.TableRow(
                    cells=(look.Cell(s.name, strong=True), look.Cell(str(s.building or ""))),
                    actions=(button(_("修改"), reverse("space_edit", args=[s.pk]), "pencil"),) if editable else (),
                )
                for s in spaces[:500]
            ),
            actions=(button(_("新建公共区域"), reverse("space_new"), "plus"),) if editable else (),
            empty=_("还没有公共区域。报修公共部位时要选它。"),
        ),
    )
    context = {
        "title": _("楼栋和公共区域"),
        "back": look.Link(_("房屋"), reverse("unit_list")),
        "tables": tables,
    }
    return page(request, "front/detail.html", context)


def _building_row(b: Any, editable: bool) -> look.TableRow:  # noqa: FBT001
    return look.TableRow(
        url=f"{reverse('unit_list')}?building={b.pk}",
        cells=(
            look.Cell(b.code, strong=True),
            look.Cell(b.name),
            look.Cell(str(b.homes)),
            look.Cell(_("楼栋图"), url=reverse("building", args=[b.pk])),
        ),
        actions=(button(_("修改"), reverse("building_edit", args=[b.pk]), "pencil"),) if editable else (),
    )


@require_GET
@staff_door("estate.see")
def building(request: HttpRequest, key: int) -> HttpResponse:
    """楼栋图: the units of a building by floor, the highest first."""
    row = _fetch_building(request, key)
    floors: dict[int | None, list[Unit]] = {}
    for each in row.units.filter(retired_on__isnull=True).order_by("entrance", "code")[:2000]:
        floors.setdefault(each.floor, []).append(each)
    order = sorted((f for f in floors if f is not None), reverse=True) + ([None] if None in floors else [])
    context = {
        "title": str(row),
        "back": look.Link(_("楼栋"), reverse("building_list")),
        "floors": [(_("%d 层") % f if f is not None else _("未填楼层"), floors[f]) for f in order],
        "statuses": Unit.Status.choices,
    }
    return page(request, "front/records/building.html", context)


def _fetch_building(request: HttpRequest, key: int) -> Building:
    rows = Building.objects.filter(community_id__in=viewer(request).where("estate.see"))
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound("not_found")
    return found


def _buildings(community_id: int) -> list[tuple[int, str]]:
    return [(b.pk, str(b)) for b in Building.objects.filter(community_id=community_id)]


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def building_new(request: HttpRequest) -> HttpResponse:
    """A building more."""

    def act(typed: Typed) -> tuple[str, str]:
        row = actions.add_building(community(request).pk, actor=viewer(request), **typed)
        return reverse("building_list"), _("%s 已建立") % row

    return _small(request, lambda data, _files: BuildingForm(data), act, _("新建楼栋"), _("建立楼栋"))


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def building_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Another code or name."""
    row = _fetch_building(request, key)

    def act(typed: Typed) -> tuple[str, str]:
        return reverse("building_list"), _("%s 已保存") % actions.edit_building(
            row.pk, actor=viewer(request), **typed
        )

    initial = {"code": row.code, "name": row.name}
    return _small(
        request, lambda data, _files: BuildingForm(data, initial=initial), act, _("修改楼栋"), _("保存楼栋")
    )


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def space_new(request: HttpRequest) -> HttpResponse:
    """A public area more."""
    here = community(request).pk

    def act(typed: Typed) -> tuple[str, str]:
        row = actions.add_space(here, actor=viewer(request), name=typed["name"], building_id=typed["building"])
        return reverse("building_list"), _("%s 已建立") % row

    return _small(
        request,
        lambda data, _files: SpaceForm(data, buildings=_buildings(here)),
        act,
        _("新建公共区域"),
        _("建立公共区域"),
    )


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def space_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Another name or building."""
    row = Space.objects.visible_to(viewer(request)).filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")

    def act(typed: Typed) -> tuple[str, str]:
        saved = actions.edit_space(
            row.pk, actor=viewer(request), name=typed["name"], building_id=typed["building"]
        )
        return reverse("building_list"), _("%s 已保存") % saved

    initial = {"name": row.name, "building": row.building_id}
    return _small(
        request,
        lambda data, _files: SpaceForm(data, buildings=_buildings(row.community_id), initial=initial),
        act,
        _("修改公共区域"),
        _("保存公共区域"),
    )


def _small(
    request: HttpRequest, make: Callable[[Any, Any], Any], act: Callable[[Typed], tuple[str, str]], title: str, submit: str
) -> HttpResponse:
    return form_view(request, make, act, title=title, submit=submit, home=reverse("building_list"))


