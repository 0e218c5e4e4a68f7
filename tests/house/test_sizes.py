"""The house's numbers: short files, short functions, everything typed, small rooms."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.source import HOUSE, files, functions, name

LINES, FUNCTION, FILES = 400, 60, 12

LARGER = {
    "site/bench": (15, "one file a figure, and what they share"),
    "kernel": (29, "the ground is no room: one file a mechanism, none imports more than two others"),
    "front": (78, "the roof composes pages of all rooms: one file a page or two, none over 400 lines"),
    "notices": (15, "notices, the outbox and one file a carrier, what residents choose"),
    "portal": (18, "the roof again: pages of all rooms for residents, one file a page or two"),
    "cases": (14, "cases, and what stands beside them: categories, known answers, rating links"),
    "people": (18, "staff and residents: who each is, what each may, how each signs in"),
    "estate": (17, "estate and import of records; the import is a subpackage"),
    "estate/imports": (13, "one file a step of an import, each under three hundred lines"),
    "duties": (33, "the mechanism of clauses and the room of duties; reading clauses is a subpackage"),
    "site": (15, "the roof's frame: settings, addresses, command line, health"),
}
"""Directories with more than twelve files, and why."""


@pytest.mark.parametrize("file", files(), ids=name)
def test_a_file_is_short_and_so_are_its_functions(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LINES
    for function in functions(file):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= FUNCTION, f"{function.name} has {length} lines"


@pytest.mark.parametrize("file", files(), ids=name)
def test_every_function_is_typed(file: Path) -> None:
    for function in functions(file):
        assert function.returns is not None, f"{function.name} does not say what it returns"
        for given in _arguments(function.args):
            assert given.annotation is not None or given.arg in ("self", "cls"), (
                f"{function.name}({given.arg})"
            )


def _arguments(args: ast.arguments) -> list[ast.arg]:
    found = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return [a for a in found if a is not None]


def test_a_room_has_at_most_twelve_files() -> None:
    for folder in {f.parent for f in files()}:
        count = len([f for f in folder.glob("*.py") if f.name != "__init__.py"])
        most, _why = LARGER.get(folder.relative_to(HOUSE).as_posix(), (FILES, ""))
        assert count <= most, f"{folder.relative_to(HOUSE)} has {count} files: split it by noun"


def test_every_public_module_says_what_it_is() -> None:
    silent = [
        name(f)
        for f in files()
        if f.stat().st_size and not ast.get_docstring(ast.parse(f.read_text("utf-8")))
    ]
    assert silent == []
