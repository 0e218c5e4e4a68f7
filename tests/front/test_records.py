"""The doors of the records: what each page shows, to whom, and that what is typed is done."""

import io

import pytest
from django.urls import reverse

from shouwen.estate.models import Building, Contact, ImportRun, Occupancy, Person, Space, Unit, Vehicle
from shouwen.kernel.models import Entry
from shouwen.people.jobs import run_import
from tests.cast import PHONE, make_person
from tests.estate.test_imports import HEADS, ROWS, book


@pytest.fixture
def desk(cast, client):
    client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def lead(cast, client):
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response) -> str:
    return response.content.decode()


def urls(cast):
    occupancy = Occupancy.objects.get()
    vehicle = Vehicle.objects.get_or_create(community=cast.community, unit=cast.unit, plate="沪A1")[0]
    contact = cast.mei.contacts.get()
    return [
        reverse(name, args=[key])
        for name, key in (
            ("unit", cast.unit.pk), ("unit_edit", cast.unit.pk), ("unit_split", cast.unit.pk),
            ("unit_merge", cast.unit.pk), ("chronicle_new", cast.unit.pk), ("move_in", cast.unit.pk),
            ("building", cast.building.pk), ("building_edit", cast.building.pk), ("space_edit", cast.space.pk),
            ("person", cast.mei.pk), ("person_edit", cast.mei.pk), ("person_merge", cast.mei.pk),
            ("contact_new", cast.mei.pk), ("identity_reveal", cast.mei.pk), ("phone_reveal", contact.pk),
            ("occupancy_edit", occupancy.pk), ("move_out", occupancy.pk), ("vehicle_edit", vehicle.pk),
            ("vehicle_remove", vehicle.pk), ("contact_edit", contact.pk), ("contact_remove", contact.pk),
        )
    ]  # fmt: skip


LISTS = [
    "unit_list",
    "unit_new",
    "building_list",
    "building_new",
    "space_list",
    "space_new",
    "person_list",
    "person_new",
    "vehicle_new",
]


def test_every_page_opens_for_the_desk(cast, desk):
    for url in [*urls(cast), *(reverse(name) for name in LISTS)]:
        response = desk.get(url)
        assert response.status_code == 200, url
        assert PHONE not in text(response), url


def test_every_form_comes_as_a_fragment_too(cast, desk):
    response = desk.get(reverse("unit_edit", args=[cast.unit.pk]), headers={"HX-Request": "true"})
    assert "<html" not in text(response)
    assert 'hx-target="#act"' in text(response)


def test_no_page_comes_into_the_place_of_forms(cast, desk):
    """A button whose link is a whole page opens that page: it never stands inside the one that is open."""
    asked = {"HX-Request": "true", "HX-Target": "act"}
    whole = [reverse("home_door", args=[cast.unit.pk]), f"{reverse('intake')}?unit={cast.unit.pk}"]
    for url in [*urls(cast), *whole]:
        response = desk.get(url, headers=asked)
        assert "<html" not in text(response), url
        assert response.get("HX-Redirect", "") == ("" if text(response) else url), url
    assert desk.get(whole[0], headers=asked)["HX-Redirect"] == whole[0]
    contact = cast.mei.contacts.get()
    shown = desk.post(reverse("phone_reveal", args=[contact.pk]), {"purpose": "call_back"}, headers=asked)
    assert PHONE in text(shown)
    assert (shown["HX-Retarget"], shown["HX-Reselect"]) == ("#main", "#main"), (
        "what is told once takes the page"
    )


def test_charlie_gets_404_for_every_id_and_wen_403(cast, client):
    found = urls(cast)
    client.force_login(cast.charlie, backend="django.contrib.auth.backends.ModelBackend")
    for url in found:
        assert client.get(url).status_code == 404, url
    client.force_login(cast.wen, backend="django.contrib.auth.backends.ModelBackend")
    for url in [
        *found,
        *(reverse(name) for name in [*LISTS, "import_list", "import_new", "staff_list", "hours", "settings"]),
    ]:
        assert client.get(url).status_code == 403, url


def test_strangers_are_sent_to_sign_in(cast, client):
    for url in urls(cast):
        assert client.get(url).status_code == 302


def test_lists_are_searched_filtered_and_exported(cast, desk):
    assert "3-1-1201" in text(desk.get(reverse("unit_list"), {"q": "1201"}))
    assert "3-1-1201" not in text(desk.get(reverse("unit_list"), {"status": "vacant"}))
    assert "梅若兰" in text(desk.get(reverse("person_list"), {"q": "mrl", "role": "owner"}))
    response = desk.get(reverse("unit_list"), {"export": "csv"})
    assert "3-1-1201" in b"".join(response.streaming_content).decode("utf-8-sig")


@pytest.mark.parametrize("name", ["unit_list", "person_list"])
def test_a_list_asks_as_many_questions_for_fifty_rows_as_for_one(
    cast, desk, name, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    desk.get(reverse(name))
    with CaptureQueriesContext(
        connection,
    ) as one:
        desk.get(reverse(name))
    for n in range(50):
        person = make_person(cast.community, f"梅{n}", f"139000{n:05d}")
        unit = Unit.objects.create(community=cast.community, building=cast.building, code=f"3-2-{n:04d}")
        Occupancy.objects.create(
            community=cast.community, unit=unit, person=person, role="owner", during=("2020-01-01", None)
        )
    with CaptureQueriesContext(connection) as fifty:
        desk.get(reverse(name))
    assert len(fifty) == len(one)


def test_a_unit_is_changed_and_a_stale_form_says_so(cast, desk):
    url = reverse("unit_edit", args=[cast.unit.pk])
    typed = {
        "building": cast.building.pk, "code": "3-1-1201", "entrance": "1", "floor": 12, "door": "1201",
        "kind": "residence", "status": "let", "built_area": "89.5", "inner_area": "72.3", "remark": "老人独居", "version": 1,
    }  # fmt: skip
    assert desk.post(url, typed).status_code == 303
    assert Unit.objects.get(pk=cast.unit.pk).remark == "老人独居"
    stale = desk.post(url, typed | {"remark": "另一句"})
    assert stale.status_code == 409
    shown = {d.label: d for d in stale.context["differences"]}
    assert (shown["楼栋"].mine, shown["楼栋"].theirs, shown["楼栋"].differs) == ("3 栋", "3 栋", False)
    assert (shown["使用状态"].mine, shown["使用状态"].theirs) == ("出租", "出租")
    assert (shown["建筑面积"].mine, shown["建筑面积"].differs) == ("89.5", False)
    assert (shown["服务提示"].mine, shown["服务提示"].theirs) == ("另一句", "老人独居")
    assert [label for label, d in shown.items() if d.differs] == ["服务提示"]
    emptied = desk.post(url, typed | {"remark": ""})
    assert {d.label for d in emptied.context["differences"] if d.differs} == {"服务提示"}
    again = dict(stale.context["keep"].hidden)
    assert desk.post(url, again).status_code == 303
    assert Unit.objects.get(pk=cast.unit.pk).remark == "另一句"


def test_what_was_typed_stays_with_the_reason_beside_it(cast, desk):
    typed = {
        "building": cast.building.pk,
        "code": "3-1-1201",
        "kind": "residence",
        "status": "vacant",
        "remark": "新的",
    }
    response = desk.post(reverse("unit_new"), typed)
    assert response.status_code == 422
    assert "已有同号的房屋" in text(response)
    assert "新的" in text(response)


def test_moving_in_somebody_known_asks_which_of_them(cast, desk):
    url = reverse("move_in", args=[cast.unit.pk])
    typed = {"who": "梅若兰", "role": "family", "since": "2026-01-01"}
    asked = desk.post(url, typed)
    assert asked.status_code == 422
    assert "139****1201" in text(asked)
    assert desk.post(url, typed | {"person": cast.mei.pk}).status_code == 303
    assert (
        desk.post(
            url, {"who": "全新", "role": "family", "since": "2026-01-01", "phone": "13900002222"}
        ).status_code
        == 303
    )
    assert Person.objects.filter(name="全新").exists()
    assert cast.unit.occupancies.count() == 3


def test_a_refused_move_in_leaves_no_half_made_person(cast, desk):
    typed = {"who": "第二业主", "role": "owner", "since": "2026-01-01"}
    response = desk.post(reverse("move_in", args=[cast.unit.pk]), typed)
    assert response.status_code == 422
    assert "已有业主" in text(response)
    assert not Person.objects.filter(name="第二业主").exists()


def test_a_number_is_shown_after_the_purpose_is_given(cast, desk):
    url = reverse("phone_reveal", args=[cast.mei.contacts.get().pk])
    assert PHONE not in text(desk.get(url))
    assert PHONE in text(desk.post(url, {"purpose": "call_back"}))
    assert Entry.objects.get().verb == "contact:revealed"


def test_the_page_of_a_merged_person_leads_to_the_kept_one(cast, desk):
    twin = make_person(cast.community, "梅若兰")
    url = reverse("person_merge", args=[cast.mei.pk])
    assert desk.post(url, {"other": twin.pk, "version": 1}).status_code == 303
    assert desk.get(reverse("person", args=[twin.pk])).url == reverse("person", args=[cast.mei.pk])


def test_split_merge_move_out_and_vehicles_from_the_screen(cast, desk):
    today = "2026-03-01"
    lines = "3-1-1201A,1201A,40\n3-1-1201B,1201B,49.5"
    assert (
        desk.post(
            reverse("unit_split", args=[cast.unit.pk]), {"parts": lines, "on": today, "version": 1}
        ).status_code
        == 303
    )
    first, second = Unit.objects.filter(retired_on__isnull=True).order_by("code")
    typed = {"others": second.code, "code": "3-1-1201", "door": "1201", "on": "2026-03-02"}
    assert desk.post(reverse("unit_merge", args=[first.pk]), typed).status_code == 303
    merged = Unit.objects.get(retired_on__isnull=True)
    desk.post(reverse("vehicle_new") + f"?unit={merged.pk}", {"plate": "沪A·9", "unit": merged.code})
    assert Vehicle.objects.get().unit == merged
    held = merged.occupancies.get()
    assert desk.post(reverse("move_out", args=[held.pk]), {"on": "2026-04-01"}).status_code == 303
    held.refresh_from_db()
    assert str(held.during.upper) == "2026-04-02"
    assert "3-1-1201A" in text(desk.get(reverse("unit", args=[merged.pk])))


@pytest.mark.parametrize("name", ["contact_remove", "vehicle_remove"])
def test_a_part_of_a_record_is_shown_before_it_goes(cast, desk, name):
    Vehicle.objects.create(community=cast.community, unit=cast.unit, person=cast.mei, plate="沪A12345")
    model, words, verb = {
        "contact_remove": (Contact, ("梅若兰", "139****1201"), "contact:removed"),
        "vehicle_remove": (Vehicle, ("沪A12345", "3-1-1201", "梅若兰"), "vehicle:removed"),
    }[name]
    url = reverse(name, args=[model.objects.get().pk])
    shown = text(desk.get(url))
    assert all(word in shown for word in words)
    assert "不能撤回" in shown
    assert model.objects.exists(), "the first press takes nothing away"
    assert desk.post(url).status_code == 303
    assert not model.objects.exists()
    assert Entry.objects.filter(verb=verb).count() == 1
    assert desk.post(url).status_code == 404, "the second of two presses finds it gone"


def test_another_number_is_called_first(cast, desk):
    second = Contact.of(cast.mei, "02188886666")
    second.save()
    url = reverse("contact_edit", args=[second.pk])
    assert desk.post(url, {"label": "办公室", "primary": "on"}).status_code == 303
    first, other = cast.mei.contacts.all()
    assert (first.pk, first.label, first.primary, other.primary) == (second.pk, "办公室", True, False)


def test_a_list_is_imported_from_the_screen(cast, lead):
    file = io.BytesIO(book(HEADS, [*ROWS, [5, 1, None, 1, "住宅", 1, None, None, None, None, None]]))
    file.name = "我的清单.xlsx"
    response = lead.post(reverse("import_new"), {"source": "units", "file": file})
    run = ImportRun.objects.get()
    assert response.url == reverse("import_run", args=[run.pk])
    assert "进度" in text(lead.get(response.url))
    run_import(run.pk)
    shown = text(lead.get(response.url))
    assert "已检查" in shown
    assert not Unit.objects.filter(code="5-1-101").exists()
    assert lead.get(reverse("import_problems", args=[run.pk])).status_code == 200
    lead.post(response.url, {"mode": "good"})
    run_import(run.pk)
    assert "已导入" in text(lead.get(response.url))
    assert Unit.objects.filter(code="5-1-101").exists()
    assert Entry.objects.get(verb="import:done").actor_id == cast.alice.pk
    assert "我的清单" in text(lead.get(reverse("import_list")))
    assert lead.get(reverse("import_template", args=["units"])).status_code == 200


def test_an_import_of_another_community_is_out_of_sight(cast, client):
    alice = cast.actor(cast.alice)
    from shouwen.estate.imports.run import begin

    run = begin(cast.community.pk, actor=alice, source="units", name="x.csv", data=b"x", mode="dry")
    client.force_login(cast.charlie, backend="django.contrib.auth.backends.ModelBackend")
    for name in ("import_run", "import_problems"):
        assert client.get(reverse(name, args=[run.pk])).status_code == 404


@pytest.mark.parametrize("name", ["building_list", "space_list"])
def test_six_hundred_buildings_and_areas_are_paged_narrowed_and_told_whole(cast, desk, name):
    """Fifty a page by key, and a file with all of them."""
    blocks = Building.objects.bulk_create(
        Building(community=cast.community, code=f"{n}", name="南区" if n % 2 else "", sort=f"{n:06d}")
        for n in range(100, 700)
    )
    Space.objects.bulk_create(
        Space(community=cast.community, building=b, name=f"{b.code} 号门厅") for b in blocks
    )
    Unit.objects.create(community=cast.community, building=blocks[7], code="107-1-0101")
    url, seen, rows = reverse(name), [], None
    next_url = ""
    while rows is None or next_url:
        table = desk.get(url + next_url).context["table"]
        rows = [row.cells[0].words for row in table.rows]
        assert len(rows) <= 50
        seen += rows
        next_url = table.pager.next_url
    assert len(seen) == len(set(seen)) == 601
    assert [words[:3] for words in seen if words[:3].isdecimal() and len(words) > 2] == [
        f"{n}" for n in range(100, 700)
    ]
    (found,) = desk.get(url, {"q": "699"}).context["table"].rows
    assert found.cells[0].words.startswith("699")
    narrowed = {"building_list": {"held": "yes"}, "space_list": {"building": blocks[7].pk}}[name]
    kept = [row.cells[0].words for row in desk.get(url, narrowed).context["table"].rows]
    assert kept == {"building_list": ["3", "107"], "space_list": ["107 号门厅"]}[name]


def test_the_units_of_any_building_are_found_however_many_there_are(cast, desk):
    """The filter knows them all: one that it did not know narrowed nothing."""
    blocks = Building.objects.bulk_create(
        Building(community=cast.community, code=f"{n}", sort=f"{n:06d}") for n in range(100, 500)
    )
    home = Unit.objects.create(community=cast.community, building=blocks[-1], code="499-1-0101")
    (row,) = desk.get(reverse("unit_list"), {"building": blocks[-1].pk}).context["table"].rows
    assert row.url == reverse("unit", args=[home.pk])
