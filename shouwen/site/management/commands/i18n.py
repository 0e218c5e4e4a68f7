"""``shouwen i18n extract | compile | check``: the catalogues of translations."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shouwen.site import i18n


class Command(BaseCommand):
    help = "翻译目录 / the catalogues of translations"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["extract", "compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "extract":
            for language, missing in i18n.extract_all().items():
                self.stdout.write(f"{language}: {missing} untranslated")
        elif options["what"] == "compile":
            i18n.compile_all()
        elif faults := i18n.check():
            raise CommandError("\n".join(faults[:50]) + f"\n{len(faults)} in all")
