"""A matter at the residents' door: what it tells, what it keeps to the house, and what the household presses."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case, FollowUp, Note, Photo
from shouwen.kernel import clock, files
from shouwen.kernel.journal import verbs
from shouwen.people.models import Staff
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cast import Cast
from tests.house.world import picture
from tests.portal.conftest import Browser

PUBLIC = {
    "case:registered", "case:promised", "case:urged", "case:said", "case:answered", "case:replied", "case:solved",
    "case:satisfied", "case:reopened", "case:unconfirmed", "case:cancelled", "case:merged", "order:dispatched", "order:accepted",
    "order:arrived", "order:paused", "order:resumed", "order:carried", "order:finished",
}  # fmt: skip
"""All that a household reads of its matter. A verb that is added stays inside the house until it is written here."""


def taken(cast: Cast, kind: str = "repair", category: str = "leak", title: str = "厨房漏水") -> Case:
    asked = Intake(
        cast.community.pk,
        kind,
        category,
        title,
        unit_id=cast.unit.pk,
        person_id=cast.mei.pk,
        words="水槽下面一直滴",
    )
    return register(asked, actor=cast.actor(cast.bob))


def told(telephone: Client, case: Case) -> str:
    answer = telephone.get(reverse("portal:matter", args=[case.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def press(telephone: Client, case: Case, name: str, **data: object) -> tuple[int, str]:
    answer = telephone.post(reverse("portal:act", args=[case.pk, name]), data)
    return answer.status_code, answer.get("Location", "") or answer.content.decode()


def test_the_verbs_that_residents_read_are_decided_one_by_one() -> None:
    assert {v.name for v in verbs() if v.public} == PUBLIC


def test_a_repair_is_told_like_a_parcel(cast: Cast, browser: Browser) -> None:
    case = taken(cast)
    order, wen = Order.objects.get(case=case), cast.actor(cast.wen)
    telephone = browser()
    assert "已受理，正在派人" in told(telephone, case)
    works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    works.accept(order.pk, actor=wen)
    assert "已派文师傅师傅上门" in told(telephone, case)
    works.arrive(order.pk, actor=wen)
    page = told(telephone, case)
    for words in (
        "文师傅正在修，预计",
        "前修好",
        "师傅到了",
        "鲍勃对这件事负责到底",
        "水槽下面一直滴",
        'aria-label="首问 鲍勃"',
    ):
        assert words in page
    works.pause(order.pk, actor=wen, reason="parts", words="仓库王姐说明天才有")
    page = told(telephone, case)
    assert "先停一停：等备件" in page
    assert "前修好" not in page
    assert "王姐" not in page


def test_words_of_the_house_stay_in_the_house(cast: Cast, browser: Browser) -> None:
    """Notes, reasons, urges by the desk, a complaint's result, pictures of ours: none of it is shown."""
    Staff.objects.update(phone="13911110000")
    bob, alice, wen = (cast.actor(s) for s in (cast.bob, cast.alice, cast.wen))
    case = taken(cast)
    secret = ["内部记录", "转派原因", "退单原因", "前台催办的话", "取消的原因"]
    actions.note(case.pk, actor=bob, words=secret[0])
    order = Order.objects.get(case=case)
    works.claim(order.pk, actor=wen)
    works.refuse(order.pk, actor=wen, words=secret[2])
    actions.urge(case.pk, actor=bob, words=secret[3])
    shot = files.accept(picture(), frozenset({files.IMAGE}), actor=wen, community_id=cast.community.pk)
    actions.photograph(Case.objects.get(pk=case.pk), actor=wen, file_ids=[shot.pk], stage=Photo.Stage.BEFORE)
    telephone = browser()
    page = told(telephone, case)
    complaint = taken(cast, "complaint", "noise", "楼上太吵")
    actions.classify(complaint.pk, actor=alice, level=1, severity="minor")
    actions.hand(complaint.pk, actor=alice, handler_id=cast.alice.pk, words=secret[1])
    actions.reply(complaint.pk, actor=bob, words="今天就去劝")
    actions.solve(complaint.pk, actor=bob, words="处理结果的内部话")
    other = told(telephone, complaint)
    actions.cancel(case.pk, actor=bob, by="centre", words=secret[4])
    page += told(telephone, case)
    for words in (*secret, "处理结果的内部话", "13911110000", "bob", "alice", "wen"):
        assert words not in page + other, words
    assert "今天就去劝" in other
    assert str(Photo.objects.get(case=case).pk) not in page
    assert (
        telephone.get(reverse("portal:photo", args=[Photo.objects.get(case=case).pk, "screen"])).status_code
        == 404
    )


def test_the_result_of_a_repair_and_an_answer_are_told(cast: Cast, browser: Browser) -> None:
    case = taken(cast)
    order, wen = Order.objects.get(case=case), cast.actor(cast.wen)
    works.claim(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    works.finish(order.pk, actor=wen, result="更换角阀，试水半小时", confirmed_by="本人")
    assert "更换角阀，试水半小时" in told(browser(), case)


def test_the_household_is_asked_without_a_preset(cast: Cast, browser: Browser) -> None:
    case = taken(cast, "inquiry", "fee", "物业费怎么算")
    actions.answer(case.pk, actor=cast.actor(cast.bob), words="按建筑面积")
    telephone = browser()
    page = told(telephone, case)
    assert "您满意吗" in page
    assert "checked" not in page
    code, said = press(telephone, case, "confirm")
    assert code == 422
    assert "满意或不满意" in said
    assert press(telephone, case, "confirm", satisfied="maybe")[0] == 422
    assert not FollowUp.objects.exists()
    code, goal = press(telephone, case, "confirm", satisfied="yes")
    assert (code, goal.endswith("?said=satisfied")) == (303, True)
    assert Case.objects.get(pk=case.pk).state == "satisfied"


def test_not_satisfied_begins_again_with_the_words_on_record(cast: Cast, browser: Browser) -> None:
    case = taken(cast, "inquiry", "fee", "物业费怎么算")
    actions.answer(case.pk, actor=cast.actor(cast.bob), words="按建筑面积")
    press(browser(), case, "confirm", satisfied="no", words="没有说清楚公摊")
    assert Case.objects.get(pk=case.pk).state == "working"
    assert FollowUp.objects.get().words == "没有说清楚公摊"


def test_before_it_may_be_urged_the_button_says_from_when(cast: Cast, browser: Browser) -> None:
    case = taken(cast)
    page = told(browser(), case)
    when = clock.local(case.opened_at + timedelta(minutes=30))
    assert f"{when:%H:%M} 起可以催" in page
    assert reverse("portal:act", args=[case.pk, "urge"]) not in page


def test_urging_too_early_says_when(cast: Cast, browser: Browser) -> None:
    with clock.standing_at(clock.now() - timedelta(minutes=45)):
        case = taken(cast)
    telephone = browser()
    assert "催一催" in told(telephone, case)
    assert press(telephone, case, "urge")[0] == 303
    assert "催过了" in told(telephone, case)
    code, said = press(telephone, case, "urge")
    assert code == 422
    assert "分钟后可以催" in said


def test_words_and_a_picture_are_added(cast: Cast, browser: Browser) -> None:
    case = taken(cast)
    telephone = browser()
    assert press(telephone, case, "say", words="晚上七点后在家", photos=[picture()])[0] == 303
    page = told(telephone, case)
    assert "晚上七点后在家" in page
    photo = Photo.objects.get(case=case)
    assert telephone.get(reverse("portal:photo", args=[photo.pk, "screen"])).status_code == 200
    assert photo.file.name not in page
    code, said = press(telephone, case, "say", words=" ")
    assert code == 422
    assert "请写下内容" in said


def test_the_desk_reads_who_did_what(cast: Cast, browser: Browser, client: Client) -> None:
    with clock.standing_at(clock.now() - timedelta(minutes=45)):
        case = taken(cast)
    press(browser(), case, "urge")
    client.force_login(cast.bob)
    page = client.get(reverse("desk", args=["pool"]), {"case": case.pk}).content.decode()
    assert "住户梅**" in page
    assert "催 1 次" in page


def test_an_act_that_does_not_exist(cast: Cast, browser: Browser) -> None:
    case = taken(cast)
    for name in ("cancel", "finish", "note", "promise"):
        assert press(browser(), case, name)[0] == 404


def test_a_press_whose_answer_was_lost_is_made_once(cast: Cast, browser: Browser) -> None:
    case, telephone = taken(cast), browser()
    form = telephone.get(reverse("portal:matter", args=[case.pk])).content.decode()
    key = re.findall(r'name="key" value="(\w{32})"', form)[-1]
    for words in ("还在漏", "还在漏", "漏得更大了"):
        assert press(telephone, case, "say", words=words, key=key)[0] == 303
    assert list(Note.objects.filter(case=case).order_by("id").values_list("words", flat=True)) == [
        "还在漏",
        "漏得更大了",
    ]


@pytest.mark.parametrize("mode", ["", "elder"])
def test_the_first_page_asks_no_more_queries_for_more_matters(
    cast: Cast, browser: Browser, django_assert_max_num_queries: object, mode: str
) -> None:
    telephone = browser()
    telephone.post(reverse("portal:mode"), {"mode": mode})
    telephone.get("/my/")  # what is asked once in a while has been asked
    counts = []
    for _ in range(2):
        for _ in range(4):
            taken(cast, title="又一件")
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert telephone.get("/my/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
