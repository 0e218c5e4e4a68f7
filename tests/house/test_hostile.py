"""Every form of the house, sent by somebody who may press it, with values that no person types: never a fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.house.forms import PageForm, forms_of
from tests.house.matrix import ROWS, Row
from tests.house.test_matrix import allows
from tests.house.world import Visit

pytestmark = pytest.mark.django_db
Sent = set[tuple[str, ...]]
Send = Callable[[str, dict[str, str]], int]


@pytest.fixture(scope="module")
def sent() -> Sent:
    """Forms that another page had as well: the same address and fields need one try."""
    return set()


def press_all(forms: list[PageForm], sent: Sent, send: Send) -> list[str]:
    faults = []
    for form in forms:
        shape = (form.action.partition("?")[0], *sorted(form.fields))
        if shape in sent:
            continue
        sent.add(shape)
        for spoilt, values in form.hostile():
            if (code := send(form.action, values)) >= 500:
                faults.append(f"{form.action} {spoilt}={values.get(spoilt, '')[:12]!a}: {code}")
    return faults


@pytest.mark.parametrize("row", [row for row in ROWS if allows(row.get, 200)], ids=lambda r: r.id)
def test_a_form_of_staff(visit: Visit, row: Row, sent: Sent) -> None:
    client, address = visit.world.with_all(), visit.url(row)
    page = visit.answer(client, address)[1]

    def send(action: str, values: dict[str, str]) -> int:
        return visit.answer(visit.world.with_all(), action, "post", data=values)[0]

    assert press_all(forms_of(address, page), sent, send) == []
