"""Past payments: taken once however often a list comes, every bad line with its reason, never rewritten, seen by right."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from shouwen.billing.models import PastPayment
from shouwen.estate.lineage import Part, merge_units, split_unit
from shouwen.estate.models import Vehicle
from shouwen.kernel.models import Entry
from shouwen.people.jobs import run_import
from tests.cast import make_staff, make_unit
from tests.estate.test_import_presets import BOOKS, CARS, FEE, HOMES, PAID
from tests.estate.test_imports import book, problems, take


@pytest.fixture
def car(cast) -> Vehicle:
    return Vehicle.objects.create(community=cast.community, unit=cast.unit, plate="沪A12345")


def paid(**changes: object) -> list[object]:
    given = dict(zip(("房屋", *FEE), ("3-1-1201", *PAID), strict=True)) | changes
    return [given[head] for head in ("房屋", *FEE)]


def test_a_home_and_a_car_pay_and_both_stand_on_the_page_of_the_home(cast, car, client):
    for heads, rows in (HOMES, CARS):
        run = take(cast, book(heads, rows), source="payments")
        assert (run.state, run.refused) == ("done", 0)
    home, vehicle = PastPayment.objects.filter(plate="").first(), PastPayment.objects.get(plate="沪A12345")
    assert (home.unit, home.since, home.until, home.due, home.months) == (
        cast.unit, date(2016, 1, 1), date(2017, 1, 1), 100_000, 12,
    )  # fmt: skip
    assert (vehicle.unit, vehicle.due, vehicle.paid, vehicle.run_id) == (cast.unit, 120_050, 120_000, run.pk)
    assert [e.data for e in Entry.objects.filter(verb="import:done").order_by("id")] == [
        {"source": "payments", "rows": n, "changed": 0, "refused": 0} for n in (2, 1)
    ]
    client.force_login(cast.alice)
    page = client.get(reverse("unit", args=[cast.unit.pk])).content.decode()
    for words in ("缴费记录", "停车费", "1,200.00", "少缴 0.50"):
        assert words in page
    listed = client.get(reverse("payment_list"), {"unit": cast.unit.pk}).content.decode()
    assert "沪A12345" in listed
    assert "每 12 个月" in listed


@pytest.mark.parametrize("name", ["payments-homes", "payments-cars"])
def test_the_same_list_again_changes_nothing(cast, car, name):
    _source, (heads, rows), lines = BOOKS[name]
    take(cast, book(heads, rows), source="payments")
    car.unit = make_unit(cast.community, "3-1-1301")  # a car that has moved since is still the car that paid
    car.save()
    again = take(cast, book(heads, rows), source="payments")
    assert (again.state, again.outcomes) == ("done", {"same": lines})
    assert Entry.objects.filter(verb="import:done").count() == 1
    assert PastPayment.objects.count() == lines


def test_every_bad_line_has_its_reason_and_can_be_mended(cast, car):
    take(cast, book(*HOMES), source="payments")
    bad = {
        "没有这套房：9-9-9": paid(房屋="9-9-9"),
        "房屋和车牌都没有填": paid(房屋=None),
        "没有收费项目": paid(收费项目=None),
        "没有实缴金额": paid(实缴金额=None),
        "实缴金额：“一千”不是金额": paid(实缴金额="一千"),
        "结束时间早于开始时间": paid(开始时间=42736, 结束时间=42370),
        "缴费时间在将来": paid(缴费时间="2099-01-01"),
        "缴费时间“昨天”不是日期": paid(缴费时间="昨天"),
        "缴费周期要是 0 到 999 的整数": paid(缴费周期=1.5),
        "应缴和实缴要同为": paid(实缴金额=-5),
        "备注太长": paid(备注="长" * 201),
        "已登记过这一笔，收银员写的不同": paid(收银员="李四"),
    }
    good = paid(收费项目="垃圾费")
    run = take(cast, book(["房屋", *FEE], [*bad.values(), good, good]), source="payments")
    assert (run.state, run.refused, run.outcomes["added"]) == ("done", len(bad) + 1, 1)
    reasons = [why for _row, _what, why in problems(run)]
    told = zip([*bad, "与第 14 行重复"], reasons, strict=True)
    assert [(words, why) for words, why in told if words not in why] == []
    mended = take(cast, run.problems.path().read_bytes(), mode="dry", source="payments")
    assert mended.refused == len(bad)  # its own columns are understood; one line was bad only beside another
    whole = take(
        cast, book(["房屋", *FEE], [*bad.values(), paid(收费项目="车位费")]), mode="all", source="payments"
    )
    assert (whole.state, PastPayment.objects.filter(item="车位费").exists()) == ("refused", False)


def test_a_car_must_be_registered_and_a_shop_has_no_entrance(cast, car):
    shop = make_unit(cast.community, "3-1-108")
    type(shop).objects.filter(pk=shop.pk).update(code="3-8", entrance="")
    whose = (("3-0-8", None), (None, "沪B00000"), ("3-8", "沪 a·12345"), (None, "沪A12345"))
    run = take(
        cast,
        book(["房屋", "车牌号", *FEE], [[unit, plate, *PAID] for unit, plate in whose]),
        source="payments",
    )
    assert [why for _row, _what, why in problems(run)] == ["没有登记这辆车：沪B00000", "与第 4 行重复"]
    assert set(PastPayment.objects.values_list("unit__code", "plate")) == {("3-8", ""), ("3-8", "沪A12345")}


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_rewrite_what_was_paid(cast, change):
    take(cast, book(*HOMES), source="payments")
    rows = PastPayment.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(paid=1) if change == "update" else rows._raw_delete(rows.db)


def test_the_list_is_searched_narrowed_turned_round_and_leaves_as_a_file(cast, car, client):
    for heads, rows in (HOMES, CARS):
        take(cast, book(heads, rows), source="payments")
    client.force_login(cast.alice)

    def shown(**asked: str) -> list[str]:
        table = client.get(reverse("payment_list"), asked).context["table"]
        return [row.cells[0].words + row.cells[5].words for row in table.rows]

    home, vehicle = "3-1-12011,000.00", "沪A123451,200.00"
    assert shown() == [home, home, vehicle]
    assert shown(sort="5") == [home, home, vehicle]
    assert shown(sort="-5") == [vehicle, home, home]
    assert shown(q="沪a123") == shown(q="停车") == shown(what="vehicle") == shown(short="1") == [vehicle]
    assert shown(q="03栋1单元1201", since="2016-06-01") == shown(what="unit") == [home, home]
    answer = client.get(reverse("payment_list"), {"export": "xlsx"})
    again = take(cast, answer.getvalue(), source="payments", mode="dry")
    assert again.outcomes == {"same": 3}, "what leaves as a file comes back unchanged"


def test_an_order_and_a_filter_hold_from_page_to_page(cast, client):
    whole = {
        "item": "物业费",
        "since": date(2025, 1, 1),
        "until": date(2025, 12, 31),
        "due": 9000,
        "unit": cast.unit,
    }
    PastPayment.objects.bulk_create(
        PastPayment(community=cast.community, paid_on=date(2025, 1, 1 + n % 28), paid=n * 100, **whole)
        for n in range(120)
    )
    client.force_login(cast.alice)
    url, query, seen = reverse("payment_list"), "?sort=5&short=1", []
    while query:
        table = client.get(url + query).context["table"]
        seen += [row.cells[5].words for row in table.rows]
        query = table.pager.next_url
    assert seen == [f"{n}.00" for n in range(90)], "what was paid in full is left out"


def test_what_is_paid_is_hidden_without_the_right_and_elsewhere(cast, car, client):
    take(cast, book(*HOMES), source="payments")
    charlie = cast.actor(cast.charlie)
    assert not PastPayment.objects.visible_to(charlie).exists()
    client.force_login(make_staff("guard", "门岗", "gate_guard", cast.community))
    assert "缴费记录" not in client.get(reverse("unit", args=[cast.unit.pk])).content.decode()
    assert client.get(reverse("payment_list")).status_code == 403


def test_a_cashier_imports_payments_and_sees_no_import_of_residents(cast, client):
    """From the empty list to the lines in earnest, by the buttons of the pages."""
    other = take(cast, book(["楼栋", "单元", "房号"], [[5, 1, 101]]))
    cashier = make_staff("cashier", "钱出纳", "cashier", cast.community)
    client.force_login(cashier)
    link = client.get(reverse("payment_list")).context["table"].empty_action.url
    form = client.get(link).context["form"]
    assert [code for code, _words in form.fields["source"].choices] == ["payments", "meters"]
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = client.post(link, {"source": "payments", "file": SimpleUploadedFile("fees.xlsx", book(*HOMES))})
    key = int(sent["Location"].rstrip("/").rsplit("/", 1)[1])
    run_import(key)
    url = reverse("import_run", args=[key])
    assert "新登记" in client.get(url).content.decode()
    client.post(url, {"mode": "good"})
    run_import(key)
    assert reverse("payment_list") in client.get(url).content.decode()
    assert PastPayment.objects.count() == 2
    assert client.get(reverse("import_run", args=[other.pk])).status_code == 404
    assert "list.xlsx" not in client.get(reverse("import_list")).content.decode()


def test_a_payment_of_a_unit_that_was_split_or_merged_since_is_that_of_the_unit_of_its_day(cast, client):
    """3-1-1201 and 3-1-1202 became 3-1-1201 again, 3-1-1301 two rooms: the day of the payment tells which is meant."""
    alice = cast.actor(cast.alice)
    beside, high = make_unit(cast.community, "3-1-1202"), make_unit(cast.community, "3-1-1301")
    day = date(2024, 6, 1)
    whole = merge_units([cast.unit.pk, beside.pk], actor=alice, part=Part("3-1-1201"), on=day)
    split_unit(high.pk, actor=alice, parts=[Part("3-1-1301A"), Part("3-1-1301B")], on=day)
    lines = [
        paid(缴费时间="2024-05-31"), paid(缴费时间="2024-06-02"), paid(房屋="3-1-1202", 缴费时间="2024-05-31"),
        paid(房屋="3-1-1202", 缴费时间="2024-06-02"), paid(房屋="3-1-1301", 缴费时间="2024-06-02"),
    ]  # fmt: skip
    run = take(cast, book(["房屋", *FEE], lines), source="payments")
    assert [why for _row, _what, why in problems(run)] == [
        "3-1-1202 在 2024-06-01 并入了 3-1-1201：以后的请填现在的房号",
        "3-1-1301 在 2024-06-01 拆分成了 3-1-1301A、3-1-1301B：以后的请填现在的房号",
    ]
    assert list(PastPayment.objects.order_by("pk").values_list("unit", flat=True)) == [
        cast.unit.pk,
        whole.pk,
        beside.pk,
    ]
    client.force_login(cast.alice)
    page = client.get(reverse("unit", args=[whole.pk])).content.decode()
    assert "3-1-1202" in page.split("缴费记录</h2>")[1].split("</section>")[0], (
        "what those paid that it came from is told with their number"
    )
    assert len(client.get(reverse("payment_list"), {"unit": whole.pk}).context["table"].rows) == 3
    assert take(cast, book(["房屋", *FEE], lines), source="payments").outcomes == {"refused": 2, "same": 3}
