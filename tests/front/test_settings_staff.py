"""Colleagues at the door: accounts, passwords, sessions, grants, trades and buildings; nobody climbs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from shouwen.kernel.models import Entry
from shouwen.people import actions, sign_in
from shouwen.people.models import Area, Fallback, Grant, SignIn, Staff, TotpReset
from tests.cast import Cast, make_staff
from tests.front.settings import clerk_of, signed_in, text, version

pytestmark = pytest.mark.django_db


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


def test_a_work_telephone_that_is_none_is_said_and_what_was_typed_stays(cast: Cast, alice: Client) -> None:
    answer = alice.post(reverse("staff_new"), taken_on(cast, phone="12"))
    assert answer.status_code == 422
    assert "内部短号" in text(answer)
    assert 'value="12"' in text(answer)
    assert not Staff.objects.filter(username="dan").exists()
    Staff.objects.filter(pk=cast.bob.pk).update(phone="12")
    url = reverse("staff_edit", args=[cast.bob.pk])
    renamed = {"name": "鲍波", "phone": "12", "version": version(alice, url)}
    assert alice.post(url, renamed).status_code == 303, "what stands there already hinders nobody"


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
    assert [(d.mine, d.theirs) for d in answer.context["differences"]] == [
        ("鲍伯", "鲍波"),
        ("—", "8002"),
        ("—", "—"),
    ]
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


def test_the_chronicle_names_the_post_that_was_given_or_taken(cast: Cast, alice: Client) -> None:
    place = f"community:{cast.community.pk}"
    alice.post(reverse("grant_new", args=[cast.wen.pk]), {"post": "cleaning", "place": place})
    alice.post(reverse("grant_end", args=[Grant.objects.get(staff=cast.wen, post="cleaning").pk]))
    told = text(alice.get(reverse("staff", args=[cast.wen.pk])))
    assert "授予了岗位：" in told
    assert "收回了岗位：" in told
    assert told.count("保洁") >= 2


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
