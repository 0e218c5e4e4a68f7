"""Cases at the machine door: registered once, listed by scope, moved by the same table as on the screens."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from shouwen.api.management.commands.openapi import snapshot
from shouwen.cases import actions
from shouwen.cases.models import Case, Kind, Note
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.works.models import Order
from tests.api.conftest import Machine, make_token
from tests.cases.test_actions import take
from tests.cast import PHONE, Cast

pytestmark = pytest.mark.django_db


def body(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {"kind": "repair", "category": "leak", "title": "厨房漏水", "unit_id": cast.unit.pk} | changes


# --- registering ----------------------------------------------------------------------------------------------------


def test_a_machine_registers_a_case(cast: Cast, machine: Machine) -> None:
    answer = machine.post("/cases", body(cast, words="地上都是水", phone=PHONE, person_id=cast.mei.pk))
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    case = Case.objects.get(pk=told["id"])
    assert told["number"] == case.number == f"{clock.today():%y%m%d}-001"
    assert (case.channel, case.urgent, case.state, case.place) == ("api", True, "received", "3-1-1201")
    assert case.first_responder == cast.alice, "a machine's request belongs to the fallback owner"
    assert told["phone"] == "139****1201"
    assert Order.objects.get(case=case).state == "pool"
    assert Entry.objects.get(verb="case:registered").actor_kind == "token"


def test_the_same_key_and_body_answer_with_the_same_case(cast: Cast, machine: Machine) -> None:
    first = machine.post("/cases", body(cast), key="k-1")
    again = machine.post("/cases", body(cast), key="k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Case.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(cast: Cast, machine: Machine) -> None:
    machine.post("/cases", body(cast), key="k-1")
    answer = machine.post("/cases", body(cast, title="停电"), key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


def test_a_key_belongs_to_its_token(cast: Cast, machine: Machine) -> None:
    other = Machine(make_token(cast.community, cast.alice))
    assert (
        machine.post("/cases", body(cast), key="k").json()["id"]
        != other.post("/cases", body(cast), key="k").json()["id"]
    )


@pytest.mark.parametrize("field", ["unit_id", "space_id", "person_id", "about_id", "first_responder_id"])
def test_a_key_of_another_community_does_not_exist(cast: Cast, stranger: Machine, field: str) -> None:
    theirs = {
        "unit_id": cast.unit.pk,
        "space_id": cast.space.pk,
        "person_id": cast.mei.pk,
        "about_id": cast.wen.pk,
        "first_responder_id": cast.bob.pk,
    }
    wanted = {"kind": "complaint", "category": "noise", "title": "x", "place": "大堂", field: theirs[field]}
    answer = stranger.post("/cases", wanted)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unit_id": None}, "case.place"),
        ({"title": "\u200b"}, "case.title"),
        ({"category": "fee"}, "case.category"),
        ({"category": "nothing"}, "case.category"),
        ({"phone": "call me"}, "case.phone"),
        ({"happened_at": (clock.now() + timedelta(days=1)).isoformat()}, "case.future"),
        ({"about_id": 1}, None),
        ({"title": ""}, "api.invalid"),
        ({"title": "漏" * 121}, "api.invalid"),
        ({"title": "漏\0水"}, "api.invalid"),
        ({"title": "\ud800"}, "api.invalid"),
        ({"words": "水" * 20_001}, "api.invalid"),
        ({"kind": "party"}, "api.invalid"),
        ({"unit_id": 10**30}, "api.invalid"),
        ({"unit_id": -1}, "api.invalid"),
        ({"unit_id": "3-1-1201"}, "api.invalid"),
        ({"preferred_at": "0001-01-01T00:00:00Z"}, "api.invalid"),
        ({"preferred_at": "9999-12-31T23:59:59-14:00"}, "api.invalid"),
        ({"colour": "red"}, "api.invalid"),
    ],
)
def test_bad_input_gets_a_clear_sentence(
    cast: Cast, machine: Machine, changes: dict[str, Any], code: str | None
) -> None:
    answer = machine.post("/cases", body(cast, **changes))
    told = answer.json()
    assert answer.status_code == (404 if code is None else 422)
    assert code is None or told["code"] == code
    assert told["sentence"]
    assert "{" not in told["sentence"]
    assert not Case.objects.exists()


def test_strange_but_harmless_text_is_kept_clean(cast: Cast, machine: Machine) -> None:
    strange = {
        "title": "厨房💧漏水\u202e",
        "words": "א" * 5000 + "𠮷" * 4999 + "\x07!",
        "phone": "139-0000-1201",
        "asker": "O'Brien <b>",
    }
    answer = machine.post("/cases", body(cast, **strange))
    assert answer.status_code == 201, answer.json()
    case = Case.objects.get()
    assert case.title == "厨房💧漏水"
    assert case.phone == PHONE
    assert "\x07" not in case.words
    assert len(case.words) == 10_000


def test_a_body_that_is_no_json_is_refused(machine: Machine) -> None:
    for raw in (b"{", b"\xff\xfe", b"[1,2]", b"null", b'"x"', b"[" * 100_000):
        answer = machine.client.post("/api/v1/cases", raw, content_type="application/json")
        assert answer.status_code in (400, 422), raw[:10]
        assert answer.json()["code"] in ("api.unreadable", "api.invalid")


def test_a_body_that_is_too_big_is_refused(machine: Machine, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = machine.post("/cases", {"title": "x" * 2000})
    assert (answer.status_code, answer.json()["code"]) == (413, "api.too_big")


# --- looking --------------------------------------------------------------------------------------------------------


def test_a_list_shows_the_newest_first_and_leads_on(cast: Cast, machine: Machine) -> None:
    made = [take(cast, cast.bob, title=f"第 {n} 件") for n in range(5)]
    first = machine.get("/cases", size=2).json()
    assert [r["title"] for r in first["rows"]] == ["第 4 件", "第 3 件"]
    second = machine.get("/cases", size=2, page=first["next"]).json()
    assert [r["title"] for r in second["rows"]] == ["第 2 件", "第 1 件"]
    assert machine.get("/cases", size=2, page=second["previous"]).json()["rows"] == first["rows"]
    assert len(made) == 5


def test_a_list_is_narrowed(cast: Cast, machine: Machine) -> None:
    take(cast, cast.bob, title="厨房漏水", kind="repair", category="leak")
    done = take(cast, cast.bob, title="物业费")
    actions.answer(done.pk, actor=cast.actor(cast.bob), words="好", on_the_spot=True)

    def titles(**asked: Any) -> list[str]:
        answer = machine.get("/cases", **asked)
        assert answer.status_code == 200, answer.json()
        return [r["title"] for r in answer.json()["rows"]]

    assert (
        titles(kind="repair")
        == titles(q="漏水")
        == titles(open="true")
        == titles(category="leak")
        == ["厨房漏水"]
    )
    assert titles(state="satisfied") == titles(open="false") == ["物业费"]
    assert titles(unit_id=cast.unit.pk, first_responder_id=cast.bob.pk) == ["物业费", "厨房漏水"]
    assert titles(unit_id=10**18) == titles(until="2020-01-01T00:00:00Z") == titles(q="电梯") == []


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "party"}, {"unit_id": "x"}, {"unit_id": 10**30}, {"size": 0}, {"size": 1000}, {"since": "gestern"},
        {"q": "a\0b"}, {"q": "x" * 65}, {"since": "0001-01-01"}, {"page": "+" * 2000}, {"open": "vielleicht"},
    ],
)  # fmt: skip
def test_a_senseless_question_is_refused(machine: Machine, asked: dict[str, Any]) -> None:
    answer = machine.get("/cases", **asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "api.invalid")


def test_a_case_is_shown_with_what_may_be_done_next(cast: Cast, machine: Machine) -> None:
    case = take(cast, cast.bob)
    told = machine.get(f"/cases/{case.pk}").json()
    assert (told["first_responder"], told["handler"]) == (cast.bob.name, cast.bob.name)
    offered = {m["name"]: m["refused"] for m in told["moves"]}
    assert offered["answer"] == ""
    assert offered["classify"] == "case.not_this_kind"
    assert "start" not in offered


@pytest.mark.parametrize("key", ["x", "1", "00000000-0000-0000-0000-00000000000", "%00", "١٢٣"])
def test_a_key_that_is_none_is_refused(machine: Machine, key: str) -> None:
    assert machine.get(f"/cases/{key}").status_code == 422


def test_what_does_not_exist_is_not_found(machine: Machine) -> None:
    answer = machine.get("/cases/01900000-0000-7000-8000-000000000000")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_another_community_sees_nothing(cast: Cast, stranger: Machine) -> None:
    case = take(cast, cast.bob)
    assert stranger.get("/cases").json()["rows"] == []
    for path in (f"/cases/{case.pk}", f"/cases/{case.pk}/timeline"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/cases/{case.pk}/moves/note", {"words": "x"}).status_code == 404


def test_a_machine_in_the_name_of_the_employee_complained_of_sees_nothing(
    cast: Cast, machine: Machine
) -> None:
    case = take(
        cast, cast.alice, kind=Kind.COMPLAINT, category="attitude", title="前台态度差", about_id=cast.bob.pk
    )
    assert machine.get("/cases").json()["rows"] == []
    assert machine.get(f"/cases/{case.pk}").status_code == 404
    assert machine.get("/duties").json()["rows"] == []
    theirs = Machine(make_token(cast.community, cast.alice))
    assert theirs.get(f"/cases/{case.pk}").status_code == 200


def test_the_timeline_tells_facts_in_sentences_with_their_words(cast: Cast, machine: Machine) -> None:
    case = take(cast, cast.bob)
    actions.hand(case.pk, actor=cast.actor(cast.bob), handler_id=cast.alice.pk, words="请主管处理")
    machine.post(f"/cases/{case.pk}/moves/note", {"words": "机器的话"})
    told = machine.get(f"/cases/{case.pk}/timeline").json()
    assert [e["verb"] for e in told] == ["case:registered", "case:handed", "case:noted"]
    assert told[1]["sentence"] == f"{cast.bob.name} 转给 {cast.alice.name} 办理"
    assert (told[1]["words"], told[2]["words"]) == ("请主管处理", "机器的话")
    assert told[2]["sentence"].startswith("接口")


# --- moves ----------------------------------------------------------------------------------------------------------


def test_a_move_is_made_by_the_same_table_as_on_the_screen(cast: Cast, machine: Machine) -> None:
    case = take(cast, cast.bob)
    answer = machine.post(
        f"/cases/{case.pk}/moves/answer", {"words": "每月 2.8 元", "on_the_spot": True, "version": 1}
    )
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["state"], answer.json()["version"]) == ("satisfied", 2)
    assert Note.objects.get(case=case).words == "每月 2.8 元"


def test_a_call_back_is_told_by_true_and_false(cast: Cast, machine: Machine) -> None:
    case = actions.answer(take(cast, cast.bob).pk, actor=cast.actor(cast.bob), words="好")
    path = f"/cases/{case.pk}/moves/follow_up"
    assert machine.post(path, {"outcome": "reached"}).json()["code"] == "case.satisfied_unsaid"
    assert machine.post(path, {"outcome": "reached", "satisfied": False}).json()["state"] == "working"


def test_a_stale_write_is_told_both_versions(cast: Cast, machine: Machine) -> None:
    case = take(cast, cast.bob)
    actions.note(case.pk, actor=cast.actor(cast.alice), words="先到")
    answer = machine.post(f"/cases/{case.pk}/moves/note", {"words": "后到", "version": 1})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "stale")
    assert (told["facts"]["yours"], told["facts"]["theirs"]) == (1, 2)
    assert told["facts"]["current"]["version"] == 2
    assert "第 1 版" in told["sentence"]
    assert "第 2 版" in told["sentence"]
    assert "Idempotency-Key" in told["sentence"]
    assert Note.objects.get(case=case).words == "先到"


def test_a_machine_agrees_hours_by_two_moments(cast: Cast, machine: Machine) -> None:
    case = take(cast, cast.bob)
    begins = clock.at(clock.today() + timedelta(days=1), time(9))
    window = {
        "preferred_at": begins.isoformat(),
        "preferred_until": (begins + timedelta(hours=3)).isoformat(),
    }
    told = machine.post(f"/cases/{case.pk}/moves/promise", window).json()
    assert datetime.fromisoformat(told["preferred_until"]) - begins == timedelta(hours=3)
    (agreed,) = [
        fact for fact in machine.get(f"/cases/{case.pk}/timeline").json() if fact["verb"] == "case:promised"
    ]
    assert agreed["sentence"].endswith(f"与住户约好 {clock.said(begins)}–12:00")
    assert "`promise` | `preferred_at`, `preferred_until`?, `words`? |" in snapshot()


@pytest.mark.parametrize(
    ("move", "inputs", "status", "code"),
    [
        ("answer", {}, 422, "api.invalid"),
        ("answer", {"words": "好", "colour": "red"}, 422, "api.invalid"),
        ("answer", {"words": "a\0b"}, 422, "api.invalid"),
        ("answer", {"words": "水" * 2001}, 422, "api.invalid"),
        ("answer", {"words": ["好"]}, 422, "api.invalid"),
        ("answer", {"words": "好", "version": 10**30}, 422, "api.invalid"),
        ("hand", {"handler_id": 10**30}, 422, "api.invalid"),
        ("hand", {"handler_id": True}, 422, "api.invalid"),
        ("promise", {"preferred_at": "0001-01-01T00:00"}, 422, None),
        ("promise", {"preferred_at": "9999-12-31T23:59:59-12:00"}, 422, None),
        ("promise", {"preferred_at": "99999999999999"}, 422, None),
        ("classify", {"level": 1, "severity": "minor"}, 422, "case.not_this_kind"),
        ("follow_up", {"outcome": "reached"}, 422, "wrong_state"),
        ("start", {"handler_id": 1}, 404, "api.no_such_move"),
        ("fly", {}, 404, "api.no_such_move"),
    ],
)
def test_a_bad_move_is_refused_aloud(
    cast: Cast, machine: Machine, move: str, inputs: dict[str, Any], status: int, code: str | None
) -> None:
    case = take(cast, cast.bob)
    answer = machine.post(f"/cases/{case.pk}/moves/{move}", inputs)
    told = answer.json()
    assert answer.status_code == status, told
    assert code is None or told["code"] == code
    assert told["sentence"] != told["code"]
    assert Case.objects.get(pk=case.pk).version == 1


def test_a_machine_is_nobody_who_has_seen_the_paper(cast: Cast, machine: Machine) -> None:
    case = take(cast, cast.alice, happened_at=clock.now() - timedelta(hours=5))
    answer = machine.post(f"/cases/{case.pk}/moves/confirm_back_entry")
    assert (answer.status_code, answer.json()["code"]) == (422, "case.confirm_self")


def test_a_move_with_a_key_is_made_once(cast: Cast, machine: Machine) -> None:
    case = take(cast, cast.bob)
    for _ in range(2):
        assert machine.post(f"/cases/{case.pk}/moves/note", {"words": "一次"}, key="n-1").status_code == 200
    assert Note.objects.filter(case=case).count() == 1
