"""What is behind one cell of the compliance board: the rule, the days, the duties with their proof, the people, a sample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from shouwen.cases.models import Case
from shouwen.duties import proof_actions, rulings
from shouwen.duties.audit_actions import AUDIT
from shouwen.duties.book.checks import policies_of
from shouwen.duties.clauses import book
from shouwen.duties.models import Duty, Evidence, Policy, Task
from shouwen.duties.moments import SLOTS, value_of
from shouwen.duties.sentences import sentence
from shouwen.duties.words import fact_words, owner_words, said
from shouwen.estate.models import Community, Unit
from shouwen.front import look
from shouwen.front.compliance.asked import WORDS, Question, clause_of, moment, percent_words, tally_words
from shouwen.front.doors import may, viewer
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.scope import by_key
from shouwen.kernel.text import dotted, joined
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor
from shouwen.reports.compliance import (
    NOTHING,
    OUTCOMES,
    RUNNING,
    Tally,
    by_day,
    by_person,
    fallen_due,
    sample,
)
from shouwen.reports.periods import Period

LISTED = 5
DRAWN = 3
PEOPLE = 8


def rows_of(me: StaffActor, here: Community, code: str, period: Period) -> QuerySet[Any]:
    """The duties of a clause that the viewer may know of and that fall due in the period."""
    return fallen_due(me, [here.pk], period.start, period.end).filter(clause=code)


def pane(
    request: HttpRequest, here: Community, asked: Question, found: Mapping[str, Sequence[Tally]]
) -> look.DutyPane:
    """The pane of the open cell; ``found`` are the tallies of the columns, which mostly hold this one."""
    me, code, period = viewer(request), asked.clause, asked.cell
    assert period is not None
    rows = rows_of(me, here, code, period)
    tally = _tally(rows, period, code, asked, found)
    seed = asked.seed or f"{period.first:%m%d}"
    chosen = sample(rows.filter(outcome="proven"), seed, DRAWN) if tally.proven else []
    drawn = by_key(rows.filter(pk__in=chosen)) if chosen else {}
    listed = {
        name: list(rows.filter(outcome=name).order_by("due_at", "id")[:LISTED]) for name in _told(tally)
    }
    proofs = Proofs.of(me, here, [*(d for part in listed.values() for d in part), *drawn.values()])
    title, source = clause_of(code)
    clause = book().clause(code)
    ask = rulings.asking(here.pk, clock.now())
    return look.DutyPane(
        title=title,
        source=source,
        period=period.words,
        sentence=sentence(clause, ask, brief=True) if clause else "",
        value=_value(here, code),
        close=look.Link(_("关闭"), asked.url() + f"#{code}-{period.first:%m%d}", "x"),
        figures=tuple(_figure(name, tally, asked, period) for name in OUTCOMES),
        owed=tally.owed,
        running=tally.running,
        bar=_bar(tally),
        days=_days(rows, period),
        groups=tuple(_group(name, listed[name], tally, proofs, asked, period) for name in listed),
        people=_people(rows),
        drawn=tuple(proofs.line(drawn[key]) for key in chosen),
        seed=seed,
        again=look.Link(_("换一批"), asked.cell_url(code, period, seed=_next(seed)), "dice"),
        actions=tuple(_actions(request, asked, period, title, source, tally)),
    )


def _told(tally: Tally) -> list[str]:
    """The outcomes whose duties are listed: the worst first, proven ones only as a sample."""
    return [name for name in ("breached", "late", "excused", "attested", RUNNING) if tally.of(name)]


def _tally(
    rows: QuerySet[Any], period: Period, code: str, asked: Question, found: Mapping[str, Sequence[Tally]]
) -> Tally:
    if period in asked.columns:
        return found[code][asked.columns.index(period)] if code in found else NOTHING
    return by_day(rows, [period])[0]


def _figure(name: str, tally: Tally, asked: Question, period: Period) -> look.Outcome:
    url = asked.list_url(period, outcome=name) if tally.of(name) else ""
    return look.Outcome(
        name, str(WORDS[name]), str(tally.of(name)), percent_words(tally.share(name)), url=url
    )


def _next(seed: str) -> str:
    """The seed after this one: another draw, that can be named as well."""
    return str(int(seed) + 1).zfill(len(seed)) if seed.isascii() and seed.isdigit() else f"{seed}1"[:20]


def _value(here: Community, code: str) -> str:
    """What this community chose for the values of the clause, its version, and since when."""
    clause = book().clause(code)
    if clause is None:
        return ""
    ask = rulings.asking(here.pk, clock.now())
    keys = sorted(key for key in policies_of(clause) if key in book().policies)
    chosen = [
        f"{said(book().policies[key].title)} {value_of(book().policies[key], ask.text(key))}"
        for key in keys[:2]
    ]
    parts = [_("本项目取值：%s") % joined(chosen, "，")] if chosen else []
    parts.append(_("第 %d 版") % clause.version)
    last = (
        Policy.objects.filter(community=here, key__in=keys, since__lte=clock.now()).order_by("-since").first()
    )
    if last:
        parts.append(_("%s 起") % f"{clock.local(last.since, here.zone):%Y-%m-%d}")
    return dotted(*parts)


def _bar(tally: Tally) -> tuple[tuple[str, float, float], ...]:
    pieces, at = [], 0.0
    for name in OUTCOMES:
        if tally.of(name):
            width = 100 * tally.of(name) / tally.owed
            pieces.append((name, round(max(width, 1.2), 2), round(min(at, 98.8), 2)))
            at += width
    return tuple(pieces)


def _days(rows: QuerySet[Any], period: Period) -> tuple[look.Day, ...]:
    """A square for each day of a month or week."""
    if period.kind == "day":
        return ()
    count = (period.last - period.first).days + 1
    days = [Period("day", period.first + timedelta(days=n), period.zone) for n in range(count)]
    none = _("没有应办")
    return tuple(
        look.Day(str(day.first.day), tally.worst, f"{day.first:%m-%d} {tally_words(tally) or none}")
        for day, tally in zip(days, by_day(rows, days), strict=True)
    )


def _group(
    name: str, duties: list[Duty], tally: Tally, proofs: Proofs, asked: Question, period: Period
) -> look.DutyGroup:
    count = tally.of(name)
    more = None
    if count > len(duties):
        url = asked.list_url(period, outcome=name)
        more = look.Link(_("全部 %d 件") % count, url)
    return look.DutyGroup(name, str(WORDS[name]), count, tuple(proofs.line(d) for d in duties), more)


def _people(rows: QuerySet[Any]) -> tuple[look.PersonShare, ...]:
    found = by_person(rows)
    names = dict(Staff.objects.filter(pk__in=[o for o, _role in found if o]).values_list("pk", "name"))
    people = [
        look.PersonShare(
            names.get(owner or 0) or owner_words(role), t.proven + t.attested, t.owed - t.excused
        )
        for (owner, role), t in found.items()
        if t.owed > t.excused
    ]
    return tuple(sorted(people, key=lambda p: (-p.owed, p.name))[:PEOPLE])


def _actions(
    request: HttpRequest, asked: Question, period: Period, title: str, source: str, tally: Tally
) -> Iterator[look.Action]:
    if may(request, proof_actions.GIVE):
        words = _("整改：%(title)s（%(source)s）%(period)s违约 %(breached)d、迟办 %(late)d") % {
            "title": title, "source": source, "period": period.words, "breached": tally.breached, "late": tally.late,
        }  # fmt: skip
        pairs = {"words": words, "next": asked.cell_url(asked.clause, period)}
        url = f"{reverse('task_give')}?{urlencode(pairs)}"
        yield look.Action("correct", _("布置整改"), url, key="G", primary=True)
    if may(request, AUDIT):
        days = {"clause": asked.clause, "first": period.first.isoformat(), "last": period.last.isoformat()}
        url = f"{reverse('audit_new')}?{urlencode(days | {'next': asked.cell_url(asked.clause, period)})}"
        yield look.Action("audit", _("抽查"), url, icon="dice")
    if may(request, "data.export"):
        url = asked.list_url(period, outcome="", export="xlsx")
        yield look.Action("evidence", _("导出依据"), url, icon="file-spreadsheet")


# --- duties with their proof --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proofs:
    """What stands beside duties: where, the matter, who, what was said, which fact ended them; six reads for any number."""

    here: Community
    units: Mapping[int, str]
    cases: Mapping[UUID, Case]
    tasks: Mapping[UUID, str]
    names: Mapping[int, str]
    evidence: Mapping[UUID, Evidence]
    facts: Mapping[UUID, Entry]

    @classmethod
    def of(cls, me: StaffActor, here: Community, duties: Iterable[Duty]) -> Proofs:
        """Read all of it; a case that the viewer may not see stays without words."""
        every = list(duties)
        matters = [d.matter_id for d in every if d.matter_kind in ("case", "task")]
        facts = {e.pk: e for e in Entry.objects.filter(pk__in=[d.ended_by for d in every if d.ended_by])}
        said_of = Evidence.objects.filter(duty_id__in=[d.pk for d in every]).order_by("at")
        people = {d.owner_id for d in every} | {e.actor_id for e in facts.values() if e.actor_kind == "staff"}
        return cls(
            here,
            dict(Unit.objects.filter(pk__in={d.unit_id for d in every}).values_list("pk", "code")),
            Case.objects.visible_to(me).in_bulk(matters) if me.may("case.see", here.pk) else {},
            dict(Task.objects.visible_to(me).filter(pk__in=matters).values_list("pk", "words")),
            dict(Staff.objects.filter(pk__in=people).values_list("pk", "name")),
            {e.duty_id: e for e in said_of},
            facts,
        )

    def url(self, duty: Duty) -> str:
        """Where the work is: the case where the viewer may see it, else the duty itself."""
        if duty.matter_id in self.cases:
            return reverse("case", args=[duty.matter_id])
        return reverse("duty", args=[duty.pk])

    def place(self, duty: Duty) -> str:
        case = self.cases.get(duty.matter_id)
        return self.units.get(duty.unit_id or 0) or (case.place if case else "")

    def title(self, duty: Duty) -> str:
        case = self.cases.get(duty.matter_id)
        if case or duty.matter_id in self.tasks:
            return case.title if case else self.tasks[duty.matter_id]
        return (
            f"{clock.said_day(clock.local(duty.due_at, self.here.zone).date())} {SLOTS.get(duty.slot, '')}".strip()
            if duty.due_at
            else ""
        )

    def owner(self, duty: Duty) -> str:
        return self.names.get(duty.owner_id or 0) or owner_words(duty.owner_role)

    def note(self, duty: Duty) -> str:
        """What was said of it by hand, else the fact that ended it, and who wrote that."""
        if given := self.evidence.get(duty.pk):
            return given.words
        fact = self.facts.get(duty.ended_by) if duty.ended_by else None
        if fact is None or fact.verb == "duty:lapsed":
            return ""
        who = self.names.get(fact.actor_id or 0, "") if fact.actor_kind == "staff" else ""
        return " ".join(filter(None, (moment(fact.at, self.here.zone), who, fact_words(fact.verb))))

    def line(self, duty: Duty) -> look.DutyLine:
        outcome = str(getattr(duty, "outcome", ""))
        climbed = duty.rung - 1
        words = [
            _("应于 %s") % moment(duty.due_at, self.here.zone),
            _("责任 %s") % self.owner(duty),
            _("已升级 %d 级") % climbed if climbed > 0 else "",
        ]
        undone = outcome == "breached" and duty.ended_at is None
        return look.DutyLine(
            self.url(duty),
            self.place(duty),
            self.title(duty) or said(clause_of(duty.clause)[0]),
            dotted(*words),
            outcome,
            _("未办") if undone else str(WORDS[outcome]),
            self.note(duty),
        )
