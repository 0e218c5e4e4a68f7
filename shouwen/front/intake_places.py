"""Where a matter belongs: a home, a public area, or a place in words; chosen first, and anew with all that was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from shouwen.cases.models import Kind
from shouwen.estate.household import only_resident
from shouwen.estate.models import Person, Space, Unit
from shouwen.front import caseview, look
from shouwen.front.doors import community, viewer
from shouwen.front.search import estate_groups
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import clean_line

CHOSEN = ("unit", "space", "person", "elsewhere")
OWN = ("csrfmiddlewaretoken", "q", "switch", "kept")
"""What a form says of itself, not of the matter."""


class Place:
    """What was chosen: a unit, a public area, or a place in words; and who is asking.

    ``alone`` is the only resident of a unit that was chosen without a person: whoever calls from there, most likely.
    """

    def __init__(
        self, unit: Unit | None, space: Space | None, person: Person | None, alone: Person | None, words: bool
    ) -> None:
        self.unit, self.space, self.person, self.alone = unit, space, person, alone
        self.picked = bool(unit or space or words)

    @classmethod
    def by(cls, request: HttpRequest, asked: Mapping[str, str] | None = None) -> Place:
        """Read the address, or what else is ``asked``; every id goes through the viewer's scope."""
        asked = request.GET if asked is None else asked
        unit = _found(request, Unit, asked.get("unit"))
        person = _found(request, Person, asked.get("person"))
        sees = unit is not None and viewer(request).may("estate.see", unit.community_id)
        alone = only_resident(unit) if sees and person is None else None
        return cls(unit, _found(request, Space, asked.get("space")), person, alone, "elsewhere" in asked)

    @property
    def asker(self) -> Person | None:
        return self.person or self.alone

    def person_id(self, asker: str) -> int | None:
        """Whom the matter is put down to: the person chosen, or the only resident unless somebody else was typed."""
        if self.person:
            return self.person.pk
        return self.alone.pk if self.alone and asker == self.alone.name else None

    @property
    def words(self) -> str:
        return self.unit.code if self.unit else self.space.name if self.space else _("其他地点")


def _found(request: HttpRequest, model: Any, key: str | None) -> Any:
    if not key:
        return None
    rows = model.objects.visible_to(viewer(request)).filter(community_id=community(request).pk)
    row = rows.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
    if row is None:
        raise NotFound("not_found")
    return row


def address(kind: str, **chosen: Any) -> str:
    return reverse("intake") + "?" + urlencode({"kind": kind} | {k: v for k, v in chosen.items() if v})


def kinds_of(request: HttpRequest, kind: str) -> tuple[look.Link, ...]:
    rest = {k: v for k, v in request.GET.items() if k in (*CHOSEN, "q", "was")}
    return tuple(
        look.Link(str(k.label), address(k, **rest), caseview.KIND_ICONS[k], current=k == kind) for k in Kind
    )


def pick(request: HttpRequest, kind: str, kept: tuple[look.Kept, ...] = ()) -> dict[str, Any]:
    """Choosing the home: by room, name, pinyin, telephone or plate; or a public area, or a place in words.

    Posted (``switch``), it takes along what was typed for another one, so that a hit is a press and no link.
    """
    moving = request.method == "POST"
    text = clean_line((request.POST if moving else request.GET).get("q", ""))[:64]
    me, here = viewer(request), community(request).pk

    def choose(unit_id: int | None, person_id: int | None) -> str:
        return address(kind, unit=unit_id, person=person_id, elsewhere="" if unit_id else "1")

    groups = estate_groups(me, here, text, choose) if text else ()
    areas = Space.objects.visible_to(me).filter(community_id=here)
    areas = areas.filter(name__contains=text) if text else areas
    spaces = tuple(
        look.Hit(s.name, "", address(kind, space=s.pk), icon="building-community") for s in areas[:12]
    )
    return {
        "kinds": kinds_of(request, kind),
        "picked": False,
        "query": text,
        "keep": _typed(request) if moving else (("kind", kind),),
        "moving": moving,
        "kept": kept,
        "stay": _stay(request, kind) if moving else None,
        "hit_groups": tuple(g for g in (*groups, look.HitGroup(_("公共区域"), "trees", spaces)) if g.hits),
        "public_url": address(kind, elsewhere="1"),
    }


def _was(request: HttpRequest) -> dict[str, str]:
    """The place from which somebody moves on, as its address wrote it."""
    return {k: v for k, v in parse_qsl(request.GET.get("was", "")[:200]) if k in CHOSEN}


def _stay(request: HttpRequest, kind: str) -> look.Link | None:
    """The way back to the place that was chosen before."""
    was = _was(request)
    return (
        look.Link(_("不换了，还是 %s") % Place.by(request, was).words, address(kind, **was)) if was else None
    )


def _typed(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """What was typed, without the name that stood there because of the home that it no longer is."""
    asker = Place.by(request, _was(request)).asker
    return tuple(
        (name, str(value))
        for name, value in request.POST.items()
        if name not in OWN and not (name == "asker" and asker and value == asker.name)
    )
