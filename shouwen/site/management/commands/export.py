"""``shouwen export cases FILE --community CODE --as USER``: a list of the staff door as a file, rights and record included.

``--from`` and ``--to`` limit it to days, like the filters of the list.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import FileResponse, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse

from shouwen.estate.models import Community
from shouwen.kernel.refusals import Refused
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor

LISTS = {
    "cases": "case_list",
    "orders": "order_list",
    "units": "unit_list",
    "persons": "person_list",
    "staff": "staff_list",
    "payments": "payment_list",
    "meters": "meter_list",
    "materials": "material_list",
}
DATED = {
    "cases": {"from": "from", "to": "to"},
    "orders": {"from": "from", "to": "to"},
    "payments": {"from": "since", "to": "until"},
}
"""Lists of what happened on a day, with the names of their two filters."""


class Command(BaseCommand):
    help = "导出清单 / export a list: " + " ".join(LISTS)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("list", choices=LISTS)
        parser.add_argument("file", type=Path, help="*.csv | *.xlsx")
        parser.add_argument("--community", required=True, help="项目代码 / code of the community")
        parser.add_argument("--from", dest="since", type=date.fromisoformat, help="从哪天起 / first day")
        parser.add_argument("--to", dest="until", type=date.fromisoformat, help="到哪天止 / last day")
        parser.add_argument("--as", dest="username", required=True, help="以谁的权限 / with whose rights")

    def handle(self, *_args: Any, **given: Any) -> None:
        path: Path = given["file"]
        kind = path.suffix.lstrip(".").lower()
        if kind not in ("csv", "xlsx"):
            raise CommandError("文件名要以 .csv 或 .xlsx 结尾。")
        staff = Staff.objects.filter(username=given["username"], is_active=True).first()
        community = Community.objects.filter(code=given["community"]).first()
        if staff is None or community is None or community.pk not in StaffActor.of(staff).communities:
            raise CommandError("没有这个人或这个项目，或者这个人不在这个项目。")
        days = {"from": given.get("since"), "to": given.get("until")}
        if any(days.values()) and given["list"] not in DATED:
            raise CommandError("这个清单不能按日期导出，能的有：" + " ".join(DATED))
        asked = {"export": kind} | {DATED[given["list"]][end]: str(day) for end, day in days.items() if day}
        try:
            answer = _asked(LISTS[given["list"]], asked, staff, community)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        size = 0
        with path.open("wb") as out:
            for part in answer:
                size += out.write(part)
        self.stdout.write(f"{path}：{size} 字节")


def _asked(
    name: str, asked: dict[str, str], staff: Staff, community: Community
) -> StreamingHttpResponse | FileResponse:
    """The answer of the list's own page, asked for as ``staff``: nothing is decided a second time."""
    request: Any = RequestFactory().get(reverse(name), asked)
    request.user, request.session, request.htmx = staff, {"community": community.pk}, False
    answer = resolve(request.path).func(request)
    if answer.status_code != 200 or not answer.streaming:
        raise CommandError(f"{staff.name} 不能导出这个清单。")
    return answer  # type: ignore[no-any-return]
