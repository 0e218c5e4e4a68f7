"""What leaves the house as CSV or Excel: one line for each row of a list, with all that stands beside it.

Rows come by the thousand; what belongs to them is read for all of them at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from shouwen.cases.models import Case
from shouwen.duties.clauses import book
from shouwen.duties.models import Duty, Task
from shouwen.duties.moments import SLOTS
from shouwen.duties.words import owner_words, said
from shouwen.estate.models import Contact, Occupancy, Person, Unit, Vehicle
from shouwen.front import look
from shouwen.front.clocks import clause_words, first_due
from shouwen.front.tables import MOST_EXPORTED, Export, as_file, file_links
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.text import joined
from shouwen.works.models import Order
from shouwen.works.sheet import number_of

Line = Sequence[Any]
OWNERS = (Occupancy.Role.OWNER, Occupancy.Role.CO_OWNER)


def _yes(value: bool) -> str:
    return _now("是") if value else ""


def _late() -> Q:
    """Duties that were or are late."""
    return Q(state=Duty.State.LATE) | Q(state=Duty.State.OPEN, due_at__lt=clock.now())


# --- cases ------------------------------------------------------------------------------------------------------------


def _case_lines(cases: list[Case]) -> Iterator[Line]:
    keys = [c.pk for c in cases]
    more = {c["pk"]: c for c in Case.objects.filter(pk__in=keys).values("pk", *_MORE)}
    homes = Unit.objects.select_related("building").in_bulk({c.unit_id for c in cases if c.unit_id})
    due, late = first_due(keys), _late_clauses(keys)
    for c in cases:
        own, home = more[c.pk], homes.get(c.unit_id or 0)
        yield (
            c.number, c.get_kind_display(), str(c.category), _yes(c.urgent), c.level, c.get_severity_display(),
            c.get_state_display(), c.get_channel_display(), home.code if home else "", str(home.building) if home else "",
            c.place, c.title, own["asker"], c.first_responder.name, c.handler.name if c.handler else "",
            own["happened_at"], c.opened_at, own["preferred_at"], own["preferred_until"],
            own["answered_at"], own["arrived_at"], c.done_at,
            c.closed_at, _satisfied(c), c.reopened, _yes(c.rework_of_id is not None),
            due[c.pk].due_at if c.pk in due else None, joined(late.get(c.pk, ())),
        )  # fmt: skip


_MORE = ("asker", "happened_at", "preferred_at", "preferred_until", "answered_at", "arrived_at")
"""What the list of cases leaves in the database, and the export tells."""


def _satisfied(c: Case) -> str:
    return "" if c.satisfied is None else _now("满意") if c.satisfied else _now("不满意")


def _late_clauses(matters: Iterable[Any]) -> dict[Any, list[str]]:
    """What was or is late of each matter, in the words of its clauses."""
    found: dict[Any, dict[str, None]] = defaultdict(dict)
    rows = Duty.objects.filter(_late(), matter_id__in=list(matters)).order_by("born_at")
    for matter, code in rows.values_list("matter_id", "clause"):
        found[matter][clause_words(code)] = None
    return {matter: list(words) for matter, words in found.items()}


CASES = Export(
    (
        _("单号"), _("类型"), _("分类"), _("紧急"), _("投诉类别"), _("轻重"), _("状态"), _("来源"), _("房号"), _("楼栋"),
        _("地点"), _("标题"), _("来人"), _("首问责任人"), _("经办人"), _("发生时间"), _("受理时间"), _("约定时间"), _("约到"),
        _("首次答复"), _("到场时间"), _("办结时间"), _("关闭时间"), _("满意"), _("重开次数"), _("返修"), _("最近时限"),
        _("超时项"),
    ),
    _case_lines,
)  # fmt: skip


# --- orders -----------------------------------------------------------------------------------------------------------


def _order_lines(orders: list[Order]) -> Iterator[Line]:
    clocks = _clocks(orders)
    for o in orders:
        arrive, finish = (clocks.get((str(o.pk), step)) for step in ("arrive", "finish"))
        yield (
            number_of(o), o.get_trade_display(), o.get_state_display(), _yes(o.case.urgent), o.case.place, o.case.title,
            o.case.first_responder.name, o.technician.name if o.technician else "", o.opened_at, o.assigned_at,
            o.accepted_at, arrive and arrive.due_at, o.arrived_at, _lateness(arrive), finish and finish.due_at,
            o.finished_at, _lateness(finish), o.minutes, o.materials, o.result, o.confirmed_by, o.unconfirmed_why,
        )  # fmt: skip


def _clocks(orders: list[Order]) -> dict[tuple[str, str], Duty]:
    """By order and step (arrive, finish) the last promise that was not withdrawn: the fact of its birth names the order."""
    steps = Q(clause__startswith="repair.arrive") | Q(clause__startswith="repair.finish")
    rows = Duty.objects.filter(steps, matter_id__in={o.case_id for o in orders}).exclude(
        state=Duty.State.VOID
    )
    duties = list(rows.order_by("born_at"))
    of = dict(Entry.objects.filter(pk__in={d.entry_id for d in duties}).values_list("pk", "subject_id"))
    return {(of.get(d.entry_id, ""), d.clause.split(".")[1]): d for d in duties}


def _lateness(duty: Duty | None) -> str:
    late = duty and (
        duty.state == Duty.State.LATE
        or (duty.state == Duty.State.OPEN and duty.due_at is not None and duty.due_at < clock.now())
    )
    return _yes(bool(late))


ORDERS = Export(
    (
        _("派工单号"), _("工种"), _("状态"), _("紧急"), _("地点"), _("事项"), _("首问责任人"), _("维修人"), _("开单"), _("派工"),
        _("接单"), _("到场时限"), _("到场"), _("到场超时"), _("完工时限"), _("完工"), _("完工超时"), _("用时（分钟）"), _("用料"),
        _("处理结果"), _("住户确认人"), _("未确认原因"),
    ),
    _order_lines,
)  # fmt: skip


# --- units and persons ------------------------------------------------------------------------------------------------


def _unit_lines(units: list[Unit]) -> Iterator[Line]:
    owners, others, cars = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in _current(unit__in=units).select_related("person"):
        if row.role in OWNERS:
            owners[row.unit_id].append(row.person.name)
        else:
            others[row.unit_id].append(f"{row.person.name}（{row.get_role_display()}）")
    for unit, plate in Vehicle.objects.filter(unit__in=units).order_by("plate").values_list("unit", "plate"):
        cars[unit].append(plate)
    for u in units:
        beside = (joined(found[u.pk]) for found in (owners, others, cars))
        yield (
            u.code, str(u.building), u.entrance, u.floor, u.door, u.get_kind_display(), u.get_status_display(),
            u.built_area, u.inner_area, u.handed_over_on, *beside, u.remark,
        )  # fmt: skip


UNITS = Export(
    (
        _("房号"), _("楼栋"), _("单元"), _("楼层"), _("门牌"), _("类型"), _("状态"), _("建筑面积"), _("套内面积"),
        _("收楼日期"), _("业主"), _("其他住户"), _("车牌"), _("提示"),
    ),
    _unit_lines,
)  # fmt: skip


def _person_lines(persons: list[Person], *, whole: bool) -> Iterator[Line]:
    homes: dict[int, list[Occupancy]] = defaultdict(list)
    for row in _current(person__in=persons).select_related("unit"):
        homes[row.person_id].append(row)
    numbers: dict[int, list[str]] = defaultdict(list)
    for contact in Contact.objects.filter(person__in=persons):
        numbers[contact.person_id].append(str(contact.number) if whole else contact.masked)
    for p in persons:
        yield (
            p.name, p.get_kind_display(), joined(o.unit.code for o in homes[p.pk]),
            joined(dict.fromkeys(o.get_role_display() for o in homes[p.pk])), joined(numbers[p.pk]),
            p.get_gender_display(), p.born_on, p.remark,
        )  # fmt: skip


def _current(**where: object) -> Any:
    today = Occupancy.objects.filter(during__contains=clock.today(), **where)
    return today.order_by("unit__sort", "role", "pk")


PERSONS = Export(
    (_("姓名"), _("类别"), _("房屋"), _("身份"), _("电话"), _("性别"), _("出生日期"), _("提示")),
    partial(_person_lines, whole=False),
    whole=partial(_person_lines, whole=True),
    whole_right="person.reveal",
)


# --- pages of several tables ------------------------------------------------------------------------------------------


def links(request: HttpRequest) -> tuple[look.Link, ...]:
    """The files of a page that is no single list."""
    return file_links(request, lambda **asked: "?" + urlencode(asked))


def _duty_lines(duties: list[Duty]) -> Iterator[Line]:
    homes = dict(Unit.objects.filter(pk__in={d.unit_id for d in duties}).values_list("pk", "code"))
    tasks = Task.objects.in_bulk([d.matter_id for d in duties if d.matter_kind == "task"])
    for d in duties:
        clause, task = book().clause(d.clause), tasks.get(d.matter_id)
        yield (
            task.words if task else clause_words(d.clause), said(clause.record) if clause and clause.record else "",
            homes.get(d.unit_id or 0) or str(SLOTS.get(d.slot, "")), joined(clause.source) if clause else "",
            owner_words(d.owner_role), d.due_at, d.get_state_display(), d.done, d.need,
        )  # fmt: skip


def duties(request: HttpRequest, kind: str, rows: QuerySet[Duty]) -> HttpResponse:
    """What somebody owes: all of it, though the page shows only the most pressing."""
    heads = (
        _("应办"), _("记录"), _("哪里"), _("依据"), _("由谁"), _("期限"), _("状态"), _("已完成"), _("要完成"),
    )  # fmt: skip
    found = list(rows.order_by("due_at", "id")[:MOST_EXPORTED])
    lines = [["" if v is None else v for v in line] for line in _duty_lines(found)]
    return as_file(request, kind, _now("我的应办"), [str(h) for h in heads], lines, len(found))  # type: ignore[return-value]
