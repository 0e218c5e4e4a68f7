"""The machine door itself: who may knock, how often, and in which shape it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as house
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.api.management.commands import openapi
from shouwen.cases.models import Case
from shouwen.kernel import clock
from shouwen.people.models import Token
from tests.api.conftest import Machine
from tests.cases.test_actions import take
from tests.cast import PHONE, Cast, make_person, make_unit


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "Bearer \u00ff\u00fe", "Bearer a b"],
)
def test_without_a_known_token_nobody_comes_in(cast: Cast, header: str | None) -> None:
    machine = Machine("")
    answer = machine.client.get(
        "/api/v1/cases", headers={"Authorization": header} if header is not None else None
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "api.no_token")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.django_db
def test_an_ended_token_is_refused(cast: Cast, machine: Machine) -> None:
    assert machine.get("/cases").status_code == 200
    Token.objects.update(ended_at=clock.now())
    assert machine.get("/cases").status_code == 401


@pytest.mark.django_db
def test_a_token_ends_with_the_service_of_who_answers_for_it(cast: Cast, machine: Machine) -> None:
    cast.bob.is_active = False
    cast.bob.save()
    assert machine.get("/cases").status_code == 401


@pytest.mark.django_db
def test_a_token_costs_one_query_and_its_count_another(cast: Cast, machine: Machine) -> None:
    with CaptureQueriesContext(connection) as queries:
        machine.get("/categories")
    assert len(queries) == 3, [q["sql"] for q in queries]


@pytest.mark.django_db
def test_who_asks_too_often_is_told_when_to_come_back(cast: Cast, machine: Machine, settings: Any) -> None:
    settings.API_RATE = 2
    assert [machine.get("/categories").status_code for _ in range(3)] == [200, 200, 429]
    answer = machine.get("/categories")
    assert answer.json()["code"] == "api.too_often"
    assert 1 <= int(answer["Retry-After"]) <= 60


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/cases", "case.see"), ("/orders", "order.see"), ("/units", "estate.see"), ("/persons", "estate.see"),
        ("/duties", "case.see"), ("/spaces", "estate.see"),
    ],
)  # fmt: skip
def test_a_token_sees_what_its_rights_say(limited: Callable[..., Machine], path: str, right: str) -> None:
    refused = limited("report.see").get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "api.no_right")
    assert limited(right).get(path).status_code == 200


@pytest.mark.django_db
def test_complaints_need_their_own_right(cast: Cast, limited: Callable[..., Machine]) -> None:
    take(cast, cast.bob, title="问费用")
    take(cast, cast.bob, kind="complaint", category="noise", title="邻居吵")

    def titles(machine: Machine) -> list[str]:
        return [r["title"] for r in machine.get("/cases").json()["rows"]]

    assert titles(limited("case.see")) == ["问费用"]
    assert titles(limited("complaint.see")) == ["邻居吵"]
    kinds = {r["matter_id"] for r in limited("case.see").get("/duties").json()["rows"]}
    assert str(Case.objects.get(kind="complaint").pk) not in kinds


@pytest.mark.django_db
def test_an_address_that_does_not_exist_is_refused_in_the_same_shape(machine: Machine) -> None:
    for path in ("/nothing", "/cases/x/y/z", "/"):
        answer = machine.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "api.no_address"), path


@pytest.mark.django_db
def test_units_are_found_and_shown_with_who_lives_there(
    cast: Cast, machine: Machine, stranger: Machine
) -> None:
    make_unit(cast.community, "3-1-1202")
    rows = machine.get("/units").json()["rows"]
    assert [r["code"] for r in rows] == ["3-1-1201", "3-1-1202"]
    assert rows[0]["built_area"] == "89.50"
    assert [r["code"] for r in machine.get("/units", q="3栋1单元1202").json()["rows"]] == ["3-1-1202"]
    told = machine.get(f"/units/{cast.unit.pk}").json()
    assert [(o["name"], o["role"]) for o in told["occupants"]] == [(cast.mei.name, "owner")]
    assert stranger.get("/units").json()["rows"] == []
    assert stranger.get(f"/units/{cast.unit.pk}").status_code == 404
    assert machine.get(f"/units/{10**30}").status_code == 422
    assert machine.get(f"/units/{2**62}").status_code == 404


@pytest.mark.django_db
def test_persons_are_found_and_their_telephones_masked(
    cast: Cast, machine: Machine, stranger: Machine
) -> None:
    make_person(cast.community, "梅兰芳")
    for asked in ({"q": "梅若兰"}, {"q": "mrl"}, {"q": PHONE}, {"q": PHONE[-4:]}, {"unit_id": cast.unit.pk}):
        answer = machine.get("/persons", **asked)
        (row,) = answer.json()["rows"]
        assert row["name"] == "梅若兰"
        assert row["phones"] == [{"label": "", "number": "139****1201", "primary": True}]
        assert row["homes"][0]["code"] == "3-1-1201"
        assert PHONE not in answer.content.decode()
    assert len(machine.get("/persons").json()["rows"]) == 2
    assert stranger.get("/persons", q=PHONE).json()["rows"] == []


@pytest.mark.django_db
def test_small_lists(cast: Cast, machine: Machine, stranger: Machine) -> None:
    assert {c["code"] for c in machine.get("/categories", kind="repair").json()} >= {"leak", "lamp", "door"}
    assert [s["name"] for s in machine.get("/spaces").json()["rows"]] == [cast.space.name]
    assert stranger.get("/spaces").json()["rows"] == []


@pytest.mark.django_db
def test_every_list_costs_the_same_with_one_row_and_with_many(cast: Cast, machine: Machine) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert machine.get(path).status_code == 200
        return len(queries)

    take(cast, cast.bob, kind="repair", category="leak")
    paths = ("/cases", "/orders", "/units", "/persons", "/spaces", "/duties")
    before = [cost(path) for path in paths]
    for n in range(5):
        take(cast, cast.bob, kind="repair", category="leak")
        make_person(cast.community, f"李{n}", f"1380000000{n}")
        make_unit(cast.community, f"4-1-{n}01")
    assert [cost(path) for path in paths] == before


def test_the_description_in_docs_is_the_one_of_the_code() -> None:
    """Rewrite it with ``./dev manage openapi`` and look at what changed."""
    assert openapi.FILE.read_text(encoding="utf-8") == openapi.snapshot()


def test_the_command_writes_the_description(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(openapi, "FILE", tmp_path / "docs" / "openapi.json")
    call_command("openapi")
    told = json.loads((tmp_path / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert told["openapi"].startswith("3.1")
    assert capsys.readouterr().out.strip().endswith("openapi.json")


def test_the_description_names_every_refusal_of_every_operation() -> None:
    told = json.loads(openapi.snapshot())
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            assert {"401", "403", "404", "413", "422", "429"} <= set(operation["responses"]), (method, path)
            assert method == "get" or "409" in operation["responses"]
            assert operation["security"]
    assert str(house.BASE_DIR) not in json.dumps(told)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": None}, "内容有误：kind 只能是"),
        ({"title": ""}, "内容有误：title 至少 1 个字。"),
        ({"colour": "red"}, "内容有误：colour 没有这一项。"),
        ({"unit_id": "x"}, "内容有误：unit_id 要是整数。"),
        ({"preferred_at": "soon"}, "内容有误：preferred_at 要是时刻"),
    ],
)
def test_what_is_wrong_with_a_field_is_a_sentence(machine: Machine, changes: Any, said: str) -> None:
    body = {"kind": "inquiry", "category": "fee", "title": "物业费怎么算", "place": "大堂"}
    answer = machine.post("/cases", body | changes).json()
    assert answer["sentence"].startswith(said), answer
    (field,) = changes
    assert set(answer["facts"]["fields"]) == {field}


@pytest.mark.django_db
def test_a_missing_field_and_an_unknown_category_say_what_to_do(machine: Machine) -> None:
    assert machine.post("/cases", {"category": "fee", "title": "物业费"}).json()["sentence"] == (
        "内容有误：kind 没有填。"
    )
    body = {"kind": "inquiry", "category": "unheard", "title": "物业费怎么算", "place": "大堂"}
    answer = machine.post("/cases", body).json()
    assert (answer["code"], "GET /api/v1/categories" in answer["sentence"]) == ("case.category", True)
