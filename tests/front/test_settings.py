"""The doors of the settings: who may open them, that what is set holds, and that nobody climbs through them."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.forms import ValidationError
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from shouwen.cases.category_actions import add_category
from shouwen.cases.models import Category
from shouwen.estate.hours import calendar_of, set_day, set_hours
from shouwen.estate.models import CalendarDay, Community
from shouwen.front.settings_hours import hours_words, read_hours
from shouwen.front.settings_posts import GROUPS, grouped
from shouwen.kernel.actors import System
from shouwen.kernel.calendar import ALL_DAY
from shouwen.kernel.models import Entry
from shouwen.people import actions, sign_in
from shouwen.people.models import Area, Fallback, Grant, Post, SignIn, Staff, Token, TotpReset
from shouwen.people.rights import RIGHTS
from tests.cast import Cast, make_staff

pytestmark = pytest.mark.django_db
PEOPLE = ("fallback", "staff_list", "staff_new", "post_list", "post_new", "token_list", "token_new")
SERVICE = ("hours", "hours_edit", "hours_day", "category_list", "category_new")
ABOUT = (
    "staff", "staff_edit", "staff_password", "staff_leave", "staff_return", "totp_ask", "grant_new",
    "staff_skills", "staff_areas",
)  # fmt: skip


@pytest.fixture
def alice(cast: Cast, client: Client) -> Client:
    client.force_login(cast.alice)
    return client


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def about(staff: Staff) -> list[str]:
    return [reverse(name, args=[staff.pk]) for name in ABOUT]


def version(client: Client, url: str) -> str:
    return str(client.get(url).context["version"])


def clerk_of(cast: Cast) -> Staff:
    """Somebody who manages staff, and may do little else."""
    Post.objects.create(code="clerk", name="管理文员", rights=["staff.manage", "estate.see"])
    return make_staff("clerk", "文员", "clerk", cast.community)


# --- who may open what ------------------------------------------------------------------------------------------------


def test_every_page_opens_for_the_supervisor(cast: Cast, alice: Client) -> None:
    urls = [reverse(n) for n in ("settings", *PEOPLE, *SERVICE)] + about(cast.bob)
    urls += [reverse("post", args=["front_desk"]), reverse("category", args=["leak"])]
    for url in urls:
        assert alice.get(url).status_code == 200, url


def test_the_desk_may_open_none(cast: Cast) -> None:
    bob = signed_in(cast.bob)
    for url in [reverse(n) for n in ("settings", *PEOPLE, *SERVICE)] + about(cast.wen):
        assert bob.get(url).status_code == 403, url
        assert bob.post(url).status_code in (403, 405), url


def test_the_index_shows_what_one_may_set(cast: Cast) -> None:
    shown = text(signed_in(clerk_of(cast)).get(reverse("settings")))
    assert reverse("staff_list") in shown
    assert reverse("hours") not in shown


def test_charlie_finds_nothing_of_another_community(cast: Cast, alice: Client) -> None:
    token, _secret = actions.issue_token(
        cast.community.pk,
        actor=cast.actor(cast.alice),
        staff_id=cast.bob.pk,
        name="门户",
        rights=["case.see"],
    )
    session = SignIn.objects.create(staff=cast.bob, session_key="k", at="2026-01-01T00:00Z")
    reset = TotpReset.objects.create(staff=cast.bob, asked_by=cast.alice, asked_at="2026-01-01T00:00Z")
    day = CalendarDay.objects.create(community=cast.community, on=date(2030, 1, 1), kind="holiday")
    keys = (
        ("grant_end", Grant.objects.get(staff=cast.bob).pk), ("staff_session_end", session.pk),
        ("totp_approve", reset.pk), ("token_end", token.pk), ("hours_day_end", day.pk),
    )  # fmt: skip
    charlie = signed_in(cast.charlie)
    for url in [*about(cast.bob), *(reverse(name, args=[key]) for name, key in keys)]:
        assert charlie.get(url).status_code == 404, url
        assert charlie.post(url).status_code in (404, 405), url
    for name in ("staff", "grant_end", "staff_session_end", "totp_approve", "token_end", "hours_day_end"):
        assert alice.get(reverse(name, args=[10**15])).status_code == 404
    assert alice.get(reverse("post", args=["nobody"])).status_code == 404
    assert alice.get(reverse("category", args=["nothing"])).status_code == 404


# --- accounts ---------------------------------------------------------------------------------------------------------


def taken_on(cast: Cast, **more: Any) -> dict[str, Any]:
    place = f"community:{cast.community.pk}"
    return {"username": "dan", "name": "单雄", "phone": "8001", "post": "engineering", "place": place} | more


def test_a_colleague_is_taken_on_and_the_password_is_shown_once(cast: Cast, alice: Client) -> None:
    answer = alice.post(reverse("staff_new"), taken_on(cast))
    dan = Staff.objects.get(username="dan")
    password = dict(answer.context["shown"])["一次性密码"]
    assert dan.check_password(password)
    assert dan.must_change
    assert answer["Cache-Control"] == "no-store"
    assert password not in text(alice.get(reverse("staff", args=[dan.pk])))
    assert Entry.objects.filter(verb="staff:added", subject_id=str(dan.pk)).count() == 1


def test_a_refusal_keeps_what_was_typed(cast: Cast, alice: Client) -> None:
    answer = alice.post(reverse("staff_new"), taken_on(cast, username="bob"))
    assert answer.status_code == 422
    assert "已有员工用了这个登录名" in text(answer)
    assert 'value="单雄"' in text(answer)
    wrong = alice.post(reverse("staff_new"), taken_on(cast, username="丹 丹"))
    assert "只能用字母、数字" in text(wrong)


def test_nobody_takes_on_somebody_stronger_or_elsewhere(cast: Cast) -> None:
    clerk = signed_in(clerk_of(cast))
    beyond = clerk.post(reverse("staff_new"), taken_on(cast, post="cs_supervisor"))
    assert beyond.status_code == 422
    assert "只能授予自己在那里也有的权限" in text(beyond)
    for place in (
        f"community:{cast.other.pk}",
        f"branch:{cast.branch.pk}",
        f"company:{cast.company.pk}",
        "x:1",
        "",
    ):
        assert clerk.post(reverse("staff_new"), taken_on(cast, place=place)).status_code == 422
    assert not Staff.objects.filter(username="dan").exists()


def test_the_clerk_cannot_touch_the_supervisor(cast: Cast) -> None:
    clerk = signed_in(clerk_of(cast))
    page = clerk.get(reverse("staff", args=[cast.alice.pk]))
    assert all("有你没有的权限" in action.refused for action in page.context["actions"])
    was = Staff.objects.get(pk=cast.alice.pk).password
    for name, typed in (
        ("staff_password", {}),
        ("staff_leave", {}),
        ("staff_edit", {"name": "x", "phone": ""}),
    ):
        answer = clerk.post(reverse(name, args=[cast.alice.pk]), typed)
        assert answer.status_code == 422
        assert "有你没有的权限" in text(answer)
    alice = Staff.objects.get(pk=cast.alice.pk)
    assert (alice.password, alice.is_active, alice.name) == (was, True, "艾丽丝")


def test_nobody_raises_themselves(cast: Cast, alice: Client) -> None:
    page = alice.get(reverse("staff", args=[cast.alice.pk]))
    assert all(a.refused for a in page.context["tables"][0].actions)
    place = f"community:{cast.community.pk}"
    answer = alice.post(reverse("grant_new", args=[cast.alice.pk]), {"post": "front_desk", "place": place})
    assert "不能修改自己的岗位" in text(answer)
    own = Grant.objects.get(staff=cast.alice)
    assert alice.post(reverse("grant_end", args=[own.pk])).status_code == 422
    assert alice.post(reverse("staff_leave", args=[cast.alice.pk])).status_code == 422
    assert Grant.objects.filter(staff=cast.alice).count() == 1


def test_a_stale_form_shows_both_versions(cast: Cast, alice: Client) -> None:
    url = reverse("staff_edit", args=[cast.bob.pk])
    drawn = version(alice, url)
    actions.edit_staff(cast.bob.pk, actor=cast.actor(cast.alice), name="鲍波", phone="8002")
    answer = alice.post(url, {"name": "鲍伯", "phone": "", "version": drawn})
    assert answer.status_code == 409
    assert [(d.mine, d.theirs) for d in answer.context["differences"]] == [("鲍伯", "鲍波"), ("", "8002")]
    again = dict(answer.context["keep"].hidden)
    assert alice.post(url, again).status_code == 303
    assert Staff.objects.get(pk=cast.bob.pk).name == "鲍伯"


def test_a_refused_form_keeps_the_version_it_was_drawn_from(cast: Cast, alice: Client) -> None:
    url = reverse("staff_edit", args=[cast.bob.pk])
    drawn = version(alice, url)
    actions.edit_staff(cast.bob.pk, actor=cast.actor(cast.alice), name="鲍波", phone="")
    wrong = alice.post(url, {"name": "", "phone": "", "version": drawn})
    assert (wrong.status_code, str(wrong.context["version"])) == (422, drawn)


def test_a_password_is_reset_and_sessions_end(cast: Cast, alice: Client) -> None:
    SignIn.objects.create(staff=cast.bob, session_key="k", at="2026-01-01T00:00Z")
    answer = alice.post(reverse("staff_password", args=[cast.bob.pk]))
    bob = Staff.objects.get(pk=cast.bob.pk)
    assert bob.check_password(dict(answer.context["shown"])["一次性密码"])
    assert SignIn.objects.get(session_key="k").ended_at


def test_a_session_of_a_colleague_is_ended(cast: Cast, alice: Client) -> None:
    row = SignIn.objects.create(staff=cast.bob, session_key="k", at="2026-01-01T00:00Z", agent="Firefox")
    assert "Firefox" in text(alice.get(reverse("staff", args=[cast.bob.pk])))
    assert alice.post(reverse("staff_session_end", args=[row.pk])).status_code == 303
    row.refresh_from_db()
    assert row.ended_at


def test_somebody_leaves_and_returns(cast: Cast, alice: Client) -> None:
    assert alice.post(reverse("staff_leave", args=[cast.bob.pk])).status_code == 303
    page = alice.get(reverse("staff", args=[cast.bob.pk]))
    assert page.context["tags"] == ("停用",)
    assert "停用了员工账号" in text(page)
    assert alice.post(reverse("staff_return", args=[cast.bob.pk])).status_code == 303
    assert Staff.objects.get(pk=cast.bob.pk).is_active


def test_the_fallback_owner_is_replaced_before_leaving(cast: Cast, alice: Client) -> None:
    Fallback.objects.filter(pk=cast.community.pk).update(staff=cast.bob)
    answer = alice.post(reverse("staff_leave", args=[cast.bob.pk]))
    assert "兜底负责人" in text(answer)
    assert Staff.objects.get(pk=cast.bob.pk).is_active


def test_a_second_factor_is_reset_by_two(cast: Cast, alice: Client) -> None:
    TOTPDevice.objects.create(user=cast.bob, name="totp", confirmed=True)
    assert alice.post(reverse("totp_ask", args=[cast.bob.pk])).status_code == 303
    reset = TotpReset.objects.get()
    offered = {a.name: a for a in alice.get(reverse("staff", args=[cast.bob.pk])).context["actions"]}
    assert "另一位同事批准" in offered["totp"].refused
    alone = alice.post(reverse("totp_approve", args=[reset.pk]))
    assert "要两个人" in text(alone)
    assert sign_in.enrolled(cast.bob)
    second = signed_in(make_staff("second", "副手", "cs_supervisor", cast.community))
    assert second.post(reverse("totp_approve", args=[reset.pk])).status_code == 303
    assert not sign_in.enrolled(cast.bob)


# --- grants, trades, buildings ----------------------------------------------------------------------------------------


def test_a_post_is_given_and_taken_back(cast: Cast, alice: Client) -> None:
    place = f"community:{cast.community.pk}"
    assert (
        alice.post(
            reverse("grant_new", args=[cast.wen.pk]), {"post": "front_desk", "place": place}
        ).status_code
        == 303
    )
    row = Grant.objects.get(staff=cast.wen, post="front_desk")
    again = alice.post(reverse("grant_new", args=[cast.wen.pk]), {"post": "front_desk", "place": place})
    assert "已有这项授权" in text(again)
    assert alice.post(reverse("grant_end", args=[row.pk])).status_code == 303
    assert not Grant.objects.filter(pk=row.pk).exists()


def test_the_whole_branch_is_offered_to_whoever_has_it(cast: Cast, alice: Client) -> None:
    def offered() -> list[str]:
        page = alice.get(reverse("grant_new", args=[cast.wen.pk]))
        return [code.split(":")[0] for code, _words in page.context["form"].fields["place"].choices]

    assert offered() == ["community"]
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    assert offered() == ["community", "community", "branch", "company"]


def test_trades_and_buildings_are_set(cast: Cast, alice: Client) -> None:
    alice.post(reverse("staff_skills", args=[cast.wen.pk]), {"trades": ["lift", "general"]})
    assert set(cast.wen.skills.values_list("trade", flat=True)) == {"lift", "general"}
    alice.post(reverse("staff_areas", args=[cast.wen.pk]), {"buildings": [cast.building.pk]})
    assert list(Area.objects.values_list("staff", "building")) == [(cast.wen.pk, cast.building.pk)]
    assert alice.post(reverse("staff_areas", args=[cast.wen.pk]), {"buildings": [10**12]}).status_code == 422
    facts = dict(alice.get(reverse("staff", args=[cast.wen.pk])).context["facts"])
    assert facts["责任楼栋"].words == "3 栋"


# --- posts ------------------------------------------------------------------------------------------------------------


def rights(*codes: str) -> dict[str, list[str]]:
    return {group: [c for c, _words in held if c in codes] for group, held in grouped().items()}


def test_every_right_has_one_box(cast: Cast) -> None:
    boxes = [code for held in grouped().values() for code, _words in held]
    assert sorted(boxes) == sorted(RIGHTS)
    assert all(grouped()[group] for group in GROUPS)


def test_a_post_is_changed_and_a_stale_form_keeps_every_box(cast: Cast, alice: Client) -> None:
    url = reverse("post", args=["front_desk"])
    drawn = version(alice, url)
    typed = {"name": "前台", "reports_to": "cs_supervisor", "totp": "on", "version": drawn}
    assert alice.post(url, typed | rights("case.see", "case.register")).status_code == 303
    row = Post.objects.get(pk="front_desk")
    assert (row.rights, row.totp) == (["case.see", "case.register"], True)
    stale = alice.post(url, typed | rights("case.see", "case.answer", "report.see"))
    assert stale.status_code == 409
    assert ("看事项、答复、办理事项", "看事项、登记事项") in [
        (d.mine, d.theirs) for d in stale.context["differences"]
    ]
    again: dict[str, list[str]] = {}
    for name, value in stale.context["keep"].hidden:
        again.setdefault(name, []).append(value)
    assert alice.post(url, again).status_code == 303
    assert Post.objects.get(pk="front_desk").rights == ["case.see", "case.answer", "report.see"]


def test_a_post_is_not_given_more_than_its_editor_has(cast: Cast) -> None:
    clerk = signed_in(clerk_of(cast))
    typed = {"name": "管理文员", "reports_to": ""} | rights("staff.manage", "estate.see", "person.reveal")
    answer = clerk.post(reverse("post", args=["clerk"]), typed)
    assert answer.status_code == 422
    assert "你没有：看完整电话" in text(answer)
    assert "person.reveal" not in Post.objects.get(pk="clerk").rights
    new = clerk.post(reverse("post_new"), typed)
    assert (new.status_code, Post.objects.filter(name="管理文员").count()) == (422, 1)


def test_a_post_held_elsewhere_is_not_changed_from_here(cast: Cast, alice: Client) -> None:
    typed = {"name": "主管", "reports_to": ""} | rights("case.see", "staff.manage")
    assert alice.post(reverse("post", args=["cs_supervisor"]), typed).status_code == 422
    assert Post.objects.get(pk="cs_supervisor").name == "客服部主管"


def test_a_new_post_has_a_code_of_its_name(cast: Cast, alice: Client) -> None:
    typed = {"name": "夜班值班", "reports_to": "cs_supervisor"} | rights("case.see")
    for code in ("ye_ban_zhi_ban", "ye_ban_zhi_ban_2"):
        assert alice.post(reverse("post_new"), typed)["Location"] == reverse("post", args=[code])


# --- the fallback owner, tokens ---------------------------------------------------------------------------------------


def test_a_missing_fallback_owner_is_said_aloud(cast: Cast, alice: Client) -> None:
    Fallback.objects.filter(pk=cast.community.pk).delete()
    for name in ("settings", "fallback"):
        assert "还没有兜底负责人" in text(alice.get(reverse(name)))
    assert alice.post(reverse("fallback"), {"staff": cast.charlie.pk}).status_code == 422
    assert alice.post(reverse("fallback"), {"staff": cast.bob.pk}).status_code == 303
    assert Fallback.objects.get(pk=cast.community.pk).staff == cast.bob
    assert "还没有兜底负责人" not in text(alice.get(reverse("settings")))


def test_two_who_name_a_fallback_owner_see_each_other(cast: Cast, alice: Client) -> None:
    drawn = version(alice, reverse("fallback"))
    actions.set_fallback(cast.community.pk, actor=cast.actor(cast.alice), staff_id=cast.wen.pk)
    answer = alice.post(reverse("fallback"), {"staff": cast.bob.pk, "version": drawn})
    assert answer.status_code == 409
    (difference,) = answer.context["differences"]
    assert difference.theirs.startswith("文师傅")


def test_a_token_is_shown_once_and_ended(cast: Cast, alice: Client) -> None:
    typed = {"name": "市民热线", "staff_id": cast.bob.pk, "rights": ["case.see", "case.register"]}
    secret = dict(alice.post(reverse("token_new"), typed).context["shown"])["令牌"]
    row = Token.objects.get()
    assert bytes(row.digest) == actions.token_digest(secret)
    assert secret not in text(alice.get(reverse("token_list")))
    assert alice.post(reverse("token_end", args=[row.pk])).status_code == 303
    row.refresh_from_db()
    assert row.ended_at


def test_a_token_gives_nothing_that_its_maker_lacks(cast: Cast) -> None:
    clerk = signed_in(clerk_of(cast))
    typed = {"name": "x", "staff_id": cast.bob.pk, "rights": ["case.see"]}
    assert clerk.post(reverse("token_new"), typed).status_code == 422
    elsewhere = typed | {"staff_id": cast.charlie.pk, "rights": ["estate.see"]}
    assert clerk.post(reverse("token_new"), elsewhere).status_code == 422
    assert not Token.objects.exists()


# --- service hours ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ()),
        ("08:30-12:00，14:00-18:00", ((time(8, 30), time(12)), (time(14), time(18)))),
        ("8:30 – 12:00、13：30至18：00", ((time(8, 30), time(12)), (time(13, 30), time(18)))),
        ("０８３０－１２００", ((time(8, 30), time(12)),)),
        ("9-12 14~17", ((time(9), time(12)), (time(14), time(17)))),
        ("22:00-06:00", ((time(22), time(6)),)),
        ("18:00-24:00", ((time(18), time(0)),)),
        ("00:00-24:00", ALL_DAY),
    ],
)
def test_hours_are_typed_as_people_say_them(typed: str, read: object) -> None:
    assert read_hours(typed) == read


@pytest.mark.parametrize("typed", ["morning", "25:00-26:00", "08:30", "08:30-12:60", ",".join(["1-2"] * 7)])
def test_what_is_no_hour_is_said(typed: str) -> None:
    with pytest.raises(ValidationError):
        read_hours(typed)


def test_hours_are_said_as_people_write_them() -> None:
    assert hours_words(()) == "休息"
    assert hours_words(ALL_DAY) == "全天"
    assert hours_words(((time(8), time(12)), (time(22), time(6)))) == "08:00–12:00、22:00–06:00（次日）"


def week(**more: str) -> dict[str, str]:
    return {f"day{n}": "08:30-12:00，13:30-18:00" for n in range(7)} | more


def test_the_week_is_changed_and_the_next_days_follow(cast: Cast, alice: Client) -> None:
    url = reverse("hours_edit")
    typed = week(day6="", version=version(alice, url))
    assert alice.post(url, typed).status_code == 303
    calendar = calendar_of(Community.objects.get(pk=cast.community.pk))
    assert (len(calendar.week[0]), calendar.week[6]) == (2, ())
    preview = alice.get(reverse("hours")).context["tables"][0]
    assert len(preview.rows) == 14
    sundays = [r.cells for r in preview.rows if r.cells[0].sub.startswith("星期日") and not r.cells[2].words]
    assert {cells[1].words for cells in sundays} <= {"休息"}
    stale = alice.post(url, typed | {"day0": "09:00-17:00"})
    assert stale.status_code == 409
    (difference,) = (d for d in stale.context["differences"] if d.differs)
    assert (difference.mine, difference.theirs) == ("09:00-17:00", "08:30-12:00，13:30-18:00")
    again = dict(stale.context["keep"].hidden)
    assert alice.post(url, again).status_code == 303


def test_wrong_hours_stay_in_the_form(cast: Cast, alice: Client) -> None:
    answer = alice.post(reverse("hours_edit"), week(day2="早上到晚上"))
    assert answer.status_code == 422
    assert "看不懂“早上到晚上”" in text(answer)
    overlap = alice.post(reverse("hours_edit"), week(day2="08:00-12:00，11:00-13:00"))
    assert "星期三的服务时间互相重叠" in text(overlap)
    assert "08:00-12:00，11:00-13:00" in text(overlap)
    assert "每周至少要有一天" in text(alice.post(reverse("hours_edit"), {f"day{n}": "" for n in range(7)}))


def test_a_day_is_kept_differently_and_back(cast: Cast, alice: Client) -> None:
    day = date.today() + timedelta(days=3)  # noqa: DTZ011 - any of the days that are shown
    assert alice.post(reverse("hours_day"), {"on": day.isoformat(), "kind": "holiday"}).status_code == 303
    preview = alice.get(reverse("hours")).context["tables"][0]
    assert "本项目安排休息" in [r.cells[2].words for r in preview.rows]
    row = CalendarDay.objects.get()
    assert alice.post(reverse("hours_day_end", args=[row.pk])).status_code == 303
    assert not CalendarDay.objects.exists()
    assert alice.post(reverse("hours_day"), {"on": "2050-01-01", "kind": "holiday"}).status_code == 422
    drawn = version(alice, reverse("hours_day"))
    set_day(cast.community.pk, actor=cast.actor(cast.alice), on=day, kind="workday")
    answer = alice.post(reverse("hours_day"), {"on": day.isoformat(), "kind": "holiday", "version": drawn})
    assert answer.status_code == 409
    assert ("休息", "上班") in [(d.mine, d.theirs) for d in answer.context["differences"]]


def test_the_hours_of_another_community_stay(cast: Cast, alice: Client) -> None:
    before = Community.objects.get(pk=cast.other.pk).calendar_version
    set_hours(cast.community.pk, actor=cast.actor(cast.alice), week=[ALL_DAY] * 7)
    alice.post(reverse("hours_edit"), week())
    assert Community.objects.get(pk=cast.other.pk).calendar_version == before


# --- categories -------------------------------------------------------------------------------------------------------


@pytest.fixture
def everywhere(cast: Cast, alice: Client) -> Client:
    """Alice, who may set every community of the house."""
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    return alice


def test_a_category_is_added_changed_and_closed(cast: Cast, everywhere: Client) -> None:
    typed = {
        "name": "太阳能",
        "kind": "repair",
        "trade": "plumbing",
        "words": "太阳能，热水器 太阳能",
        "urgent": "on",
    }
    assert everywhere.post(reverse("category_new"), typed).status_code == 303
    row = Category.objects.get(name="太阳能")
    assert (row.pk, row.words, row.urgent, row.active) == ("repair-taiyangneng", "太阳能 热水器", True, True)
    assert "这个类型已有叫“太阳能”的分类" in text(everywhere.post(reverse("category_new"), typed))
    url = reverse("category", args=[row.pk])
    drawn = version(everywhere, url)
    changed = {"name": "太阳能热水", "trade": "general", "words": "", "sort": "5", "version": drawn}
    assert everywhere.post(url, changed).status_code == 303
    row.refresh_from_db()
    assert (row.name, row.trade, row.urgent, row.active, row.kind) == (
        "太阳能热水",
        "general",
        False,
        False,
        "repair",
    )
    assert everywhere.post(url, changed | {"active": "on"}).status_code == 409
    told = Entry.objects.filter(subject_kind="category").order_by("id").values_list("verb", flat=True)
    assert list(told) == ["category:added", "category:changed", "category:closed"]


def test_a_new_category_never_becomes_the_one_for_all_the_rest(cast: Cast) -> None:
    add_category(actor=System.of(), name="充电桩", kind="complaint", trade="general")
    assert Category.objects.filter(kind="complaint").last().pk == "complaint_other"


def test_the_last_category_of_a_kind_stays(cast: Cast, everywhere: Client) -> None:
    Category.objects.filter(kind="suggestion").exclude(pk="idea").update(active=False)
    typed = {"name": "建议", "trade": "general", "words": "", "sort": "1"}
    answer = everywhere.post(reverse("category", args=["idea"]), typed)
    assert "至少要留一个在用的分类" in text(answer)
    assert Category.objects.get(pk="idea").active


def test_categories_are_changed_by_who_may_set_all_that_share_them(cast: Cast, alice: Client) -> None:
    typed = {"name": "漏", "trade": "plumbing", "words": "", "sort": "1", "active": "on"}
    answer = alice.post(reverse("category", args=["leak"]), typed)
    assert answer.status_code == 422
    assert "分类全公司共用" in text(answer)
    assert Category.objects.get(pk="leak").name != "漏"


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["staff_list", "post_list", "token_list", "category_list"])
def test_a_list_costs_the_same_at_one_and_at_fifty(cast: Cast, alice: Client, name: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert alice.get(reverse(name)).status_code == 200
        return len(queries)

    token = {
        "community": cast.community,
        "staff": cast.bob,
        "rights": ["case.see"],
        "created_at": "2026-01-01T00:00Z",
    }
    Token.objects.create(name="一", digest=b"0", **token)
    cost()
    few = cost()
    for n in range(50):
        staff = make_staff(f"s{n}", f"员工{n}", "engineering", cast.community)
        staff.skills.create(trade="lift")
        Area.objects.create(community=cast.community, staff=staff, building=cast.building)
        Token.objects.create(name=f"令牌{n}", digest=f"d{n}".encode(), **token)
        Category.objects.create(code=f"c{n}", name=f"类{n}", kind="repair")
        Post.objects.create(code=f"p{n}", name=f"岗{n}", reports_to_id="cs_supervisor")
    assert cost() == few


def test_staff_are_found_filtered_and_exported(cast: Cast, alice: Client) -> None:
    def names(**asked: str) -> list[str]:
        return [r.cells[0].words for r in alice.get(reverse("staff_list"), asked).context["table"].rows]

    assert set(names()) == {"艾丽丝", "鲍勃", "文师傅"}
    assert (
        names(q="wsf")
        == names(q="文师")
        == names(trade="plumbing")
        == names(post="engineering")
        == ["文师傅"]
    )
    Grant.objects.filter(staff=cast.bob).delete()
    assert names(state="none") == ["鲍勃"]
    sheet = b"".join(alice.get(reverse("staff_list"), {"export": "csv"}).streaming_content).decode()
    assert "文师傅,工程技工,水电" in sheet
    assert "查理" not in sheet


def test_a_form_asked_for_by_the_page_comes_as_a_part(cast: Cast, alice: Client) -> None:
    url = reverse("staff_password", args=[cast.bob.pk])
    part = alice.get(url, headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    shown = alice.post(url, headers={"HX-Request": "true"})
    assert "<html" not in text(shown)
    assert dict(shown.context["shown"])["登录名"] == "bob"
