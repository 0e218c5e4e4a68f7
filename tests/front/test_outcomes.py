"""After a press the desk reads what became of it, and of whom; never the bare name of the button."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from shouwen.cases import forms as case_forms
from shouwen.cases.flow import CASE
from shouwen.cases.models import Case
from shouwen.front.outcomes import OUTCOMES
from shouwen.works import forms as order_forms
from shouwen.works.flow import ORDER
from shouwen.works.models import Order
from tests.cast import Cast
from tests.works.test_actions import finished, leak

pytestmark = pytest.mark.django_db


def said(client: Client, row: Case | Order, move: str, **typed: Any) -> str:
    """The sentence that a press leaves for the next page."""
    row.refresh_from_db()
    name = "case_move" if isinstance(row, Case) else "order_move"
    answer = client.post(reverse(name, args=[row.pk, move]), {"version": row.version, **typed})
    assert answer.status_code == 303, answer.content.decode()
    return [str(one) for one in get_messages(answer.wsgi_request)][-1]


def test_every_move_that_can_be_pressed_says_what_became_of_it() -> None:
    for flow, forms in ((CASE, case_forms.FORMS), (ORDER, order_forms.FORMS)):
        assert {flow[name].fact for name in forms} <= set(OUTCOMES)


def test_a_dispatch_says_to_whom_and_a_recall_where_the_order_is_now(cast: Cast, client: Client) -> None:
    order = leak(cast)
    client.force_login(cast.bob)
    assert said(client, order, "assign", technician_id=cast.wen.pk) == "3-1-1201 已派给文师傅"
    assert said(client, order, "recall") == "3-1-1201 已撤回，回到待派工"
    client.force_login(cast.wen)
    assert said(client, order, "claim") == "3-1-1201 已抢到，由您办理"
    assert said(client, order, "pause", reason="parts") == "3-1-1201 已停表：等备件"


def test_a_follow_up_says_what_it_led_to(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    case = finished(cast, leak(cast)).case
    assert said(client, case, "follow_up", outcome="no_answer") == "3-1-1201 已记下回访：无人接听"
    typed = {"outcome": "reached", "satisfied": "no", "words": "还在滴"}
    assert said(client, case, "follow_up", **typed) == "3-1-1201 住户不满意，已重新办理"
    finished(cast, Order.objects.filter(case=case).latest("turn"))
    typed = {"outcome": "reached", "satisfied": "yes", "words": "好了"}
    assert said(client, case, "follow_up", **typed) == "3-1-1201 住户满意，已关闭"
