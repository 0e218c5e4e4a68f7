"""Where the five manuals differ, each difference is a policy key with the values of the manuals that say something.

A manual that does not have a rule at all says ``off`` or the option that asks for nothing; one that has the rule without
a figure, and one that is silent about what is chosen from a list, has no value.
"""

from __future__ import annotations

import pytest

from shouwen.duties.book.checks import limits_of, policies_of
from shouwen.duties.clauses import book
from shouwen.reports.compliance import TARGET

# What holds where nobody chose, and what each manual asks for.
DIFFER: dict[str, tuple[str, dict[str, str]]] = {
    "complaint.reply": ("P3D", {"A": "P1D", "B": "P1D", "C": "P7D", "D": "PT24H", "E": "P3D"}),
    "complaint.acknowledge": ("PT2H", {"A": "PT30M", "B": "PT30M", "C": "PT30M", "D": "PT2H", "E": "P0D"}),
    "complaint.classes": (
        "class",
        {"A": "severity", "B": "severity", "C": "class", "D": "severity", "E": "severity"},
    ),
    "complaint.unfinished_same_day": ("no", {"A": "no", "B": "no", "C": "no", "D": "no", "E": "yes"}),
    "repair.follow_up_rate": ("20%", {"A": "off", "B": "off", "C": "off", "D": "off", "E": "20%"}),
    "billing.cycle": ("month", {"A": "month", "B": "quarter"}),
    "billing.items": (
        "fee shared",
        {"A": "fee", "B": "fee shared water vehicle", "C": "behalf", "D": "fee shared heating"},
    ),
    "dunning.schedule": ("monthly", {"A": "monthly", "B": "quarterly"}),
    "vacancy.inspection": ("last day", {"A": "last day", "B": "last day"}),
    "visit.new_household": ("P1M", {"A": "P1M", "B": "off", "C": "off", "D": "off", "E": "off"}),
    "survey.frequency": ("half-year", {"A": "half-year", "B": "half-year", "C": "year", "D": "half-year"}),
    "interview.all": ("100%", {"A": "off", "B": "off", "C": "100%", "D": "off", "E": "off"}),
    "interview.small": ("25", {"A": "off", "B": "off", "C": "25", "D": "off", "E": "off"}),
    "interview.coverage": ("80%", {"A": "off", "B": "off", "C": "80%", "D": "off", "E": "off"}),
    "interview.deep": ("2", {"A": "off", "B": "off", "C": "2", "D": "off", "E": "off"}),
    "interview.plan": ("yes", {"A": "no", "B": "no", "C": "yes", "D": "no", "E": "no"}),
    "patrol.frequency": (
        "corridor public daily director",
        {"B": "corridor public", "D": "daily director"},
    ),
    "publicity.frequency": (
        "month quarter bulletin next",
        {"A": "plan", "B": "quarter", "C": "month plan", "D": "bulletin", "E": "next"},
    ),
    "handover.early_minutes": ("PT15M", {"E": "PT15M"}),
    "archive.verification": ("quarter", {"A": "quarter", "B": "quarter", "D": "month", "E": "week"}),
    "staff.assessment": ("daily half_month quarter", {"A": "daily", "D": "half_month", "E": "quarter"}),
    "inquiry.summary": ("month quarter", {"C": "month", "E": "quarter"}),
    "complaint.statistics": (
        "rate bundle sheet publication analysis follow_up",
        {"A": "rate", "B": "bundle", "C": "sheet publication analysis", "E": "follow_up"},
    ),
    "report.type": ("owners", {"A": "none", "B": "none", "C": "owners", "D": "none", "E": "none"}),
    "shift.model": (
        "08:00-20:00 20:00-08:00",
        {
            "A": "08:00-15:00 15:00-22:00",
            "B": "08:30-18:00",
            "D": "08:00-16:00 16:00-00:00 00:00-08:00",
            "E": "08:00-20:00 20:00-08:00",
        },
    ),
    "key.return": ("P0D", {"A": "P1D", "B": "P0D"}),
    "penalty.amounts": ("none", {"A": "none", "B": "none", "C": "none", "D": "none", "E": "propose"}),
    "compliance.target": ("97%", {"A": "97%", "B": "off", "C": "off", "D": "off", "E": "100%"}),
}


@pytest.mark.parametrize("key", DIFFER)
def test_a_difference_of_the_manuals_is_a_policy_with_their_values(key: str) -> None:
    seed = book().policies[key]
    preset, values = DIFFER[key]
    assert (seed.preset, dict(seed.presets)) == (preset, values)
    assert all(seed.canonical(text) == text for text in (preset, *values.values()))


def asked() -> set[str]:
    """Every policy key that a clause, a set of a clause or the code itself reads."""
    clauses = book().clauses.values()
    read = {name for clause in clauses for name in policies_of(clause)}
    listed = {book().sets[clause.per].policy for clause in clauses if clause.per}
    fields = {limit.key for clause in clauses for limit in limits_of(clause) if limit.field}
    kinds = {key for key in book().policies for field in fields if key.startswith(f"{field}.")}
    return read | listed | kinds | {TARGET}


@pytest.mark.parametrize("key", sorted(book().policies))
def test_every_value_of_a_policy_is_asked_for(key: str) -> None:
    """A key that nobody reads changes nothing, and no more does an option that no clause asks for.

    Of a choice one option may ask for nothing: it silences what the others ask for. Of the lists, what is charged and
    which festivals are kept are read whole.
    """
    assert key in asked()
    seed = book().policies[key]
    if seed.kind not in ("choice", "list") or key in ("billing.items", "festivals"):
        return
    onlys = [only for clause in book().clauses.values() for only in clause.only if only.name == key]
    idle = set(seed.options) - {value for only in onlys for value in only.values}
    assert len(idle) <= (1 if seed.kind == "choice" else 0), f"no clause asks for {sorted(idle)}"
