"""The house read as text: its Python files as syntax trees."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOUSE = ROOT / "shouwen"
FLOORS = (
    "kernel", "estate", "people", "notices", "duties", "billing", "cases", "works", "reports", "api", "front", "portal", "site",
)  # fmt: skip
"""Rooms from the ground up; `api`, `front` and `portal` stand side by side. `plant` is beside the house."""


@cache
def files() -> tuple[Path, ...]:
    """Every Python file of the house but migrations, which are written by a tool."""
    return tuple(f for f in sorted(HOUSE.rglob("*.py")) if "migrations" not in f.parts)


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def name(file: Path) -> str:
    return file.relative_to(HOUSE).as_posix()


def room(module: str) -> str:
    """``shouwen.cases.models`` is in the room ``cases``."""
    return module.split(".")[1] if module.startswith("shouwen.") else ""


def functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree(file)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


def strings(file: Path) -> set[str]:
    """Every text constant of a file."""
    return {n.value for n in ast.walk(tree(file)) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
