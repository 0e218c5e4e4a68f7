"""The front page of settings, and who answers when nobody else can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.cases.models import Category
from shouwen.cases.phrases.models import Phrase
from shouwen.duties.models import Policy
from shouwen.estate.hours import calendar_of
from shouwen.estate.models import Community, Space
from shouwen.front import look
from shouwen.front.doors import community, done, may, page, staff_door, viewer
from shouwen.front.forming import both_versions
from shouwen.front.settings_hours import hours_words
from shouwen.front.settings_parts import (
    Shifted,
    Values,
    button,
    colleagues,
    seen_as,
    settings_link,
    unchanged,
)
from shouwen.kernel import clock
from shouwen.kernel.journal import frame
from shouwen.kernel.refusals import NotAllowed, Refused
from shouwen.notices.carriers import CARRIERS, EMAIL
from shouwen.people import actions
from shouwen.people.models import Fallback, Grant, Post, Staff, Token
from shouwen.people.who import lacks_fallback

MANAGE, EDIT = "staff.manage", "setting.edit"


@dataclass(frozen=True)
class Entrance:
    """A line of the index: the right that shows it, URL name, icon, words, one sentence, what stands there now."""

    right: str
    url_name: str
    icon: str
    words: str | Promise
    about: str | Promise
    now: Callable[[Community], str]


def _staff_count(here: Community) -> str:
    held = Grant.objects.reaching([here.pk]).values("staff")
    return _("在职 %s 人") % Staff.objects.filter(pk__in=held, is_active=True).count()


def _post_count(_here: Community) -> str:
    return _("%s 个") % Post.objects.filter(active=True).count()


def _fallback_name(here: Community) -> str:
    return Fallback.objects.filter(community=here).values_list("staff__name", flat=True).first() or ""


def _token_count(here: Community) -> str:
    return _("在用 %s 个") % Token.objects.filter(community=here, ended_at=None).count()


def _kind(here: Community) -> str:
    return str(here.get_kind_display())


def _space_count(here: Community) -> str:
    return _("%s 处") % Space.objects.filter(community=here).count()


def _today(here: Community) -> str:
    today = clock.today(here.zone)
    return _("今天 %s") % hours_words(calendar_of(here).hours(today))


def _changed_policies(here: Community) -> str:
    newest = Policy.objects.filter(community=here).order_by("key", "-since").distinct("key")
    return _("调整了 %s 项") % sum(1 for row in newest if row.value)


def _mail(_here: Community) -> str:
    return CARRIERS[EMAIL].trouble() or _("在用")


def _category_count(_here: Community) -> str:
    return _("在用 %s 个") % Category.objects.filter(active=True).count()


def _phrase_count(here: Community) -> str:
    return _("在用 %s 条") % Phrase.objects.filter(community=here, active=True).count()


PEOPLE = (
    Entrance(
        MANAGE, "staff_list", "users", gettext_lazy("员工"),
        gettext_lazy("账号、岗位授权、工种、责任楼栋，重置密码，结束登录。"), _staff_count,
    ),
    Entrance(
        MANAGE, "post_list", "id-badge", gettext_lazy("岗位"),
        gettext_lazy("每个岗位能做什么、上级是谁、登录要不要动态口令。"), _post_count,
    ),
    Entrance(
        MANAGE, "fallback", "user-shield", gettext_lazy("兜底负责人"),
        gettext_lazy("没有人能负责的事由这一位负责，每个项目必须有一位。"), _fallback_name,
    ),
    Entrance(
        MANAGE, "token_list", "plug-connected", gettext_lazy("接口令牌"),
        gettext_lazy("让热线、门户等系统登记和查询事项的钥匙。"), _token_count,
    ),
)  # fmt: skip
SERVICE = (
    Entrance(
        EDIT, "community_edit", "building-community", gettext_lazy("项目资料"),
        gettext_lazy("名称、类型、地址、服务中心电话、接管日期。"), _kind,
    ),
    Entrance(
        EDIT, "space_list", "building", gettext_lazy("公共区域"),
        gettext_lazy("大堂、电梯、车库这些地方：登记和报修时可以直接选。"), _space_count,
    ),
    Entrance(
        EDIT, "hours", "clock", gettext_lazy("服务时间"),
        gettext_lazy("每周的服务时段，本项目自己的休息日和上班日；时限按它走。"), _today,
    ),
    Entrance(
        EDIT, "policies", "hourglass", pgettext_lazy("page", "时限"),
        gettext_lazy("每一步要在多久之内办到，依据哪份手册。"), _changed_policies,
    ),
    Entrance(
        EDIT, "category_list", "category", pgettext_lazy("page", "分类"),
        gettext_lazy("登记时选的分类、派哪个工种、听到哪些词就建议它。"), _category_count,
    ),
    Entrance(
        EDIT, "phrase_list", "message", gettext_lazy("常用语"),
        gettext_lazy("答复、记录、回访时输入“/”就能选的话。"), _phrase_count,
    ),
    Entrance(
        EDIT, "mail", "mail", gettext_lazy("邮件与外发"),
        gettext_lazy("发信邮箱、邮件模板、免打扰，哪些发出去了、哪些没发成。"), _mail,
    ),
)  # fmt: skip
GROUPS: tuple[tuple[str | Promise, tuple[Entrance, ...]], ...] = (
    (gettext_lazy("人员"), PEOPLE),
    (gettext_lazy("服务"), SERVICE),
)


@require_GET
@staff_door()
def settings(request: HttpRequest) -> HttpResponse:
    """Everything that can be set, one sentence each, by the rights of whoever looks."""
    here = community(request)
    groups = [(name, tuple(_line(e, here) for e in lines if may(request, e.right))) for name, lines in GROUPS]
    shown = tuple((str(name), lines) for name, lines in groups if lines)
    if not shown:
        raise NotAllowed("front.no_right")
    context: dict[str, object] = {"title": _("设置"), "lead": here.name, "groups": shown}
    if may(request, EDIT):
        context["actions"] = (button("community", _("新建项目"), reverse("community_new"), "plus"),)
    return page(request, "front/settings/index.html", context | banner(here, link=may(request, MANAGE)))


@dataclass(frozen=True)
class Line:
    """An entrance as it is drawn; ``lacking`` is loud."""

    url: str
    icon: str
    words: str
    about: str
    now: str
    lacking: bool = False


def _line(entrance: Entrance, here: Community) -> Line:
    lacking = entrance.url_name == "fallback" and lacks_fallback(here.pk)
    return Line(
        url=reverse(entrance.url_name),
        icon=entrance.icon,
        words=str(entrance.words),
        about=str(entrance.about),
        now=_("未指定") if lacking else entrance.now(here),
        lacking=lacking,
    )


def banner(here: Community, *, link: bool = False) -> dict[str, object]:
    """The loud sentence of a community where nobody is named to own what nobody else can."""
    if not lacks_fallback(here.pk):
        return {"banner": "", "banner_link": None}
    words = _("%s 还没有兜底负责人：没有人能负责的事眼下只能交给管理人员的人，请马上指定一位。") % here.name
    return {"banner": words, "banner_link": look.Link(_("去指定"), reverse("fallback")) if link else None}


# --- the fallback owner -----------------------------------------------------------------------------------------------


class FallbackForm(forms.Form):
    staff = forms.TypedChoiceField(
        label=gettext_lazy("兜底负责人"),
        coerce=int,
        help_text=gettext_lazy("在这个项目有岗位的在职员工；超时无人处理时最后会提醒到这一位。"),
    )

    def __init__(self, *args: object, people: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["staff"].choices = [("", _("请选择")), *people]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def fallback(request: HttpRequest) -> HttpResponse:
    """Who owns what nobody else can: exactly one in every community, never none once named."""
    here = community(request)
    now = _named(here)
    form = FallbackForm(request.POST or None, initial=now, people=colleagues(here.pk))
    if request.method == "POST" and form.is_valid():
        try:
            with frame(viewer(request)):
                list(Fallback.objects.select_for_update().filter(pk=here.pk))
                unchanged(request, _named(here))
                row = actions.set_fallback(
                    here.pk, actor=viewer(request), staff_id=form.cleaned_data["staff"]
                )
        except Shifted:
            now = _named(here)
            return both_versions(request, form, now, seen_as(now), reverse("fallback"))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return done(request, reverse("settings"), _("兜底负责人是%s") % row.staff.name)
    return page(
        request,
        "front/settings/fallback.html",
        _fallback_context(here, form, now),
        422 if form.is_bound else 200,
    )


def _fallback_context(here: Community, form: FallbackForm, now: Values) -> dict[str, object]:
    return banner(here) | {
        "title": _("兜底负责人"),
        "lead": _(
            "每件事任何时候都有人负责：经办人、上级都没有时，就是这一位。改由别人负责，只管以后落到这里的事。"
        ),
        "form": form,
        "version": form.data.get("version", seen_as(now)),
        "submit": _("指定"),
        "cancel_url": reverse("settings"),
        "back": settings_link(),
    }


def _named(here: Community) -> Values:
    return {"staff": Fallback.objects.filter(pk=here.pk).values_list("staff_id", flat=True).first()}
