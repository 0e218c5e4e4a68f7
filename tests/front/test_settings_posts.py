"""Posts and tokens at the door: rights as boxes, secrets shown once, nobody gives what they lack."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from shouwen.front.settings_posts import GROUPS, grouped
from shouwen.kernel.actors import System
from shouwen.kernel.refusals import Refused
from shouwen.people import actions
from shouwen.people.models import Department, Post, Token
from shouwen.people.rights import DEPARTMENTS, POSTS, RIGHTS
from tests.cast import Cast
from tests.front.settings import clerk_of, rights, signed_in, text, version

pytestmark = pytest.mark.django_db


# --- posts ------------------------------------------------------------------------------------------------------------


def test_every_right_has_one_box(cast: Cast) -> None:
    boxes = [code for held in grouped().values() for code, _words in held]
    assert sorted(boxes) == sorted(RIGHTS)
    assert all(grouped()[group] for group in GROUPS)


def test_a_post_is_changed_and_a_stale_form_keeps_every_box(cast: Cast, alice: Client) -> None:
    url = reverse("post", args=["front_desk"])
    drawn = version(alice, url)
    typed = {"name": "前台", "reports_to": "cs_supervisor", "totp": "on", "active": "on", "version": drawn}
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
    typed = {"name": "管理文员", "reports_to": "", "active": "on"} | rights(
        "staff.manage", "estate.see", "person.reveal"
    )
    answer = clerk.post(reverse("post", args=["clerk"]), typed)
    assert answer.status_code == 422
    assert "你没有：看完整电话" in text(answer)
    assert "person.reveal" not in Post.objects.get(pk="clerk").rights
    new = clerk.post(reverse("post_new"), typed)
    assert (new.status_code, Post.objects.filter(name="管理文员").count()) == (422, 1)


def test_a_post_that_nobody_holds_is_switched_off_and_is_no_choice_until_it_is_on_again(
    cast: Cast, alice: Client
) -> None:
    def choices() -> str:
        form = alice.get(reverse("grant_new", args=[cast.bob.pk])).context["form"]
        return str(list(form.fields["post"].choices))

    url, typed = reverse("post", args=["greening"]), {"name": "绿化", "reports_to": "cs_supervisor"}
    typed |= rights("order.see", "order.work", "material.see")
    assert "greening" in choices()
    assert alice.post(url, typed | {"version": version(alice, url)}).status_code == 303
    assert "greening" not in choices()
    given = {"post": "greening", "place": f"community:{cast.community.pk}"}
    assert alice.post(reverse("grant_new", args=[cast.bob.pk]), given).status_code == 422
    with pytest.raises(Refused, match="没有启用"):
        actions.grant(cast.bob.pk, actor=System.of(cast.community.pk), post="greening", place=cast.community)
    table = alice.get(reverse("post_list")).context["table"]
    assert table.rows[-1].cells[-1].tag == "未启用", "at the end of the list"
    (row,) = alice.get(reverse("post_list"), {"active": "no"}).context["table"].rows
    assert row.url == url
    assert alice.post(url, typed | {"active": "on", "version": version(alice, url)}).status_code == 303
    assert "greening" in choices()
    held = reverse("post", args=["front_desk"])
    own = {"name": "客服中心前台接待", "reports_to": "cs_supervisor"} | rights("case.see")
    refused = alice.post(held, own | {"version": version(alice, held)})
    assert (refused.status_code, "还有人在这个岗位上" in text(refused)) == (422, True)


def test_a_post_held_elsewhere_is_not_changed_from_here(cast: Cast, alice: Client) -> None:
    typed = {"name": "主管", "reports_to": "", "active": "on"} | rights("case.see", "staff.manage")
    assert alice.post(reverse("post", args=["cs_supervisor"]), typed).status_code == 422
    assert Post.objects.get(pk="cs_supervisor").name == "客服部主管"


def test_every_post_of_the_manuals_stands_in_a_department(cast: Cast) -> None:
    coded = [code for codes in DEPARTMENTS.values() for code in codes.split()]
    assert sorted(coded) == sorted(p.code for p in POSTS)
    assert set(DEPARTMENTS) | {"other"} == set(Department.values)
    assert Post.objects.get(pk="engineering").department == Department.WORKS


def test_posts_of_an_older_house_get_their_departments(cast: Cast) -> None:
    """Those of the manuals by their code, the house's own by the post above them, however far."""
    Post.objects.create(code="night", name="夜班", reports_to_id="duty_staff")
    Post.objects.create(code="late_night", name="深夜班", reports_to_id="night")
    Post.objects.create(code="own", name="自设岗")
    Post.objects.update(department="other")
    import_module("shouwen.people.migrations.0009_departments").fill(apps, None)
    found = dict(Post.objects.values_list("code", "department"))
    assert (found["night"], found["late_night"], found["own"]) == ("service", "service", "other")
    assert found["finance"] == "money"


def test_a_post_is_chosen_under_its_department(cast: Cast, alice: Client) -> None:
    """Grouped without a script; every choice says its pinyin to the box that a script adds."""
    for url in (
        reverse("staff_new"),
        reverse("grant_new", args=[cast.bob.pk]),
        reverse("post", args=["cashier"]),
    ):
        shown = text(alice.get(url))
        assert '<optgroup label="工程、安保和环境">' in shown, url
        assert 'value="engineering" data-say="gongchengjigong gcjg"' in shown, url
    table = alice.get(reverse("post_list"), {"department": "works"}).context["table"]
    assert {row.cells[1].words for row in table.rows} == {"工程、安保和环境"}


def test_a_new_post_stands_beside_the_one_above_it(cast: Cast, alice: Client) -> None:
    typed = {"name": "夜班值班", "reports_to": "cs_supervisor"} | rights("case.see")
    alice.post(reverse("post_new"), typed)
    row = Post.objects.get(name="夜班值班")
    assert row.department == Department.SERVICE
    alice.post(reverse("post", args=[row.pk]), typed | {"department": "works"})
    row.refresh_from_db()
    assert row.department == Department.WORKS


def test_a_new_post_has_a_code_of_its_name(cast: Cast, alice: Client) -> None:
    typed = {"name": "夜班值班", "reports_to": "cs_supervisor"} | rights("case.see")
    for code in ("ye_ban_zhi_ban", "ye_ban_zhi_ban_2"):
        assert alice.post(reverse("post_new"), typed)["Location"] == reverse("post", args=[code])


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
