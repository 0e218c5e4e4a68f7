"""Signing in and out: password, first-use change, one-time code, the list of one's sessions."""

from __future__ import annotations

import base64
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwen.front import look
from shouwen.front.doors import back, done, page, staff_door, viewer
from shouwen.kernel import clock
from shouwen.kernel.refusals import Refused
from shouwen.people import sign_in as people
from shouwen.people.models import SignIn, Staff

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("登录名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("动态口令"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )


class PasswordForm(forms.Form):
    old = forms.CharField(
        label=_("现在的密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("新密码"),
        strip=False,
        max_length=200,
        help_text=_("至少 10 个字符，不能全是数字，不能太常见，也不能和登录名或姓名太像。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一遍"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, forced: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if forced:
            del self.fields["old"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("new") and typed.get("again") and typed["new"] != typed["again"]:
            self.add_error("again", _("两次输入的密码不一样。"))
        return typed


def address(request: HttpRequest) -> str:
    """The address of whoever asks, as the gate passed it on."""
    return str(request.META.get("REMOTE_ADDR", ""))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The first page: account and password. Failures are counted by account and address."""
    if request.user.is_authenticated:
        return redirect("home")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            staff = people.check(
                form.cleaned_data["username"], form.cleaned_data["password"], address=address(request)
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _welcome(request, staff)
    status = 422 if form.is_bound else 200
    context = {"form": form, "next": back(request, ""), "demo": _demo(), "frame": None}
    return render(request, "front/sign_in.html", context, status=status)


def _welcome(request: HttpRequest, staff: Staff) -> HttpResponse:
    """A new session; what is still owed (code, new password) is asked for by the next page."""
    goal = back(request, reverse("home"))
    login(request, staff, backend=BACKEND)
    if not request.session.session_key:
        request.session.save()
    request.session["totp_ok"] = not people.needs_totp(staff)
    if staff.language:
        request.session["language"] = staff.language
    _opened(request, staff)
    return redirect(goal)


def _opened(request: HttpRequest, staff: Staff) -> None:
    people.opened(
        staff,
        session_key=request.session.session_key or "",
        address=address(request),
        agent=request.META.get("HTTP_USER_AGENT", ""),
    )


def _demo() -> tuple[tuple[str, str, str], ...]:
    """The demo's accounts where the demo estate is loaded and its passwords are the known ones."""
    path = settings.DATA_DIR / "demo.txt"
    if not path.exists():
        return ()
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return tuple((r[0], r[1], r[2]) for r in rows if len(r) >= 3 and r[1] == "yunshan-demo")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave this browser."""
    if request.user.is_authenticated:
        people.closed(request.user, session_key=request.session.session_key or "")
    logout(request)
    return redirect("sign_in")


@require_http_methods(["GET", "POST"])
def totp(request: HttpRequest) -> HttpResponse:
    """The one-time code; on the first time the picture to scan."""
    if not request.user.is_authenticated:
        return redirect("sign_in")
    staff = request.user
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            people.verify_totp(staff, form.cleaned_data["code"], address=address(request))
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session["totp_ok"] = True
            return redirect(back(request, reverse("home")))
    device = None if people.enrolled(staff) else people.enrolment(staff)
    context = {
        "form": form,
        "title": _now("动态口令"),
        "lead": " ".join(
            (
                *_how(device),
                _now(
                    "以后换手机或丢了手机，请两位有权的同事在“设置 › 同事”里重置；"
                    "没有两位时，请管服务器的人运行 ./dev shouwen user reset 登录名。"
                ),
            )
        ),
        "qr": segno.make(device.config_url).svg_inline(border=2, omitsize=True) if device else "",
        "secret": _typed_secret(device) if device else "",
        "submit": _now("验证"),
        "frame": None,
    }
    return render(request, "front/sign_in/totp.html", context, status=422 if form.errors else 200)


def _typed_secret(device: Any) -> str:
    """The secret in groups of four, for whoever can't scan."""
    secret = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """A password of one's own; forced at the first use."""
    if not request.user.is_authenticated:
        return redirect("sign_in")
    staff = request.user
    # A password alone must not be enough to change the password of somebody who has a second factor.
    if not request.session.get("totp_ok", True) and people.enrolled(staff):
        return redirect("totp")
    form = PasswordForm(request.POST or None, forced=staff.must_change)
    if request.method == "POST" and form.is_valid():
        old = None if staff.must_change else form.cleaned_data["old"]
        try:
            changed = people.change_password(
                staff, old=old, new=form.cleaned_data["new"], session_key=request.session.session_key or ""
            )
        except Refused as refusal:
            form.add_error("old" if refusal.code == "wrong_password" else "new", str(refusal))
        else:
            return _kept_signed_in(request, changed)
    context = {"form": form, "title": _now("修改密码"), "submit": _now("保存"), "frame": None}
    context["lead"] = _now("第一次登录，请换成只有你知道的密码。") if staff.must_change else ""
    return render(request, "front/sign_in.html", context, status=422 if form.errors else 200)


def _kept_signed_in(request: HttpRequest, staff: Staff) -> HttpResponse:
    """The session hash changed with the password: this browser stays signed in, under a new session."""
    passed, before = request.session.get("totp_ok", True), request.session.session_key or ""
    login(request, staff, backend=BACKEND)
    request.session["totp_ok"] = passed
    request.session.save()
    people.moved(staff, before=before, session_key=request.session.session_key or "")
    return redirect("home")


@require_GET
@staff_door()
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in; each can be ended."""
    mine = SignIn.objects.filter(staff_id=viewer(request).id, ended_at=None).order_by("-at")[:50]
    here = request.session.session_key
    rows = tuple(
        look.TableRow(
            id=str(s.pk),
            cells=(
                look.Cell(f"{clock.local(s.at):%Y-%m-%d %H:%M}", nowrap=True),
                look.Cell(s.address or ""),
                look.Cell(people.device(s.agent), dim=True),
                look.Cell(tag=_now("这里") if s.session_key == here else ""),
            ),
            actions=()
            if s.session_key == here
            else (
                look.Action("end", _now("结束"), reverse("session_end", args=[s.pk]), icon="x", post=True),
            ),
        )
        for s in mine
    )
    columns = tuple(look.Column(c) for c in (_now("登录时间"), _now("地址"), _now("浏览器"), ""))
    table = look.TableList(
        title=_now("登录会话"), columns=columns, rows=rows, pager=look.Pager(total=len(rows))
    )
    return page(request, "front/list.html", {"table": table})


@require_POST
@staff_door()
def session_end(request: HttpRequest, key: int) -> HttpResponse:
    """End one of one's sessions: the browser there has to sign in again."""
    people.end_session(key, actor=viewer(request))
    return done(request, reverse("sessions"), _now("已结束那里的登录。"))


def _how(device: Any) -> tuple[str, ...]:
    """What to do with the authenticator; ``device`` is one that is to be taken up now."""
    if device is None:
        return (_now("输入验证器上的 6 位数字。"),)
    return (
        _now("用手机上的验证器扫描二维码，再输入它显示的 6 位数字。"),
        _now("任何验证器都可以，例如应用商店里的 Microsoft Authenticator 或 FreeOTP。"),
    )
