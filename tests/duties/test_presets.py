"""Where the five manuals differ, each difference is a policy key with the values of the manuals that say something."""

from __future__ import annotations

import pytest

from shouwen.duties.book.checks import policies_of
from shouwen.duties.clauses import book

# What holds where nobody chose, and what each manual asks for. A manual that is silent has no value.
DIFFER: dict[str, tuple[str, dict[str, str]]] = {
    "complaint.reply": ("P3D", {"A": "P1D", "B": "P1D", "C": "P7D", "D": "PT24H", "E": "P3D"}),
    "complaint.acknowledge": ("PT2H", {"A": "PT30M", "B": "PT30M", "C": "PT30M", "D": "PT2H", "E": "P0D"}),
    "complaint.classes": (
        "class",
        {"A": "severity", "B": "severity", "C": "class", "D": "severity", "E": "severity"},
    ),
    "complaint.unfinished_same_day": ("no", {"E": "yes"}),
    "repair.follow_up_rate": ("20%", {"A": "off", "B": "off", "C": "off", "D": "off", "E": "20%"}),
    "billing.cycle": ("month", {"A": "month", "B": "quarter"}),
    "billing.items": (
        "fee shared",
        {"A": "fee", "B": "fee shared water vehicle", "C": "behalf", "D": "fee shared heating"},
    ),
    "dunning.schedule": ("monthly", {"A": "monthly", "B": "quarterly"}),
    "vacancy.inspection": ("last day", {"A": "last day", "B": "last day"}),
    "visit.new_household": ("P1M", {"A": "P1M", "B": "off", "C": "off", "D": "off"}),
    "survey.frequency": ("half-year", {"A": "half-year", "B": "half-year", "C": "year", "D": "half-year"}),
    "interview.all": ("100%", {"A": "off", "B": "off", "C": "100%", "D": "off", "E": "off"}),
    "interview.small": ("25", {"A": "off", "B": "off", "C": "25", "D": "off", "E": "off"}),
    "interview.coverage": ("80%", {"A": "off", "B": "off", "C": "80%", "D": "off", "E": "off"}),
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
    "report.type": ("owners", {"C": "owners"}),
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
    "penalty.amounts": ("none", {"E": "propose"}),
}


@pytest.mark.parametrize("key", DIFFER)
def test_a_difference_of_the_manuals_is_a_policy_with_their_values(key: str) -> None:
    seed = book().policies[key]
    preset, values = DIFFER[key]
    assert (seed.preset, dict(seed.presets)) == (preset, values)
    asked = {name for clause in book().clauses.values() for name in policies_of(clause)}
    listed = {book().sets[clause.per].policy for clause in book().clauses.values() if clause.per}
    assert key in asked | listed, "a value that no clause asks for changes nothing"
