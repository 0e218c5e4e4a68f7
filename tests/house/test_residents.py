"""Walk every address of the residents' door as the household, a neighbour, another community, staff and a stranger."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from tests.house.addresses import addresses
from tests.house.matrix import Codes
from tests.house.residents import HOME_ROWS, HOUSEHOLD, HomeRow, Street
from tests.house.test_matrix import METHODS, allows, shows_nothing

pytestmark = pytest.mark.django_db
OUTSIDERS = ("neighbour", "elsewhere")
NOBODY = ("stranger", "staff")
FLIES = re.compile(r"(?<![a-zA-Z0-9])(?:alice|bob|wen|13900001201)(?![a-zA-Z0-9])|工作电话")
"""Staff's names of sign-in and numbers, which no resident reads. As words: the secret of a form may spell one by chance."""


def url(street: Street, row: HomeRow) -> str:
    fields = next(a.fields for a in addresses() if a.full == f"portal:{row.name}")
    kwargs = {f: row.more[f] if f in row.more else street.world.keys.get(row.key) for f in fields}
    return reverse(f"portal:{row.name}", kwargs=kwargs)


def answer(
    street: Street, who: str, address: str, method: str, data: dict[str, Any]
) -> tuple[int, bytes, str]:
    with transaction.atomic():
        response: Any = getattr(street.visitor(who), method)(address, data if method == "post" else None)
        content = response.getvalue() if response.streaming else response.content
        for close in response._resource_closers:
            close()
        transaction.set_rollback(True)
    return response.status_code, content, response.headers.get("Location", "")


def test_every_address_of_the_door_is_in_the_table() -> None:
    here = {a.name for a in addresses() if a.space == "portal"}
    assert here == {row.name for row in HOME_ROWS}


def test_every_address_of_the_door_has_a_guard() -> None:
    for found in addresses():
        if found.space == "portal":
            row = next(r for r in HOME_ROWS if r.name == found.name)
            assert found.view.resident is not row.open, found.name


@pytest.mark.parametrize("row", HOME_ROWS, ids=lambda r: r.id)
def test_the_table_holds(db: None, street: Street, row: HomeRow) -> None:
    address = url(street, row)
    for method, own in zip(METHODS, (row.get, row.post), strict=True):
        for who in HOUSEHOLD:
            code, content, _goal = answer(street, who, address, method, row.data)
            asked = row.owner if who == "owner" and row.owner and method == "post" else own
            assert allows(asked, code), f"{method} by {who}: {code}"
            assert not FLIES.findall(content.decode(errors="replace"))
        _others(street, row, address, method, own)


def _others(street: Street, row: HomeRow, address: str, method: str, own: Codes) -> None:
    employee, content, _goal = answer(street, "employee", address, method, row.data)
    led = (302, 405) if method == "get" and row.get == 302 else (405,)
    assert allows(row.employee or own, employee) or employee in led, f"{method} by employee: {employee}"
    for who in OUTSIDERS:
        code, content, _goal = answer(street, who, address, method, row.data)
        assert code in (404, *led) if row.row else allows(own, code), f"{method} by {who}: {code}"
        assert shows_nothing(content, address), who
    for who in NOBODY:
        code, content, goal = answer(street, who, address, method, row.data)
        if row.open:
            assert allows(own, code), f"{method} by {who}: {code}"
        else:
            leads = reverse("portal:home" if code in led else "portal:sign_in")
            assert code == 405 or (code == 302 and goal.startswith(leads)), f"{method} by {who}"
        assert shows_nothing(content, address), who


def test_a_page_of_a_home_is_kept_by_nobody(db: None, street: Street) -> None:
    for name in ("home", "matters", "me"):
        assert "no-store" in street.visitor("owner").get(reverse(f"portal:{name}")).headers["Cache-Control"]


def test_the_cookie_of_residents_opens_nothing_of_the_staff(db: None, street: Street) -> None:
    client = street.visitor("owner")
    client.cookies["shouwen_home"]["path"] = "/"
    for name in ("home", "case_list", "unit_list", "search"):
        response = client.get(reverse(name))
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("sign_in"))
    assert client.get(reverse("events_grant")).status_code != 200
