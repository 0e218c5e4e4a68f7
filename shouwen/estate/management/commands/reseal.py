"""``shouwen manage reseal``: the second half of ``shouwen key rotate``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from shouwen.estate.resealing import reseal_everything


class Command(BaseCommand):
    help = "用新密钥重新加密 / seal again under the current key"

    def handle(self, *_args: Any, **_given: Any) -> None:
        # Said when all is done: a reader that leaves early must not cut it off.
        done, waiting = reseal_everything(waiting=self._wait)
        changed, lost = sum(c.changed for c in done), sum(c.unreadable for c in done)
        again = f"{changed} 条加密资料已用当前密钥重新加密。"
        self.stdout.write(again if changed else "没有需要重新加密的内容。")
        if lost:
            self.stdout.write(f"{lost} 条没有密钥能解开，保持原样。")
        if waiting:
            began = f"还有 {waiting} 个事务在换密钥之前就已开始"
            self.stdout.write(f"{began}：等它们结束，再执行一次 ./dev manage reseal。")

    def _wait(self) -> None:
        self.stdout.write("有导入正在进行，等它结束后再重新加密；这期间可以照常使用。")
        self.stdout.write(
            "An import is running: sealing goes on when it has ended. The house can be used meanwhile."
        )
        self.stdout.flush()
