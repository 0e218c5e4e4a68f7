"""Calls go down the stairs: imports, foreign keys and template includes obey the floors."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from tests.house.source import FLOORS, HOUSE, ROOT, files, name, room, tree

MODELS = [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("shouwen.")]
TEMPLATES = sorted(HOUSE.rglob("templates/**/*.html"))


def floor(of: str) -> int:
    """The doors to staff, machines and residents stand on one floor."""
    return FLOORS.index("front" if of in ("api", "portal") else of)


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]


def test_every_room_stands_on_a_floor() -> None:
    rooms = {d.name for d in HOUSE.iterdir() if (d / "__init__.py").exists()}
    assert rooms == {*FLOORS, "plant"}


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_a_foreign_key_points_down(model: type[Model]) -> None:
    here = floor(room(model.__module__))
    for field in model._meta.get_fields():
        target = field.related_model if getattr(field, "concrete", False) else None
        if isinstance(target, type) and room(target.__module__):
            assert floor(room(target.__module__)) <= here, f"{model.__name__}.{field.name} points up"


def test_nothing_points_to_the_journal() -> None:
    targets = {
        f.related_model
        for m in apps.get_models()
        for f in m._meta.get_fields()
        if getattr(f, "concrete", False)
    }
    assert apps.get_model("kernel.Entry") not in targets


def test_a_scoped_row_carries_its_community() -> None:
    """Every row below `estate` that a door may show has the key of isolation, or belongs to a person or the house."""
    without = {
        m._meta.label for m in MODELS if not any(f.column == "community_id" for f in m._meta.concrete_fields)
    }
    assert without == {
        "cases.Category", "duties.Alarm", "duties.Feed", "duties.KeptBook", "duties.Tally", "estate.Branch",
        "estate.ColumnChoice", "estate.Community", "estate.Company", "kernel.Delivery", "kernel.Once", "kernel.RateWindow",
        "notices.Mailbox", "notices.Way", "notices.Wording", "people.Absence", "people.Draft", "people.HomeCode", "people.Post",
        "people.SavedView", "people.SignIn", "people.Skill", "people.Staff",
        "people.TotpReset", "notices.Gateway", "notices.HomeWay",
    }  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.relative_to(HOUSE).as_posix())
def test_a_template_includes_only_from_below(template: Path) -> None:
    own = template.relative_to(HOUSE).parts[0]
    for found in re.findall(
        r"{%-?\s*(?:include|extends)\s+[\"']([^\"']+)", template.read_text(encoding="utf-8")
    ):
        owner = found.split("/")[0]
        assert owner not in FLOORS or floor(owner) <= floor(own), f"includes {found}"
        assert not (owner in ("front", "api", "portal") and owner != own)


def test_imports_stand_at_the_top() -> None:
    """An import inside a function hides a dependency. Allowed: start-up of an app, and what is slow to load."""
    allowed = {
        "apps.py": "an app may import its rooms only once they are all there",
        "cli.py": "the command line must not load Django before it knows what is asked",
    }
    hidden = [
        f"{name(file)}:{node.lineno} {ast.unparse(node)}"
        for file in files()
        if file.name not in allowed
        for function in ast.walk(tree(file))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "shouwen." in ast.unparse(node)
    ]
    beside = [h for h in hidden if not h.startswith(("plant/", "site/"))]
    assert beside == []
