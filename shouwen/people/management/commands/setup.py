"""``shouwen setup``: a few questions, and the first real community is ready to be worked in."""

from __future__ import annotations

import re
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shouwen.kernel.refusals import Refused
from shouwen.people.models import Post
from shouwen.people.setup import Answers, set_up

QUESTIONS = (
    ("company", "公司名称 / company", "物业服务公司"),
    ("branch", "分公司名称 / branch", "总部"),
    ("community", "项目(小区、大厦)名称 / community", ""),
    ("code", "项目代码,字母和数字 / code", ""),
    ("name", "第一位员工的姓名 / name of the first staff member", ""),
    ("username", "登录名 / account", "admin"),
    ("post", "岗位代码 / post", "cs_supervisor"),
)


class Command(BaseCommand):
    help = "建立第一个真实项目、第一个账号和兜底负责人 / set up a first real community"

    def add_arguments(self, parser: CommandParser) -> None:
        for name, words, _default in QUESTIONS:
            parser.add_argument(f"--{name}", help=words)

    def handle(self, *_args: Any, **given: Any) -> None:
        answers = {name: given[name] or self._ask(name, words, default) for name, words, default in QUESTIONS}
        if not re.fullmatch(r"[A-Za-z0-9_-]{2,20}", answers["code"]):
            raise CommandError("项目代码要用 2 到 20 个字母、数字、横线。")
        if not re.fullmatch(r"[A-Za-z0-9._-]{2,60}", answers["username"]):
            raise CommandError("登录名要用字母、数字、点、横线。")
        post = Post.objects.filter(pk=answers["post"]).first()
        if post is None or "staff.manage" not in post.rights:
            able = "、".join(
                f"{p.code}({p.name})" for p in Post.objects.filter(rights__contains=["staff.manage"])
            )
            raise CommandError(f"第一位员工要能管理人员,可用的岗位:{able}")
        try:
            community, staff, password = set_up(Answers(**answers))
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"项目“{community.name}”已建立,兜底负责人是 {staff.name}。")
        self.stdout.write(f"登录名 {staff.username}  一次性密码 {password}")
        self.stdout.write("第一次登录时要换密码;这个岗位如果须用动态口令,请准备好手机上的验证器。")
        self.stdout.write(f"下一步:shouwen import units 清单.xlsx --community {community.code} --dry-run")

    def _ask(self, name: str, words: str, default: str) -> str:
        if not sys.stdin.isatty():
            if default:
                return default
            raise CommandError(f"缺少 --{name}({words})")
        while True:
            typed = input(f"{words}{f' [{default}]' if default else ''}: ").strip() or default
            if typed:
                return typed
