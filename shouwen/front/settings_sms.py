"""The gateway of text messages: where they are posted and how, and one message to one's own telephone to try it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from shouwen.front import look
from shouwen.front.doors import staff_door, viewer
from shouwen.front.forming import Typed, fields_of, form_view
from shouwen.front.record_forms import CleanForm
from shouwen.front.settings_mail import RIGHT
from shouwen.front.settings_parts import Values, edit_view
from shouwen.notices import sms_actions as actions
from shouwen.notices.models import Gateway
from shouwen.people.models import Staff

FIELDS = (
    "url", "form", "phone_field", "text_field", "header", "success", "signature", "inside", "homes", "quiet_from",
    "quiet_to", "active",
)  # fmt: skip


class GatewayForm(CleanForm):
    locals().update(fields_of(Gateway, *FIELDS))
    secret = forms.CharField(
        label=gettext_lazy("密钥"), max_length=500, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("不填就用原来的。加密保存，谁也看不到。"),
    )  # fmt: skip
    field_order = (*FIELDS[:5], "secret", *FIELDS[5:])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in _HELP.items():
            self.fields[name].help_text = str(words)
        for name in ("quiet_from", "quiet_to"):
            self.fields[name].widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


_HELP = {
    "url": gettext_lazy("https:// 开头；固定不变的参数可以写在 ? 后面，密钥不要写在这里。每条短信向它发一次 POST，不跟随跳转。"),
    "header": gettext_lazy("例：Authorization。没有密钥就空着。"),
    "success": gettext_lazy("有的网关失败了也答 200：填成功时回答里才有的字，例 \"code\":0。空着就只看 200。"),
    "signature": gettext_lazy("加在正文前面的【】里；网关自己会加的就空着。"),
    "inside": gettext_lazy("选了才连本机和内网的地址，也才可以用 http。"),
    "homes": gettext_lazy("只有单号，不写姓名、地点和内容。"),
}  # fmt: skip


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def sms_edit(request: HttpRequest) -> HttpResponse:
    """Where text messages leave the house, and when they don't."""
    rows, home = Gateway.objects.all(), reverse("mail")
    fresh = {"form": "json", "phone_field": "phone", "text_field": "text", "active": True,
             "quiet_from": "21:00", "quiet_to": "08:00"}  # fmt: skip

    def values() -> Values:
        return rows.values(*FIELDS).first() or fresh

    def pressed(typed: Typed) -> tuple[str, str]:
        actions.set_gateway(actor=viewer(request), **typed)
        return home, _("短信网关已保存，可以发一条试试")

    return edit_view(
        request, GatewayForm, values, pressed, lock=rows, home=home,
        title=_("短信网关"), submit=_("保存短信网关"), back=look.Link(_("邮件与外发"), home),
    )  # fmt: skip


class NumberForm(CleanForm):
    to = forms.CharField(label=gettext_lazy("发到"), max_length=40)


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def sms_test(request: HttpRequest) -> HttpResponse:
    """Send one message to one's own telephone now; the gateway's own words when it goes wrong."""
    me, home = viewer(request), reverse("mail")
    mine = Staff.objects.values_list("phone", flat=True).get(pk=me.id)

    def pressed(typed: Typed) -> tuple[str, str]:
        number = actions.try_gateway(actor=me, to=typed["to"])
        return home, _("短信网关收下了，请看 %s") % number

    def draw(data: Any, _files: Any) -> NumberForm:
        return NumberForm(data, initial={"to": mine})

    return form_view(
        request, draw, pressed, title=_("发一条短信试试"), submit=_("现在发"), home=home, icon="send",
        lead=_("发到自己的手机，最多等十秒。"), back=look.Link(_("邮件与外发"), home),
    )  # fmt: skip
