"""``shouwen setup``: a few questions, and the first real community is ready to be worked in."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from shouwen.estate.models import Branch, Community, Company
from shouwen.kernel.refusals import Refused
from shouwen.people.management import choosing
from shouwen.people.models import Grant, Post, Staff
from shouwen.people.rights import SMALL
from shouwen.people.setup import ALL, FEW, Answers, set_up

QUESTIONS = (
    ("company", "公司名称 / company", "物业服务公司"),
    ("branch", "分公司名称 / branch", "总部"),
    ("community", "项目（小区、大厦）名称 / community", ""),
    ("code", "项目代码，字母和数字 / code", ""),
    ("name", "第一位员工的姓名 / name of the first staff member", ""),
    ("username", "登录名 / account", "admin"),
    ("post", "岗位的代码或名称 / post", "cs_supervisor"),
    ("posts", f"启用哪些岗位：small 只启用常用的 {len(SMALL)} 个，all 全部；以后可在设置里增减 / posts", FEW),
)


class Command(BaseCommand):
    help = "建立第一个真实项目、第一个账号和兜底负责人 / set up a first real community"

    def add_arguments(self, parser: CommandParser) -> None:
        for name, words, _default in QUESTIONS:
            parser.add_argument(f"--{name}", help=words)
        parser.add_argument("--another-company", action="store_true", help="确实要建另一家公司")

    def handle(self, *_args: Any, **given: Any) -> None:
        answers = self._answers(given)
        try:
            community, staff, password = set_up(Answers(**answers))
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        post = Post.objects.get(pk=answers["post"])
        self.stdout.write(f"项目“{community.name}”已建立，兜底负责人是 {staff.name}（{post.name}）。")
        self.stdout.write(f"登录名 {staff.username}  一次性密码 {password}")
        self.stdout.write("第一次登录时要换密码。")
        if post.totp:
            self.stdout.write(
                f"{post.name}登录时须用动态口令：请在手机上准备好验证器（例如 Microsoft Authenticator、FreeOTP）。"
            )
        if off := Post.objects.filter(active=False).count():
            on = Post.objects.filter(active=True).count()
            self.stdout.write(f"启用了 {on} 个岗位；另外 {off} 个用得着时，在“设置 › 岗位”里启用。")
        self.stdout.write(f"登录地址：{_address()}")
        self.stdout.write(f"下一步，先看看清单读得对不对：{_import_line(community.code)}")

    def _answers(self, given: dict[str, Any]) -> dict[str, str]:
        """What was given by option, else what is typed: each answer checked at its question, and asked again."""
        checks: dict[str, Callable[[str], str]] = {
            "company": lambda typed: self._company(typed, sure=given["another_company"]),
            "code": _code,
            "username": _username,
            "post": _post,
            "posts": _posts,
        }
        answers: dict[str, str] = {}
        for name, words, default in QUESTIONS:
            if name == "posts" and not given[name] and Community.objects.exists():
                continue  # posts are the whole house's: those in use are left as they are
            check = checks.get(name, str)
            if given[name]:
                answers[name] = check(given[name])
            else:
                answers[name] = self._ask(name, words, _default(name, answers) or default, check)
        return answers

    def _ask(self, name: str, words: str, default: str, check: Callable[[str], str]) -> str:
        if not sys.stdin.isatty():
            if default:
                return check(default)
            raise CommandError(f"缺少 --{name}（{words}）")
        while True:
            typed = input(f"{words}{f' [{default}]' if default else ''}: ").strip() or default
            if not typed:
                continue
            try:
                return check(typed)
            except CommandError as error:
                self.stderr.write(str(error))

    def _company(self, typed: str, *, sure: bool) -> str:
        """A second company is rarely meant, and takes from the first one's people what the whole house shares."""
        here = Company.objects.exclude(name=typed).order_by("pk").first()
        if sure or here is None or Company.objects.filter(name=typed).exists():
            return typed
        losing = "、".join(
            Grant.objects.filter(company=here, post__rights__contains=["setting.edit"], staff__is_active=True)
            .values_list("staff__name", flat=True).distinct()[:5]
        )  # fmt: skip
        warning = (
            f"已有公司“{here.name}”。岗位、邮箱、节假日等全系统共用的设置，只有在所有公司都有权的人才能改："
            f"再建一家公司，{losing or '现有的主管'}就改不了，"
            "要再用 ./dev shouwen user grant 授予他新项目的岗位。"
            f"如果只是新项目，公司名称请填“{here.name}”。"
        )
        if sys.stdin.isatty():
            self.stderr.write(warning)
            if (
                input(f"确实要建另一家公司“{typed}”吗？/ really another company? [y/N]: ").strip().lower()
                == "y"
            ):
                return typed
            raise CommandError("那么请再填一次公司名称。")
        raise CommandError(f"{warning}确实要建另一家公司，请加 --another-company。")


def _default(name: str, answers: dict[str, str]) -> str:
    """What is there already: the next community belongs to the same company and branch, most often."""
    if name == "company":
        return Company.objects.order_by("pk").values_list("name", flat=True).first() or ""
    if name == "branch":
        known = Branch.objects.filter(company__name=answers["company"]).order_by("pk")
        return known.values_list("name", flat=True).first() or ""
    return ""


def _code(typed: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{2,20}", typed):
        raise CommandError("项目代码要用 2 到 20 个字母、数字、横线。")
    if Community.objects.filter(code__iexact=typed).exists():
        raise CommandError(f"已有项目用了这个代码：{typed}。")
    return typed


def _username(typed: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{2,60}", typed):
        raise CommandError("登录名要用 2 到 60 个字母、数字、点、横线。")
    if Staff.objects.filter(username__iexact=typed).exists():
        raise CommandError(f"已有员工用了这个登录名：{typed}。")
    return typed


def _post(typed: str) -> str:
    able = dict(Post.objects.filter(rights__contains=["staff.manage"]).values_list("code", "name"))
    named = {p.code: p.name for p in Post.objects.filter(pk=typed) | Post.objects.filter(name=typed)}
    if named and not named.keys() & able.keys():
        listed = "、".join(choosing.told(code, able) for code in able)
        raise CommandError(f"第一位员工要能管理人员，可用的岗位：{listed}。")
    return choosing.chosen(typed, able, "能管理人员的岗位")


def _posts(typed: str) -> str:
    if typed not in (FEW, ALL):
        raise CommandError(f"请写 {FEW} 或 {ALL}。")
    return typed


def _address() -> str:
    if settings.SITE_URL:
        return f"{settings.SITE_URL}/sign-in/"
    return f"http://localhost:{os.environ.get('PORT') or '8000'}/sign-in/（以 ./dev run 打出的地址为准）"


def _import_line(code: str) -> str:
    """A line that works as it stands, typed where `dev` lies."""
    place = settings.DATA_DIR
    where = "" if place == settings.BASE_DIR / "var" else f"DATA_DIR={shlex.quote(str(place))} "
    return f"{where}./dev shouwen import units 清单.xlsx --community {code} --dry-run"
