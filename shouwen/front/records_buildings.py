"""The records of buildings and public areas, and 楼栋图: a building by floor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate import actions
from shouwen.estate.models import Building, Space, Unit
from shouwen.front import look
from shouwen.front.doors import community, may, page, staff_door, viewer
from shouwen.front.forming import Typed, form_view
from shouwen.front.record_forms import BuildingForm, SpaceForm
from shouwen.front.record_parts import button
from shouwen.front.records import buildings_of
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel.refusals import NotFound

EDIT = "estate.edit"
BUILDINGS = Export((lazy("楼栋号"), lazy("名称"), lazy("房屋")), each(lambda b: (b.code, b.name, b.homes)))
SPACES = Export((lazy("名称"), lazy("楼栋")), each(lambda s: (s.name, str(s.building or ""))))
HELD = (("yes", lazy("已有房屋")), ("no", lazy("还没有房屋")))


@require_GET
@staff_door("estate.see")
def building_list(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Buildings with their number of units."""
    here, editable = community(request), may(request, EDIT)
    homes = Unit.objects.filter(building=OuterRef("pk"), retired_on__isnull=True).order_by()
    count = homes.values("building").annotate(n=Count("pk")).values("n")
    rows = Building.objects.visible_to(viewer(request)).filter(community=here)
    return listing(
        request,
        title=pgettext("page", "楼栋"),
        rows=rows.annotate(homes=Coalesce(Subquery(count), 0)),
        keys=("sort", "id"),
        search=lambda found, text: found.filter(Q(code__icontains=text) | Q(name__icontains=text)),
        search_hint=_("楼栋号、名称"),
        facets=(
            Facet(
                "held",
                lazy("房屋"),
                lambda found, v: found.filter(Exists(homes) if v == "yes" else ~Exists(homes)),
                HELD,
            ),
        ),
        columns=(_("楼栋号"), _("名称"), _("房屋"), ""),
        cells=lambda found: [_building_row(b, editable) for b in found],
        export=BUILDINGS,
        actions=_list_actions(request, "building_new", _("新建楼栋"), "space_list", _("公共区域")),
        empty=_("还没有楼栋。"),
    )


@require_GET
@staff_door("estate.see")
def space_list(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """公共区域: the named places that belong to nobody's unit."""
    here, editable = community(request), may(request, EDIT)
    return listing(
        request,
        title=_("公共区域"),
        rows=Space.objects.visible_to(viewer(request)).filter(community=here).select_related("building"),
        keys=("sort", "id"),
        search=lambda found, text: found.filter(name__icontains=text),
        search_hint=_("名称"),
        facets=(
            Facet(
                "building",
                lazy("楼栋"),
                lambda found, v: found.filter(building_id=int(v)),
                buildings_of(here.pk),
            ),
        ),
        columns=(_("名称"), _("楼栋")),
        cells=lambda found: [_space_row(s, editable) for s in found],
        export=SPACES,
        actions=_list_actions(request, "space_new", _("新建公共区域"), "building_list", _("楼栋")),
        empty=_("还没有公共区域。报修公共部位时要选它。"),
    )


def _list_actions(
    request: HttpRequest, new: str, words: str, other: str, other_words: str
) -> tuple[look.Action, ...]:
    """A new row, the list beside this one, and the community itself."""
    made = (button(words, reverse(new), "plus"),) if may(request, EDIT) else ()
    beside = button(
        other_words, reverse(other), "building-community" if other == "space_list" else "building"
    )
    return (*made, beside, *_community_actions(request))


def _community_actions(request: HttpRequest) -> tuple[look.Action, ...]:
    if not may(request, "setting.edit"):
        return ()
    return (
        button(_("项目资料"), f"{reverse('community_edit')}?next={reverse('building_list')}", "pencil"),
        button(_("新建项目"), reverse("community_new"), "plus"),
    )


def _building_row(b: Any, editable: bool) -> look.TableRow:
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


def _space_row(s: Space, editable: bool) -> look.TableRow:
    change = (button(_("修改"), reverse("space_edit", args=[s.pk]), "pencil"),)
    return look.TableRow(
        cells=(look.Cell(s.name, strong=True), look.Cell(str(s.building or ""))),
        actions=change if editable else (),
    )


@require_GET
@staff_door("estate.see")
def building(request: HttpRequest, key: int) -> HttpResponse:
    """楼栋图: the units of a building by floor, the highest first."""
    row = _fetch_building(request, key)
    floors: dict[int | None, list[Unit]] = {}
    for unit in row.units.filter(retired_on__isnull=True).order_by("sort")[:2000]:
        floors.setdefault(unit.floor, []).append(unit)
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
        row = actions.add_space(
            here, actor=viewer(request), name=typed["name"], building_id=typed["building"]
        )
        return reverse("space_list"), _("%s 已建立") % row

    return _small(
        request,
        lambda data, _files: SpaceForm(data, buildings=buildings_of(here)),
        act,
        _("新建公共区域"),
        _("建立公共区域"),
        reverse("space_list"),
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
        return reverse("space_list"), _("%s 已保存") % saved

    initial = {"name": row.name, "building": row.building_id}
    return _small(
        request,
        lambda data, _files: SpaceForm(data, buildings=buildings_of(row.community_id), initial=initial),
        act,
        _("修改公共区域"),
        _("保存公共区域"),
        reverse("space_list"),
    )


def _small(
    request: HttpRequest,
    make: Callable[[Any, Any], Any],
    act: Callable[[Typed], tuple[str, str]],
    title: str,
    submit: str,
    home: str = "",
) -> HttpResponse:
    home = home or reverse("building_list")
    return form_view(request, make, act, title=title, submit=submit, home=home)
