"""The records of persons: the list, the page of one, their particulars, two rows for one person."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate import persons_actions as actions
from shouwen.estate.models import Contact, Occupancy, Person
from shouwen.estate.persons import as_one
from shouwen.estate.search import persons_found
from shouwen.front import exports, look
from shouwen.front.doors import community, may, page, staff_door, viewer
from shouwen.front.forming import Typed, form_view, version_of
from shouwen.front.households import matters_table
from shouwen.front.record_forms import MergePersonForm, PersonForm
from shouwen.front.record_parts import button, contacts_table, history, occupancy_row, occupancy_table
from shouwen.front.tables import Facet, listing
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import joined, masked_email
from shouwen.people.viewers import StaffActor

EDIT = "estate.edit"
MOST_CANDIDATES = 12


def fetch_person(request: HttpRequest, key: int) -> Person:
    """The person of this key if the viewer sees the estate there; NotFound otherwise."""
    rows = Person.objects.filter(community_id__in=viewer(request).where("estate.see"))
    person = rows.filter(pk=key).first()
    if person is None:
        raise NotFound("not_found")
    return person


@require_GET
@staff_door("estate.see")
def person_list(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Everybody registered in the community."""
    here = community(request)
    rows = Person.objects.filter(community=here, merged_into__isnull=True)
    new = button(_("登记人员"), reverse("person_new"), "plus")
    return listing(
        request,
        title=_("住户"),
        rows=rows,
        keys=("pinyin", "id"),
        search=lambda _rows, text: persons_found([here.pk], text),
        search_hint=_("姓名、拼音、电话"),
        facets=(
            Facet("kind", gettext_lazy("类别"), lambda found, v: found.filter(kind=v), Person.Kind.choices),
            Facet("role", gettext_lazy("身份"), _in_role, Occupancy.Role.choices),
        ),
        columns=(_("姓名"), _("房屋"), _("电话"), _("提示")),
        cells=_person_rows,
        export=exports.PERSONS,
        actions=(new,) if may(request, EDIT) else (),
        empty=_("没有找到。换个写法，或登记一位。")
        if request.GET.get("q")
        else _("还没有住户。可以先导入一份清单，或登记一位。"),
        empty_action=look.Link(_("导入清单"), reverse("import_new"), "upload")
        if may(request, "estate.import")
        else None,
    )


def _in_role(rows: Any, role: str) -> Any:
    held = Occupancy.objects.filter(role=role, during__contains=clock.today()).values("person_id")
    return rows.filter(pk__in=held)


def _person_rows(persons: list[Person]) -> list[look.TableRow]:
    phones: dict[int, str] = {}
    for contact in Contact.objects.filter(person__in=persons).order_by("primary", "-id"):
        phones[contact.person_id] = contact.masked
    units: dict[int, list[str]] = {}
    held = Occupancy.objects.filter(person__in=persons, during__contains=clock.today()).select_related("unit")
    for row in held.order_by("pk"):
        units.setdefault(row.person_id, []).append(f"{row.unit.code} {row.get_role_display()}")
    return [
        look.TableRow(
            url=reverse("person", args=[p.pk]),
            cells=(
                look.Cell(p.name, strong=True),
                look.Cell(joined(units.get(p.pk, ())[:4])),
                look.Cell(phones.get(p.pk, ""), nowrap=True),
                look.Cell(p.remark, dim=True),
            ),
        )
        for p in persons
    ]


@require_GET
@staff_door("estate.see")
def person(request: HttpRequest, key: int) -> HttpResponse:
    """The page of a person; the page of one that was merged away leads to the one that was kept."""
    row = fetch_person(request, key)
    if row.merged_into_id:
        return redirect("person", key=row.merged_into_id, permanent=True)
    me = viewer(request)
    editable, reveals = me.may(EDIT, row.community_id), me.may("person.reveal", row.community_id)
    context = {
        "title": row.name,
        "lead": str(row.get_kind_display()),
        "back": look.Link(_("住户"), reverse("person_list")),
        "tags": (row.remark,) if row.remark else (),
        "facts": _facts(row),
        "actions": _person_actions(row, editable, reveals),
        "tables": tuple(
            filter(None, (contacts_table(row, editable, reveals), _homes(row), _matters(row, me), _cars(row)))
        ),
        "timeline": history(row, Q(pk__isnull=True)),
        "timeline_title": _("资料变动"),
    }
    return page(request, "front/detail.html", context)


def _facts(row: Person) -> tuple[tuple[str, look.Cell], ...]:
    pairs = (
        (_("性别"), str(row.get_gender_display())),
        (_("出生日期"), str(row.born_on or "")),
        (_("证件号码"), _("已登记（加密）") if row.id_number else ""),
        (_("邮箱"), masked_email(str(row.email or ""))),
    )
    return tuple((label, look.Cell(words)) for label, words in pairs if words)


def _person_actions(row: Person, editable: bool, reveals: bool) -> tuple[look.Action, ...]:
    wanted = (
        (editable, _("修改"), reverse("person_edit", args=[row.pk]), "pencil"),
        (editable, _("加电话"), reverse("contact_new", args=[row.pk]), "phone"),
        (editable, _("合并重复"), reverse("person_merge", args=[row.pk]), "arrows-join"),
        (reveals and bool(row.id_number), _("看证件号码"), reverse("identity_reveal", args=[row.pk]), "eye"),
    )
    return tuple(button(words, url, icon) for shown, words, url, icon in wanted if shown)


def _homes(row: Person) -> look.TableList:
    held = row.occupancies.select_related("unit").order_by("-during")[:50]
    rows = tuple(occupancy_row(o, o.unit.code, reverse("unit", args=[o.unit_id])) for o in held)
    return occupancy_table(_("房屋"), _("房号"), rows, _("没有登记在任何房屋。"))


def _matters(row: Person, me: StaffActor) -> look.TableList | None:
    whose = Q(person_id__in=as_one([row.pk]))
    return matters_table(me, row.community_id, whose, f"{reverse('case_list')}?person={row.pk}")


def _cars(row: Person) -> look.TableList:
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(v.plate, strong=True),
                look.Cell(v.label),
                look.Cell(v.unit.code if v.unit else ""),
            )
        )
        for v in row.vehicles.select_related("unit").order_by("plate")
    )
    columns = tuple(map(look.Column, (_("车牌"), _("车型"), _("房号"))))
    return look.TableList(title=_("车辆"), columns=columns, rows=rows, empty=_("没有登记车辆。"))


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def person_new(request: HttpRequest) -> HttpResponse:
    """Somebody more."""

    def act(typed: Typed) -> tuple[str, str]:
        typed["email"] = typed["email"] or None
        row = actions.add_person(community(request).pk, actor=viewer(request), **typed)
        return reverse("person", args=[row.pk]), _("%s 已登记") % row.name

    return form_view(
        request, lambda data, _files: PersonForm(data), act,
        title=_("登记人员"), submit=_("登记"), home=reverse("person_list"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def person_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change particulars; an empty identity number leaves the sealed one alone."""
    row = fetch_person(request, key)
    initial = {name: getattr(row, name) for name in ("kind", "name", "gender", "born_on", "remark")}

    def act(typed: Typed) -> tuple[str, str]:
        typed["id_number"] = typed["id_number"] or None
        # An address left empty stays as it is, too: nobody reads it here.
        if typed.pop("drop_email", False):
            typed["email"] = None
        elif not typed["email"]:
            del typed["email"]
        saved = actions.edit_person(row.pk, actor=viewer(request), version=version_of(request), **typed)
        return home_of(saved), _("%s 已保存") % saved.name

    return form_view(
        request, lambda data, _files: PersonForm(data, known=row, initial=initial), act,
        title=_("修改 %s") % row.name, submit=_("保存资料"), home=home_of(row), version=row.version,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def person_merge(request: HttpRequest, key: int) -> HttpResponse:
    """Two rows for one person: everything goes to this one. Found by the same name or telephone."""
    row = fetch_person(request, key)
    wholes = list(row.contacts.values_list("whole", flat=True))
    twins = Person.objects.filter(community_id=row.community_id, merged_into__isnull=True).exclude(pk=row.pk)
    same = Q(name=row.name) | Q(contacts__whole__in=wholes) | Q(pinyin=row.pinyin)
    candidates = [(p.pk, label_of(p)) for p in twins.filter(same).distinct()[:MOST_CANDIDATES]]

    def act(typed: Typed) -> tuple[str, str]:
        kept = actions.merge_persons(
            row.pk, actor=viewer(request), other_id=typed["other"], version=version_of(request)
        )
        return home_of(kept), _("已合并到 %s") % kept.name

    lead = _("另一位的电话、房屋、车辆都转到这里，旧链接会转过来。")
    return form_view(
        request,
        lambda data, _files: MergePersonForm(data, candidates=candidates),
        act,
        title=_("合并重复：%s") % row.name,
        submit=_("合并"),
        lead=lead if candidates else _("没有同名、同音或同号码的人。"),
        home=home_of(row),
        version=row.version,
    )


def label_of(p: Person) -> str:
    held = p.occupancies.filter(during__contains=clock.today()).values_list("unit__code", flat=True)[:3]
    phone = p.contacts.first()
    return " ".join(filter(None, (p.name, joined(held), phone.masked if phone else "")))


def home_of(row: Person) -> str:
    return reverse("person", args=[row.pk])
