"""What the compliance board is asked for, and the words of its figures, periods and clauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause
from shouwen.duties.moments import period_words
from shouwen.duties.rulings import Asking
from shouwen.duties.words import owner_words, said
from shouwen.estate.hours import MONTHS
from shouwen.estate.models import Community
from shouwen.front.kpi_pages import period_of
from shouwen.kernel import clock
from shouwen.kernel.text import clean_line, joined
from shouwen.reports.compliance import OUTCOMES, RUNNING, Tally
from shouwen.reports.figures import shown
from shouwen.reports.periods import Period

COLUMNS = 12
WORDS = {
    "proven": gettext_lazy("有据"),
    "attested": gettext_lazy("签认"),
    "excused": gettext_lazy("免责"),
    "late": gettext_lazy("迟办"),
    "breached": gettext_lazy("违约"),
    "running": gettext_lazy("未到期"),
}
KIND_WORDS = {"month": gettext_lazy("按月"), "week": gettext_lazy("按周"), "day": gettext_lazy("按日")}
NOTES = {
    "proven": gettext_lazy("由业务记录自动证明"),
    "attested": gettext_lazy("本人签认，附说明"),
    "excused": gettext_lazy("已批准的理由"),
    "late": gettext_lazy("已办，晚于期限"),
    "breached": pgettext_lazy("note", "到期未办"),
}


@dataclass(frozen=True)
class Question:
    """The last column, what is filtered, and the cell that is open."""

    period: Period
    chapter: str = ""
    post: str = ""
    wrong: bool = False
    clause: str = ""
    cell: Period | None = None
    outcome: str = ""
    seed: str = ""

    @classmethod
    def of(cls, request: HttpRequest, here: Community) -> Question:
        """What the address says; nonsense in it falls back."""
        given = request.GET
        period = period_of(request, here, "month")
        code, chapter = clean_line(given.get("clause", "")), given.get("chapter", "")
        outcome = given.get("outcome", "")
        return cls(
            period,
            chapter if chapter in book().chapters else "",
            clean_line(given.get("post", ""))[:40],
            bool(given.get("wrong")),
            code[:40],
            _cell(given.get("at", ""), period) if code else None,
            outcome if outcome in (*OUTCOMES, RUNNING) else "",
            clean_line(given.get("seed", ""))[:20],
        )

    @property
    def columns(self) -> tuple[Period, ...]:
        """The periods shown, and before them the one that stands as long before the last as a year has months."""
        return self.period.back(COLUMNS + 1)

    def url(self, name: str = "compliance", /, **more: str) -> str:
        """The same question with other values; an empty value leaves it out."""
        pairs = {
            "period": self.period.kind,
            "on": self.period.first.isoformat(),
            "chapter": self.chapter,
            "post": self.post,
            "wrong": "1" if self.wrong else "",
            **more,
        }
        return reverse(name) + "?" + urlencode({key: value for key, value in pairs.items() if value})

    def cell_url(self, code: str, period: Period, **more: str) -> str:
        """The board with this cell open."""
        return self.url(clause=code, at=period.first.isoformat(), **more)

    def list_url(self, period: Period, **more: str) -> str:
        """The duties of a period as a list: of the open clause, with the filters of the board."""
        chosen = {"clause": self.clause, "outcome": self.outcome, "wrong": "", **more}
        return self.url("compliance_duties", on=period.first.isoformat(), **chosen)

    def holds(self, clause: Clause | None) -> bool:
        """Whether the filters let a clause through."""
        if not self.chapter and not self.post:
            return True
        return clause is not None and (
            self.chapter in ("", clause.chapter) and self.post in ("", clause.owner)
        )


def _cell(text: str, last: Period) -> Period:
    """The period of a cell: one that is over or runs; the last column where the address says nothing sensible."""
    try:
        day = min(last.last, max(date(2000, 1, 1), date.fromisoformat(text)))
    except ValueError:
        return last
    return Period.of(last.kind, day, last.zone)


# --- words --------------------------------------------------------------------------------------------------------


def percent_words(value: Decimal | None) -> str:
    """95.1%, 100%, –."""
    return shown(value) + ("%" if value is not None else "")


def kept_words(tally: Tally) -> str:
    """11/12: how many were in time of all that fell due and were not excused; a stroke where that is nothing."""
    return f"{_short(tally.kept)}/{_short(tally.counted)}" if tally.counted else "–" if tally.excused else ""


def _short(number: int) -> str:
    """999, 1.2k: a cell has little room."""
    return str(number) if number < 1000 else f"{number // 100 / 10:g}k"


def tally_words(tally: Tally) -> str:
    """按期 11/12：有据 10，签认 1，迟办 1: what there is of it, in the order of the board."""
    names = (*OUTCOMES, RUNNING)
    parts = joined((f"{WORDS[name]} {tally.of(name):,}" for name in names if tally.of(name)), "，")
    words = {"kept": f"{tally.kept:,}", "owed": f"{tally.counted:,}", "parts": parts}
    return _("应办 %(owed)s，按期 %(kept)s（%(parts)s）") % words if tally.counted else parts


def target_words(target: int | None) -> str:
    """97%; nothing where the community set itself no target."""
    return "" if target is None else f"{target}%"


def column_words(period: Period, first: bool) -> str:
    """7月, with the year at the first column and in January; 07-20 for a week or a day."""
    if period.kind != "month":
        return f"{period.first:%m-%d}"
    month = str(MONTHS[period.first.month - 1]).replace(" ", "")
    if first or period.first.month == 1:
        return _("%(year)s/%(month)s") % {"year": f"{period.first:%y}", "month": month}
    return month


def clause_of(code: str) -> tuple[str, str]:
    """Title and source of a clause; the code of one that was taken out of the manuals."""
    clause = book().clause(code)
    return (said(clause.title), joined(clause.source[:2])) if clause else (code, "")


def rhythm(clause: Clause | None, ask: Asking) -> str:
    """每月, 每单: how often a clause bears a duty."""
    if clause is None:
        return ""
    return period_words(clause.every, ask) if clause.every else pgettext("rhythm", "每单")


def chapters() -> list[tuple[str, str]]:
    """The chapters of the manuals that hold clauses."""
    held = {clause.chapter for clause in book().clauses.values()}
    return [(code, said(title)) for code, title in book().chapters.items() if code in held]


def posts() -> list[tuple[str, str]]:
    """Who owes the clauses: posts, and parts in a matter."""
    named = ((code, str(owner_words(code))) for code in sorted({c.owner for c in book().clauses.values()}))
    return [(code, words[:1].upper() + words[1:]) for code, words in named]


def change_words(kind: str, columns: Sequence[Tally]) -> tuple[str, Decimal | None]:
    """What the last rate is compared with: the same month a year before where there is one, else the period before."""
    now, before, year = columns[-1].rate, columns[-2].rate, columns[0].rate
    if kind == "month" and year is not None:
        return _("较上年"), None if now is None else now - year
    words = {"month": _("较上月"), "week": _("较上周"), "day": _("较前一天")}
    return words[kind], None if now is None or before is None else now - before


def moment(at: Any, zone: str) -> str:
    """06-14 18:00, with the year where it is another one."""
    here = clock.local(at, zone)
    this = here.year == clock.local(clock.now(), zone).year
    return f"{here:%m-%d %H:%M}" if this else f"{here:%Y-%m-%d %H:%M}"
