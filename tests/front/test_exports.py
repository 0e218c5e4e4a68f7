"""What leaves the house as a file: every list with all that a colleague needs beside each row, telephones by right."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwen.cases import actions as cases
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case
from shouwen.duties.sweep import sweep
from shouwen.estate.models import Occupancy, Vehicle
from shouwen.kernel import clock, sheets
from shouwen.kernel.models import Entry
from shouwen.people.models import Post
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cast import PHONE, Cast, make_owner, make_person, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def rows(desk: Client, name: str, **asked: str) -> list[dict[str, str]]:
    answer = desk.get(reverse(name), {"export": "csv"} | asked)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def asked(cast: Cast, kind: str = "repair", category: str = "leak", **more: Any) -> Case:
    request = Intake(
        cast.community.pk, kind, category, "厨房漏水", unit_id=cast.unit.pk, asker="梅若兰", **more
    )
    return register(request, actor=cast.actor(cast.bob))


def test_a_case_leaves_with_its_home_its_people_and_its_times(cast: Cast, desk: Client) -> None:
    with clock.standing_at(clock.now() - timedelta(days=9)):
        case = asked(cast, urgent=True)
        complaint = asked(cast, "complaint", "noise")
        cases.classify(
            complaint.pk, actor=cast.actor(cast.alice), level=2, severity="major", handler_id=cast.alice.pk
        )
    sweep()
    found = {row["单号"]: row for row in rows(desk, "case_list")}
    one, other = found[case.number], found[complaint.number]
    assert (one["紧急"], one["房号"], one["楼栋"], one["来人"]) == ("是", "3-1-1201", "3 栋", "梅若兰")
    assert (one["首问责任人"], one["经办人"], one["分类"]) == ("鲍勃", "", case.category.name)
    assert "派工" in one["超时项"]
    assert one["最近时限"]
    assert one["发生时间"] == one["受理时间"] != ""
    assert (other["投诉类别"], other["轻重"], other["经办人"]) == ("2", "重大", "艾丽丝")


def test_an_order_leaves_with_what_was_promised_and_whether_it_was_kept(cast: Cast, desk: Client) -> None:
    alice, wen = cast.actor(cast.alice), cast.actor(cast.wen)
    start = clock.now() - timedelta(days=9)
    with clock.standing_at(start):
        case = asked(cast)
        order = Order.objects.get(case=case)
        works.assign(order.pk, actor=alice, technician_id=cast.wen.pk)
        works.accept(order.pk, actor=wen)
    with clock.standing_at(start + timedelta(days=4)):
        works.arrive(order.pk, actor=wen)
        works.finish(order.pk, actor=wen, result="换了水管", confirmed_by="梅若兰")
        cases.follow_up(case.pk, actor=cast.actor(cast.bob), outcome="reached", satisfied=False)
    second, first = rows(desk, "order_list")
    assert (first["到场超时"], first["完工超时"], first["处理结果"]) == ("是", "是", "换了水管")
    assert first["到场时限"] < first["到场"]
    assert (second["派工单号"], second["到场时限"], second["到场超时"]) == (f"{case.number}-2", "", "")
    assert second["完工超时"] == "是", "nobody came since"


def test_a_unit_leaves_with_who_lives_there(cast: Cast, desk: Client) -> None:
    son = make_person(cast.community, "梅小宝")
    held = Occupancy.objects.get()
    Occupancy.objects.create(
        community=cast.community, unit=cast.unit, person=son, role="family", during=held.during
    )
    Vehicle.objects.create(community=cast.community, unit=cast.unit, plate="沪A12345")
    [row] = rows(desk, "unit_list")
    assert (row["业主"], row["其他住户"], row["车牌"]) == ("梅若兰", "梅小宝（家人）", "沪A12345")
    assert (row["状态"], row["建筑面积"], row["套内面积"]) == ("自住", "89.50", "72.30")


def test_a_person_leaves_with_a_masked_telephone_and_whole_only_by_right_and_on_record(
    cast: Cast, desk: Client
) -> None:
    [row] = rows(desk, "person_list")
    assert (row["房屋"], row["身份"], row["电话"]) == ("3-1-1201", "业主", "139****1201")
    page = desk.get(reverse("person_list")).context["table"]
    assert [link.words for link in page.exports] == ["CSV", "Excel", "Excel（完整电话）"]
    answer = desk.get(reverse("person_list"), {"export": "xlsx-whole"})
    book = sheets.read(b"".join(answer.streaming_content), "x.xlsx")  # type: ignore[attr-defined]
    assert book.rows[0].cells["电话"] == PHONE
    assert [e.data.get("whole") for e in Entry.objects.filter(verb="data:exported").order_by("pk")] == [
        None,
        True,
    ]
    post = Post.objects.get(pk="front_desk")
    post.rights.remove("person.reveal")
    post.save()
    assert desk.get(reverse("person_list"), {"export": "xlsx-whole"}).status_code == 403
    assert "xlsx-whole" not in desk.get(reverse("person_list")).content.decode()


@pytest.mark.parametrize("name", ["case_list", "order_list", "unit_list", "person_list"])
def test_an_export_asks_as_many_questions_for_forty_rows_as_for_one(
    cast: Cast, desk: Client, name: str
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert rows(desk, name)
        return len(queries)

    asked(cast)
    cost()
    few = cost()
    for n in range(40):
        unit = make_unit(cast.community, f"4-1-{n + 1}01")
        make_owner(unit, make_person(cast.community, f"住户{n}", f"138000000{n:02d}"))
        order = Order.objects.get(case=asked(cast))
        works.assign(order.pk, actor=cast.actor(cast.alice), technician_id=cast.wen.pk)
    assert cost() == few
