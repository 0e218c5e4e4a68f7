"""Posts and tokens at the door: rights as boxes, secrets shown once, nobody gives what they lack."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.front.settings_posts import GROUPS, grouped
from shouwen.people import actions
from shouwen.people.models import Post, Token
from shouwen.people.rights import RIGHTS
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
