"""What a change of deadlines would do, said before it is made: which open duties would have another due moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shouwen.duties.rulings import LEAD, asking
from shouwen.duties.sentences import sentence
from shouwen.duties.supposing import Differing, Supposed, asked_by, suppose
from shouwen.duties.words import clause_words, said
from shouwen.estate.models import Community, Unit
from shouwen.front import look
from shouwen.front.doors import viewer
from shouwen.front.settings_parts import table
from shouwen.kernel import clock

SHOWN = 50


def preview(request: HttpRequest, here: Community, values: Mapping[str, str]) -> tuple[look.TableList, ...]:
    """The open duties that would differ had they been born with these values, and the clauses as they would read."""
    found = suppose(here.pk, values, viewer=viewer(request), shown=SHOWN)
    units = dict(
        Unit.objects.filter(pk__in={d.duty.unit_id for d in found.differing}).values_list("pk", "code")
    )
    duties = table(
        _("先看影响"),
        (_("应办"), _("哪里"), _("产生"), _("承诺（不变）"), _("照新值会是")),
        [_row(one, units, here.zone) for one in found.differing],
        empty=_("进行中的应办，没有一件的期限会不同。"),
        lead=_lead(found),
    )
    ask = asking(here.pk, clock.now() + LEAD, supposing=values)
    clauses = {clause.code: clause for key in values for clause in asked_by(key)}
    rules = [
        look.TableRow((look.Cell(said(clause.title), strong=True), look.Cell(sentence(clause, ask))))
        for clause in clauses.values()
    ]
    return duties, table(_("规则照新值"), (_("规则"), _("内容")), rows=rules, empty=_("没有规则用到它。"))


def _lead(found: Supposed) -> str:
    looked = _("进行中用到它的有 %(n)d 件。") % {"n": found.total}
    if found.looked < found.total:
        looked += _("只算了最急的 %(n)d 件。") % {"n": found.looked}
    differ = ngettext("照新值，其中 %(n)d 件会不同。", "照新值，其中 %(n)d 件会不同。", found.count)
    if found.count > len(found.differing):
        differ += _("这里列出最急的 %(n)d 件。") % {"n": len(found.differing)}
    kept = _("正在走的按产生时的承诺，一件也不改；从生效起新产生的照新值。")
    return f"{looked}{differ % {'n': found.count}}{kept}"


def _row(one: Differing, units: Mapping[int, str], zone: str) -> look.TableRow:
    duty = one.duty
    return look.TableRow(
        cells=(
            look.Cell(clause_words(duty.clause), strong=True),
            look.Cell(units.get(duty.unit_id or 0, ""), nowrap=True),
            look.Cell(_moment(duty.born_at, zone), dim=True, nowrap=True),
            look.Cell(_terms(duty.due_at, duty.need, zone), nowrap=True),
            look.Cell(_terms(*one.terms, zone) if one.terms else _("不再产生"), strong=True, nowrap=True),
        )
    )


def _terms(due: datetime | None, need: int, zone: str) -> str:
    moment = _moment(due, zone) if due else _("办结为止")
    return _("%(due)s，%(need)d 件") % {"due": moment, "need": need} if need > 1 else moment


def _moment(moment: datetime, zone: str) -> str:
    return f"{clock.local(moment, zone):%Y-%m-%d %H:%M}"
