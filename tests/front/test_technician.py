"""The technician's telephone: from claim to done, with the rights of a technician and nothing else."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from shouwen.cases import actions as cases
from shouwen.cases.models import Case, FollowUp, Photo
from shouwen.front.look import Calls, Job, Press, Shots
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.people.models import Staff
from shouwen.works import actions as works
from shouwen.works.flow import ORDER
from shouwen.works.forms import FinishForm
from shouwen.works.models import Order, State
from tests.cast import PHONE, Cast, make_staff, make_unit
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db
MINE = "/orders/mine"


@pytest.fixture
def phone(cast: Cast, client: Client) -> Client:
    """文师傅's telephone: he has orders and the materials, and no right to see cases or the estate."""
    assert cast.actor(cast.wen).rights[cast.community.pk] == {"material.see", "order.see", "order.work"}
    client.force_login(cast.wen)
    return client


@pytest.fixture
def order(cast: Cast) -> Order:
    found = leak(cast, person_id=cast.mei.pk, words="灯座旁滴水，怕漏电")
    Staff.objects.filter(pk=cast.bob.pk).update(phone="8001")
    return found


def press(phone: Client, order: Order, name: str, **inputs: object) -> object:
    return phone.post(reverse("order_move", args=[order.pk, name]), inputs)


def sent(cast: Cast, order: Order, to: Staff | None = None) -> Order:
    return works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=(to or cast.wen).pk)


def picture(name: str = "site.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (60, 40), "#88aacc").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def shown(phone: Client, order: Order) -> object:
    return phone.get(reverse("order", args=[order.pk])).context["job"]


def fields(one: Press) -> dict[str, object]:
    """What a press posts without a script."""
    return {"next": one.after, "version": one.version}


def mine(phone: Client) -> Job:
    return phone.get(MINE).context["job"]


def test_from_claim_to_done_on_the_telephone(cast: Cast, phone: Client, order: Order) -> None:
    page = phone.get(MINE)
    (open_,) = page.context["claimable"]
    assert (open_.room_number, open_.press.name, open_.press.form) == ("3-1-1201", "claim", False)
    assert open_.press.pocket == "", "who is faster is decided with a line"
    assert page.context["job"] is None
    assert press(phone, order, "claim", **fields(open_.press)).status_code == 303
    now = mine(phone).now
    assert (now.next.name, now.next.form, now.next.hint) == ("arrive", False, "下一步 拍修前照片")
    assert [p.name for p in (*now.equals, *now.more)] == ["pause", "material", "carry", "refuse"]
    press(phone, order, "arrive", **fields(now.next))
    job = mine(phone)
    assert (job.now.next.label, job.when) == ("拍修前照片", "on_site")
    assert [p.name for p in job.now.equals] == ["pause", "material", "absent"]
    assert "finish" in {p.name for p in job.now.more}, "photos never stand in the way"
    phone.post(job.shots.url, {"photos": [picture(), picture()]})
    page = phone.get(MINE)
    job = page.context["job"]
    assert (job.now.next.label, job.shots.before, job.shots.after) == ("拍修后照片", 2, 0)
    assert "还差 1 张</b>" in page.content.decode()
    phone.post(job.shots.url, {"photos": [picture()], "stage": "before"})
    phone.post(job.shots.url, {"photos": [picture()], "stage": "after"})
    last = mine(phone).now.next
    assert (last.name, last.form) == ("finish", True)
    assert [p.stage for p in Photo.objects.order_by("id")] == ["before", "before", "before", "after"]
    form = phone.get(last.url, headers={"HX-Request": "true"})
    assert form.status_code == 200
    assert {"result", "minutes", "materials", "signature", "code", "confirmed_by", "unconfirmed_why"} <= set(
        form.context["form"].fields
    )
    wrong = press(phone, order, "finish", result="换了角阀")
    assert wrong.status_code == 422
    assert "请住户签名" in wrong.content.decode()
    done = press(phone, order, "finish", result="换了角阀", minutes="40", confirmed_by="梅女士", next=MINE)
    assert (done.status_code, done.headers["Location"]) == (303, MINE)
    page = phone.get(MINE)
    assert [(c.words, c.count) for c in page.context["counts"]] == [
        ("待接单", "0"), ("处理中", "0"), ("停表", "0"), ("今日完工", "1"),
    ]  # fmt: skip
    assert [o.room_number for o in phone.get(f"{MINE}?show=done").context["queue"]] == ["3-1-1201"]
    assert Case.objects.get(pk=order.case_id).state == "done"


def test_every_state_that_an_order_may_reach_comes_with_the_page(
    cast: Cast, phone: Client, order: Order
) -> None:
    """So that a telephone without a line goes on: the presses are those that the table of moves gives later."""
    sent(cast, order)
    wen = cast.actor(cast.wen)
    ahead = {s.when: s for s in mine(phone).stands}
    assert set(ahead) == {"offered", "accepted", "on_site", "on_site.before", "on_site.after", "paused"}
    assert {p.name for p in mine(phone).sheets} == {
        "refuse", "pause", "absent", "material", "carry", "finish",
    }  # fmt: skip
    steps = (
        ("offered", lambda: None),
        ("accepted", lambda: works.accept(order.pk, actor=wen)),
        ("on_site", lambda: works.arrive(order.pk, actor=wen)),
        ("on_site.before", lambda: phone.post(mine(phone).shots.url, {"photos": [picture()]})),
        ("on_site.after", lambda: phone.post(mine(phone).shots.url, {"photos": [picture()]})),
        ("paused", lambda: works.pause(order.pk, actor=wen, reason="parts")),
    )
    for when, step in steps:
        step()
        now = mine(phone).now
        assert now.when == when
        told = [[p.name for p in part] for part in ((now.next,), now.equals, now.more)]
        assert told == [
            [p.name for p in part] for part in ((ahead[when].next,), ahead[when].equals, ahead[when].more)
        ]
        for move in (*now.equals, now.next):
            assert move.name.startswith("photo-") or move.to in ("", ORDER[move.name].target)


def test_the_order_in_hand_stands_first_and_the_rest_have_one_press(
    cast: Cast, phone: Client, order: Order
) -> None:
    second = sent(cast, leak(cast, unit_id=make_unit(cast.community, "3-1-0702").pk, title="面盆下水漏"))
    third = sent(cast, leak(cast, unit_id=make_unit(cast.community, "3-1-0101").pk, title="水表前阀"))
    wen = cast.actor(cast.wen)
    works.accept(third.pk, actor=wen)
    works.pause(third.pk, actor=wen, reason="water_off")
    sent(cast, order)
    works.accept(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    page = phone.get(MINE)
    assert page.context["job"].room_number == "3-1-1201"
    assert [(n.title, n.press.name) for n in page.context["queue"]] == [
        ("面盆下水漏", "accept"), ("水表前阀", "resume"),
    ]  # fmt: skip
    assert [c.count for c in page.context["counts"]] == ["1", "1", "1", "0"]
    assert page.context["queue"][1].clock.words == "等停水通知"
    assert [n.id for n in phone.get(f"{MINE}?show=offered").context["queue"]] == [str(second.pk)]


def test_a_card_shows_the_callers_words_and_why_the_work_was_reopened(
    cast: Cast, phone: Client, order: Order
) -> None:
    second = leak(
        cast, unit_id=make_unit(cast.community, "3-1-0702").pk, title="面盆下水漏", words="夜里更响"
    )
    Case.objects.filter(pk=second.case_id).update(reopened=1)
    Order.objects.filter(pk=second.pk).update(turn=2)
    for satisfied, words in ((False, "早先那句"), (False, "还在漏"), (True, "谢谢")):
        FollowUp.objects.create(
            community=cast.community, case_id=second.case_id, outcome="reached", satisfied=satisfied, words=words,
            at=clock.now(),
        )  # fmt: skip
    shown = phone.get(MINE)
    assert [(n.quote, n.again) for n in shown.context["claimable"] if n.title == "面盆下水漏"] == [
        ("夜里更响", "")
    ]
    assert "还在漏" not in shown.content.decode()
    sent(cast, order)
    works.accept(order.pk, actor=cast.actor(cast.wen))
    sent(cast, second)
    shown = phone.get(MINE)
    assert "灯座旁滴水，怕漏电" in shown.content.decode()
    assert shown.context["job"].again == ""
    (waiting,) = shown.context["queue"]
    assert (waiting.again, waiting.tags[0].words) == ("住户不满意：还在漏", "重开")
    assert "住户不满意：还在漏" in shown.content.decode()
    assert "住户不满意：还在漏" in phone.get(reverse("order", args=[second.pk])).content.decode()


def test_who_claims_too_late_hears_who_was_faster(cast: Cast, phone: Client, order: Order) -> None:
    other = make_staff("sun", "孙志强", "engineering", cast.community)
    works.claim(order.pk, actor=cast.actor(other))
    answer = press(phone, order, "claim")
    assert answer.status_code == 422
    assert "这张单刚被 孙志强 接走了。" in answer.content.decode()


def test_an_order_of_somebody_else_shows_where_and_what_only(cast: Cast, phone: Client, order: Order) -> None:
    other = make_staff("sun", "孙志强", "engineering", cast.community)
    sent(cast, order, other)
    page = phone.get(reverse("order", args=[order.pk]))
    job = page.context["job"]
    assert (job.now.next, job.sheets, job.calls, job.shots) == (None, (), Calls(), Shots())
    assert page.context["timeline"] == ()
    for name in ("accept", "arrive", "refuse", "finish"):
        assert press(phone, order, name, words="x", result="x").status_code in (403, 422)
    assert phone.post(reverse("order_photos", args=[order.pk]), {"photos": [picture()]}).status_code == 422
    assert phone.post(reverse("order_call", args=[order.pk])).status_code == 422
    assert not Photo.objects.exists()
    assert phone.get(reverse("case", args=[order.case_id])).status_code in (403, 404)


def test_the_number_is_shown_to_the_one_sent_and_that_is_on_record(
    cast: Cast, phone: Client, order: Order
) -> None:
    sent(cast, order)
    page = phone.get(reverse("order", args=[order.pk]))
    job = page.context["job"]
    assert job.calls.ask_words == "打电话 住户 梅**"
    assert [(p.words, p.url) for p in job.calls.known] == [("首问 鲍勃", "tel:8001")]
    assert PHONE not in page.content.decode()
    answer = phone.post(job.calls.ask, headers={"HX-Request": "true"})
    assert (
        f'href="tel:+86{PHONE}"' in answer.content.decode()
        or f'href="tel:{PHONE}"' in answer.content.decode()
    )
    assert answer.headers["Cache-Control"] == "no-store"
    seen = Entry.objects.filter(verb__in=["order:phone_shown", "contact:revealed"]).order_by("id")
    assert [(e.verb, e.actor_id) for e in seen] == [
        ("order:phone_shown", cast.wen.pk), ("contact:revealed", cast.wen.pk),
    ]  # fmt: skip
    assert seen[0].data == {"shown": "contact", "contact": cast.mei.contacts.get().pk}
    assert PHONE not in str(list(seen.values()))
    works.accept(order.pk, actor=cast.actor(cast.wen))
    works.refuse(order.pk, actor=cast.actor(cast.wen), words="走不开")
    assert phone.post(job.calls.ask).status_code == 422


def test_the_number_left_with_the_request_comes_first(cast: Cast, phone: Client) -> None:
    order = sent(cast, leak(cast, person_id=cast.mei.pk, asker="王叔", phone="13700009999"))
    page = phone.post(reverse("order_call", args=[order.pk]))
    assert page.status_code == 200
    assert "13700009999" in page.content.decode()
    assert not Entry.objects.filter(verb="contact:revealed").exists()
    assert Entry.objects.get(verb="order:phone_shown").data == {"shown": "case"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "图片"),
        ("a.jpg", b"GIF89a not a picture", "图片"),
        ("a.jpg", b"\xff\xd8\xff\xe0broken", "损坏"),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(
    cast: Cast, phone: Client, order: Order, name: str, content: bytes, told: str
) -> None:
    sent(cast, order)
    works.accept(order.pk, actor=cast.actor(cast.wen))
    answer = phone.post(
        reverse("order_photos", args=[order.pk]), {"photos": [SimpleUploadedFile(name, content)]}
    )
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert phone.post(reverse("order_photos", args=[order.pk])).status_code == 422
    assert not Photo.objects.exists()


def test_pictures_whose_answer_was_lost_are_kept_once(cast: Cast, phone: Client, order: Order) -> None:
    sent(cast, order)
    works.accept(order.pk, actor=cast.actor(cast.wen))
    works.arrive(order.pk, actor=cast.actor(cast.wen))
    page = phone.get(reverse("order", args=[order.pk])).content.decode()
    assert 'name="drawn" value="0"' in page
    for drawn, count in (("0", 1), ("0", 1), ("1", 2)):
        press = {"photos": [picture()], "stage": "before", "drawn": drawn}
        assert phone.post(reverse("order_photos", args=[order.pk]), press).status_code == 303
        assert Photo.objects.count() == count


def test_ten_pictures_at_once_are_too_many(cast: Cast, phone: Client, order: Order) -> None:
    sent(cast, order)
    answer = phone.post(reverse("order_photos", args=[order.pk]), {"photos": [picture() for _ in range(10)]})
    assert answer.status_code == 422


def test_a_technician_never_hears_of_a_complaint_about_themselves(
    cast: Cast, phone: Client, order: Order
) -> None:
    sent(cast, order)
    cases.recast(
        leak(cast, unit_id=make_unit(cast.community, "3-1-0801").pk).case_id,
        actor=cast.actor(cast.bob), kind="complaint", category="attitude",
    )  # fmt: skip
    Case.objects.filter(pk=order.case_id).update(
        kind="complaint", category_id="attitude", about_id=cast.wen.pk
    )
    assert phone.get(reverse("order", args=[order.pk])).status_code == 404
    assert phone.get(reverse("order_sheet", args=[order.pk])).status_code == 404
    for url in (MINE, reverse("board"), reverse("order_list")):
        page = phone.get(url)
        assert page.status_code == 200
        assert str(order.pk) not in page.content.decode()
        assert "3-1-0801" not in page.content.decode(), "what became a complaint is no order for a technician"


def test_the_desk_sees_the_order_and_goes_on_to_the_case(cast: Cast, client: Client, order: Order) -> None:
    client.force_login(cast.bob)
    page = client.get(reverse("order", args=[order.pk]))
    assert reverse("case", args=[order.case_id]) in [one.url for one in page.context["links"]]
    assert page.context["job"].now.next is None


def test_the_sheet_opens_as_a_pdf(cast: Cast, phone: Client, order: Order) -> None:
    answer = phone.get(reverse("order_sheet", args=[order.pk]))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")


def test_sheets_of_all_that_were_sent(cast: Cast, client: Client, order: Order) -> None:
    client.force_login(cast.bob)
    assert client.get(reverse("order_sheets")).status_code == 422
    sent(cast, order)
    assert client.get(reverse("order_sheets")).content.startswith(b"%PDF-")


def test_carried_over_waits_below(cast: Cast, phone: Client, order: Order) -> None:
    later = works.claim(order.pk, actor=cast.actor(cast.wen))
    press(phone, later, "carry", on="2099-01-01", words="等住户回家")
    now = leak(cast, unit_id=make_unit(cast.community, "3-1-0702").pk, title="面盆下水漏")
    works.claim(now.pk, actor=cast.actor(cast.wen))
    page = phone.get(MINE)
    assert page.context["job"].title == "面盆下水漏"
    assert Order.objects.get(pk=order.pk).state == State.ACCEPTED


def test_my_page_costs_the_same_at_one_and_at_fifty(cast: Cast, phone: Client, order: Order) -> None:
    def once() -> int:
        with CaptureQueriesContext(connection) as queries:
            phone.get(MINE)
        return len(queries)

    def cost() -> int:
        return min(once() for _ in range(3))  # rulings are read again every few seconds

    sent(cast, order)
    leak(cast, category="lamp")
    one = cost()
    for n in range(50):
        found = leak(cast, unit_id=make_unit(cast.community, f"4-1-{n // 9 + 1:02d}{n % 9 + 1:02d}").pk)
        if n % 2:
            sent(cast, found)
    assert cost() == one


def test_that_one_confirmation_is_enough_stands_above_the_fields(cast: Cast, phone: Client) -> None:
    order = sent(cast, leak(cast))
    assert "四样有一样就行" in phone.get(reverse("order", args=[order.pk])).content.decode()
    public = FinishForm(row=leak(cast, unit_id=None, space_id=cast.space.pk), actor=cast.actor(cast.wen))
    assert public.lead == ""
