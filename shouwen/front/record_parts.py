"""What the pages of units and persons are put together from."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.estate.household import Household, Member, Neighbour, Neighbours, last_day
from shouwen.estate.models import Chronicle, Occupancy, Person, Unit
from shouwen.front import look
from shouwen.front.timeline import sentence
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.text import joined
from shouwen.people import who
from shouwen.people.home_sign_in import doubtful, ends_of
from shouwen.people.models import Staff

LINES = 30
# Facts of the records; those of cases and orders are told on their own pages.
KINDS = ("unit", "person", "contact", "occupancy", "vehicle", "chronicle", "homeslip", "homesignin")


def button(words: str, url: str, icon: str, *, post: bool = False, primary: bool = False) -> look.Action:
    return look.Action(words, words, url, icon=icon, post=post, primary=primary)


def area(value: Decimal | None) -> str:
    return f"{value.normalize():f} ㎡" if value else ""


def facts_of(row: Unit) -> tuple[tuple[str, look.Cell], ...]:
    """What is known of a unit, blanks left out."""
    pairs = (
        (_("楼栋"), str(row.building)),
        (_("单元"), row.entrance),
        (_("楼层"), "" if row.floor is None else str(row.floor)),
        (_("类型"), str(row.get_kind_display())),
        (_("建筑面积"), area(row.built_area)),
        (_("套内面积"), area(row.inner_area)),
        (_("收楼日期"), str(row.handed_over_on or "")),
        (_("停用日期"), str(row.retired_on or "")),
    )
    return tuple((label, look.Cell(words)) for label, words in pairs if words)


def members_table(home: Household, editable: bool, reveals: bool) -> look.TableList:
    """Who lives there now, with what can be done about each."""
    rows = tuple(
        look.TableRow(
            url=reverse("person", args=[m.person_id]),
            cells=(
                look.Cell(m.name, strong=True),
                look.Cell(m.role_words, sub=f"{m.share.normalize():f}%" if m.share else ""),
                look.Cell(joined(p.masked for p in m.phones), nowrap=True),
                look.Cell(_period(m), nowrap=True),
                look.Cell(m.remark, dim=True),
            ),
            actions=_member_actions(m, editable, reveals),
        )
        for m in home.members
    )
    return look.TableList(
        title=_("住户"),
        columns=tuple(map(look.Column, (_("姓名"), _("身份"), _("电话"), _("期间"), _("提示")))),
        rows=rows,
        empty=_("还没有登记住户。"),
    )


def _member_actions(m: Member, editable: bool, reveals: bool) -> tuple[look.Action, ...]:
    found = []
    if reveals and m.phones:
        found.append(button(_("看号码"), reverse("phone_reveal", args=[m.phones[0].contact_id]), "eye"))
    if editable:
        found.append(button(_("更正"), reverse("occupancy_edit", args=[m.occupancy_id]), "pencil"))
        found.append(button(_("迁出"), reverse("move_out", args=[m.occupancy_id]), "logout"))
    return tuple(found)


def _period(m: Member) -> str:
    return _("%(since)s 至 %(until)s") % {"since": m.since or "", "until": m.until or _("今")}


def past_table(row: Unit) -> look.TableList | None:
    """Those who have moved out, and those who are still to move in."""
    held = (
        row.occupancies.exclude(during__contains=clock.today()).select_related("person").order_by("-during")
    )
    rows = tuple(occupancy_row(o, str(o.person), reverse("person", args=[o.person_id])) for o in held[:50])
    return occupancy_table(_("以前和以后的住户"), _("姓名"), rows) if rows else None


def occupancy_row(o: Occupancy, words: str, url: str) -> look.TableRow:
    until = last_day(o) or _("今")
    return look.TableRow(
        url=url,
        cells=(
            look.Cell(words, strong=True),
            look.Cell(str(o.get_role_display())),
            look.Cell(
                _("%(since)s 至 %(until)s") % {"since": o.during.lower or "", "until": until}, nowrap=True
            ),
        ),
    )


def occupancy_table(
    title: str, what: str, rows: tuple[look.TableRow, ...], empty: str = ""
) -> look.TableList:
    columns = tuple(map(look.Column, (what, _("身份"), _("期间"))))
    return look.TableList(title=title, columns=columns, rows=rows, empty=empty)


def vehicles_table(row: Unit, home: Household, editable: bool) -> look.TableList:
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(v.plate, strong=True, nowrap=True),
                look.Cell(v.label),
                look.Cell(str(v.person or "")),
            ),
            actions=(
                button(_("修改"), reverse("vehicle_edit", args=[v.pk]), "pencil"),
                button(_("注销"), reverse("vehicle_remove", args=[v.pk]), "x"),
            )
            if editable
            else (),
        )
        for v in home.vehicles
    )
    return look.TableList(
        title=_("车辆"),
        columns=tuple(map(look.Column, (_("车牌"), _("车型"), _("车主")))),
        rows=rows,
        actions=(button(_("登记车辆"), f"{reverse('vehicle_new')}?unit={row.pk}", "plus"),)
        if editable
        else (),
        empty=_("没有登记车辆。"),
    )


def contacts_table(row: Person, editable: bool, reveals: bool) -> look.TableList:
    """The telephones of a person, with what may be done about each."""
    rows, ends = [], ends_of(row.pk)
    for contact in row.contacts.all():
        doubt = doubtful(contact, ends)
        found = [button(_("看号码"), reverse("phone_reveal", args=[contact.pk]), "eye")] if reveals else []
        if editable and doubt:
            found.append(button(_("确认"), reverse("contact_confirm", args=[contact.pk]), "phone-check"))
        if editable:
            found.append(button(_("修改"), reverse("contact_edit", args=[contact.pk]), "pencil"))
            found.append(button(_("删除"), reverse("contact_remove", args=[contact.pk]), "x"))
        cells = (
            look.Cell(contact.masked, strong=True, nowrap=True, tag=_("首选") if contact.primary else ""),
            look.Cell(contact.label, tag=_("待确认") if doubt else ""),
        )
        rows.append(look.TableRow(cells=cells, actions=tuple(found)))
    columns = tuple(map(look.Column, (_("电话"), _("备注"))))
    return look.TableList(title=_("电话"), columns=columns, rows=tuple(rows), empty=_("没有留电话。"))


def chronicle_table(row: Unit, home: Household, editable: bool) -> look.TableList:
    lines: tuple[Chronicle, ...] = home.chronicle
    return look.TableList(
        title=_("大事记"),
        columns=tuple(map(look.Column, (_("日期"), pgettext("in a chronicle", "事项")))),
        rows=tuple(
            look.TableRow(cells=(look.Cell(str(c.on), nowrap=True, dim=True), look.Cell(c.words)))
            for c in lines
        ),
        actions=(button(_("记一条"), reverse("chronicle_new", args=[row.pk]), "plus"),) if editable else (),
        empty=_("还没有大事记。"),
    )


def lineage_table(found: Neighbours) -> look.TableList | None:
    """Where the unit came from, what it became, and who lives above and below."""

    def row(words: str, other: Neighbour) -> look.TableRow:
        link = look.Cell(other.code, strong=True, url=reverse("unit", args=[other.unit_id]))
        return look.TableRow(cells=(look.Cell(words), link))

    rows = (
        *(row(_("由此而来"), n) for n in found.came_from),
        *(row(_("后来成为"), n) for n in found.became),
        *(row(_("楼上"), n) for n in (found.above,) if n),
        *(row(_("楼下"), n) for n in (found.below,) if n),
    )
    columns = tuple(map(look.Column, (_("关系"), _("房号"))))
    return look.TableList(title=_("相关房屋"), columns=columns, rows=rows) if rows else None


def history(row: models.Model, where: Q) -> tuple[look.TimelineItem, ...]:
    """What the journal says about a record, the newest first."""
    about = Q(subject_kind=row._meta.model_name, subject_id=str(row.pk))
    if isinstance(row, Person):
        about |= Q(subject_kind__in=KINDS, community_id=row.community_id, data__person=row.pk)
    entries = list(Entry.objects.filter(about | (where & Q(subject_kind__in=KINDS))).order_by("-id")[:LINES])
    ids = {e.actor_id for e in entries if e.actor_kind == "staff"}
    names = dict(Staff.objects.filter(pk__in=ids).values_list("pk", "name"))
    residents = who.residents_of(entries)
    return tuple(_told(e, names, residents) for e in entries)


def _told(entry: Entry, names: dict[int, str], residents: dict[int, str]) -> look.TimelineItem:
    local = clock.local(entry.at)
    actor = who.actor_name(entry, names, residents)
    return look.TimelineItem(
        at=f"{local:%H:%M}", day=f"{local:%Y-%m-%d}", iso=entry.at.isoformat(),
        sentence=sentence(entry, actor or who.machine_name(entry), {}),
    )  # fmt: skip
