"""An empty house says what to do next, in one sentence with one action; a furnished one says nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from shouwen.estate.models import Community, Occupancy
from shouwen.people.models import Fallback, Grant, Staff
from tests.cast import Cast, make_owner, make_person, make_staff, make_unit

pytestmark = pytest.mark.django_db
HOMES = ("desk", "board", "overview")


def address(name: str) -> str:
    return reverse(name, args=["today"]) if name == "desk" else reverse(name)


@pytest.fixture
def founder(db: None, client: Client) -> Client:
    """The first account after ``shouwen setup``, its password changed."""
    call_command(
        "setup", company="安居", branch="总部", community="翠湖", code="cuihu", name="王主管", username="wang"
    )
    Staff.objects.update(must_change=False)
    client.force_login(Staff.objects.get())
    session = client.session
    session["totp_ok"] = True
    session.save()
    return client


def steps(client: Client, name: str) -> Any:
    answer = client.get(address(name))
    assert answer.status_code == 200, name
    return answer.context["first_steps"]


@pytest.mark.parametrize("name", HOMES)
def test_after_setup_every_home_says_the_next_step_with_one_action(founder: Client, name: str) -> None:
    found = steps(founder, name)
    assert "还没有房屋" in found.words
    assert found.link.url == reverse("import_new")
    assert [(line.name, line.done) for line in found.lines] == [
        ("导入房屋和住户", False), ("登记住户", False), ("登记公共区域", False),
        ("填服务中心电话，印在便条上、给住户拨打", False), ("新建同事的账号", False), ("有能接单的师傅", False),
        ("指定兜底负责人", True),
    ]  # fmt: skip
    page = founder.get(address(name)).content.decode()
    assert found.words in page
    assert founder.get(found.link.url).status_code == 200, "the action leads where it says"


def test_one_step_after_the_other_until_there_is_none(founder: Client) -> None:
    home = Community.objects.get()
    unit = make_unit(home)
    assert "还没有住户" in steps(founder, "desk").words
    make_owner(unit, make_person(home, "梅若兰"))
    assert steps(founder, "desk").link.url == reverse("staff_new")
    make_staff("bob", "鲍勃", "front_desk", home)
    assert "师傅" in steps(founder, "desk").words
    make_staff("wen", "文师傅", "engineering", home)
    Fallback.objects.all().delete()
    assert steps(founder, "desk").link.url == reverse("fallback")
    Fallback.objects.create(community=home, staff=Staff.objects.get(username="wang"))
    assert [steps(founder, name) for name in HOMES] == [None, None, None]


def test_who_may_not_do_it_hears_whom_to_ask(cast: Cast, client: Client) -> None:
    Occupancy.objects.all().delete()
    client.force_login(cast.bob)
    found = steps(client, "desk")
    assert found.words == "还没有住户：导入住户清单，或在房屋里办理入住。请主管来做。"
    assert (found.link, found.lines) == (None, ())


def test_a_house_that_works_is_left_in_peace(cast: Cast, client: Client) -> None:
    client.force_login(cast.alice)
    assert [steps(client, name) for name in HOMES] == [None, None, None]
    Grant.objects.filter(staff=cast.wen).delete()
    assert "师傅" in steps(client, "board").words


@pytest.mark.parametrize("name", ["unit_list", "person_list"])
def test_the_empty_records_lead_to_the_import(founder: Client, name: str) -> None:
    table = founder.get(reverse(name)).context["table"]
    assert "导入" in table.empty
    assert table.empty_action.url == reverse("import_new")
