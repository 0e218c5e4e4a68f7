"""The suggestion strip: what the house proposes for an open case, with its evidence; answered once, by a person."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases.flow import CASE
from shouwen.cases.models import OPEN, Case, Kind
from shouwen.cases.recognise import Proposal, suggest
from shouwen.front import look
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.text import DOT
from shouwen.people.viewers import StaffActor

ANSWERED = ("case:refiled", "case:recast", "case:suggestion_declined")
YEAR = timedelta(days=365)


def suggestion(case: Case, viewer: StaffActor, here: str) -> look.Suggestion | None:
    """The proposal where it differs from the case, the viewer may take it, and nobody has answered it yet."""
    if case.state not in OPEN or not viewer.may("case.answer", case.community_id):
        return None
    proposal = suggest(f"{case.title}\n{case.words}")
    if proposal is None or not _differs(case, proposal):
        return None
    name = "refile" if proposal.kind == case.kind else "recast"
    if CASE.refusal(CASE[name], case, viewer) or (case.about_id and name == "recast"):
        return None
    if Entry.objects.filter(matter_id=case.pk, verb__in=ANSWERED).exists():
        return None
    version = (("version", str(case.version)), ("next", here))
    pressing = (("urgent", "on"),) if proposal.urgent or case.urgent else ()
    return look.Suggestion(
        words=_words(case, proposal),
        evidence=_evidence(case, proposal),
        accept_url=reverse("case_move", args=[case.pk, name]),
        decline_url=reverse("case_move", args=[case.pk, "decline"]),
        accept=(("category", proposal.category.pk), ("suggested", "on"), *pressing, *version),
        decline=version,
    )


def _differs(case: Case, proposal: Proposal) -> bool:
    return proposal.category.pk != case.category_id or (proposal.urgent and not case.urgent)


def _words(case: Case, proposal: Proposal) -> tuple[look.Part, ...]:
    """类型 报修 • 分类 给排水漏水 • 紧急程度 一般 → 紧急: only what would become another."""
    said: list[tuple[str, str]] = []
    if proposal.kind != case.kind:
        said.append((_("类型"), str(Kind(proposal.kind).label)))
    if proposal.category.pk != case.category_id:
        said.append((_("分类"), str(proposal.category)))
    if proposal.urgent and not case.urgent:
        said.append((_("紧急程度 一般 →"), _("紧急")))
    parts: list[look.Part] = []
    for number, (what, value) in enumerate(said):
        parts += [look.Part(f"{DOT if number else ''}{what}"), look.Part(value, strong=True)]
    return tuple(parts)


def _evidence(case: Case, proposal: Proposal) -> str:
    """The words that speak for it, and how often this place had the same within a year."""
    words = _("依据 %s") % "".join(f"“{word}”" for word in proposal.evidence)
    if not case.unit_id:
        return words
    before = Case.objects.filter(unit_id=case.unit_id, category=proposal.category).exclude(pk=case.pk)
    same = before.filter(opened_at__gte=clock.now() - YEAR, community_id=case.community_id).count()
    return _("%(words)s；这一户近一年同类 %(n)s 单") % {"words": words, "n": same} if same else words
