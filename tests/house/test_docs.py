"""The pages under docs/ say what the code says."""

from __future__ import annotations

import re
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
    here = {f.stem for f in Path(ROOT / "docs").glob("*.md")}
    assert {"house", "plant", "duties", "rights", "kpi", "portal", "notices", "offline"} <= here
    kernel = "journal flow clock numbers money text files vault limits lists doors jobs testing"
    assert set(kernel.split()) <= here


def test_a_page_leads_only_to_what_is_there() -> None:
    """Paths of this tree that the pages and the two READMEs name in code marks or as links."""
    named = re.compile(
        r"[`(]((?:docs|tests|shouwen|kernel|front|estate|people|works|cases|clauses)/[\w/.-]+\.(?:py|md|toml|json|png))[`)]"
    )
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for path in named.findall(page.read_text(encoding="utf-8")):
            assert "CHAPTER" in path or (ROOT / path).exists() or (ROOT / "shouwen" / path).exists(), (
                f"{page.name}: {path}"
            )
