"""``shouwen demo``: fill an empty house with the demo estate."""

from __future__ import annotations

import random
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from shouwen.estate.models import Company
from shouwen.people.models import Post
from shouwen.site.demo.estate import STAFF, build
from shouwen.site.demo.residents import sign_ins
from shouwen.site.demo.story import live

PASSWORD = "yunshan-demo"  # noqa: S105 - the demo's own, never used where others can reach it
SHOWN = ("baoxiao", "chenjing", "wenjianguo", "ailin", "fangyuan")


class Command(BaseCommand):
    help = "载入演示小区 / load the demo estate into an empty database"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--random-passwords", action="store_true", help="不用演示密码，逐人随机")
        parser.add_argument("--days", type=int, default=28, help="演示多少天的往事")

    def handle(self, *args: Any, **options: Any) -> None:
        if Company.objects.exists():
            raise CommandError("数据库里已有公司，演示数据只装进空库。")
        passwords = {
            s[0]: secrets.token_urlsafe(9) if options["random_passwords"] else PASSWORD for s in STAFF
        }
        rng = random.Random(7)
        with transaction.atomic():
            home = build(rng, passwords)
        live(home, rng, options["days"])
        posts = dict(Post.objects.values_list("code", "name"))
        for username, name, post, *_rest in STAFF:
            if username in SHOWN:
                self.stdout.write(f"{username}\t{passwords[username]}\t{name}\t{posts[post]}")
        for line in sign_ins(home):
            self.stdout.write(line)
