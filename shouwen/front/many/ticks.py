"""Which moves can be made with the ticked rows of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases.flow import CASE
from shouwen.cases.forms import FORMS as CASE_FORMS
from shouwen.cases.forms import HandManyForm, UrgentForm
from shouwen.cases.models import Case
from shouwen.front import look
from shouwen.front.caseview import ICONS
from shouwen.front.doors import community, viewer
from shouwen.kernel.doors import MoveForm
from shouwen.kernel.flow import Flow
from shouwen.works.flow import ORDER
from shouwen.works.forms import FORMS as ORDER_FORMS
from shouwen.works.models import Order

UNDO = "Z"
"""Taken on every page by what was done last."""


@dataclass(frozen=True)
class Kind:
    """What can be moved by the dozen: its flow, and for each button (move, form)."""

    flow: Flow
    url: str
    home: str
    rows: Any
    presses: Mapping[str, tuple[str, type[MoveForm]]]


CASES = Kind(
    CASE,
    "case_bulk",
    "case_list",
    lambda me: Case.objects.visible_to(me).select_related("category", "first_responder", "handler"),
    {"hand": ("hand", HandManyForm)}
    | {name: (name, CASE_FORMS[name]) for name in ("urge", "close_unconfirmed", "cancel")}
    | {"urgent": ("refile", UrgentForm)},
)
ORDERS = Kind(
    ORDER,
    "order_bulk",
    "order_list",
    lambda me: Order.objects.visible_to(me).exclude(case__about_id=me.id)
    .select_related("case__category", "case__first_responder", "technician"),
    {name: (name, ORDER_FORMS[name]) for name in ("assign", "recall")},
)  # fmt: skip


def buttons(request: HttpRequest, kind: Kind) -> tuple[look.Action, ...]:
    """The moves that the viewer may make with the ticked rows of a list."""
    me, here = viewer(request), community(request).pk
    return tuple(
        look.Action(
            name,
            words_of(kind, name),
            reverse(kind.url, args=[name]),
            key=kind.flow[move].key.replace(UNDO, ""),
            icon=ICONS.get(name, "urgent"),
        )
        for name, (move, _form) in kind.presses.items()
        if me.may(kind.flow[move].right, here)
    )


def words_of(kind: Kind, name: str) -> str:
    return _("标为紧急") if name == "urgent" else str(kind.flow[kind.presses[name][0]].label)
