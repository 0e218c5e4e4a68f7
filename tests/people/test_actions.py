"""Who may give what to whom: nobody beyond their own rights, nobody to themselves, everything on record."""

import pytest

from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.people import actions, posts, who
from shouwen.people.models import Area, Fallback, Grant, Post, Staff, Token
from shouwen.people.rights import POSTS
from shouwen.people.viewers import StaffActor, TokenActor
from tests.cast import make_staff


def verbs() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


def test_every_post_of_the_manuals_is_there(db):
    assert Post.objects.count() == len(POSTS)
    assert Post.objects.get(code="front_desk").reports_to_id == "cs_supervisor"


def test_a_supervisor_takes_somebody_on_with_a_password_to_change(cast):
    row, password = actions.add_staff(
        actor=cast.actor(cast.alice), username=" Dan ", name="单雄", post="engineering", place=cast.community
    )
    assert (row.username, row.must_change, row.initials) == ("dan", True, "sx")
    assert row.check_password(password)
    assert verbs() == ["staff:added", "staff:granted"]
    assert password not in str(list(Entry.objects.values_list("data", flat=True)))
    with pytest.raises(Refused, match="已有员工用了这个登录名"):
        actions.add_staff(
            actor=cast.actor(cast.alice), username="DAN", name="丹", post="engineering", place=cast.community
        )


def test_nobody_gives_rights_that_they_lack(cast):
    Post.objects.create(code="clerk", name="管理文员", rights=["staff.manage", "estate.see"])
    clerk = make_staff("clerk", "文员", "clerk", cast.community)
    with pytest.raises(NotAllowed, match="只能授予自己在那里也有的权限"):
        actions.grant(cast.wen.pk, actor=cast.actor(clerk), post="cs_supervisor", place=cast.community)
    with pytest.raises(NotAllowed):
        actions.add_staff(
            actor=cast.actor(clerk), username="eve", name="夏娃", post="front_desk", place=cast.community
        )
    assert not Staff.objects.filter(username="eve").exists()
    with pytest.raises(NotAllowed, match="有你没有的权限"):
        actions.reset_password(cast.alice.pk, actor=cast.actor(clerk))


def test_a_grant_reaches_no_further_than_the_giver(cast):
    alice = cast.actor(cast.alice)
    for place in (cast.other, cast.branch, cast.company):
        with pytest.raises((NotAllowed, NotFound)):
            actions.grant(cast.bob.pk, actor=alice, post="front_desk", place=place)


def test_nobody_changes_their_own_grants(cast):
    alice = cast.actor(cast.alice)
    with pytest.raises(Refused, match="自己的岗位"):
        actions.grant(cast.alice.pk, actor=alice, post="front_desk", place=cast.community)
    with pytest.raises(Refused, match="自己的岗位"):
        actions.revoke(Grant.objects.get(staff=cast.alice).pk, actor=alice)


def test_charlie_sees_no_colleague_of_another_community(cast):
    charlie = cast.actor(cast.charlie)
    for act in (
        lambda: actions.edit_staff(cast.bob.pk, actor=charlie, name="x", phone=""),
        lambda: actions.reset_password(cast.bob.pk, actor=charlie),
        lambda: actions.deactivate(cast.bob.pk, actor=charlie),
        lambda: actions.revoke(Grant.objects.get(staff=cast.bob).pk, actor=charlie),
        lambda: actions.grant(cast.bob.pk, actor=charlie, post="front_desk", place=cast.other),
    ):
        with pytest.raises(NotFound):
            act()


def test_bob_may_manage_nobody(cast):
    with pytest.raises(NotAllowed):
        actions.edit_staff(cast.wen.pk, actor=cast.actor(cast.bob), name="x", phone="")
    with pytest.raises(NotAllowed):
        actions.set_fallback(cast.community.pk, actor=cast.actor(cast.bob), staff_id=cast.bob.pk)


def test_whoever_leaves_leaves_no_open_door(cast):
    alice = cast.actor(cast.alice)
    token, _ = actions.issue_token(
        cast.community.pk, actor=alice, staff_id=cast.bob.pk, name="门户", rights=["case.see"]
    )
    actions.deactivate(cast.bob.pk, actor=alice)
    token.refresh_from_db()
    assert token.ended_at
    assert not Staff.objects.get(pk=cast.bob.pk).is_active
    assert "token:ended" in verbs()


def test_a_fallback_owner_is_replaced_before_leaving(cast):
    alice = cast.actor(cast.alice)
    actions.set_fallback(cast.community.pk, actor=alice, staff_id=cast.bob.pk)
    with pytest.raises(Refused, match="兜底负责人"):
        actions.deactivate(cast.bob.pk, actor=alice)
    with pytest.raises(Refused, match="没有岗位"):
        actions.set_fallback(cast.community.pk, actor=alice, staff_id=cast.charlie.pk)


def test_the_last_manager_stays(cast):
    with pytest.raises(Refused, match="最后一位"):
        actions.revoke(Grant.objects.get(staff=cast.alice).pk, actor=_everywhere(cast))


def _everywhere(cast):
    """Somebody else with all rights of a supervisor in the community, who is not counted among its managers."""
    rights = frozenset(Post.objects.get(code="cs_supervisor").rights)
    return StaffActor(10**9, "x", {cast.community.pk: rights})


def test_a_post_is_changed_within_ones_own_rights(cast):
    alice = cast.actor(cast.alice)
    desk = Post.objects.get(code="front_desk")
    row = posts.edit_post(
        "front_desk",
        actor=alice,
        name="前台",
        reports_to="cs_supervisor",
        rights=[*desk.rights, "report.see"],
        totp=False,
    )
    assert "report.see" in row.rights
    assert Entry.objects.get(verb="post:changed").data["added"] == "report.see"
    with pytest.raises(Refused, match="绕回自己"):
        posts.edit_post(
            "customer_assistant", actor=alice, name="x", reports_to="receptionist", rights=[], totp=False
        )


def test_a_post_held_elsewhere_is_not_changed_from_here(cast):
    with pytest.raises(NotAllowed):
        posts.edit_post(
            "cs_supervisor",
            actor=cast.actor(cast.alice),
            name="x",
            reports_to=None,
            rights=["case.see"],
            totp=False,
        )


def test_a_post_is_not_given_more_than_its_editor_has(cast):
    Post.objects.create(code="clerk", name="管理文员", rights=["staff.manage", "estate.see"])
    clerk = make_staff("clerk", "文员", "clerk", cast.community)
    with pytest.raises(NotAllowed, match="只能授予"):
        posts.edit_post(
            "clerk", actor=cast.actor(clerk), name="x", reports_to=None,
            rights=["staff.manage", "estate.see", "person.reveal"], totp=False,
        )  # fmt: skip


def test_a_token_acts_in_one_community_with_what_its_giver_has(cast):
    alice = cast.actor(cast.alice)
    token, secret = actions.issue_token(
        cast.community.pk,
        actor=alice,
        staff_id=cast.bob.pk,
        name="门户",
        rights=["case.register", "case.see"],
    )
    assert Token.objects.get(digest=actions.token_digest(secret)) == token
    assert secret.encode() not in bytes(token.digest)
    machine = TokenActor.of(token)
    assert machine.may("case.see", cast.community.pk)
    assert not machine.may("case.see", cast.other.pk)
    with pytest.raises(NotAllowed):
        actions.issue_token(
            cast.community.pk, actor=cast.actor(cast.bob), staff_id=cast.bob.pk, name="x", rights=["case.see"]
        )
    with pytest.raises(Refused, match="没有“fly”"):
        actions.issue_token(cast.community.pk, actor=alice, staff_id=cast.bob.pk, name="x", rights=["fly"])
    with pytest.raises(Refused, match="在职员工负责"):
        actions.issue_token(
            cast.community.pk, actor=alice, staff_id=cast.charlie.pk, name="x", rights=["case.see"]
        )


def test_areas_and_skills_are_set_as_a_whole(cast):
    alice = cast.actor(cast.alice)
    actions.set_skills(cast.wen.pk, actor=alice, trades=["lift", "low_voltage", "flying"])
    assert set(cast.wen.skills.values_list("trade", flat=True)) == {"lift", "low_voltage"}
    actions.set_areas(
        cast.wen.pk, actor=alice, community_id=cast.community.pk, building_ids=[cast.building.pk, 10**9]
    )
    assert Area.objects.get().building == cast.building
    actions.set_areas(cast.wen.pk, actor=alice, community_id=cast.community.pk, building_ids=[])
    assert not Area.objects.exists()


def test_holders_by_post_and_by_right(cast):
    assert who.holders(cast.community.pk, "front_desk") == [cast.bob.pk]
    assert who.holders(cast.community.pk, "order.work") == [cast.wen.pk]
    assert cast.charlie.pk not in who.holders(cast.community.pk, "case.see")


def test_the_superior_is_found_over_vacant_posts(cast):
    assert (
        who.superior_of(cast.wen.pk, cast.community.pk) == cast.alice.pk
    )  # no engineering supervisor: fallback
    lead = make_staff("lead", "工头", "engineering_supervisor", cast.community)
    assert who.superior_of(cast.wen.pk, cast.community.pk) == lead.pk
    assert who.superior_of(cast.bob.pk, cast.community.pk) == cast.alice.pk
    assert who.superior_of(cast.alice.pk, cast.community.pk) is None
    boss = make_staff("boss", "经理", "office_manager", cast.community)
    assert who.superior_of(cast.alice.pk, cast.community.pk) == boss.pk


def test_there_is_always_somebody_answerable(cast):
    Fallback.objects.filter(community=cast.community).delete()
    assert who.lacks_fallback(cast.community.pk)
    assert who.fallback_of(cast.community.pk) == cast.alice.pk
