"""The search over past payments: the hits of LIKE, each way of asking by an index."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Q

from shouwen.billing import search
from shouwen.billing.models import PastPayment
from shouwen.estate.models import Vehicle
from shouwen.kernel.text import query_words
from tests.cast import make_unit

ITEMS = ("物业费", "停车费", "有线电视初装费", "Water 水费", "垃圾清运费")
CASHIERS = ("张敏", "李娟", "", "李敏(临时)")
ASKED = (
    "物业",
    "费",
    "有线电视",
    "李娟",
    "敏",
    "water",
    "临时",
    "没有这个",
    "物业费 张敏",
    "费 李",
    "沪A1",
    "A00001",
    "3-1-1301",
    "03栋1单元1301",
    "%",
    "_",
)


@pytest.fixture
def many(cast) -> int:
    homes = [cast.unit, make_unit(cast.community, "3-1-1301"), make_unit(cast.other, "3-1-1301")]
    plates = ["沪A00001", "沪A12345", "沪B00001"]
    Vehicle.objects.bulk_create(Vehicle(community=cast.community, unit=cast.unit, plate=p) for p in plates)
    day = date(2020, 1, 1)
    PastPayment.objects.bulk_create(
        PastPayment(
            community=homes[n % 3].community, unit=homes[n % 3], plate=plates[n % 7 % 3] if n % 7 > 4 else "",
            item=ITEMS[n % 5 if n % 100 else 2], cashier=CASHIERS[n % 4], since=day, until=day, paid_on=day + timedelta(n % 900),
            due=n, paid=n,
        )
        for n in range(3000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("analyze billing_pastpayment")
    return int(cast.community.pk)


def plainly(text: str, community: int) -> set[int]:
    """What LIKE finds, reading every row."""
    key = text.replace("03栋1单元", "3-1-")
    words = Q()
    for word in query_words(text):
        words &= Q(item__icontains=word) | Q(cashier__icontains=word)
    said = words | (Q(plate__contains=text) & ~Q(plate=""))
    if key[0].isdigit():
        said |= Q(unit__code__startswith=key)
    return set(PastPayment.objects.filter(said, community=community).values_list("pk", flat=True))


@pytest.mark.parametrize("text", ASKED)
def test_the_hits_are_those_of_like(many: int, text: str) -> None:
    rows = PastPayment.objects.filter(community=many)
    assert set(rows.filter(search.found(text, many)).values_list("pk", flat=True)) == plainly(text, many)


@pytest.mark.parametrize("text", ["临时", "没有这个", "沪A12345", "3-1-1301", "zzz"])
def test_every_way_of_asking_has_its_index(many: int, text: str) -> None:
    """One way without an index would make the database read all that the community ever paid."""
    rows = PastPayment.objects.filter(search.found(text, many), community=many)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        plan = rows.order_by().explain()
    assert "Filter: (community_id" not in plan or "BitmapOr" in plan
    assert "past_payment_newest" not in plan
    assert "past_payment_largest" not in plan
    assert "past_payment_" in plan


def test_words_of_more_kinds_than_can_be_followed_are_read_row_by_row(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", 1)
    rows = PastPayment.objects.filter(community=many)
    for text in ("有线", "李娟", "沪A", "3-1"):
        found = set(rows.filter(search.found(text, many)).values_list("pk", flat=True))
        monkeypatch.setattr(search, "MOST", 500)
        assert found == set(rows.filter(search.found(text, many)).values_list("pk", flat=True)), text
        assert found
        monkeypatch.setattr(search, "MOST", 1)
