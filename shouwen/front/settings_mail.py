"""E-mail: the mailbox of the house with a test, the wordings with a preview, one's own way to hear."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate.saving import everywhere
from shouwen.front import look
from shouwen.front.doors import page, staff_door, viewer
from shouwen.front.forming import Typed, confirm, fields_of, form_view, version_of
from shouwen.front.record_forms import CleanForm
from shouwen.front.settings_parts import Values, button, edit_view, settings_link, table
from shouwen.kernel.refusals import NotFound
from shouwen.notices import letters
from shouwen.notices import mail_actions as actions
from shouwen.notices.carriers import CARRIERS
from shouwen.notices.models import Gateway, Mailbox, Quiet, Way, Wording
from shouwen.notices.words import HOMES, NOTICES
from shouwen.people.models import Staff

RIGHT = actions.SETTING
BUTTON = "front/settings/parts/preview.html"


def _why(request: HttpRequest) -> str:
    mine = everywhere(viewer(request), RIGHT)
    return "" if mine else _("发信邮箱和模板全公司共用，要在每个项目都有改设置的权限才能改。")


@require_GET
@staff_door(RIGHT)
def mail(request: HttpRequest) -> HttpResponse:
    """Which carriers there are, the mailbox, and the wordings."""
    box, gateway, why = Mailbox.objects.first(), Gateway.objects.first(), _why(request)
    context = {
        "title": _("邮件与外发"),
        "lead": _("提醒先在首问里显示；到期和超时的，还可以发到邮箱。住户报的事有进展，也从这里告诉他们。"),
        "back": settings_link(),
        "facts": (*(_facts(box) if box else ()), *(_gateway(gateway) if gateway else ())),
        "actions": (
            button("box", _("修改发信邮箱") if box else _("设发信邮箱"), reverse("mail_edit"), "mail-cog", refused=why,
                   primary=not box and not why),
            *((button("test", _("发一封试试"), reverse("mail_test"), "send"),) if box else ()),
            button("sms", _("修改短信网关") if gateway else _("设短信网关"), reverse("sms_edit"), "device-mobile",
                   refused=why),
            *((button("sms-test", _("发一条短信试试"), reverse("sms_test"), "send", refused=why),) if gateway else ()),
            button("letters", _("外发记录"), reverse("letter_list"), "list-details"),
        ),
        "tables": (_carriers(), _wordings(why)),
    }  # fmt: skip
    return page(request, "front/detail.html", context)


def _facts(box: Mailbox) -> tuple[tuple[str, look.Cell], ...]:
    return (
        (_("服务器"), look.Cell(f"{box.host}:{box.port}", sub=str(box.get_security_display()))),
        (_("发信地址"), look.Cell(box.sender, sub=box.sender_name)),
        (_("邮件免打扰"), _quiet(box)),
        (_("汇总"), look.Cell(f"{box.digest_at:%H:%M}", sub=_("选了每天一封的同事在这时收到。"))),
    )


def _gateway(row: Gateway) -> tuple[tuple[str, look.Cell], ...]:
    homes = _("没有邮箱的住户，进展用短信告诉") if row.homes else _("只发登录验证码")
    return (
        (_("短信网关"), look.Cell(urlsplit(row.url).netloc, sub=homes)),
        (_("短信免打扰"), _quiet(row)),
    )


def _quiet(row: Quiet) -> look.Cell:
    if not (row.quiet_from and row.quiet_to):
        return look.Cell(_("没有"))
    hours = f"{row.quiet_from:%H:%M}–{row.quiet_to:%H:%M}"
    return look.Cell(hours, sub=_("这段时间只发紧急事项的，其余到点再发。"))


def _carriers() -> look.TableList:
    page_ = look.TableRow(
        (look.Cell(_("首问里的提醒"), strong=True), look.Cell(tag=_("在用"), tag_tone="done"))
    )
    rows = [
        look.TableRow(
            (
                look.Cell(str(carrier.name), strong=True),
                look.Cell(tag=trouble or _("在用"), tag_tone="plain" if trouble else "done"),
            )
        )
        for carrier in CARRIERS.values()
        for trouble in [carrier.trouble()]
    ]
    return table(_("通道"), (_("通道"), _("状态")), (page_, *rows))


def _wordings(why: str) -> look.TableList:
    own = letters.wordings()
    rows = [
        look.TableRow(
            cells=(
                look.Cell(about(code), strong=True),
                look.Cell((own.get(code) or letters.preset(code)).subject, dim=code not in own),
                look.Cell(tag=_("自己写的") if code in own else _("预设")),
            ),
            actions=(button(f"w-{n}", _("修改"), reverse("wording", args=[code]), "edit", refused=why),),
        )
        for n, code in enumerate(letters.codes())
    ]
    return table(_("邮件模板"), (_("什么时候发"), _("主题"), _("内容")), rows)


def about(code: str) -> str:
    """What letters of a code are about; a clause stands for any."""
    if code in HOMES:
        return _("住户：%s") % HOMES[code]
    words = str(NOTICES.get(code, _("每天的汇总")))
    return words.replace("{clause}", _("某项应办"))


# --- the mailbox ------------------------------------------------------------------------------------------------------


class MailboxForm(CleanForm):
    locals().update(
        fields_of(
            Mailbox, "host", "port", "security", "username", "sender", "sender_name", "active", "quiet_from",
            "quiet_to", "digest_at",
        )
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("密码或授权码"), max_length=200, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("不填就用原来的。加密保存，谁也看不到。"),
    )  # fmt: skip
    field_order = ("host", "port", "security", "username", "password", "sender", "sender_name", "quiet_from",
                   "quiet_to", "digest_at", "active")  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host"].help_text = _("例：smtp.exmail.qq.com")
        self.fields["sender_name"].help_text = _("收信人看到的名字，例：云山雅苑客服中心")
        for name in ("quiet_from", "quiet_to", "digest_at"):
            self.fields[name].widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def clean_port(self) -> int:
        port: int = self.cleaned_data["port"]
        if not 0 < port < 65536:
            raise forms.ValidationError(_("端口在 1 到 65535 之间。"))
        return port

    def clean_sender(self) -> str:
        sender: str = self.cleaned_data["sender"]
        if not sender.isascii():
            raise forms.ValidationError(_("发信地址只能用英文字母、数字和符号。"))
        return sender


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def mail_edit(request: HttpRequest) -> HttpResponse:
    """Where letters leave the house, and when they don't."""
    fields = [name for name in MailboxForm.base_fields if name != "password"]
    rows = Mailbox.objects.all()

    def values() -> Values:
        return rows.values(*fields).first() or {"port": 587, "active": True, "digest_at": "08:30"}

    def pressed(typed: Typed) -> tuple[str, str]:
        row = actions.set_mailbox(actor=viewer(request), **typed)
        return reverse("mail"), _("发信邮箱是 %s，可以发一封试试") % row.sender

    return edit_view(
        request, MailboxForm, values, pressed, lock=rows, home=reverse("mail"),
        title=_("发信邮箱"), submit=_("保存发信邮箱"), back=look.Link(_("邮件与外发"), reverse("mail")),
    )  # fmt: skip


class TestForm(CleanForm):
    to = forms.EmailField(label=gettext_lazy("发到"), max_length=200)


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def mail_test(request: HttpRequest) -> HttpResponse:
    """Send one letter now; the mail server's own words when it goes wrong."""
    me, home = viewer(request), reverse("mail")
    mine = Staff.objects.values_list("email", flat=True).get(pk=me.id)

    def pressed(typed: Typed) -> tuple[str, str]:
        actions.try_mailbox(actor=me, to=typed["to"])
        return home, _("邮件服务器收下了，请到 %s 看看") % typed["to"]

    def draw(data: Any, _files: Any) -> TestForm:
        return TestForm(data, initial={"to": mine})

    return form_view(
        request, draw, pressed, title=_("发一封试试"), submit=_("现在发"), home=home, icon="send",
        lead=_("用一封样信试发信邮箱，最多等十几秒。"), back=look.Link(_("邮件与外发"), home),
    )  # fmt: skip


# --- wordings ---------------------------------------------------------------------------------------------------------


class WordingForm(CleanForm):
    locals().update(fields_of(Wording, "subject", "body"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].widget = forms.Textarea(attrs={"rows": 14})


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def wording(request: HttpRequest, code: str) -> HttpResponse:
    """Word the letters of one code; the preview beside it shows what was typed, with made-up facts."""
    if code not in letters.codes():
        raise NotFound("not_found")
    home, rows = reverse("mail"), Wording.objects.filter(pk=code)
    now = letters.wordings().get(code) or letters.preset(code)
    typed = letters.Words(request.POST.get("subject", now.subject), request.POST.get("body", now.body))
    aside = (_preview(typed, code), _legend(code), *_presets(code, own=rows.exists()))
    if request.method == "POST" and "preview" in request.POST:
        form = WordingForm(initial={"subject": typed.subject, "body": typed.body})
        drawn = {
            "form": form,
            "title": about(code),
            "submit": _("保存模板"),
            "back": look.Link(_("邮件与外发"), home),
            "cancel_url": home,
            "aside": aside,
            "extra": BUTTON,
            "version": version_of(request),
        }
        return page(request, "front/form.html", drawn)

    def values() -> Values:
        words = letters.wordings().get(code) or letters.preset(code)
        return {"subject": words.subject, "body": words.body}

    def pressed(given: Typed) -> tuple[str, str]:
        actions.set_wording(code, actor=viewer(request), **given)
        return home, _("“%s”的模板已保存") % about(code)

    return edit_view(
        request, WordingForm, values, pressed, lock=rows, home=home, title=about(code), submit=_("保存模板"),
        back=look.Link(_("邮件与外发"), home), aside=aside, extra=BUTTON,
    )  # fmt: skip


def _preview(words: letters.Words, code: str) -> look.Preview:
    shown = letters.filled(words, letters.example(code))
    return look.Preview(_("预览"), shown.subject, shown.body)


def _legend(code: str) -> look.Lines:
    lines = tuple(look.Line(f"{{{name}}}", str(meaning)) for name, meaning in letters.fields(code).items())
    return look.Lines(_("能用的内容"), lines)


def _presets(code: str, *, own: bool) -> tuple[look.Text, ...]:
    if not own:
        return ()
    words = look.Part(_("改回预设"), url=reverse("wording_drop", args=[code]))
    return (look.Text(_("这份是自己写的"), (words,)),)


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def wording_drop(request: HttpRequest, code: str) -> HttpResponse:
    """Back to the preset."""
    if code not in letters.codes():
        raise NotFound("not_found")

    def act() -> str:
        actions.drop_wording(code, actor=viewer(request))
        return _("“%s”用回预设模板") % about(code)

    return confirm(
        request, act, title=_("改回预设：%s") % about(code), submit=_("改回预设"), icon="arrow-back-up",
        home=reverse("mail"), lead=_("自己写的那份不再保留。"),
    )  # fmt: skip


# --- one's own way ----------------------------------------------------------------------------------------------------


class WayForm(CleanForm):
    locals().update(fields_of(Staff, "email"))
    mail = forms.ChoiceField(
        label=gettext_lazy("邮件提醒"), choices=Way.Mail.choices, widget=forms.RadioSelect,
        help_text=gettext_lazy("首问里的提醒总是有；这里选哪些再发到邮箱。已经看过的不再发。"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door()
def ways(request: HttpRequest) -> HttpResponse:
    """Which notices the viewer wants by e-mail too, and where."""
    me, home = viewer(request), reverse("notice_list")
    rows = Staff.objects.filter(pk=me.id)
    trouble = CARRIERS["email"].trouble()

    def values() -> Values:
        way = Way.objects.filter(pk=me.id).first()
        return {
            "email": rows.values_list("email", flat=True).get(),
            "mail": way.mail if way else Way.Mail.LATE,
        }

    def pressed(typed: Typed) -> tuple[str, str]:
        row = actions.choose_way(actor=me, **typed)
        return home, _("邮件提醒：%s") % row.get_mail_display()

    return edit_view(
        request, WayForm, values, pressed, lock=rows, home=home, title=_("提醒方式"), submit=_("保存提醒方式"),
        lead=_("现在发不出邮件：%s。选好的以后起效。") % trouble if trouble else "", back=look.Link(_("提醒"), home),
    )  # fmt: skip
