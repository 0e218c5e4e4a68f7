"""抽查: past audits, a new draw, what was found of each sampled duty, and the corrections that came of it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.duties import audit_actions
from shouwen.duties.audit_actions import AUDIT, LONGEST, MOST
from shouwen.duties.clauses import book
from shouwen.duties.models import Audit, Duty, Finding
from shouwen.duties.words import clause_words
from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.clocks import chip
from shouwen.front.compliance.asked import WORDS, clause_of
from shouwen.front.compliance.cell import Proofs
from shouwen.front.doors import back, community, may, page, staff_door, viewer
from shouwen.front.forming import Typed, form_view
from shouwen.front.settings_parts import colleagues
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel import clock
from shouwen.kernel.doors import Day, Moment, Words
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.scope import by_key
from shouwen.kernel.text import dotted
from shouwen.reports.compliance import RIGHT, outcome

SIZE = 10
VERDICTS = (("passed", lazy("合格")), ("failed", lazy("不合格")))


# --- past audits --------------------------------------------------------------------------------------------------


@require_GET
@staff_door(RIGHT)
def audit_list(request: HttpRequest) -> HttpResponse:
    """Past audits, the newest first."""
    here = community(request)
    rows = Audit.objects.visible_to(viewer(request)).filter(community=here).select_related("drawn_by")
    counted = rows.annotate(
        found=Count("findings"), failed=Count("findings", filter=Q(findings__passed=False))
    )
    draw = look.Action("draw", _("抽查"), reverse("audit_new"), icon="dice", primary=True)
    heads = (_("抽查时间"), _("条款"), _("应办日期"), _("抽样"), _("已评定"), _("不合格"), _("抽查人"))
    return listing(  # type: ignore[return-value]
        request,
        title=_("抽查"),
        rows=counted,
        keys=("-drawn_at", "-id"),
        columns=heads,
        cells=lambda found: [_row(audit, here) for audit in found],
        facets=(
            Facet("failed", lazy("只看有不合格"), lambda found, _v: found.filter(failed__gt=0), kind="check"),
        ),
        export=Export((*heads, _("种子")), each(lambda audit: (*_values(audit, here), audit.seed))),
        actions=(draw,) if may(request, AUDIT) else (),
        empty=_("还没有抽查过。"),
    )


def _values(audit: Any, here: Community) -> tuple[str, ...]:
    return (
        f"{clock.local(audit.drawn_at, here.zone):%Y-%m-%d %H:%M}",
        clause_words(audit.clause) if audit.clause else _("全部条款"),
        f"{audit.first} – {audit.last}",
        f"{len(audit.ids)} / {audit.pool}",
        f"{audit.found} / {len(audit.ids)}",
        str(audit.failed),
        audit.drawn_by.name,
    )


def _row(audit: Any, here: Community) -> look.TableRow:
    cells = tuple(
        look.Cell(words, nowrap=n != 1, strong=n == 0) for n, words in enumerate(_values(audit, here))
    )
    return look.TableRow(url=reverse("audit", args=[audit.pk]), cells=cells)


# --- a new draw ---------------------------------------------------------------------------------------------------


class DrawForm(forms.Form):
    clause = forms.ChoiceField(label=lazy("条款"), required=False)
    first = Day(label=lazy("从"))
    last = Day(label=lazy("到"))
    size = forms.IntegerField(label=lazy("抽多少件"), min_value=1, max_value=MOST, initial=SIZE)
    seed = forms.CharField(label=lazy("种子"), max_length=20, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clauses = [(code, f"{clause_words(code)} {clause_of(code)[1]}") for code in book().clauses]
        self.fields["clause"].choices = [("", _("全部条款")), *clauses]  # type: ignore[attr-defined]
        self.fields["seed"].help_text = _("不填就用当前时刻。同一种子、同样的应办，谁来抽都是同一批。")
        self.fields["last"].help_text = _("应办的期限落在这些日子里，最多 %d 天。") % LONGEST


@require_http_methods(["GET", "POST"])
@staff_door(AUDIT)
def audit_new(request: HttpRequest) -> HttpResponse:
    """Draw a sample; the address may name clause and days already."""
    here, asked = community(request), request.GET
    today = clock.today(here.zone)
    initial = {
        "clause": asked.get("clause", ""),
        "first": _day(asked.get("first", "")) or today.replace(day=1),
        "last": _day(asked.get("last", "")) or today,
    }

    def pressed(typed: Typed) -> tuple[str, str]:
        row = audit_actions.draw(here.pk, actor=viewer(request), **typed)
        return reverse("audit", args=[row.pk]), _("已从 %(pool)d 件里抽出 %(n)d 件") % {
            "pool": row.pool,
            "n": len(row.ids),
        }

    return form_view(
        request, lambda data, _files: DrawForm(data, initial=initial), pressed, title=_("抽查"), submit=_("抽取"),
        home=back(request, reverse("audit_list")), icon="dice",
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# --- one audit ----------------------------------------------------------------------------------------------------


@require_GET
@staff_door(RIGHT)
def audit(request: HttpRequest, key: UUID) -> HttpResponse:
    """The sample in its order, what was found of each, and the corrections."""
    here, row = community(request), _fetch(request, key)
    found = {f.duty_id: f for f in row.findings.select_related("by", "task__owner")}
    context = {
        "title": _("抽查 %s") % (clause_words(row.clause) if row.clause else _("全部条款")),
        "back": look.Link(_("抽查"), reverse("audit_list")),
        "facts": _facts(here, row, found),
        "tables": (_sampled(request, here, row, found), *_corrections(found)),
    }
    return page(request, "front/detail.html", context)


def _facts(here: Community, row: Audit, found: dict[UUID, Finding]) -> tuple[tuple[str, look.Cell], ...]:
    """What was asked, how it was drawn, whether it is drawn alike now, and how far the findings are."""
    again = list(audit_actions.drawn_again(row)) == list(row.ids)
    same = _("按种子重抽，结果一致") if again else _("按种子重抽，结果不一致，请核对")
    sampled = {"pool": row.pool, "n": len(row.ids), "seed": row.seed}
    judged = {"found": len(found), "failed": sum(not f.passed for f in found.values())}
    drawn = f"{row.drawn_by.name} {clock.local(row.drawn_at, here.zone):%Y-%m-%d %H:%M}"
    lines = (
        (_("条款"), " ".join(clause_of(row.clause)) if row.clause else _("全部条款")),
        (_("应办日期"), f"{row.first} – {row.last}"),
        (_("抽样"), _("从 %(pool)d 件里抽 %(n)d 件，种子 %(seed)s") % sampled),
        (_("重抽"), same),
        (_("抽查人"), drawn),
        (_("评定"), _("已评定 %(found)d 件，不合格 %(failed)d 件") % judged),
    )
    return tuple((name, look.Cell(words)) for name, words in lines)


def _fetch(request: HttpRequest, key: UUID) -> Audit:
    rows = Audit.objects.visible_to(viewer(request)).filter(community_id__in=viewer(request).where(RIGHT))
    row = rows.select_related("drawn_by").filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")
    return row


def _duties(request: HttpRequest, row: Audit) -> QuerySet[Any]:
    return Duty.objects.visible_to(viewer(request)).filter(pk__in=row.ids).annotate(outcome=outcome())


def _sampled(request: HttpRequest, here: Community, row: Audit, found: dict[UUID, Finding]) -> look.TableList:
    duties = by_key(_duties(request, row))
    proofs = Proofs.of(viewer(request), here, duties.values())
    columns = (_("应办"), _("哪里"), _("责任"), _("结果"), _("凭据"), _("评定"))
    return look.TableList(
        title=_("抽出的应办"),
        columns=tuple(map(look.Column, columns)),
        rows=tuple(
            _sampled_row(request, row, proofs, duties[key], found.get(key))
            for key in row.ids
            if key in duties
        ),
    )


def _sampled_row(
    request: HttpRequest, row: Audit, proofs: Proofs, duty: Duty, finding: Finding | None
) -> look.TableRow:
    line = proofs.line(duty)
    url = reverse("audit_finding", args=[row.pk, duty.pk])
    judge = look.Action(f"judge-{duty.pk}", _("评定"), url, icon="clipboard-check")
    verdict = look.Cell()
    if finding:
        tone: Any = "done" if finding.passed else "over"
        verdict = look.Cell(finding.words, tag=_verdict(finding), tag_tone=tone, sub=finding.by.name)
    return look.TableRow(
        url=line.url,
        cells=(
            look.Cell(line.title, strong=True, sub=clause_words(duty.clause)),
            look.Cell(line.place, nowrap=True),
            look.Cell(proofs.owner(duty), nowrap=True),
            look.Cell(line.state, nowrap=True),
            look.Cell(line.note),
            verdict,
        ),
        actions=(judge,) if finding is None and may(request, AUDIT) else (),
    )


def _verdict(finding: Finding) -> str:
    return _("合格") if finding.passed else _("不合格")


def _corrections(found: dict[UUID, Finding]) -> tuple[look.TableList, ...]:
    """The tasks that were given, each with the clock of its duty."""
    tasks = {f.task.pk: f.task for f in found.values() if f.task}
    if not tasks:
        return ()
    duties = {d.matter_id: d for d in Duty.objects.filter(matter_id__in=tasks, matter_kind="task")}
    columns = tuple(map(look.Column, (_("整改"), _("由谁"), _("期限"))))
    rows = tuple(
        look.TableRow(
            url=reverse("duty", args=[duties[key].pk]) if key in duties else "",
            cells=(
                look.Cell(task.words, strong=True),
                look.Cell(task.owner.name, nowrap=True),
                look.Cell(clock=chip(duties[key])) if key in duties else look.Cell(),
            ),
        )
        for key, task in tasks.items()
    )
    return (look.TableList(title=_("整改"), columns=columns, rows=rows),)


# --- a finding ----------------------------------------------------------------------------------------------------


class FindingForm(forms.Form):
    """The verdict; not passed wants words, and may give the correction to a colleague."""

    verdict = forms.ChoiceField(label=lazy("评定"), choices=VERDICTS, widget=forms.RadioSelect)
    words = Words(label=lazy("说明"), max_length=500, required=False)
    due = Moment(label=lazy("整改期限"), required=False)

    def __init__(self, *args: Any, here: Community, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].help_text = _("不合格必填；要整改时，就是交给他的任务。")
        self.fields["owner"] = forms.TypedChoiceField(
            label=_("整改交给"), choices=[("", _("不布置整改")), *colleagues(here.pk)], coerce=int, required=False, empty_value=None,
        )  # fmt: skip
        self.order_fields(["verdict", "words", "owner", "due"])


@require_http_methods(["GET", "POST"])
@staff_door(AUDIT)
def audit_finding(request: HttpRequest, key: UUID, duty: UUID) -> HttpResponse:
    """Say what was found of one sampled duty."""
    here, row = community(request), _fetch(request, key)
    found = _duties(request, row).filter(pk=duty).first()
    if found is None:
        raise NotFound("not_found")
    line = Proofs.of(viewer(request), here, [found]).line(found)
    home = reverse("audit", args=[row.pk])

    def pressed(typed: Typed) -> tuple[str, str]:
        audit_actions.find(
            row.pk, duty, actor=viewer(request), passed=typed["verdict"] == "passed", words=typed["words"],
            owner_id=typed["owner"], due=typed["due"],
        )  # fmt: skip
        return home, _("已评定")

    lead = dotted(line.place, line.title, line.words, WORDS[found.outcome], line.note)
    return form_view(
        request, lambda data, _files: FindingForm(data, here=here), pressed,
        title=_("评定：%s") % clause_words(found.clause), submit=_("评定"), home=home, lead=lead, icon="clipboard-check",
    )  # fmt: skip
