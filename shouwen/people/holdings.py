"""What a colleague holds: open matters that somebody must answer for, told by the rooms that keep them.

This room knows no matter. Rooms above register what can be held, as they register what can be imported; whoever
leaves passes all of it on first, so that nothing is ever owned by nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shouwen.kernel.actors import Actor
from shouwen.people.models import Staff


@dataclass(frozen=True)
class Holding:
    """One sort of matter. ``count`` tells by community how many somebody holds, ``words`` says a number of them.

    ``pass_on(staff, heir, community_id)`` gives them all to somebody else, in the open frame; it returns how many.
    """

    code: str
    words: Callable[[int], str]
    count: Callable[[Staff], Mapping[int, int]]
    pass_on: Callable[[Staff, Staff, int, Actor], int]


_HOLDINGS: dict[str, Holding] = {}


def register_holding(holding: Holding) -> None:
    _HOLDINGS[holding.code] = holding


def held_by(staff: Staff) -> dict[int, str]:
    """What somebody holds, in words by community: ``{3: "4 件事项、2 张派工单"}``; empty when nothing."""
    said: dict[int, list[str]] = {}
    for holding in _HOLDINGS.values():
        for community, count in holding.count(staff).items():
            if count:
                said.setdefault(community, []).append(holding.words(count))
    return {community: _("、").join(words) for community, words in said.items()}


def pass_all_on(staff: Staff, heir: Staff, community_id: int, actor: Actor) -> int:
    """Everything of a community, what the highest room keeps first: it moves what lies below it."""
    return sum(h.pass_on(staff, heir, community_id, actor) for h in reversed(_HOLDINGS.values()))
