"""``shouwen import cases FILE --community CODE``: requests of another system, with their original times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shouwen.cases.importing import HEADS, Outcome, columns_of, import_cases
from shouwen.estate.imports import heads
from shouwen.estate.imports.heads import COLUMN_OPTION
from shouwen.estate.models import Community
from shouwen.kernel import sheets
from shouwen.kernel.actors import System
from shouwen.kernel.images import BadFile
from shouwen.kernel.refusals import Refused


class Command(BaseCommand):
    help = "导入事项 / import cases from CSV or Excel"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--community", required=True, help="项目代码 / code of the community")
        parser.add_argument("--column", **COLUMN_OPTION)
        parser.add_argument(
            "--history", action="store_true", help="只作往事，不再办理 / past cases, nothing to do about them"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="只看变化，不写入 / show what would change"
        )
        parser.add_argument(
            "--problems", type=Path, help="问题行存到这个文件 / where to put the bad rows (.xlsx)"
        )

    def handle(self, *_args: Any, **given: Any) -> None:
        community = Community.objects.filter(code=given["community"]).first()
        if community is None:
            known = "、".join(Community.objects.values_list("code", flat=True)[:20])
            raise CommandError(f"没有这个项目。已有：{known}")
        try:
            outcome = self._import(community, given)
        except (Refused, BadFile) as trouble:
            raise CommandError(str(trouble)) from trouble
        self._tell(outcome, given)

    def _import(self, community: Community, given: dict[str, Any]) -> Outcome:
        path: Path = given["file"]
        if not path.is_file():
            raise CommandError(f"找不到文件：{path}")
        self.table = sheets.read(path.read_bytes(), path.name)
        columns = columns_of(self.table.headers, heads.chosen_of(given["column"], HEADS))
        for words in heads.sentences(columns, HEADS):
            self.stdout.write(words)
        return import_cases(
            self.table.rows,
            columns,
            community.pk,
            actor=System.of(community.pk),
            history=given["history"],
            dry=given["dry_run"],
        )

    def _tell(self, outcome: Outcome, given: dict[str, Any]) -> None:
        would = "将新增" if given["dry_run"] else "新增"
        self.stdout.write(f"{would} {outcome.added}，已有 {outcome.known}，问题行 {len(outcome.bad)}")
        for number, reason in outcome.bad[:20]:
            self.stdout.write(f"  第 {number} 行：{reason}")
        if given["problems"] and outcome.bad:
            there = {row.number: row.cells for row in self.table.rows}
            rows = ((number, reason, *there[number].values()) for number, reason in outcome.bad)
            with given["problems"].open("wb") as out:
                sheets.write_xlsx(("行", "原因", *self.table.headers), rows, out, title="问题行")
            self.stdout.write(f"问题行已存为 {given['problems']}")
