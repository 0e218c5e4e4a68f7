"""A word of danger is said at intake, before the matter is registered, and falls silent once it is marked as urgent."""

import pytest
from django.urls import reverse

from tests.cast import make_staff

HINT = "有危险的请勾上“紧急”"


@pytest.mark.parametrize(
    ("typed", "hinted"),
    [
        ({"title": "厨房有燃气味"}, True),
        ({"title": "说不清", "words": "电梯里有人被困"}, True),
        ({"title": "厨房有燃气味", "urgent": "on"}, False),
        ({"title": "检查过了，没有漏气"}, False),
        ({"title": "楼道灯不亮"}, False),
    ],
)
def test_danger_is_said_while_it_is_not_marked(cast, client, typed, hinted):
    client.force_login(cast.bob)
    asked = {"kind": "repair", "unit": cast.unit.pk, **typed}
    answer = client.get(reverse("intake"), asked)
    assert answer.status_code == 200
    assert (HINT in answer.content.decode()) is hinted


def test_who_may_not_read_what_they_register_is_told_so(cast, client):
    lobby = make_staff("lobby", "大堂", "lobby_receptionist", cast.community)
    typed = {"channel": "desk", "category": "attitude", "title": "态度不好"}
    url = f"{reverse('intake')}?kind=complaint&unit={cast.unit.pk}"
    for staff, about, told in ((cast.bob, cast.bob.pk, "投诉的是你"), (lobby, "", "没有看投诉的权限")):
        client.force_login(staff)
        answer = client.post(url, typed | {"about_id": about, "key": f"k-{staff.pk}"})
        assert (answer.status_code, answer.url) == (303, reverse("home"))
        assert told in client.get(answer.url, follow=True).content.decode()
