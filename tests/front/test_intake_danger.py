"""A word of danger is said at intake, before the matter is registered, and falls silent once it is marked as urgent."""

import pytest
from django.urls import reverse

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
