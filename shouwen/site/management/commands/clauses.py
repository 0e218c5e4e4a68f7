"""``shouwen clauses``: all rules of the five manuals, what carries each out, the test that shows it, and its state."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext, override

from shouwen.duties.book.places import ClauseError
from shouwen.duties.book.rules import STATES, Rule
from shouwen.front.manual.ties import rules


class Command(BaseCommand):
    help = "手册条款 / all rules of the manuals with their states; --json for machines"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            found = list(rules().values())
        except ClauseError as error:
            raise CommandError(str(error)) from error
        if absent := list(without_test(found, settings.BASE_DIR)):
            raise CommandError("没有这个测试 / no such test: " + "; ".join(absent))
        if options["json"]:
            self.stdout.write(json.dumps([told(rule) for rule in found], ensure_ascii=False, indent=1))
            return
        for rule in found:
            by = " ".join(f"{tie}:{name}" for tie, name in rule.by)
            self.stdout.write(
                f"{rule.source}\t{rule.state}\t{rule.kind}\t{rule.room}\t{rule.says}\t{by}\t{rule.lacks}"
            )
        counts = Counter[str](rule.state for rule in found)
        self.stderr.write(f"{len(found)}: " + ", ".join(f"{state} {counts[state]}" for state in STATES))


def told(rule: Rule) -> dict[str, Any]:
    """A rule for machines; texts in Chinese and English."""
    with override("en"):
        english = {"en": gettext(rule.says)} | ({"missing_en": gettext(rule.lacks)} if rule.lacks else {})
    return {
        "source": rule.source,
        "kind": rule.kind,
        "room": rule.room,
        "state": rule.state,
        "by": [f"{tie}:{name}" for tie, name in rule.by],
        "test": rule.test,
        "zh": rule.says,
        "missing": rule.lacks,
    } | english


def without_test(found: Iterable[Rule], folder: Path) -> Iterable[str]:
    """Rules whose test is not there; nothing where the tests did not come along."""
    if not (folder / "tests").is_dir():
        return
    for rule in found:
        file, _colons, name = rule.test.partition("::")
        if rule.test and name.partition("[")[0] not in _tests_of(folder / file):
            yield f"{rule.source} {rule.test}"


@cache
def _tests_of(file: Path) -> frozenset[str]:
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return frozenset(re.findall(r"^def (test_\w+)", text, re.MULTILINE))
