"""What the pages of the registers share."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.estate.imports.registers import Register
from shouwen.estate.keys import unit_key
from shouwen.estate.models import Unit
from shouwen.front import look
from shouwen.front.doors import may, viewer

SHOWN = 10
"""So many rows of a register on the page of a home; the rest are behind a link."""


def amount(label: str) -> look.Column:
    return look.Column(label, align="right")


def one_home(request: HttpRequest) -> Unit | None:
    """The home whose rows the address asks for (``?unit=``), if the viewer sees it."""
    key = request.GET.get("unit", "")
    return Unit.objects.visible_to(viewer(request)).filter(pk=int(key)).first() if key.isdecimal() else None


def homes_found(text: str) -> QuerySet[Unit]:
    """The homes whose number begins so, however it is written; for use within a query."""
    key = unit_key(text)
    return Unit.objects.filter(key__startswith=key) if key else Unit.objects.none()


def import_link(request: HttpRequest, of: Register) -> look.Link | None:
    """What an empty list offers to whoever may import one."""
    url = f"{reverse('import_new')}?source={of.code}"
    return look.Link(_("导入清单"), url, "upload") if may(request, of.right) else None


def import_action(request: HttpRequest, of: Register) -> tuple[look.Action, ...]:
    if not may(request, of.right):
        return ()
    return (look.Action("import", _("导入"), reverse("import_list"), icon="upload"),)


def everything(url: str) -> tuple[look.Action, ...]:
    return (look.Action("all", _("全部"), url, icon="list-details"),)
