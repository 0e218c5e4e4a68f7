"""What I owe: every duty that is mine by name or post, why it is owed, and one press to sign for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.duties import actions, occasion_actions, proof_actions, rulings, why
from shouwen.duties.clauses import book
from shouwen.duties.models import Duty, Occasion, Task
from shouwen.duties.moments import SLOTS
from shouwen.duties.sentences import sentence
from shouwen.duties.words import clause_words, owner_words, said
from shouwen.estate.models import Community, Unit
from shouwen.front import exports, look
from shouwen.front.clocks import chip
from shouwen.front.doors import community, may, page, staff_door, viewer
from shouwen.front.forming import Typed, form_view
from shouwen.front.settings_parts import colleagues
from shouwen.kernel import clock, files
from shouwen.kernel.doors import Words
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import joined

KINDS = frozenset({files.IMAGE, files.PDF, files.OFFICE})
MOST = 100
GROUPS = {"": lazy("按时间"), "clause": lazy("按规则"), "unit": lazy("按房号")}


# --- the list -----------------------------------------------------------------------------------------------------


@require_GET
@staff_door()
def duty_list(request: HttpRequest) -> HttpResponse:
    """Late, today, this week, later; or by clause or home: mine by name or through a post. On paper with ``print``."""
    here, me = community(request), viewer(request)
    found = Duty.objects.visible_to(me).filter(community_id=here.pk).open()
    mine = found.owed_by(me, me.posts.get(here.pk, frozenset()))
    if kind := request.GET.get("export", ""):
        return exports.duties(request, kind, mine)
    rows = list(mine.order_by("due_at", "id")[: MOST + 1])
    by = by if (by := request.GET.get("by", "")) in GROUPS else ""
    paper = bool(request.GET.get("print"))
    tables = _groups(rows[:MOST], by, paper=paper)
    context: dict[str, Any] = {
        "title": _("我的应办"),
        "lead": _("只显示最急的 %(n)d 件。") % {"n": MOST} if len(rows) > MOST else "",
    }
    if paper:
        return page(request, "front/print.html", context | _paper(request, here, tables))
    context |= {
        "kinds": tuple(
            look.Link(str(words), f"?by={code}", current=code == by) for code, words in GROUPS.items()
        ),
        "actions": (*_heads(request, here), _print(by)),
        "exports": exports.links(request),
        "tables": (*tables, *_occasions(request, here)),
    }
    return page(request, "front/detail.html", context)


def _print(by: str) -> look.Action:
    return look.Action(
        "print", _("打印"), f"{reverse('duty_list')}?{urlencode({'by': by, 'print': 1})}", icon="printer"
    )


def _paper(request: HttpRequest, here: Community, tables: tuple[look.TableList, ...]) -> dict[str, object]:
    """The same lists on A4, without buttons, the moments in figures."""
    words = {"name": viewer(request).name, "at": f"{clock.local(clock.now(), here.zone):%Y-%m-%d %H:%M}"}
    return {
        "company": here.name,
        "number": "",
        "tables": tuple(t for t in tables if t.rows),
        "printed": _("%(name)s 打印于 %(at)s") % words,
        "back": look.Link(_("我的应办"), reverse("duty_list")),
    }


def _heads(request: HttpRequest, here: Community) -> list[look.Action]:
    found = []
    if may(request, proof_actions.GIVE):
        found.append(
            look.Action(
                "task", pgettext("press", "交办任务"), reverse("task_give"), icon="clipboard", primary=True
            )
        )
    if may(request, occasion_actions.NOTE):
        found.append(
            look.Action("occasion", pgettext("press", "登记事由"), reverse("occasion_note"), icon="note")
        )
    if may(request, actions.RIGHT) and not rulings.runs(here.pk):
        found.append(look.Action("begin", _("开始执行规程"), reverse("duty_begin"), icon="player-play"))
    return found


def _groups(rows: list[Duty], by: str, *, paper: bool) -> tuple[look.TableList, ...]:
    units = dict(Unit.objects.filter(pk__in={d.unit_id for d in rows}).values_list("pk", "code"))
    tasks = Task.objects.in_bulk([d.matter_id for d in rows if d.matter_kind == "task"])
    parts = _by_time(rows) if not by else _by_words(rows, by, units)
    return tuple(_table(title, part, units, tasks, paper=paper) for title, part in parts)


def _by_words(rows: list[Duty], by: str, units: dict[int, str]) -> list[tuple[str, list[Duty]]]:
    """By the title of the clause or the code of the home, in the order of the most urgent of each."""
    parts: dict[str, list[Duty]] = {}
    for duty in rows:
        key = clause_words(duty.clause) if by == "clause" else units.get(duty.unit_id or 0) or _("不在一户")
        parts.setdefault(key, []).append(duty)
    return list(parts.items()) or [(_("今天"), [])]


def _by_time(rows: list[Duty]) -> list[tuple[str, list[Duty]]]:
    now, zone = clock.now(), rulings.zone_of(rows[0].community_id) if rows else clock.ZONE
    today = clock.end_of_day(clock.today(zone), zone)
    bounds = (
        (_("已超时"), now),
        (_("今天"), today),
        (_("七天内"), today + timedelta(days=7)),
        (_("以后"), None),
    )
    parts, left = [], rows
    for title, until in bounds:
        part = [d for d in left if until is None or (d.due_at is not None and d.due_at <= until)]
        left = [d for d in left if d not in part]
        if part or title == bounds[1][0]:
            parts.append((title, part))
    return parts


def _table(
    title: str, rows: list[Duty], units: dict[int, str], tasks: dict[UUID, Task], *, paper: bool
) -> look.TableList:
    columns = (_("应办"), _("期限"), _("哪里"), _("依据"), _("由谁"))
    return look.TableList(
        title=title,
        columns=tuple(map(look.Column, columns)),
        rows=tuple(_row(duty, units, tasks, paper=paper) for duty in rows),
        empty=_("今天的都办完了。"),
    )


def _row(duty: Duty, units: dict[int, str], tasks: dict[UUID, Task], *, paper: bool) -> look.TableRow:
    clause = book().clause(duty.clause)
    task = tasks.get(duty.matter_id)
    title = task.words if task else clause_words(duty.clause)
    progress = f"{duty.done} / {duty.need}" if duty.need > 1 else ""
    return look.TableRow(
        cells=(
            look.Cell(
                title, strong=True, sub=said(clause.record) if clause and clause.record else "", tag=progress
            ),
            look.Cell(_due(duty)) if paper else look.Cell(clock=chip(duty)),
            look.Cell(units.get(duty.unit_id or 0) or str(SLOTS.get(duty.slot, "")), nowrap=True),
            look.Cell(joined(clause.source[:2]) if clause else "", dim=True, nowrap=True),
            look.Cell(owner_words(duty.owner_role), dim=True),
        ),
        url=_home(duty),
        actions=(look.Action(f"open-{duty.pk}", _("办理"), _home(duty), icon="check"),),
    )


def _due(duty: Duty) -> str:
    """The moment in figures, for paper."""
    zone = rulings.zone_of(duty.community_id)
    return clock.said(duty.due_at, zone) if duty.due_at else _("办结为止")


def _home(duty: Duty) -> str:
    """Where the work goes on: a case's own page, else the page of the duty."""
    if duty.matter_kind == "case":
        return reverse("case", args=[duty.matter_id])
    return reverse("duty", args=[duty.pk])


def _occasions(request: HttpRequest, here: Community) -> tuple[look.TableList, ...]:
    """What was noted by hand and waits for its end."""
    closing = [kind for kind, spec in book().occasions.items() if spec.closes]
    rows = Occasion.objects.visible_to(viewer(request)).filter(
        community=here, kind__in=closing, closed_at=None
    )
    lines = [
        look.TableRow(
            cells=(
                look.Cell(said(book().occasions[row.kind].title), strong=True, sub=row.note),
                look.Cell(row.unit.code if row.unit else "", nowrap=True),
                look.Cell(clock.said(row.noted_at, here.zone), dim=True, nowrap=True),
            ),
            actions=(
                look.Action(
                    f"close-{row.pk}", said(book().occasions[row.kind].closes),
                    reverse("occasion_close", args=[row.pk]), icon="check",
                ),
            ),
        )
        for row in rows.select_related("unit").order_by("noted_at")[:MOST]
    ]  # fmt: skip
    columns = tuple(map(look.Column, (_("事由"), _("房号"), _("登记时间"))))
    return (look.TableList(title=_("还没了结的事由"), columns=columns, rows=tuple(lines)),) if lines else ()


# --- one duty -----------------------------------------------------------------------------------------------------


@require_GET
@staff_door()
def duty(request: HttpRequest, key: UUID) -> HttpResponse:
    """One duty: the rule as a sentence, why it is due then, and what may be done with it."""
    row = _fetch(request, key)
    reasons = why.explain(row)
    context = {
        "title": reasons.title,
        "back": look.Link(_("我的应办"), reverse("duty_list")),
        "tags": (str(row.get_state_display()), *((_("来不及按期"),) if row.short else ())),
        "facts": (
            *((name, look.Cell(words)) for name, words in reasons.lines),
            (_("依据"), look.Cell(reasons.source)),
            (_("由谁"), look.Cell(owner_words(row.owner_role))),
        ),
        "actions": tuple(_moves(request, row)),
    }
    return page(request, "front/detail.html", context)


def _moves(request: HttpRequest, row: Duty) -> list[look.Action]:
    me = viewer(request)
    if row.ended_at is not None:
        return []
    found = []
    if proof_actions.owes(row, me) or me.may(proof_actions.GIVE, row.community_id):
        found.append(
            look.Action("sign", _("签认"), reverse("duty_sign", args=[row.pk]), icon="check", primary=True)
        )
    if me.may(proof_actions.GIVE, row.community_id):
        found.append(look.Action("hand", _("转交"), reverse("duty_hand", args=[row.pk]), icon="arrow-right"))
    if me.may(proof_actions.EXCUSE, row.community_id):
        found.append(
            look.Action("excuse", _("免责"), reverse("duty_excuse", args=[row.pk]), icon="shield-check")
        )
    return found


def _fetch(request: HttpRequest, key: UUID) -> Duty:
    row = Duty.objects.visible_to(viewer(request)).filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")
    return row


class SignForm(forms.Form):
    """Words and a photo or file; a quota also asks for the unit and the amount, a step for its result."""

    words = Words(label=lazy("办了什么"), max_length=500)
    file = forms.FileField(label=lazy("照片或文件"), required=False)

    def __init__(self, *args: Any, row: Duty, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clause = book().clause(row.clause)
        quota = clause.quota if clause else None
        if quota and quota.distinct:
            self.fields["unit"] = forms.CharField(label=_("房号"), max_length=60)
        if quota and quota.sum:
            self.fields["amount"] = forms.IntegerField(label=_("分钟"), min_value=1, max_value=10_000)
        if clause and clause.step and clause.step.after:
            choices = [("passed", _("通过")), ("returned", _("退回"))]
            self.fields["result"] = forms.ChoiceField(label=_("结果"), choices=choices)


@require_http_methods(["GET", "POST"])
@staff_door()
def duty_sign(request: HttpRequest, key: UUID) -> HttpResponse:
    """Sign for a duty: attest, count one, or sign a step."""
    row = _fetch(request, key)

    def draw(data: Any, uploads: Any) -> SignForm:
        return SignForm(data, uploads, row=row)

    def pressed(typed: Typed) -> tuple[str, str]:
        _sign(request, row, typed)
        return reverse("duty_list"), _("%(what)s已签认") % {"what": clause_words(row.clause)}

    clause, ask = book().clause(row.clause), rulings.asking(row.community_id, row.born_at)
    lead = sentence(clause, ask, rulings.read_span(row.span), brief=True) if clause else ""
    return form_view(
        request, draw, pressed, title=_("签认：%s") % clause_words(row.clause), submit=_("签认"),
        home=reverse("duty_list"), icon="check", lead=lead,
    )  # fmt: skip


def _sign(request: HttpRequest, row: Duty, typed: Typed) -> None:
    clause, me = book().clause(row.clause), viewer(request)
    file = files.prepare(typed["file"], KINDS) if typed.get("file") else None
    given: dict[str, Any] = {"actor": me, "words": typed["words"], "file": file}
    if clause and clause.step:
        proof_actions.sign(row.pk, result=typed.get("result") or "passed", **given)
    elif clause and clause.quota:
        unit = unit_of(row.community_id, typed.get("unit") or "")
        proof_actions.log(row.pk, unit_id=unit, amount=typed.get("amount") or 1, **given)
    elif row.matter_kind == "task":
        occasion_actions.finish(row.matter_id, actor=me)
    else:
        proof_actions.attest(row.pk, **given)


def unit_of(community_id: int, code: str) -> int | None:
    """The unit of a typed code; refused where there is none."""
    if not code.strip():
        return None
    found = Unit.objects.filter(community_id=community_id, code=code.strip(), retired_on=None).first()
    if found is None:
        raise Refused("duty.unit")
    return found.pk


@require_http_methods(["GET", "POST"])
@staff_door(proof_actions.EXCUSE)
def duty_excuse(request: HttpRequest, key: UUID) -> HttpResponse:
    """Excuse a duty, with the reason."""
    row = _fetch(request, key)

    def draw(data: Any, _files: Any) -> forms.Form:
        return _WordsForm(data)

    def pressed(typed: Typed) -> tuple[str, str]:
        proof_actions.excuse(row.pk, actor=viewer(request), words=typed["words"])
        return reverse("duty_list"), _("%(what)s已准予免责") % {"what": clause_words(row.clause)}

    return form_view(
        request, draw, pressed, title=_("免责：%s") % clause_words(row.clause), submit=_("准予免责"),
        home=reverse("duty_list"), icon="shield-check",
    )  # fmt: skip


class _WordsForm(forms.Form):
    words = Words(label=lazy("理由"), max_length=500)


@require_http_methods(["GET", "POST"])
@staff_door(proof_actions.GIVE)
def duty_hand(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hand a duty to a colleague."""
    row = _fetch(request, key)

    def draw(data: Any, _files: Any) -> forms.Form:
        form = forms.Form(data)
        form.fields["to"] = forms.TypedChoiceField(
            label=_("交给"), choices=[("", "—"), *colleagues(row.community_id)], coerce=int
        )
        return form

    def pressed(typed: Typed) -> tuple[str, str]:
        proof_actions.delegate(row.pk, actor=viewer(request), to=typed["to"])
        return reverse("duty_list"), _("%(what)s已转交") % {"what": clause_words(row.clause)}

    return form_view(
        request, draw, pressed, title=_("转交：%s") % clause_words(row.clause), submit=_("转交"),
        home=reverse("duty_list"), icon="arrow-right",
    )  # fmt: skip
