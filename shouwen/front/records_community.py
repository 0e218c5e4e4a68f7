"""The particulars of a community."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from shouwen.estate import actions
from shouwen.front import look
from shouwen.front.doors import back, community, staff_door, viewer
from shouwen.front.forming import Typed, form_view
from shouwen.front.record_forms import CommunityForm

RIGHT = "setting.edit"
FIELDS = ("name", "kind", "address", "phone", "handed_over_on")


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def community_edit(request: HttpRequest) -> HttpResponse:
    """Change the particulars of the community that one works in."""
    row = community(request)
    initial = {name: getattr(row, name) for name in FIELDS}
    home = back(request, reverse("settings"))
    buildings = home == reverse("building_list")

    def act(typed: Typed) -> tuple[str, str]:
        saved = actions.edit_community(row.pk, actor=viewer(request), **typed)
        return home, _("%s 已保存") % saved.name

    return form_view(
        request,
        lambda data, _files: CommunityForm(data, known=True, initial=initial),
        act,
        title=_("项目资料"),
        submit=_("保存项目"),
        home=home,
        back=look.Link(pgettext("page", "楼栋") if buildings else _("设置"), home),
    )


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def community_new(request: HttpRequest) -> HttpResponse:
    """Another community of the same branch, for whoever may set all of its communities."""
    branch = community(request).branch

    def act(typed: Typed) -> tuple[str, str]:
        row = actions.add_community(branch, actor=viewer(request), **typed)
        return reverse("building_list"), _("%s 已建立,请给同事在那里授权") % row.name

    return form_view(
        request,
        lambda data, _files: CommunityForm(data, known=False),
        act,
        title=_("新建项目"),
        submit=_("建立项目"),
        lead=branch.name,
        home=reverse("building_list"),
    )
