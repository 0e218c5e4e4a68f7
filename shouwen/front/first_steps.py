"""An empty house says what to do next: units, residents, colleagues, somebody to send, somebody who owns the rest."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Community, Occupancy, Space, Unit
from shouwen.front import look
from shouwen.front.doors import community, may
from shouwen.people.models import Grant
from shouwen.people.who import holders, lacks_fallback

SETS_UP = ("setting.edit", "staff.manage", "estate.import")
"""Who sees the whole list of steps; others hear what is missing, and whom to ask."""


@dataclass(frozen=True)
class _Line:
    """A step: the right that it takes, where it is done, its name, and what is wrong as long as it is not.

    One that nothing waits for has no ``lacking``: it stands in the list, and nobody is asked for it.
    """

    code: str
    right: str
    url_name: str
    name: str | Promise
    lacking: str | Promise = ""
    action: str | Promise = ""


LINES = (
    _Line(
        "units", "estate.import", "import_new", _("导入房屋和住户"),
        _("还没有房屋：先导入一份房屋和住户的清单。"), _("导入清单"),
    ),
    _Line(
        "residents", "estate.import", "import_new", _("登记住户"),
        _("还没有住户：导入住户清单，或在房屋里办理入住。"), _("导入清单"),
    ),
    _Line("spaces", "setting.edit", "space_list", _("登记公共区域")),
    _Line("phone", "setting.edit", "community_edit", _("填服务中心电话，印在便条上、给住户拨打")),
    _Line(
        "colleagues", "staff.manage", "staff_new", _("新建同事的账号"),
        _("还只有一个人有岗位：给同事新建账号、授予岗位。"), _("新建员工"),
    ),
    _Line(
        "crew", "staff.manage", "staff_new", _("有能接单的师傅"),
        _("还没有能接单的师傅，报修派不出去：给师傅新建账号、授予岗位。"), _("新建员工"),
    ),
    _Line(
        "fallback", "staff.manage", "fallback", _("指定兜底负责人"),
        _("还没有兜底负责人：没有人能负责的事要有一位负责。"), _("去指定"),
    ),
)  # fmt: skip


def _done(here: Community) -> set[str]:
    """The steps that are taken; a few questions that stop at the first row."""
    posted = Grant.objects.reaching([here.pk]).filter(staff__is_active=True).values_list("staff", flat=True)
    answers = {
        "units": Unit.objects.filter(community=here, retired_on__isnull=True).exists(),
        "residents": Occupancy.objects.filter(community=here).exists(),
        "spaces": Space.objects.filter(community=here).exists(),
        "phone": bool(here.phone),
        "colleagues": len(set(posted[:50])) > 1,
        "crew": bool(holders(here.pk, "order.work")),
        "fallback": not lacks_fallback(here.pk),
    }
    return {code for code, done in answers.items() if done}


def first_steps(request: HttpRequest) -> look.FirstSteps | None:
    """What to do next, in one sentence with one action, and for who sets things up the whole list; None when all is done."""
    done = _done(community(request))
    lacking = [line for line in LINES if line.lacking and line.code not in done]
    if not lacking:
        return None
    mine = next((line for line in lacking if may(request, line.right)), None)
    first = mine or lacking[0]
    words = str(first.lacking) if mine else str(_("%s请主管来做。") % first.lacking)
    link = look.Link(str(first.action), reverse(first.url_name), "arrow-right") if mine else None
    shown = any(may(request, right) for right in SETS_UP)
    lines = tuple(_step(request, line, done=line.code in done) for line in LINES) if shown else ()
    return look.FirstSteps(words, link, lines)


def _step(request: HttpRequest, line: _Line, *, done: bool) -> look.SetUpStep:
    url = "" if done or not may(request, line.right) else reverse(line.url_name)
    return look.SetUpStep(str(line.name), done, url)
