"""Walk every address as a stranger, without the right, with it, and from another community; nothing may be left out."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.api.management.commands.openapi import snapshot
from shouwen.kernel.models import Entry
from shouwen.people.models import SavedView
from shouwen.people.rights import RIGHTS
from tests.api.conftest import Machine
from tests.house.addresses import addresses
from tests.house.matrix import EXPORTS, NO_EXPORT, OPERATIONS, ROWS, Codes, Operation, Row
from tests.house.world import MARKS, Visit, picture

pytestmark = pytest.mark.django_db
METHODS = ("get", "post")


def allows(codes: Codes, code: int) -> bool:
    return code in (codes if isinstance(codes, tuple) else (codes,))


def is_sign_in(response: Any) -> bool:
    return response.status_code == 302 and response["Location"].startswith(reverse("sign_in"))


def shows_nothing(content: bytes, asked: str) -> bool:
    """None of our marks, unless the visitor typed it."""
    return not [m for m in MARKS if m.encode() in content and m not in asked]


# --- nothing is left out ----------------------------------------------------------------------------------------------


def test_every_address_is_in_the_table() -> None:
    here = {a.full for a in addresses() if not (a.space == "api" and "openapi" not in a.name)}
    here -= {a.full for a in addresses() if a.space == "portal"}  # residents have a table of their own
    assert here - {row.name for row in ROWS} == set(), "an address that nobody decided about"
    assert {row.name for row in ROWS} - here == set(), "an address that is gone"


def test_every_operation_is_in_the_table() -> None:
    paths = json.loads(snapshot())["paths"]
    here = {(m, p.removeprefix("/api/v1")) for p, operations in paths.items() for m in operations}
    assert here == {(o.method, o.path) for o in OPERATIONS}


def test_the_table_asks_the_right_that_the_door_asks() -> None:
    doors = {a.full: getattr(a.view, "right", None) for a in addresses()}
    for row in ROWS:
        if row.right is not None and doors[row.name]:
            assert row.right == doors[row.name], row.id
        assert {*(row.right or "").split("|")} <= {"", *RIGHTS}


def test_every_list_leaves_as_a_file() -> None:
    lists = {row.name for row in ROWS if row.name.endswith("_list")} | {"kpi_rows"}
    assert lists == {*EXPORTS, *NO_EXPORT}


# --- the walk ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.id)
def test_the_table_holds(visit: Visit, row: Row) -> None:
    url = visit.url(row)
    for method, own in zip(METHODS, (row.get, row.post), strict=True):
        code, _content, _response = visit.answer(visit.world.with_all(), url, method)
        assert allows(own, code), f"{method} with the right: {code}"
        _stranger(visit, row, url, method, own)
        _without(visit, row, url, method)
        _elsewhere(visit, row, url, method, own)


def _stranger(visit: Visit, row: Row, url: str, method: str, own: Codes) -> None:
    code, content, response = visit.answer(Client(raise_request_exception=False), url, method)
    assert shows_nothing(content, url)
    if row.right is None:
        assert allows(own, code), f"{method} by a stranger: {code}"
    else:
        assert code == 405 or is_sign_in(response), f"{method} by a stranger: {code}"


def _without(visit: Visit, row: Row, url: str, method: str) -> None:
    if not row.right:
        return
    code, content, _response = visit.answer(visit.world.without(row.right), url, method)
    assert code in (403, 405), f"{method} without {row.right}: {code}"
    assert shows_nothing(content, url)


def _elsewhere(visit: Visit, row: Row, url: str, method: str, own: Codes) -> None:
    code, content, _response = visit.answer(visit.world.elsewhere(), url, method)
    assert shows_nothing(content, url)
    if row.elsewhere or row.key:
        assert code in (row.elsewhere or 404, 405), f"{method} from elsewhere: {code}"
    else:
        assert allows(own, code), f"{method} from elsewhere: {code}"


def test_a_part_of_a_page_tells_a_stranger_to_sign_in(visit: Visit) -> None:
    code, content, response = visit.answer(Client(headers={"HX-Request": "true"}), reverse("case_list"))
    assert (code, content) == (401, b"")
    assert response["HX-Redirect"].startswith(reverse("sign_in"))


def test_a_colleagues_session_is_ended_only_by_who_manages_staff(visit: Visit) -> None:
    url = reverse("session_end", kwargs={"key": visit.world.keys["session"]})
    assert visit.answer(visit.world.without("staff.manage"), url, "post")[0] in (403, 404)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("name", EXPORTS)
def test_a_list_leaves_the_house_only_by_right_and_on_record(visit: Visit, name: str, kind: str) -> None:
    row = next(r for r in ROWS if r.name == name)
    url = visit.url(row, f"{row.query}&export={kind}" if row.query else f"?export={kind}")
    _code, _content, response = visit.answer(visit.world.with_all(), url)
    assert "attachment" in response["Content-Disposition"]
    code, content, response = visit.answer(visit.world.elsewhere(), url)
    assert code == 200
    assert shows_nothing(content, url)
    code, content, _response = visit.answer(visit.world.without("data.export"), url)
    assert code == 403
    assert shows_nothing(content, url)
    assert is_sign_in(visit.answer(Client(), url)[2])
    before = Entry.objects.filter(verb="data:exported").count()
    response = visit.world.with_all().get(url)
    for close in response._resource_closers:
        close()
    assert Entry.objects.filter(verb="data:exported").count() == before + 1


@pytest.mark.parametrize("name", NO_EXPORT)
def test_other_lists_do_not_leave_the_house(visit: Visit, name: str) -> None:
    row = next(r for r in ROWS if r.name == name)
    _code, _content, response = visit.answer(visit.world.with_all(), visit.url(row, "?export=csv"))
    assert "attachment" not in response.get("Content-Disposition", "")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.id)
def test_the_table_of_operations_holds(visit: Visit, operation: Operation) -> None:
    body = dict(operation.body)
    path = operation.path.format(key=visit.world.keys.get(operation.key), move=body.pop("move", ""))
    seen: dict[str, int] = {}
    for who, secret in visit.world.tokens(operation.right).items():
        more = {"data": body, "content_type": "application/json"} if operation.method == "post" else {}
        more = {"data": {operation.file: picture()}} if operation.file else more
        client = Machine(secret).client
        seen[who], content, _response = visit.answer(
            client, f"/api/v1{quote(path)}", operation.method, **more
        )
        assert who in ("own", "without") or shows_nothing(content, path)
    assert seen["nobody"] == 401
    assert allows(operation.own, seen["own"]), seen
    assert seen["without"] == (403 if operation.right else 200), seen
    assert seen["elsewhere"] == (404 if operation.key else seen["own"]), seen


def test_nobody_drops_the_view_of_another(visit: Visit) -> None:
    url = reverse("drop_view", kwargs={"key": visit.world.keys["view"]})
    visit.world.with_all().post(url)
    assert SavedView.objects.filter(pk=visit.world.keys["view"]).exists()
