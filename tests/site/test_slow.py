"""Fifty telephones that upload and fifty that download on a bad line: the list page of the product answers beside them."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from shouwen.site.bench.slow import big_photo, hanging
from tests.browser.line import product_line
from tests.cases.test_actions import take
from tests.cast import make_cast


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_list_answers_while_a_hundred_slow_clients_hang() -> None:
    import urllib.request

    cast = make_cast()
    picture = big_photo(take(cast, cast.bob, title="问费用"))
    browser = Client()
    browser.force_login(cast.bob)
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={browser.cookies[name].value}"
    with product_line() as line, hanging(line.there, cookie, picture) as still:
        for _turn in range(5):
            asked: Any = urllib.request.Request(
                f"http://127.0.0.1:{line.there}/cases/", headers={"Cookie": cookie}
            )
            with urllib.request.urlopen(asked, timeout=30) as answer:
                assert "问费用" in answer.read().decode()
        assert still() == 100, "all of them hang"
