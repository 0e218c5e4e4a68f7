"""Reporting by plain form posts: three presses, likely answers first, pictures kept on the way, nothing twice."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases import answers
from shouwen.cases.calling.times import agreed_words
from shouwen.cases.models import Case, Category, KnownAnswer, Photo
from shouwen.kernel import clock
from shouwen.kernel.models import StoredFile
from shouwen.people.models import SignIn
from shouwen.portal import report
from tests.cast import Cast, make_owner, make_person, make_staff, make_unit
from tests.house.world import picture
from tests.portal.conftest import Browser

URL = "/my/report/"


def fields(page: str) -> dict[str, Any]:
    """What the second page carries along, as a browser without script would send it."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    found: dict[str, Any] = {name: value for name, value in hidden if name != "csrfmiddlewaretoken"}
    found["kept"] = [value for name, value in hidden if name == "kept"]
    chosen = re.findall(r'<input type="radio" name="(\w+)" value="([^"]*)" checked', page)
    return found | dict(chosen) | {"send": "1"}


def look(telephone: Client, **typed: Any) -> str:
    """The first press."""
    answer = telephone.post(URL, {"kind": "repair", "text": ""} | typed)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def send(telephone: Client, page: str, **changes: Any) -> Any:
    return telephone.post(URL, fields(page) | changes)


def test_three_presses(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    page = look(telephone, category="leak", photos=[picture()])
    answer = send(telephone, page)
    case = Case.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/my/matters/{case.pk}/?said=reported")
    assert (case.category_id, case.place, case.channel, case.urgent) == ("leak", "3-1-1201", "portal", True)
    assert (case.person, case.asker, case.title) == (cast.mei, "梅若兰", str(Category.objects.get(pk="leak")))
    photo = Photo.objects.get(case=case)
    assert photo.file.created_by_kind == "resident"
    shown = telephone.get(answer["Location"]).content.decode()
    assert "报好了" in shown
    assert reverse("portal:photo", args=[photo.pk, "screen"]) in shown
    assert telephone.get(reverse("portal:photo", args=[photo.pk, "thumb"])).status_code == 200


def test_the_words_choose_the_category_and_the_title(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    send(telephone, look(telephone, text="门禁刷不开\n换了两张卡都不行"))
    case = Case.objects.get()
    assert (case.category_id, case.title, case.words) == (
        "door",
        "门禁刷不开",
        "门禁刷不开\n换了两张卡都不行",
    )


def test_likely_answers_come_before_sending(cast: Cast, browser: Browser) -> None:
    actor = cast.actor(cast.bob)
    answers.add_answer(
        cast.community.pk,
        actor=actor,
        question="跳闸怎么办？",
        answer="先拔掉插头再推闸。",
        words="跳闸 没电",
    )
    answers.add_answer(
        cast.other.pk, actor=cast.actor(cast.charlie), question="别处的跳闸？", answer="无", words="跳闸"
    )
    telephone = browser()
    page = look(telephone, text="客厅跳闸了")
    assert "先拔掉插头再推闸" in page
    assert "别处的跳闸" not in page
    assert "先拔掉插头再推闸" not in look(telephone, text="门锁坏了")
    assert not Case.objects.exists()


def test_what_is_in_hand_already_is_shown(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    send(telephone, look(telephone, category="leak"))
    page = look(telephone, category="leak")
    assert "可能已经在办" in page
    assert reverse("portal:matter", args=[Case.objects.get().pk]) in page


def test_a_public_place_and_a_time(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    page = look(telephone, text="大堂灯不亮")
    moment = (clock.now() + timedelta(days=1)).isoformat()
    send(telephone, page, place=str(cast.space.pk), when=moment, phone="139 0000 1201")
    case = Case.objects.get()
    assert (case.unit, case.space, case.place) == (None, cast.space, "3 栋大堂")
    assert case.preferred_at
    assert (
        case.preferred_at.isoformat()[:16]
        == clock.now().replace(microsecond=0).fromisoformat(moment).isoformat()[:16]
    )
    assert str(case.phone) == "13900001201"


def test_a_part_of_a_day_is_a_window(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    page = look(telephone, text="大堂灯不亮")
    value, words = report.times()[-1]
    assert words in page
    send(telephone, page, place=str(cast.space.pk), when=value)
    case = Case.objects.get()
    assert case.preferred_until
    assert agreed_words(case)[-11:] in {"09:00–12:00", "14:00–18:00", "18:00–21:00"}


def test_the_same_press_twice_is_one_matter(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    page = look(telephone, category="leak")
    first, second = send(telephone, page), send(telephone, page)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"place": "other", "place_words": " "}, "请选择房号"),
        ({"place": "999999"}, "请选择房号"),
        ({"place": "9" * 39}, "请选择房号"),
        ({"place": "١"}, "请选择房号"),
        ({"phone": "123"}, "手机号"),
        ({"when": "2001-01-01T00:00"}, "今后 30 天"),
        ({"when": "morgen"}, "日期"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    cast: Cast, browser: Browser, changes: dict[str, str], said: str
) -> None:
    telephone = browser()
    answer = send(telephone, look(telephone, text="水管爆了\n在厨房"), **changes)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert said in shown
    assert "水管爆了" in shown
    assert not Case.objects.exists()


def test_an_empty_press_asks_for_one_thing(browser: Browser, cast: Cast) -> None:
    answer = browser().post(URL, {"kind": "repair", "text": " "})
    assert answer.status_code == 422
    assert "选一样就行" in answer.content.decode()


def test_a_bad_picture_refuses_and_keeps_the_words(cast: Cast, browser: Browser) -> None:
    fake = picture()
    fake.file.seek(0)
    fake.file.write(b"<svg onload=alert(1)>")
    fake.file.truncate()
    answer = browser().post(URL, {"kind": "repair", "text": "看照片", "photos": [fake]})
    assert answer.status_code == 422
    assert "看照片" in answer.content.decode()
    assert not StoredFile.objects.exists()


def test_nobody_sends_the_pictures_of_another(cast: Cast, browser: Browser) -> None:
    neighbour = make_person(cast.community, "邻居")
    next_door = make_unit(cast.community, "3-1-1202")
    make_owner(next_door, neighbour)
    look(browser(next_door, neighbour), text="我的照片", photos=[picture()])
    theirs = StoredFile.objects.get()
    telephone = browser()
    send(telephone, look(telephone, text="漏水"), kept=[str(theirs.pk)])
    assert not Photo.objects.exists()


def test_a_day_has_its_limit(cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "A_DAY", (1, timedelta(days=1)))
    telephone = browser()
    assert send(telephone, look(telephone, text="一件")).status_code == 303
    refused = send(telephone, look(telephone, text="两件"))
    assert refused.status_code == 422
    assert "今天报得太多了" in refused.content.decode()


def test_a_complaint_has_no_chips_and_says_who_reads_it(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    page = telephone.get(f"{URL}?kind=complaint").content.decode()
    assert "只有您和经办的人看得到" in page
    assert 'name="category"' not in page
    send(telephone, look(telephone, kind="complaint", text="楼上半夜太吵"))
    assert Case.objects.get().kind == "complaint"


def test_the_first_responder_is_on_duty_with_the_fewest_matters(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    send(telephone, look(telephone, text="没人在前台"))
    assert Case.objects.get().first_responder == cast.alice, "the fallback owner"
    colleague = make_staff("ming", "小明", "front_desk", cast.community)
    for staff in (cast.bob, colleague, cast.alice, cast.wen):
        SignIn.objects.create(staff=staff, session_key=f"k{staff.pk}", at=clock.now())
    SignIn.objects.create(staff=cast.charlie, session_key="far", at=clock.now())
    for words in ("第一件", "第二件", "第三件"):
        send(telephone, look(telephone, text=words))
    asked = list(
        Case.objects.exclude(title="没人在前台")
        .order_by("id")
        .values_list("first_responder__username", flat=True)
    )
    assert asked == ["bob", "ming", "bob"]


def test_an_old_sign_in_is_no_duty(cast: Cast) -> None:
    SignIn.objects.create(staff=cast.bob, session_key="old", at=clock.now() - timedelta(hours=13))
    assert report.first_responder(cast.community.pk) == cast.alice.pk


def test_chips_are_what_is_reported_most(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    for words in ("路灯坏了一盏", "照明不亮", "楼道灯坏了"):
        send(telephone, look(telephone, text=words))
    found = report.chips(cast.community.pk)
    assert found[0].pk == "lamp"
    assert len(found) <= 5


def test_answers_are_matched_by_words_then_by_category() -> None:
    def known(key: int, words: str, category: str = "") -> KnownAnswer:
        return KnownAnswer(pk=key, question=str(key), answer="…", words=words, category_id=category or None)

    rows = [
        known(1, "漏水"),
        known(2, "漏水 厨房"),
        known(3, "", "leak"),
        known(4, "", "lamp"),
        known(5, "电"),
    ]
    assert [a.pk for a in answers.likely("厨房漏水", "leak", rows)] == [2, 1, 3]
    assert answers.likely("", "", rows) == []
