"""Every form of the residents' door, sent by the household with values that no person types: never a fault."""

from __future__ import annotations

import pytest

from tests.house.forms import forms_of
from tests.house.residents import HOME_ROWS, HomeRow, Street
from tests.house.test_hostile import Sent, press_all
from tests.house.test_matrix import allows
from tests.house.test_residents import answer, url

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sent() -> Sent:
    return set()


@pytest.mark.parametrize("row", [row for row in HOME_ROWS if allows(row.get, 200)], ids=lambda r: r.id)
def test_a_form_of_residents(street: Street, row: HomeRow, sent: Sent) -> None:
    address = url(street, row)
    page = answer(street, "owner", address, "get", {})[1]

    def send(action: str, values: dict[str, str]) -> int:
        return answer(street, "owner", action, "post", values)[0]

    assert press_all(forms_of(address, page), sent, send) == []
