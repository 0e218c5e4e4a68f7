"""``shouwen user``: accounts from the command line, for the day on which nobody can sign in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Prefetch
from django_otp.plugins.otp_totp.models import TOTPDevice

from shouwen.estate.models import Community
from shouwen.kernel.actors import System
from shouwen.kernel.refusals import Refused
from shouwen.people import actions
from shouwen.people.holdings import held_by
from shouwen.people.management import choosing
from shouwen.people.models import Grant, Staff


class Command(BaseCommand):
    help = "员工账号：list、posts、add、reset、off、on、grant / staff accounts"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="所有账号")
        verbs.add_parser("posts", help="所有岗位的代码和名称")
        add = verbs.add_parser("add", help="新建账号，打印一次性密码")
        grant = verbs.add_parser("grant", help="再授予一个岗位")
        for one in (add, grant):
            one.add_argument("username")
            one.add_argument("--post", required=True, help="岗位的代码或名称；`user posts` 列出全部")
            one.add_argument("--community", required=True, help="项目的代码或名称")
        add.add_argument("--name", required=True)
        add.add_argument("--phone", default="")
        for verb, words in (("reset", "重置密码和动态口令"), ("off", "停用账号"), ("on", "恢复账号")):
            one = verbs.add_parser(verb, help=words)
            one.add_argument("username")
            if verb == "off":
                one.add_argument("--to", help="手上的事转给谁（登录名），不写就要先转完")

    def handle(self, *_args: Any, **given: Any) -> None:
        try:
            getattr(self, f"_{given['verb']}")(given)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _list(self, _given: dict[str, Any]) -> None:
        """A line each: account, name, state, and each post with the place where it is held."""
        grants = Grant.objects.select_related("post", "company", "branch", "community").order_by(
            "post__sort", "pk"
        )
        for row in Staff.objects.order_by("username").prefetch_related(Prefetch("grants", grants)):
            held = "、".join(
                f"{g.post.name}（{(g.company or g.branch or g.community)}）" for g in row.grants.all()
            )
            state = "已停用" if not row.is_active else "待改一次性密码" if row.must_change else "在用"
            self.stdout.write(f"{row.username}\t{row.name}\t{state}\t{held or '没有岗位'}")

    def _posts(self, _given: dict[str, Any]) -> None:
        for code, name in choosing.posts().items():
            self.stdout.write(f"{code}\t{name}")

    def _add(self, given: dict[str, Any]) -> None:
        here, post = choosing.community(given["community"]), _post(given["post"])
        row, password = actions.add_staff(
            actor=System.of(here.pk), username=given["username"], name=given["name"], phone=given["phone"],
            post=post, place=here,
        )  # fmt: skip
        self.stdout.write(f"登录名 {row.username}  一次性密码 {password}")

    def _grant(self, given: dict[str, Any]) -> None:
        here, post = choosing.community(given["community"]), _post(given["post"])
        row = _staff(given["username"])
        actions.grant(row.pk, actor=System.of(here.pk), post=post, place=here)
        self.stdout.write(f"已授予 {row.name}")

    def _reset(self, given: dict[str, Any]) -> None:
        row = _staff(given["username"])
        password = actions.reset_password(row.pk, actor=System.of())
        # Whoever has the machine room's key needs no second person: the two-person rule is for the screen.
        TOTPDevice.objects.filter(user=row).delete()
        self.stdout.write(f"登录名 {row.username}  一次性密码 {password}")

    def _off(self, given: dict[str, Any]) -> None:
        row, house = _staff(given["username"]), System.of(*Community.objects.values_list("pk", flat=True))
        heirs = dict.fromkeys(held_by(row), _staff(given["to"]).pk) if given.get("to") else {}
        actions.deactivate(row.pk, actor=house, heirs=heirs)
        self.stdout.write(f"已停用 {row.name}")

    def _on(self, given: dict[str, Any]) -> None:
        self.stdout.write(
            f"已恢复 {actions.reactivate(_staff(given['username']).pk, actor=System.of()).name}"
        )


def _staff(username: str) -> Staff:
    row = Staff.objects.filter(username=username.lower()).first()
    if row is None:
        raise CommandError(f"没有登录名是 {username} 的员工。")
    return row


def _post(typed: str) -> str:
    return choosing.chosen(typed, choosing.posts(), "岗位")
