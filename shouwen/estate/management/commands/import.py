"""``shouwen import units FILE --community CODE``: the import screen without a screen."""  # noqa: N999 - the name of the command

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shouwen.estate.imports import heads
from shouwen.estate.imports.heads import COLUMN_OPTION
from shouwen.estate.imports.lines import change_words
from shouwen.estate.imports.run import begin, carry_out
from shouwen.estate.imports.sources import source_of, sources
from shouwen.estate.models import Community, ImportLine, ImportRun
from shouwen.kernel.actors import System
from shouwen.kernel.images import BadFile
from shouwen.kernel.refusals import Refused

Outcome = ImportLine.Outcome
NAMES = {
    "buildings": "楼栋", "units": "房屋", "persons": "人员", "occupancies": "入住关系", "vehicles": "车辆",
}  # fmt: skip
SHOWN = 50


class Command(BaseCommand):
    help = "导入房屋、住户等资料 / import units, persons and what other rooms can import"

    def create_parser(self, *given: Any, **named: Any) -> CommandParser:
        """Options may stand anywhere: argparse alone takes the file only right behind the source."""
        parser = super().create_parser(*given, **named)
        parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", help="units, persons, payments …")
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument("--community", help="项目代码 / code of the community")
        parser.add_argument(
            "--dry-run", action="store_true", help="只看变化，不写入 / show what would change"
        )
        parser.add_argument("--all-or-nothing", action="store_true", help="有一行不对就全部不导入")
        parser.add_argument("--column", **COLUMN_OPTION)
        parser.add_argument("--problems", type=Path, help="问题行存到这个文件 / where to put the bad rows")
        parser.add_argument(
            "--template", type=Path, help="把空模板存到这个文件 / write the empty template here"
        )

    def handle(self, *_args: Any, **given: Any) -> None:
        try:
            source = source_of(given["source"])
        except KeyError as error:
            known = "、".join(s.code for s in sources())
            raise CommandError(f"没有“{given['source']}”这种资料，可用的有：{known}") from error
        if given["template"]:
            given["template"].write_bytes(source.template())
            self.stdout.write(f"模板已存为 {given['template']}")
            return
        run = self._run(given)
        self._tell(run, given["problems"])
        if run.state in {ImportRun.State.REFUSED, ImportRun.State.FAILED}:
            raise CommandError(run.words)

    def _run(self, given: dict[str, Any]) -> ImportRun:
        community = Community.objects.filter(code=given["community"] or "").first()
        if community is None:
            known = "、".join(Community.objects.values_list("code", flat=True)[:20])
            raise CommandError(f"请用 --community 指定项目代码。已有：{known}")
        path = given["file"]
        if path is None or not path.is_file():
            raise CommandError(f"找不到文件：{path}")
        mode = "dry" if given["dry_run"] else "all" if given["all_or_nothing"] else "good"
        actor = System.of(community.pk)
        try:
            run = begin(
                community.pk,
                actor=actor,
                source=given["source"],
                name=path.name,
                data=path.read_bytes(),
                mode=mode,
                chosen=heads.chosen_of(given["column"], source_of(given["source"]).headers()),
            )
        except (Refused, BadFile) as trouble:
            raise CommandError(str(trouble)) from trouble
        return carry_out(run, actor=actor)

    def _tell(self, run: ImportRun, problems: Path | None) -> None:
        if run.columns:
            for words in heads.sentences(dict(run.columns), source_of(run.source).headers()):
                self.stdout.write(words)
            if run.recalled:
                self.stdout.write("这样的表头以前选过列，这次照旧；用 --column 可以另选。")
        names = {s.code: str(s.label) for s in sources()} | NAMES
        for kind, count in run.counts.items():
            words = f"新增 {count['added']}，修改 {count['changed']}，不变 {count['unchanged']}"
            self.stdout.write(f"{names.get(kind, kind)}：{words}")
        if run.words and run.state == ImportRun.State.CHECKED:
            self.stdout.write(run.words)
        self.stdout.write(f"{run.get_state_display()}；问题行 {run.refused}，提醒 {run.warned}")
        for outcome in (
            Outcome.REFUSED,
            Outcome.WARNED,
            *((Outcome.ADDED, Outcome.CHANGED) if run.mode == "dry" else ()),
        ):
            self._lines(run, outcome)
        if run.problems and problems:
            problems.write_bytes(run.problems.path().read_bytes())
            self.stdout.write(f"问题行已存为 {problems}")
        elif run.problems:
            self.stdout.write("加上 --problems 文件名.xlsx 可把问题行存下来")

    def _lines(self, run: ImportRun, outcome: Outcome) -> None:
        """The first lines of an outcome, and how many more there are."""
        count, column = run.outcomes.get(outcome, 0), source_of(run.source).column
        if count:
            self.stdout.write(f"\n{outcome.label} {count}：")
        for line in run.lines.filter(outcome=outcome).order_by("number", "id")[:SHOWN]:
            said = "；".join(map(change_words, line.changes))
            if line.why:
                said = " ".join(
                    filter(None, (column(line.column), line.value and f"“{line.value}”", line.why))
                )
            self.stdout.write(f"  第 {line.number} 行 {line.what}：{said}")
        if count > SHOWN:
            self.stdout.write(f"  …… 还有 {count - SHOWN} 行")
