"""Rows are written by actions. Whatever else writes is listed here, with its reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.source import files, name, tree

WRITES = {"save", "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"}

ELSEWHERE = {
    "estate/hours.py": "actions of one noun: the service calendar",
    "estate/public_actions.py": "actions of one noun: public holidays",
    "estate/lineage.py": "actions of one noun: split and merge",
    "estate/imports/write.py": "the import's one batch, inside its frame",
    "estate/imports/lines.py": "what an import says of its lines: replaced at each run, forgotten after some weeks",
    "estate/imports/memory.py": "what was chosen for a head of columns: no business fact, kept beside the run",
    "estate/saving.py": "how actions of estate and people save",
    "people/posts.py": "actions of one noun: posts",
    "people/drafts.py": "what is being typed is one's own, no business fact",
    "people/sign_in.py": "actions of one noun: signing in",
    "cases/ratings.py": "actions of one noun: rating links",
    "people/home_codes.py": "actions of one noun: codes to telephones",
    "people/home_sign_in.py": "actions of one noun: residents' signing in",
    "people/jobs.py": "sweeps expired sessions",
    "people/management/commands/user.py": "the operator's way back in",
    "front/sign_in.py": "Django's session, which is no row of ours",
    "front/views.py": "a saved view is one's own bookmark, no business fact",
    "notices/outbox.py": "the mechanism of letters",
    "duties/feeds.py": "actions of one noun: calendar feeds",
    "duties/bench.py": "a factory: the ground of a measurement",
    "kernel/flow.py": "the frame of every move",
    "kernel/deliveries.py": "the mechanism of deliveries",
    "kernel/files.py": "the mechanism of files",
    "kernel/limits.py": "the mechanism of limits",
    "kernel/jobs.py": "sweeps old keys",
    "kernel/images.py": "writes a picture, no row",
    "kernel/sheets.py": "writes a workbook, no row",
    "estate/imports/registers.py": "the import's one batch, inside its frame",
    "plant/gate.py": "updates a dictionary",
    "reports/bench.py": "rows that are measured beside, on a database that is thrown away",
    "site/demo/estate.py": "a factory: the demo's estate before the first fact",
    "site/demo/residents.py": "a factory: two homes of the demo before the first fact",
    "site/demo/story.py": "a factory: the demo's notices are read",
    "site/bench/bare.py": "the bare view that the house is measured against",
    "site/bench/mixed.py": "a factory: the residents of a measurement",
    "site/bench/ground.py": "a factory: the ground of a measurement",
    "site/bench/slow.py": "a factory: the picture of a measurement",
    "site/bench/offline.py": "writes a picture, no row",
    "site/bench/server.py": "a factory: the session of a measurement",
}


def writes(file: Path) -> list[str]:
    """Calls that write rows: by name, ``update`` only with keywords, ``delete`` only without arguments."""
    return [
        f"{node.lineno}: {ast.unparse(node)[:80]}"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _writes(node, node.func.attr)
    ]


def _writes(call: ast.Call, called: str) -> bool:
    if called == "update":
        return bool(call.keywords) and not call.args
    return called in WRITES or (called == "delete" and not call.args)


@pytest.mark.parametrize("file", [f for f in files() if not f.name.endswith("actions.py")], ids=name)
def test_only_actions_write(file: Path) -> None:
    assert not writes(file) or name(file) in ELSEWHERE, writes(file)


def test_every_exception_is_still_one() -> None:
    assert [n for n in ELSEWHERE if not any(name(f) == n and writes(f) for f in files())] == []


def test_every_action_says_who_acts() -> None:
    """Public functions of ``actions.py`` take a keyword-only ``actor``; what only helps inside a frame says so here."""
    helpers = {
        "cases/actions.py": {"keep_words", "follow_up_by", "may_be_urged_at"},
        "works/actions.py": {
            "photograph",
            "open_order",
            "on_registered",
            "on_reopened",
            "on_cancelled",
            "on_merged",
            "on_promised",
            "on_recast",
            "on_refiled",
        },
    }
    for file in files():
        if file.name not in ("actions.py", "persons_actions.py"):
            continue
        for node in tree(file).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or not _opens_a_frame(node):
                continue
            known = {a.arg for a in node.args.kwonlyargs}
            assert "actor" in known or node.name in helpers.get(name(file), set()), (
                f"{name(file)} {node.name}"
            )


def _opens_a_frame(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "frame"
        for node in ast.walk(function)
    ) or any("move(" in ast.unparse(d) for d in function.decorator_list)
