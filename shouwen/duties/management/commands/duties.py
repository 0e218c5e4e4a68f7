"""``shouwen duties``: build all duties again, lay out the days that have begun, start a community, look at a draw."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shouwen.duties import actions, days, draws
from shouwen.duties.clauses import book
from shouwen.duties.rebuilding import rebuild
from shouwen.estate.models import Community
from shouwen.kernel.actors import System
from shouwen.kernel.deliveries import fact_of
from shouwen.kernel.refusals import Refused


class Command(BaseCommand):
    help = "应办 / duties: rebuild, lay, begin COMMUNITY, recompute DRAW"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser(
            "rebuild", help="由条款和流水重建全部应办 / build all duties again from clauses and journal"
        )
        verbs.add_parser("lay", help="排出已经开始的日子 / lay out the days that have begun")
        begin = verbs.add_parser("begin", help="从今天起执行规程 / carry out the manuals from today on")
        begin.add_argument("community", help="项目代码 / code of the community")
        again = verbs.add_parser("recompute", help="重算一次抽查 / draw a sample once more")
        again.add_argument("draw", help="抽查的流水号 / key of its quota:drawn fact")

    def handle(self, *args: Any, **options: Any) -> None:
        {"rebuild": self._rebuild, "lay": self._lay, "begin": self._begin, "recompute": self._recompute}[
            options["verb"]
        ](options)

    def _rebuild(self, _options: dict[str, Any]) -> None:
        self.stdout.write(f"{rebuild()} facts")

    def _lay(self, _options: dict[str, Any]) -> None:
        self.stdout.write(f"{days.lay_out()} days")

    def _begin(self, options: dict[str, Any]) -> None:
        community = Community.objects.filter(code=options["community"]).first()
        if community is None:
            raise CommandError(f"没有这个项目 / no such community: {options['community']}")
        try:
            run = actions.begin(community.pk, actor=System.of(community.pk))
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{community.code} {run.since}")

    def _recompute(self, options: dict[str, Any]) -> None:
        try:
            fact = fact_of(UUID(options["draw"]))
        except ValueError as error:
            raise CommandError(str(error)) from error
        if fact is None or fact.verb != draws.DRAWN:
            raise CommandError("没有这次抽查 / no such draw")
        again = draws.recompute(fact, book())
        same = " ".join(again) == fact.data["ids"]
        self.stdout.write(
            json.dumps({"seed": fact.data["seed"], "ids": again, "same": same}, ensure_ascii=False)
        )
        if not same:
            raise CommandError("与原来的不同 / differs from what was drawn")
