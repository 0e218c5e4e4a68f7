"""``shouwen token``: keys for machines from the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shouwen.kernel.actors import System
from shouwen.kernel.refusals import Refused
from shouwen.people import actions
from shouwen.people.management import choosing
from shouwen.people.models import Staff, Token


class Command(BaseCommand):
    help = "接口令牌：list、rights、issue、end / API tokens"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="所有令牌")
        verbs.add_parser("rights", help="所有权限的代码和名称")
        issue = verbs.add_parser("issue", help="发放令牌，只显示这一次")
        issue.add_argument("--community", required=True, help="项目的代码或名称")
        issue.add_argument("--staff", required=True, help="由谁负责（登录名）")
        issue.add_argument("--name", required=True, help="用途")
        issue.add_argument(
            "--rights",
            required=True,
            help="权限的代码或名称，逗号分开，如 case.see,case.register；`token rights` 列出全部",
        )
        verbs.add_parser("end", help="停用令牌").add_argument("id", type=int)

    def handle(self, *_args: Any, **given: Any) -> None:
        try:
            getattr(self, f"_{given['verb']}")(given)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _list(self, _given: dict[str, Any]) -> None:
        for row in Token.objects.select_related("community", "staff").order_by("pk"):
            state = "已停用" if row.ended_at else ",".join(row.rights)
            self.stdout.write(f"{row.pk}\t{row.community.code}\t{row.name}\t{row.staff.username}\t{state}")

    def _issue(self, given: dict[str, Any]) -> None:
        here = choosing.community(given["community"])
        staff = Staff.objects.filter(username=given["staff"].lower()).first()
        if staff is None:
            raise CommandError(f"没有登录名是 {given['staff']} 的员工。")
        typed = given["rights"].replace("，", ",").split(",")
        rights = [choosing.chosen(right, choosing.rights(), "权限") for right in typed if right.strip()]
        _row, secret = actions.issue_token(
            here.pk, actor=System.of(here.pk), staff_id=staff.pk, name=given["name"], rights=rights
        )
        self.stdout.write(secret)

    def _rights(self, _given: dict[str, Any]) -> None:
        for code, name in choosing.rights().items():
            self.stdout.write(f"{code}\t{name}")

    def _end(self, given: dict[str, Any]) -> None:
        row = Token.objects.filter(pk=given["id"]).first()
        if row is None:
            raise CommandError("没有这个令牌。")
        actions.end_token(row.pk, actor=System.of(row.community_id))
        self.stdout.write(f"已停用 {row.name}")
