"""The compliance board (规程执行): clause by clause and period by period, whether the manual was carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from shouwen.duties import actions, rulings
from shouwen.duties.clauses import book
from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.compliance.asked import (
    KIND_WORDS,
    NOTES,
    WORDS,
    Question,
    change_words,
    chapters,
    clause_of,
    column_words,
    kept_words,
    percent_words,
    posts,
    rhythm,
    tally_words,
    target_words,
)
from shouwen.front.compliance.cell import pane
from shouwen.front.doors import community, may, page, staff_door, viewer
from shouwen.front.tables import as_file
from shouwen.kernel import clock
from shouwen.reports.compliance import OUTCOMES, RIGHT, WRONG, Tally, by_clause, target, total
from shouwen.reports.figures import shown
from shouwen.reports.periods import KINDS

OLD = 8
"""How many columns a narrow screen leaves out."""
Tallies = Mapping[str, Sequence[Tally]]


@require_GET
@staff_door(RIGHT)
def compliance(request: HttpRequest) -> HttpResponse:
    """The board of one community; with ``clause`` and ``at`` what is behind one cell beside it."""
    here, asked = community(request), Question.of(request, community(request))
    found = by_clause(viewer(request), here, asked.columns)
    held = {code: tallies for code, tallies in found.items() if asked.holds(book().clause(code))}
    if kind := request.GET.get("export", ""):
        lines = list(_lines(held, asked))
        return as_file(request, kind, _("规程执行 %s") % asked.period.words, _heads(), lines, len(lines))  # type: ignore[return-value]
    columns = [total(t[n] for t in held.values()) for n in range(len(asked.columns))]
    line = target(here.pk, asked.period)
    shown_rows = {code: t[1:] for code, t in held.items() if _shown(t[1:], asked)}
    context: dict[str, Any] = {
        "title": _("规程执行"),
        "asked": asked.period.words,
        "kinds": _kinds(asked),
        "steps": _steps(asked),
        "filters": _filters(asked),
        "keep": _keep(asked),
        "wrong": look.Link(_("只看异常"), asked.url(wrong="" if asked.wrong else "1"), "filter", asked.wrong),
        "links": tuple(_links(request, asked)),
        "exports": _exports(request, asked),
        "figures": _figures(columns[-1], asked),
        "standing": _standing(asked, columns, line),
        "trend": look.Trend(tuple(None if c.rate is None else float(c.rate) for c in columns[1:]), line),
        "heads": _column_heads(asked, columns[1:]),
        "groups": tuple(_groups(shown_rows, asked, here)),
        "count": f"{len(shown_rows)} / {len(book().clauses)}",
        "begin": _begin(request, here),
        "pane": pane(request, here, asked, found) if asked.cell else None,
    }
    return page(request, "front/compliance.html", context)


def _shown(tallies: Sequence[Tally], asked: Question) -> bool:
    """Whether a row has anything to show, or went wrong where only that is asked for."""
    if asked.wrong:
        return any(t.of(name) for t in tallies for name in WRONG)
    return any(t.worst for t in tallies)


def _begin(request: HttpRequest, here: Community) -> look.Link | None:
    """What an empty board needs first."""
    if may(request, actions.RIGHT) and not rulings.runs(here.pk):
        return look.Link(_("开始执行规程"), reverse("duty_begin"), "player-play")
    return None


# --- the head -----------------------------------------------------------------------------------------------------


def _kinds(asked: Question) -> tuple[look.Link, ...]:
    """By month, week or day, ending with the period that holds the last day of this one."""
    today = clock.today(asked.period.zone)
    return tuple(
        look.Link(
            str(KIND_WORDS[kind]),
            asked.url(period=kind, on=min(today, asked.period.last).isoformat()),
            current=kind == asked.period.kind,
        )
        for kind in reversed(KINDS)
    )


def _steps(asked: Question) -> tuple[look.Link, ...]:
    """A period back, and forth unless this one is running."""
    back, forth = asked.period.move(-1), asked.period.move(1)
    links = [look.Link(_("上一期"), asked.url(on=back.first.isoformat()), "chevron-left")]
    if forth.first <= clock.today(asked.period.zone):
        links.append(look.Link(_("下一期"), asked.url(on=forth.first.isoformat()), "chevron-right"))
    return tuple(links)


def _filters(asked: Question) -> tuple[look.Filter, ...]:
    """The filters by chapter and post."""

    def options(pairs: Iterable[tuple[str, str]], chosen: str, every: str) -> tuple[look.Option, ...]:
        return (
            look.Option("", every, not chosen),
            *(look.Option(code, words, code == chosen) for code, words in pairs),
        )

    return (
        look.Filter("chapter", _("章节"), options=options(chapters(), asked.chapter, _("全部章节"))),
        look.Filter("post", pgettext("one", "岗位"), options=options(posts(), asked.post, _("全部岗位"))),
    )


def _keep(asked: Question) -> tuple[tuple[str, str], ...]:
    """What the filter form sends along."""
    pairs = (("period", asked.period.kind), ("on", asked.period.first.isoformat()))
    return (*pairs, *((("wrong", "1"),) if asked.wrong else ()))


def _links(request: HttpRequest, asked: Question) -> Iterable[look.Link]:
    if len(viewer(request).where(RIGHT)) > 1:
        yield look.Link(_("各项目"), asked.url("compliance_communities"), "buildings")
    yield look.Link(_("抽查"), reverse("audit_list"), "dice")
    yield look.Link(_("打印考核表"), asked.url("compliance_sheet"), "printer")


def _exports(request: HttpRequest, asked: Question) -> tuple[look.Link, ...]:
    if not may(request, "data.export"):
        return ()
    return (
        look.Link("CSV", asked.url(export="csv"), "file-export"),
        look.Link("Excel", asked.url(export="xlsx"), "file-spreadsheet"),
    )


def _figures(tally: Tally, asked: Question) -> tuple[look.Outcome, ...]:
    """The five figures, each with its share and the way to its duties."""
    return tuple(
        look.Outcome(
            name,
            str(WORDS[name]),
            f"{tally.of(name):,}",
            percent_words(tally.share(name)),
            str(NOTES[name]),
            asked.list_url(asked.period, outcome=name, clause="") if tally.of(name) else "",
        )
        for name in OUTCOMES
    )


def _standing(asked: Question, columns: Sequence[Tally], line: int | None) -> look.Standing:
    words, change = change_words(asked.period.kind, columns)
    said = f"{words} {shown(abs(change))}" if change is not None else ""
    up, down = bool(change and change > 0), bool(change and change < 0)
    return look.Standing(percent_words(columns[-1].rate), target_words(line), said, up, down)


# --- the grid -----------------------------------------------------------------------------------------------------


def _column_heads(asked: Question, columns: Sequence[Tally]) -> tuple[look.BoardHead, ...]:
    last = len(columns) - 1
    return tuple(
        look.BoardHead(
            column_words(period, n == 0),
            period.words,
            shown(tally.rate) if tally.rate is not None else "",
            asked.url(on=period.first.isoformat()) if n < last else "",
            n == last,
            n < OLD,
        )
        for n, (period, tally) in enumerate(zip(asked.columns[1:], columns, strict=True))
    )


def _groups(rows: Tallies, asked: Question, here: Community) -> Iterable[look.ClauseGroup]:
    """The clauses in the order of the manuals; what was taken out of them comes last."""
    ask = rulings.asking(here.pk, clock.now())
    order = {code: n for n, code in enumerate(book().clauses)}
    codes = sorted(rows, key=lambda code: (order.get(code, len(order)), code))
    titles = dict(chapters())
    grouped: dict[str, list[look.ClauseRow]] = {}
    for code in codes:
        clause = book().clause(code)
        title, source = clause_of(code)
        cells = tuple(_cell(code, title, n, tally, asked) for n, tally in enumerate(rows[code]))
        row = look.ClauseRow(title, source, rhythm(clause, ask), cells, code == asked.clause)
        grouped.setdefault(clause.chapter if clause else "", []).append(row)
    for chapter, lines in grouped.items():
        yield look.ClauseGroup(titles.get(chapter, _("已从规程中取消")), tuple(lines))


def _cell(code: str, title: str, place: int, tally: Tally, asked: Question) -> look.DutyCell | None:
    if not tally.worst:
        return None
    period = asked.columns[place + 1]
    key = f"{code}-{period.first:%m%d}"
    return look.DutyCell(
        key,
        tally.worst,
        kept_words(tally),
        f"{title}，{period.words}：{tally_words(tally)}",
        asked.cell_url(code, period) + f"#{key}",
        asked.clause == code and asked.cell == period,
        place < OLD,
        bool(tally.breached and tally.late),
    )


# --- the table behind it ------------------------------------------------------------------------------------------


def _heads() -> list[str]:
    outcomes = (str(WORDS[name]) for name in OUTCOMES)
    return [
        _("章节"), _("条款"), _("出处"), pgettext("one", "岗位"), _("时期"), _("应办（免责除外）"), _("按期"), *outcomes, _("未到期"),
        _("按期率"),
    ]  # fmt: skip


def _lines(rows: Tallies, asked: Question) -> Iterable[tuple[Any, ...]]:
    """A line for each clause and period that has anything in it."""
    titles, owners = dict(chapters()), dict(posts())
    order = {code: n for n, code in enumerate(book().clauses)}
    for code in sorted(rows, key=lambda code: (order.get(code, len(order)), code)):
        clause = book().clause(code)
        head = (
            titles.get(clause.chapter, "") if clause else "",
            *clause_of(code),
            owners.get(clause.owner, "") if clause else "",
        )
        for period, tally in zip(asked.columns[1:], rows[code][1:], strict=True):
            if tally.worst:
                numbers = (tally.of(name) for name in OUTCOMES)
                yield (
                    *head,
                    period.words,
                    tally.counted,
                    tally.kept,
                    *numbers,
                    tally.running,
                    tally.rate if tally.rate is not None else "",
                )
