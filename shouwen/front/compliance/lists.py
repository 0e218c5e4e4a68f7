"""The rows of the compliance board as lists: the duties behind its figures, its communities, and the sheet on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from shouwen.duties.clauses import book
from shouwen.duties.models import Duty
from shouwen.duties.words import clause_words
from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.compliance.asked import (
    KIND_WORDS,
    WORDS,
    Question,
    change_words,
    chapters,
    clause_of,
    percent_words,
    posts,
)
from shouwen.front.compliance.cell import Proofs
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.doors import may as may_here
from shouwen.front.tables import Export, Facet, as_file, listing
from shouwen.kernel import clock
from shouwen.kernel.text import dotted
from shouwen.people.viewers import StaffActor
from shouwen.reports.compliance import (
    OUTCOMES,
    RIGHT,
    RUNNING,
    Tally,
    by_community,
    fallen_due,
    target,
    total,
)
from shouwen.reports.periods import Period

TONES = {"late": "soon", "breached": "over", "proven": "done", "attested": "running", "excused": "hold"}
MOST_COMMUNITIES = 2000


# --- the duties behind a figure -----------------------------------------------------------------------------------


@require_GET
@staff_door(RIGHT)
def duties(request: HttpRequest) -> HttpResponse:
    """The duties of a period, of one clause or all, with their proof; as a list with export."""
    here, me = community(request), viewer(request)
    asked = Question.of(request, here)
    period = asked.period
    exact = {"period": period.kind, "on": period.first.isoformat()}
    if exact.items() - request.GET.items():  # so that filters, pages and exports carry the whole question
        return redirect(asked.list_url(period))
    return listing(  # type: ignore[return-value]
        request,
        title=clause_words(asked.clause) if asked.clause else _("应办明细"),
        lead=period.words,
        rows=fallen_due(me, [here.pk], period.start, period.end),
        keys=("due_at", "id"),
        columns=(_("应办"), _("哪里"), _("责任"), _("应于"), _("结果"), _("凭据")),
        cells=lambda found: _cells(me, here, found),
        facets=_facets(),
        export=Export(_HEADS, lambda found: _lines(me, here, found)),
        actions=(look.Action("board", _("回到规程执行"), _home(asked), icon="arrow-left"),),
        empty=_("这里没有应办。"),
    )


def _home(asked: Question) -> str:
    return asked.cell_url(asked.clause, asked.period) if asked.clause else asked.url()


def _facets() -> tuple[Facet, ...]:
    """Which duties: the period is chosen already."""

    def keep(rows: QuerySet[Any], _value: Any) -> QuerySet[Any]:
        return rows

    def of(field: str) -> Callable[[QuerySet[Any], str], QuerySet[Any]]:
        def narrow(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
            codes = [c.code for c in book().clauses.values() if getattr(c, field) == value]
            return rows.filter(clause__in=codes)

        return narrow

    results = [(name, WORDS[name]) for name in (*OUTCOMES, RUNNING)]
    clauses = [(code, clause_words(code)) for code in book().clauses]
    return (
        Facet("outcome", lazy("结果"), lambda rows, value: rows.filter(outcome=value), results),
        Facet("clause", lazy("条款"), lambda rows, value: rows.filter(clause=value), clauses),
        Facet("chapter", lazy("章节"), of("chapter"), chapters()),
        Facet("post", pgettext_lazy("one", "岗位"), of("owner"), posts()),
        Facet("period", lazy("时期"), keep, list(KIND_WORDS.items())),
        Facet("on", lazy("哪一天起"), keep, kind="date"),
    )


def _cells(me: StaffActor, here: Community, found: list[Duty]) -> list[look.TableRow]:
    proofs = Proofs.of(me, here, found)
    rows = []
    for duty in found:
        line = proofs.line(duty)
        title, source = clause_of(duty.clause)
        cells = (
            look.Cell(line.title, strong=True, sub=f"{title} {source}" if title != line.title else source),
            look.Cell(line.place, nowrap=True),
            look.Cell(proofs.owner(duty), nowrap=True),
            look.Cell(_moment(duty.due_at, here), nowrap=True, dim=True),
            look.Cell(tag=line.state, tag_tone=TONES.get(line.outcome, "plain")),  # type: ignore[arg-type]
            look.Cell(line.note),
        )
        rows.append(look.TableRow(url=line.url, cells=cells))
    return rows


_HEADS = (
    lazy("条款"), lazy("出处"), lazy("版本"), lazy("事项"), lazy("地点"), lazy("责任"), lazy("产生"), lazy("应于"), lazy("结束"),
    lazy("结果"), lazy("凭据"), lazy("凭据编号"),
)  # fmt: skip


def _lines(me: StaffActor, here: Community, found: list[Duty]) -> Iterator[Sequence[Any]]:
    proofs = Proofs.of(me, here, found)
    for d in found:
        line = proofs.line(d)
        yield (
            *clause_of(d.clause), d.clause_version, line.title, line.place, proofs.owner(d), d.born_at, d.due_at, d.ended_at,
            line.state, line.note, str(d.ended_by or ""),
        )  # fmt: skip


def _moment(at: Any, here: Community) -> str:
    return f"{clock.local(at, here.zone):%Y-%m-%d %H:%M}"


# --- the communities of a branch or the head office ---------------------------------------------------------------


@require_GET
@staff_door(RIGHT)
def communities(request: HttpRequest) -> HttpResponse:
    """The same figures with a row for each community or branch, the worst first; one press goes on to its board."""
    here, me = community(request), viewer(request)
    asked = Question.of(request, here)
    held = Community.objects.visible_to(me).filter(pk__in=me.where(RIGHT))
    branches = dict(held.order_by().values_list("branch_id", "branch__name").distinct())
    branch = request.GET.get("branch", "")
    if branch:
        held = held.filter(branch_id=int(branch) if branch.isdecimal() else 0)
    several = list(held.select_related("branch").order_by("name", "pk")[: MOST_COMMUNITIES + 1])
    mine = several[:MOST_COMMUNITIES]
    found = by_community(me, mine, asked.period.kind, asked.columns)
    nothing = [Tally()] * len(asked.columns)
    rows = sorted(
        ((one, found.get(one.pk, nothing)) for one in mine),
        key=lambda pair: (_badness(pair[1][-1]), pair[0].name),
    )
    rolled = request.GET.get("by") == "branch"
    if kind := request.GET.get("export", ""):
        lines = [_community_line(one, tallies, asked.period) for one, tallies in rows]
        name = _("各项目规程执行 %s") % asked.period.words
        return as_file(request, kind, name, _community_heads(), lines, len(lines))  # type: ignore[return-value]
    columns = (_("项目"), _("分公司"), _("按期率"), *(str(WORDS[name]) for name in OUTCOMES), _("变化"))
    table = look.TableList(
        title=_("各项目规程执行"),
        lead=_lead(asked, total(tallies[-1] for _one, tallies in rows), cut=len(several) > len(mine)),
        columns=tuple(look.Column(c, "right" if n > 1 else "left") for n, c in enumerate(columns)),
        rows=_rolled_up(rows, asked) if rolled else tuple(_community_row(one, t, asked) for one, t in rows),
        filters=(
            look.Filter("on", _("包含这一天"), "date", asked.period.first.isoformat()),
            *(_branch_filters(branches, branch, rolled=rolled) if len(branches) > 1 else ()),
        ),
        exports=_exports(request, asked),
        actions=(look.Action("board", _("回到规程执行"), asked.url(), icon="arrow-left"),),
    )
    context = {"table": table, "keep": (("period", asked.period.kind),)}
    return page(request, "front/list.html", context)


def _lead(asked: Question, everything: Tally, *, cut: bool) -> str:
    words = [asked.period.words, _("合计 %s") % percent_words(everything.rate)]
    if cut:
        words.append(_("项目太多，只算了名称在前的 %d 个，请按分公司看。") % MOST_COMMUNITIES)
    return dotted(*words)


def _branch_filters(branches: dict[int, str], chosen: str, *, rolled: bool) -> tuple[look.Filter, ...]:
    named = sorted(branches.items(), key=lambda pair: pair[1])
    of_branch = (look.Option(str(key), name, str(key) == chosen) for key, name in named)
    by = look.Option("", _("项目"), not rolled), look.Option("branch", _("分公司"), rolled)
    return (
        look.Filter("branch", _("分公司"), options=(look.Option("", _("全部"), not chosen), *of_branch)),
        look.Filter("by", _("按什么看"), options=by),
    )


def _rolled_up(
    rows: Sequence[tuple[Community, Sequence[Tally]]], asked: Question
) -> tuple[look.TableRow, ...]:
    """A row for each branch with the sum of its communities, the worst first; one press leads to these."""
    parts: dict[int, list[tuple[Community, Sequence[Tally]]]] = {}
    for one, tallies in rows:
        parts.setdefault(one.branch_id, []).append((one, tallies))
    found = [
        (
            part[0][0].branch,
            len(part),
            [total(column) for column in zip(*(t for _one, t in part), strict=True)],
        )
        for part in parts.values()
    ]
    found.sort(key=lambda row: (_badness(row[2][-1]), row[0].name))
    return tuple(
        look.TableRow(
            url=asked.url("compliance_communities", branch=str(branch.pk)),
            cells=(
                look.Cell(branch.name, strong=True, nowrap=True),
                look.Cell(_("%d 个项目") % count, dim=True, nowrap=True),
                *_figures(sums, asked),
            ),
        )
        for branch, count, sums in found
    )


def _figures(tallies: Sequence[Tally], asked: Question, line: int | None = None) -> tuple[look.Cell, ...]:
    """Rate, the five figures and the change; the rate is marked where it lies below ``line``."""
    now = tallies[-1]
    words, change = change_words(asked.period.kind, tallies)
    missed = now.rate is not None and line is not None and now.rate < line
    return (
        look.Cell(
            percent_words(now.rate),
            strong=True,
            nowrap=True,
            tag=_("未达标") if missed else "",
            tag_tone="soon",
        ),
        *(look.Cell(f"{now.of(name):,}" if now.of(name) else "", nowrap=True) for name in OUTCOMES),
        look.Cell(
            "" if change is None else f"{words} {'+' if change > 0 else ''}{change}", dim=True, nowrap=True
        ),
    )


def _badness(tally: Tally) -> float:
    """Those with the lowest rate first, those without any duty last."""
    return 101.0 if tally.rate is None else float(tally.rate)


def _exports(request: HttpRequest, asked: Question) -> tuple[look.Link, ...]:
    if not may_here(request, "data.export"):
        return ()
    return (
        look.Link("CSV", asked.url("compliance_communities", export="csv"), "file-export"),
        look.Link("Excel", asked.url("compliance_communities", export="xlsx"), "file-spreadsheet"),
    )


def _community_row(one: Community, tallies: Sequence[Tally], asked: Question) -> look.TableRow:
    url = f"{reverse('switch', args=[one.pk])}?{urlencode({'next': asked.url()})}"
    names = (look.Cell(one.name, strong=True, nowrap=True), look.Cell(one.branch.name, dim=True, nowrap=True))
    return look.TableRow(url=url, cells=(*names, *_figures(tallies, asked, target(one.pk, asked.period))))


def _community_heads() -> list[str]:
    return [
        _("项目"),
        _("分公司"),
        _("时期"),
        *(str(WORDS[name]) for name in OUTCOMES),
        _("未到期"),
        _("按期率"),
    ]


def _community_line(one: Community, tallies: Sequence[Tally], period: Period) -> tuple[Any, ...]:
    now = tallies[-1]
    numbers = (now.of(name) for name in OUTCOMES)
    return (
        one.name,
        one.branch.name,
        period.words,
        *numbers,
        now.running,
        "" if now.rate is None else now.rate,
    )
