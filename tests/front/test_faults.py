"""What goes wrong at the staff door: odd characters, changed ids, uploads that lie, double presses, stale forms."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from shouwen.cases import actions as cases
from shouwen.cases.models import Case, Photo
from shouwen.kernel import clock, files, journal
from shouwen.kernel.models import Entry
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cast import Cast, make_cast, make_person, make_staff, make_unit
from tests.threads import at_once
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def address(cast: Cast, **changes: Any) -> str:
    asked = {"kind": "repair", "unit": cast.unit.pk, "person": cast.mei.pk} | changes
    return f"{reverse('intake')}?{urlencode({k: v for k, v in asked.items() if v is not None})}"


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "channel": "desk",
        "category": "leak",
        "title": "厨房漏水",
        "words": "一直滴",
        "key": uuid4().hex,
    } | changes


def picture() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (60, 40), "#88aacc").save(out, "JPEG")
    return SimpleUploadedFile("site.jpg", out.getvalue(), "image/jpeg")


# --- odd text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("厨房漏水🚰👩‍👩‍👧 请尽快🙏", "厨房漏水🚰👩‍👩‍👧 请尽快🙏"),
        ("שלום مرحبا 漏水", "שלום مرحبا 漏水"),
        ("漏\u202e水\u200b了", "漏水了"),
        ("漏\x07水\x1b[31m\tTab", "漏水[31m Tab"),
        ("３栋１单元１２０１　漏水", "3栋1单元1201 漏水"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ 7|add:7 }} %s {0} ' \" \\", "{{ 7|add:7 }} %s {0} ' \" \\"),
    ],
    ids=["emoji", "right to left", "invisible", "control", "full width", "markup", "template"],
)
def test_odd_characters_are_kept_visible_and_harmless(
    cast: Cast, desk: Client, title: str, kept: str
) -> None:
    answer = desk.post(address(cast), typed(title=title, words=title * 3))
    assert answer.status_code == 303
    assert Case.objects.get().title == kept
    for url in (answer.headers["Location"], reverse("case_list"), reverse("board"), reverse("order_list")):
        page = desk.get(url)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
    assert desk.get(reverse("search"), {"q": title}).status_code == 200
    assert desk.get(reverse("case_list"), {"export": "csv"}).status_code == 200


def test_ten_thousand_characters(cast: Cast, desk: Client) -> None:
    much = "水" * 10_000
    answer = desk.post(address(cast), typed(words=much))
    assert answer.status_code == 303
    assert Case.objects.get().words == much
    for field, most in (("title", "120"), ("asker", "60"), ("phone", "30")):
        answer = desk.post(address(cast), typed(**{field: much}))
        assert answer.status_code == 422
        assert most in str(answer.context["form"].errors[field])
        assert much in answer.content.decode(), "what was typed is still there"
    assert desk.post(address(cast), typed(words="水" * 20_001)).status_code == 422
    assert desk.get(reverse("search"), {"q": much}).status_code == 200
    assert Case.objects.count() == 1


@pytest.mark.parametrize("title", ["", "   ", "\u200b\u202e", "\x00", "漏\x00水"])
def test_a_title_of_nothing_is_refused_in_a_sentence(cast: Cast, desk: Client, title: str) -> None:
    answer = desk.post(address(cast), typed(title=title, words="水槽下面一直滴"))
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert "水槽下面一直滴" in answer.content.decode()
    assert not Case.objects.exists()


def test_full_width_digits_are_digits(cast: Cast, desk: Client) -> None:
    assert desk.post(address(cast), typed(phone="１３９　０００１　２０１９")).status_code == 303
    assert Case.objects.get().phone == "13900012019"
    assert desk.post(address(cast), typed(phone="一三九")).status_code == 422
    page = desk.get(reverse("search"), {"q": "３－１－１２０１"})
    assert "梅若兰" in page.content.decode()


# --- changed ids ------------------------------------------------------------------------------------------------------


def test_ids_changed_in_the_address(cast: Cast, desk: Client) -> None:
    theirs = make_unit(cast.other, "9-1-0101")
    them = make_person(cast.other, "外人")
    for changes in (
        {"unit": theirs.pk}, {"person": them.pk}, {"unit": "abc"}, {"unit": "-1"}, {"unit": "9" * 30}, {"unit": "1.5"},
        {"space": "0", "unit": None}, {"kind": "bribe"}, {"person": "１２３４５６７８９"},
    ):  # fmt: skip
        for answer in (desk.get(address(cast, **changes)), desk.post(address(cast, **changes), typed())):
            assert answer.status_code == 404, changes
            assert "9-1-0101" not in answer.content.decode()
    assert not Case.objects.exists()


def test_ids_changed_in_the_form(cast: Cast, desk: Client) -> None:
    complaint = address(cast, kind="complaint")
    wrong = (
        (address(cast), typed(category="fee")), (address(cast), typed(category="nothing")), (address(cast), typed(channel="api")),
        (complaint, typed(category="attitude", about_id=cast.charlie.pk)), (complaint, typed(category="attitude", about_id="9" * 30)),
    )  # fmt: skip
    for url, body in wrong:
        answer = desk.post(url, body)
        assert answer.status_code == 422, body
        assert "厨房漏水" in answer.content.decode()
    assert not Case.objects.exists()
    order = leak(cast)
    for technician in (cast.charlie.pk, cast.bob.pk, "9" * 30, "x", ""):
        answer = desk.post(reverse("order_move", args=[order.pk, "assign"]), {"technician_id": technician})
        assert answer.status_code == 422, technician
    assert (
        desk.post(
            reverse("order_move", args=[order.pk, "assign"]), {"technician_id": cast.wen.pk, "version": "x"}
        ).status_code
        == 422
    )
    assert Order.objects.get().state == "pool"


def test_what_is_elsewhere_or_nowhere_is_not_found(cast: Cast, desk: Client) -> None:
    order = leak(cast)
    stranger = Client()
    stranger.force_login(cast.charlie)
    for url in (
        reverse("case", args=[order.case_id]), reverse("order", args=[order.pk]), reverse("unit", args=[cast.unit.pk]),
        reverse("person", args=[cast.mei.pk]), f"{reverse('desk', args=['pool'])}?case={order.case_id}",
        reverse("case_move", args=[order.case_id, "note"]), reverse("order_move", args=[order.pk, "assign"]),
    ):  # fmt: skip
        answer = stranger.get(url)
        assert answer.status_code == 404, url
        assert "厨房" not in answer.content.decode()
        assert "3-1-1201" not in answer.content.decode()
    assert (
        stranger.post(reverse("case_move", args=[order.case_id, "note"]), {"words": "x"}).status_code == 404
    )
    for url in (
        reverse("case", args=[uuid4()]), "/cases/not-a-key/", reverse("case_move", args=[order.case_id, "vanish"]),
        f"{reverse('desk', args=['pool'])}?case=not-a-key", "/desk/nowhere/", "/units/99999999999999999999/",
    ):  # fmt: skip
        assert desk.get(url).status_code == 404, url


# --- uploads ----------------------------------------------------------------------------------------------------------

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("photo.svg", SVG, "图片"),
        ("photo.jpg", SVG, "图片"),
        ("photo.jpg", b"MZ\x90\x00 this is a program", "图片"),
        ("photo.pdf", b"%PDF-1.4 broken", "PDF"),
        ("photo.jpg", b"\xff\xd8\xff\xe0broken", "损坏"),
        ("photo.jpg", b"", "空"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(20 * 2**20), "20 MB"),
    ],
    ids=["svg", "svg as jpg", "program", "pdf", "broken", "empty", "too big"],
)
def test_an_upload_that_is_no_photo(cast: Cast, desk: Client, name: str, content: bytes, told: str) -> None:
    upload = SimpleUploadedFile(name, content, "image/jpeg")
    answer = desk.post(address(cast), typed(words="水槽下面一直滴", photos=[picture(), upload]))
    assert answer.status_code == 422
    said = answer.content.decode()
    assert told in str(answer.context["form"].errors)
    assert "水槽下面一直滴" in said
    assert "厨房漏水" in said
    assert not Case.objects.exists()
    assert not Photo.objects.exists()
    case = leak(cast).case
    answer = desk.post(
        reverse("case_move", args=[case.pk, "note"]),
        {"words": "住户补充说明", "photos": [SimpleUploadedFile(name, content, "image/jpeg")]},
    )
    assert answer.status_code == 422
    assert "住户补充说明" in answer.content.decode()
    assert not case.notes.exists(), "the note and its picture are kept together or not at all"


def test_ten_photos_are_too_many(cast: Cast, desk: Client) -> None:
    answer = desk.post(address(cast), typed(photos=[picture() for _ in range(10)]))
    assert answer.status_code == 422
    assert "9 张" in answer.content.decode()
    assert not Case.objects.exists()


# --- no room on the disk ------------------------------------------------------------------------------------------------


def full_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """`kernel.files` meets a full disk when it writes a picture."""

    def write(_path: object, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "_write", write)


def full_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL meets one when the frame is flushed."""

    def flush(_opened: object, *, commit: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "do $$ begin raise exception using errcode = '53100', message = 'disk full'; end $$"
            )

    monkeypatch.setattr(journal, "_flush", flush)


@pytest.mark.parametrize("full", [full_files, full_database])
def test_a_full_disk_is_said_by_name(
    cast: Cast, desk: Client, monkeypatch: pytest.MonkeyPatch, full: Callable[[pytest.MonkeyPatch], None]
) -> None:
    desk.raise_request_exception = False
    with monkeypatch.context() as patched:
        full(patched)
        answer = desk.post(address(cast), body := typed(photos=[picture()]))
    assert answer.status_code == 507
    assert "磁盘满了" in answer.content.decode()
    assert not Case.objects.exists()
    body["photos"] = [picture()]
    assert desk.post(address(cast), body).status_code == 303, (
        "the same form is accepted when there is room again"
    )
    assert Case.objects.count() == 1


# --- twice --------------------------------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_case(cast: Cast, desk: Client) -> None:
    body = typed(photos=[])
    first, second = desk.post(address(cast), body), desk.post(address(cast), body)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert (
        Case.objects.count(),
        Order.objects.count(),
        Entry.objects.filter(verb="case:registered").count(),
    ) == (1, 1, 1)
    other = desk.post(address(cast), body | {"title": "另一件事"})
    assert other.status_code == 422
    assert "另一件事" in other.content.decode()
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_form_at_the_same_moment_is_one_case() -> None:
    cast = make_cast()
    body, url = typed(), address(cast)
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(cast.bob)
    answers = at_once(4, lambda n: clients[n].post(url, body))
    assert {getattr(a, "status_code", a) for a in answers} == {303}
    assert len({a.headers["Location"] for a in answers}) == 1
    assert Case.objects.count() == 1


# --- a stale form ---------------------------------------------------------------------------------------------------------


def test_a_stale_form_says_what_stands_now(cast: Cast, desk: Client) -> None:
    """Typed beside current, in words and in local time; what only a note can say stands beside nothing."""
    case = leak(cast, words="原来的话").case
    theirs = (clock.now() + timedelta(days=2)).replace(hour=2, minute=30)
    until = theirs + timedelta(hours=2)
    cases.promise(case.pk, actor=cast.actor(cast.alice), preferred_at=theirs, preferred_until=until)
    body = {
        "preferred_at": "2099-05-02T14:30",
        "preferred_until": "16:00",
        "words": "我打听到的",
        "version": str(case.version),
        "next": reverse("case_list"),
    }
    answer = desk.post(reverse("case_move", args=[case.pk, "promise"]), body)
    assert answer.status_code == 409
    rows = {d.label: d for d in answer.context["differences"]}
    assert rows["约定时间"].theirs == f"{clock.local(theirs):%Y-%m-%dT%H:%M}"
    assert rows["约定时间"].differs
    assert (rows["到几点"].mine, rows["到几点"].theirs) == ("16:00", f"{clock.local(until):%H:%M}")
    assert (rows["说明"].mine, rows["说明"].theirs, rows["说明"].differs) == ("我打听到的", "—", False)
    assert (rows["状态"].theirs, rows["状态"].differs) == ("待受理", False)
    assert "原来的话" not in answer.content.decode()
    again = desk.post(answer.context["keep"].url, dict(answer.context["keep"].hidden))
    assert (again.status_code, again.headers["Location"]) == (303, reverse("case_list"))


def test_two_desks_dispatch_one_case(cast: Cast, desk: Client) -> None:
    """The second hears in words whom the order would go to and how it stands."""
    order = leak(cast)
    sent = works.assign(order.pk, actor=cast.actor(cast.alice), technician_id=cast.wen.pk)
    gao = make_staff("gao", "高翔", "engineering", cast.community)
    url = reverse("order_move", args=[order.pk, "assign"])
    answer = desk.post(url, {"technician_id": gao.pk, "version": str(order.version)})
    assert answer.status_code == 409
    row = answer.context["differences"][0]
    assert "高翔" in row.mine
    assert "文师傅" in row.theirs
    assert Order.objects.get().technician_id == sent.technician_id == cast.wen.pk
