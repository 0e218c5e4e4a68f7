"""Choosing by code or by name on the command line; who types something else is told what there is."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from django.core.management.base import CommandError

from shouwen.estate.models import Community
from shouwen.people.models import Post
from shouwen.people.rights import RIGHTS


def chosen(typed: str, known: Mapping[str, str], what: str) -> str:
    """The code among ``known`` (code to name) that was meant; CommandError with the near ones first, then with all."""
    typed = typed.strip()
    if typed in known:
        return typed
    named = [code for code, name in known.items() if name == typed]
    if len(named) == 1:
        return named[0]
    near = named or _near(typed, known)
    guess = f"是不是：{'、'.join(told(code, known) for code in near)}？" if near else ""
    listed = "".join(f"\n  {code}  {name}" for code, name in known.items())
    raise CommandError(f"没有{what}“{typed}”。{guess}可写代码或名称：{listed}")


def told(code: str, known: Mapping[str, str]) -> str:
    return f"{code}（{known[code]}）"


def posts() -> dict[str, str]:
    """Code to name of every post that is in use."""
    return dict(Post.objects.filter(active=True).values_list("code", "name"))


def rights() -> dict[str, str]:
    """Code to name of every right."""
    return {code: str(name) for code, name in RIGHTS.items()}


def community(typed: str) -> Community:
    """The community with this code or name."""
    known = dict(Community.objects.order_by("code").values_list("code", "name"))
    if not known:
        raise CommandError("还没有项目：先运行 ./dev shouwen setup。")
    return Community.objects.get(code=chosen(typed, known, "项目"))


def _near(typed: str, known: Mapping[str, str]) -> list[str]:
    """Codes that are spelt alike, or whose name holds what was typed or begins like it."""
    lower = typed.lower()
    alike = get_close_matches(lower, known, n=3, cutoff=0.6)
    names = {name: code for code, name in known.items()}
    alike += [names[name] for name in get_close_matches(typed, names, n=3, cutoff=0.5)]
    inside = [c for c, name in known.items() if typed and (typed in name or lower in c)]
    return list(dict.fromkeys([*alike, *inside]))[:4]
