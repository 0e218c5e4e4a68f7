"""The pages under docs/ say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouwen.site.management.commands import pages
from tests.house.source import ROOT


@pytest.mark.parametrize("file", ["flow.md", "rights.md", "portal.md"])
def test_what_is_generated_is_current(file: str) -> None:
    """Rewrite it with ``./dev manage pages``."""
    text = pages.pages()[pages.DOCS / file]
    assert "mermaid" in text or "case.see" in text or "home.repairs" in text
    assert (pages.DOCS / file).read_text(encoding="utf-8") == text


def test_a_mechanism_has_its_page() -> None:
    here = {f.name for f in Path(ROOT / "docs").glob("*.md")}
    assert {"house.md", "journal.md", "flow.md", "duties.md", "rights.md", "kpi.md", "portal.md"} <= here
