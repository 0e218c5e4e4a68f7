"""Rewrite what the pages under docs/ take from the code: diagrams and moves, rights and posts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from shouwen.cases.flow import CASE
from shouwen.estate.models import Occupancy
from shouwen.kernel.flow import Flow
from shouwen.kernel.journal import verbs
from shouwen.people.rights import HOME, HOME_RIGHTS, POSTS, RIGHTS
from shouwen.works.flow import ORDER

DOCS: Path = settings.BASE_DIR / "docs"
_BLOCK = r"(<!-- generated: {name} -->\n).*?(<!-- end -->)"


def flows() -> str:
    """Both flows: a diagram and the table of moves."""
    parts = (("Case 事项", CASE), ("Order 派工单", ORDER))
    return "\n".join(
        f"## {title}\n\n```mermaid\n{flow.diagram()}\n```\n\n{_moves(flow)}" for title, flow in parts
    )


def _moves(flow: Flow) -> str:
    lines = [
        "| move | words | from | to | right | fact | guards | key |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for move in flow.moves:
        guards = ", ".join(guard.__name__ for guard in move.when)
        sources = "any" if len(move.sources) == len(flow.states) else ", ".join(str(s) for s in move.sources)
        cells = (move.name, move.label, sources, move.target or "", move.right, move.fact, guards, move.key)
        lines.append("| " + " | ".join(str(c) for c in cells) + " |")
    return "\n".join(lines) + "\n"


def rights() -> str:
    """Every right, and the rights that every post starts with."""
    codes = [f"| `{code}` | {words} |" for code, words in RIGHTS.items()]
    posts = [
        f"| `{p.code}` | {p.name} | `{p.reports_to}` | {' '.join(p.rights.split())} | {'yes' if p.totp else ''} |"
        for p in POSTS
    ]
    return "\n".join(
        ["| right | words |", "|---|---|", *codes, "", "| post | title | reports to | rights | one-time code |",
         "|---|---|---|---|---|", *posts, ""]
    )  # fmt: skip


def homes() -> str:
    """What residents may do by their role, and the words of a matter that they read."""
    rights = [f"| `{code}` | {words} |" for code, words in HOME_RIGHTS.items()]
    roles = [f"| {Occupancy.Role(role).label} `{role}` | {codes} |" for role, codes in HOME.items()]
    told = [f"| `{v.name}` | {v.sentence} | {v.public} |" for v in verbs() if v.public]
    return "\n".join(
        ["| right | words |", "|---|---|", *rights, "", "| role | rights |", "|---|---|", *roles, "",
         "| fact | the house reads | the household reads |", "|---|---|---|", *told, ""]
    )  # fmt: skip


def pages() -> dict[Path, str]:
    """The pages as they should stand."""
    with translation.override("zh-hans"):
        blocks = {
            "flow.md": ("flows", flows()),
            "rights.md": ("rights", rights()),
            "portal.md": ("homes", homes()),
        }
    return {DOCS / file: _put(DOCS / file, name, text) for file, (name, text) in blocks.items()}


def _put(file: Path, name: str, text: str) -> str:
    before = file.read_text(encoding="utf-8")
    found = re.compile(_BLOCK.format(name=name), re.DOTALL)
    return found.sub(lambda m: f"{m[1]}{text}{m[2]}", before)


class Command(BaseCommand):
    help = "文档中由代码生成的部分 / what docs/ takes from the code"

    def handle(self, *_args: Any, **_options: Any) -> None:
        for file, text in pages().items():
            file.write_text(text, encoding="utf-8")
            self.stdout.write(str(file))
