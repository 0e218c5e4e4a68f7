"""``shouwen manage reseal``: the second half of ``shouwen key rotate``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from shouwen.estate.resealing import reseal_everything


class Command(BaseCommand):
    help = "用新密钥重新加密 / seal again under the current key"

    def handle(self, *_args: Any, **_given: Any) -> None:
        for name, count in reseal_everything():
            self.stdout.write(f"{name}: {count}")
