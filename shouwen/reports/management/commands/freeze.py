"""Freeze the figures of closed periods now, instead of waiting for the night."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shouwen.estate.models import Community
from shouwen.kernel.actors import System
from shouwen.reports.actions import freeze


class Command(BaseCommand):
    help = "冻结已结束时期的指标 / freeze the figures of closed periods"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--community", default="", help="项目代码 / code of one community")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Community.objects.order_by("pk")
        if code := options["community"]:
            rows = rows.filter(code=code)
            if not rows:
                raise CommandError(f"没有项目 {code} / no community {code}")
        for community in rows:
            written = freeze(community.pk, actor=System.of(community.pk))
            self.stdout.write(f"{community.name}: {written}")
