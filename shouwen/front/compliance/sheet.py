"""规程执行考核表: the board of one period on A4, for the quality department to sign."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwen.duties.clauses import book
from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.compliance.asked import (
    WORDS,
    Question,
    chapters,
    clause_of,
    percent_words,
)
from shouwen.front.doors import community, staff_door, viewer
from shouwen.kernel import clock
from shouwen.kernel.text import joined
from shouwen.people.models import Staff
from shouwen.reports.compliance import (
    OUTCOMES,
    RIGHT,
    Tally,
    by_clause,
    target,
    total,
)


@require_GET
@staff_door(RIGHT)
def sheet(request: HttpRequest) -> HttpResponse:
    """规程执行考核表: one period on A4 with the clauses that were late or breached, to be signed."""
    here, me = community(request), viewer(request)
    asked = Question.of(request, here)
    found = by_clause(me, here, [asked.period])
    held = {code: t[0] for code, t in found.items() if asked.holds(book().clause(code)) and t[0].owed}
    everything = total(held.values())
    wrong = {code: tally for code, tally in held.items() if tally.late or tally.breached}
    printed = {
        "name": Staff.objects.get(pk=me.id).name,
        "at": f"{clock.local(clock.now(), here.zone):%Y-%m-%d %H:%M}",
    }
    context = {
        "title": _("规程执行考核表"),
        "company": here.branch.company.name,
        "number": asked.period.words,
        "facts": _sheet_facts(here, asked, everything, len(held), len(wrong)),
        "tables": _sheet_tables(held, wrong),
        "signatures": (_("编制"), _("审核"), _("批准")),
        "printed": _("%(name)s 打印于 %(at)s") % printed,
        "back": look.Link(_("返回"), asked.url()),
    }
    return render(request, "front/print.html", context)


def _sheet_facts(
    here: Community, asked: Question, tally: Tally, clauses: int, wrong: int
) -> tuple[tuple[str, str], ...]:
    filtered = [dict(chapters()).get(asked.chapter, "")] if asked.chapter else []
    five = joined(
        (f"{WORDS[name]} {tally.of(name)}（{percent_words(tally.share(name))}）" for name in OUTCOMES), "，"
    )
    line = target(here.pk, asked.period)
    rate = _("%s（有据与签认 ÷ 扣除免责后的应办）") % percent_words(tally.rate)
    return (
        (_("项目"), here.name),
        (_("时期"), " ".join([asked.period.words, *filtered])),
        (_("应办"), _("%(owed)d 件，涉及 %(clauses)d 条规则，其中 %(wrong)d 条有迟办或违约") % {
            "owed": tally.owed, "clauses": clauses, "wrong": wrong,
        }),
        (_("结果"), five),
        (_("按期率"), rate if line is None else _("%(rate)s，目标 %(target)d%%") % {"rate": rate, "target": line}),
    )  # fmt: skip


def _sheet_tables(held: dict[str, Tally], wrong: dict[str, Tally]) -> tuple[look.TableList, ...]:
    columns = tuple(map(look.Column, (_("章节"), _("应办"), *(str(WORDS[n]) for n in OUTCOMES), _("按期率"))))
    titles, by_chapter = dict(chapters()), dict[str, Tally]()
    order = {code: n for n, code in enumerate(book().clauses)}
    for code, tally in sorted(held.items(), key=lambda pair: order.get(pair[0], len(order))):
        clause = book().clause(code)
        title = titles.get(clause.chapter, "") if clause else _("已从规程中取消")
        by_chapter[title] = by_chapter.get(title, Tally()) + tally
    rows = tuple(
        look.TableRow(tuple(look.Cell(words) for words in _sheet_row(title, tally)))
        for title, tally in by_chapter.items()
    )
    tables = [look.TableList(title=_("各章节"), columns=columns, rows=rows)]
    if wrong:
        worst = sorted(wrong.items(), key=lambda pair: (-pair[1].breached, -pair[1].late, pair[0]))
        heads = (_("迟办或违约的条款"), _("出处"), _("应办"), *(str(WORDS[n]) for n in OUTCOMES), _("按期率"))
        lines = tuple(
            look.TableRow(tuple(look.Cell(w) for w in (*clause_of(code), *_sheet_row("", tally)[1:])))
            for code, tally in worst
        )
        tables.append(look.TableList(title=_("需要整改"), columns=tuple(map(look.Column, heads)), rows=lines))
    return tuple(tables)


def _sheet_row(title: str, tally: Tally) -> tuple[str, ...]:
    return (title, str(tally.owed), *(str(tally.of(name)) for name in OUTCOMES), percent_words(tally.rate))
