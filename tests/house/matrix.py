"""Who may do what at which address: one line each. An address that is not here fails the build.

``right``: what the visitor needs; ``""`` is any signed-in staff member, ``None`` anybody at all. ``get`` and ``post``:
the answer to somebody who holds every right in the community of the row, 405 if the method is not there; a post is
empty unless ``data`` says otherwise. ``elsewhere``: the answer to somebody with every right in another community,
404 where the address names a row, else the same as at home (their own pages, without a word of ours).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shouwen.cases.flow import CASE
from shouwen.cases.forms import FORMS as CASE_FORMS
from shouwen.duties.clauses import book
from shouwen.estate.imports.sources import sources
from shouwen.front.many.ticks import CASES, ORDERS
from shouwen.kernel import clock
from shouwen.kernel.flow import Flow
from shouwen.works.flow import ORDER
from shouwen.works.forms import FORMS as ORDER_FORMS

Codes = int | tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """``key`` names a row of `world.World.keys`; ``more`` are the other parts of the address, ``=key`` for a row."""

    name: str
    right: str | None
    get: Codes = 200
    post: Codes = 405
    key: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    elsewhere: int | None = None
    query: str = ""

    @property
    def id(self) -> str:
        return "-".join([self.name, *map(str, self.more.values())]) + self.query


def moves(name: str, flow: Flow, forms: dict[str, Any], key: str) -> list[Row]:
    """Every move that has a button: 422 where the state or a guard of this row forbids it."""
    return [Row(name, flow[move].right, (200, 422), (200, 303, 422), key, {"name": move}) for move in forms]


ROWS: list[Row] = [
    # --- for anybody ---
    Row("healthz", None, 200, (200, 405)),
    Row("readyz", None, (200, 503), (200, 405, 503)),
    Row("set_language", None, 302, 302),
    Row("sign_in", None, (200, 302), (200, 302, 422)),
    Row("totp", None, (200, 302), (200, 302, 422)),
    Row("sign_out", None, 405, (302, 303)),
    Row("change_password", None, (200, 302), (200, 302, 422)),
    # --- one's own ---
    Row("home", "", 302),
    Row("events_grant", ""),
    Row("events_grant", "", 404, query="?matter=none"),
    Row("live_rail", "", query="?at=/desk/today/"),
    Row("switch", "", (303, 405), (303, 405), "community"),
    Row("search", ""),
    Row("search", "", query="?q=梅若兰"),
    Row("draft", "", 204, 422, query="?form=x"),
    Row("save_view", "", 200, (200, 422)),
    Row("drop_view", "", 405, 303, "view", elsewhere=303),  # only ever one's own: of another's nothing goes
    Row("settings", ""),
    Row("sessions", ""),
    Row("session_end", "", 405, 303, "session"),
    Row("notice_list", ""),
    Row("notices_read", "", 405, 303),
    Row("notice", "", 404, 405, "nothing"),
    Row("notice_ways", "", 200, 422),
    # --- desk ---
    *(Row("desk", "case.see", more={"code": code}) for code in ("today", "pool", "done", "overdue", "first")),
    Row("desk", "case.see", 404, more={"code": "nowhere"}),
    Row("case_list", "case.see"),
    Row("case_list", "case.see", query="?q=漏水"),
    Row("case", "case.see", key="case"),
    Row("rating_link", "case.follow_up", 200, 422, "case"),
    Row("intake", "case.register", 200, (200, 422)),
    Row("photo", "", key="photo", more={"variant": "thumb"}),
    *moves("case_move", CASE, CASE_FORMS, "case"),
    Row("case_move", "", 404, 404, "case", {"name": "start"}),
    *(Row("case_bulk", CASE[m].right, 405, 303, more={"name": n}) for n, (m, _f) in CASES.presses.items()),
    Row("case_bulk", "", 405, 404, more={"name": "start"}),
    # --- orders ---
    Row("order_list", "order.see"),
    Row("board", "order.see"),
    Row("board_assign", "order.dispatch", 405, (404, 422)),
    Row("my_orders", "order.work"),
    Row("order", "order.see", key="order"),
    Row("order_photos", "order.work", 405, 422, "order"),
    Row("pocket", "order.work", 405, 422, "order", {"name": "arrive"}),
    Row("order_signature", "order.see", 404, 405, "order"),
    Row("app_manifest", None),
    Row("app_worker", None),
    Row("without_line", None),
    Row("order_call", "order.work", 405, 422, "order"),
    Row("order_sheet", "order.see", key="order"),
    Row("order_sheets", "order.dispatch", 422),
    *moves("order_move", ORDER, ORDER_FORMS, "order"),
    Row("order_move", "", 404, 404, "order", {"name": "cancel"}),
    *(Row("order_bulk", ORDER[m].right, 405, 303, more={"name": n}) for n, (m, _f) in ORDERS.presses.items()),
    # --- overview and figures ---
    Row("overview", "report.see"),
    Row("kpi_list", "report.see"),
    Row("kpi", "report.see", more={"code": "timeliness"}),
    Row(
        "kpi_rows",
        "report.see",
        more={"code": "timeliness"},
        query=f"?period=month&on={clock.today():%Y-%m-01}&part=base",
    ),
    Row("kpi", "report.see", 404, more={"code": "luck"}),
    Row("compliance", "duty.see"),
    Row("compliance", "duty.see", query="?period=week&clause=follow_up&at=2026-07-01&seed=7"),
    Row("compliance_duties", "duty.see", query=f"?period=month&on={clock.today():%Y-%m-01}"),
    Row("compliance_communities", "duty.see"),
    Row("compliance_sheet", "duty.see"),
    Row("audit_list", "duty.see"),
    Row("audit_new", "duty.audit", 200, 422),
    Row("audit", "duty.see", key="audit"),
    Row("audit_finding", "duty.audit", 200, 422, "audit", {"duty": "=sampled"}),
    # --- records ---
    Row("unit_list", "estate.see"),
    Row("unit_new", "estate.edit", 200, 422),
    Row("unit", "estate.see", key="unit"),
    Row("unit_edit", "estate.edit", 200, 422, "unit"),
    Row("unit_split", "estate.edit", 200, 422, "unit"),
    Row("unit_merge", "estate.edit", 200, 422, "unit"),
    Row("chronicle_new", "estate.edit", 200, 422, "unit"),
    Row("move_in", "estate.edit", 200, 422, "unit"),
    Row("home_door", "estate.edit", key="unit"),
    Row("home_slip", "estate.edit", 405, 200, "unit", {"person": "=person"}),
    Row("home_slip_void", "estate.edit", 405, 303, "slip"),
    Row("home_sign_in_end", "estate.edit", 405, 303, "home_sign_in"),
    Row("community_edit", "setting.edit", 200, 422),
    Row("community_new", "setting.edit", 200, 422),
    Row("building_list", "estate.see"),
    Row("building_new", "estate.edit", 200, 422),
    Row("building", "estate.see", key="building"),
    Row("building_edit", "estate.edit", 200, 422, "building"),
    Row("space_list", "estate.see"),
    Row("space_new", "estate.edit", 200, 422),
    Row("space_edit", "estate.edit", 200, 422, "space"),
    Row("person_list", "estate.see"),
    Row("person_list", "estate.see", query="?q=13900001201"),
    Row("person_new", "estate.edit", 200, 422),
    Row("person", "estate.see", key="person"),
    Row("person_edit", "estate.edit", 200, 422, "person"),
    Row("person_merge", "estate.edit", 200, 422, "person"),
    Row("contact_new", "estate.edit", 200, 422, "person"),
    Row("identity_reveal", "person.reveal", 200, (200, 422), "person"),
    Row("contact_edit", "estate.edit", 200, 303, "contact"),
    Row("contact_confirm", "estate.edit", 200, 303, "contact"),
    Row("contact_remove", "estate.edit", 200, 303, "contact"),
    Row("phone_reveal", "person.reveal", 200, (200, 422), "contact"),
    Row("occupancy_edit", "estate.edit", 200, 422, "occupancy"),
    Row("move_out", "estate.edit", 200, 422, "occupancy"),
    Row("vehicle_new", "estate.edit", 200, 422),
    Row("vehicle_edit", "estate.edit", 200, 422, "vehicle"),
    Row("vehicle_remove", "estate.edit", 200, 303, "vehicle"),
    Row("payment_list", "billing.see"),
    Row("meter_list", "billing.see"),
    Row("material_list", "material.see"),
    Row("import_list", "estate.import|billing.import|material.import"),
    Row("import_new", "estate.import|billing.import|material.import", 200, 422),
    Row(
        "import_template", "estate.import|billing.import|material.import", more={"source": sources()[0].code}
    ),
    Row("import_run", "estate.import|billing.import|material.import", 200, 200, "run"),
    Row("import_problems", "estate.import|billing.import|material.import", 200, 405, "run"),
    # --- duties ---
    Row("duty_list", ""),
    Row("manual", ""),
    Row("duty", "", key="duty"),
    Row("duty_sign", "", 200, 422, "duty"),
    Row("duty_excuse", "duty.excuse", 200, 422, "duty"),
    Row("duty_hand", "duty.give", 200, 422, "duty"),
    Row("duty_begin", "setting.edit", 200, 303),
    Row("calendar", ""),
    Row("calendar", "", query="?year=2026&who=all"),
    Row("feed_list", ""),
    Row("feed_new", "", 405, 200),
    Row("feed_end", "", 405, 404, "nothing_number"),
    Row("feed", None, 404, 405, more={"secret": "nothing"}),
    Row("task_give", "duty.give", 200, 422),
    Row("occasion_note", "case.register", 200, 422),
    Row("occasion_close", "case.register", 200, 303, "occasion"),
    # --- settings ---
    Row("policies", "setting.edit"),
    Row("policy_compare", "setting.edit"),
    Row("policy_adopt", "setting.edit", 200, 422),
    Row("policy", "setting.edit", 200, (200, 422), more={"key": min(book().policies)}),
    Row("hours", "setting.edit"),
    Row("hours_edit", "setting.edit", 200, 422),
    Row("hours_day", "setting.edit", 200, 422),
    Row("hours_day_end", "setting.edit", 200, 303, "day"),
    Row("holiday_import", "setting.edit", 200, 422),
    Row("holiday_year", "setting.edit", more={"year": 2026}),
    Row("holiday_year", "setting.edit", 404, more={"year": 1066}),
    Row("holiday_day", "setting.edit", 200, 422, more={"year": 2027}),
    Row("holiday_back", "setting.edit", 200, 422, more={"year": 2026}),
    Row("answer_list", "case.answer"),
    Row("answer_new", "case.answer", 200, 422),
    Row("answer", "case.answer", 200, 422, "answer"),
    Row("case_phrases", "case.see", key="case"),
    Row("case_call", "case.see", 405, 200, "case"),
    Row("phrase_list", "setting.edit"),
    Row("phrase_new", "setting.edit", 200, 422),
    Row("phrase", "setting.edit", 200, 422, "phrase"),
    Row("category_list", "setting.edit"),
    Row("category_new", "setting.edit", 200, 422),
    Row("category", "setting.edit", 200, 422, more={"code": "leak"}),
    Row("mail", "setting.edit"),
    Row("mail_edit", "setting.edit", 200, 422),
    Row("mail_test", "setting.edit", 200, 422),
    Row("sms_edit", "setting.edit", 200, 422),
    Row("sms_test", "setting.edit", 200, 422),
    Row("wording", "setting.edit", 200, 422, more={"code": "duty.late"}),
    Row("wording_drop", "setting.edit", 200, (303, 422), more={"code": "duty.late"}),
    Row("letter_list", "setting.edit"),
    Row("letters_retry", "setting.edit", 405, 303),
    Row("fallback", "staff.manage", 200, (200, 422)),
    Row("staff_list", "staff.manage"),
    Row("staff_new", "staff.manage", 200, 422),
    Row("staff", "staff.manage", key="staff"),
    Row("staff_edit", "staff.manage", 200, 422, "staff"),
    Row("staff_password", "staff.manage", 200, (200, 303), "staff"),
    Row("staff_leave", "staff.manage", 200, 422, "staff"),
    Row("staff_hand_over", "staff.manage", 200, 422, "staff"),
    Row("absence_new", "staff.manage", 200, 422, "staff"),
    Row("absence_edit", "staff.manage", 200, 422, "absence"),
    Row("absence_end", "staff.manage", 200, 303, "absence"),
    Row("my_absences", ""),
    Row("my_absence_new", "", 200, 422),
    Row("my_absence_edit", "", 404, 404, "absence"),  # only ever one's own
    Row("my_absence_end", "", 404, 404, "absence"),
    Row("staff_return", "staff.manage", 200, (303, 422), "staff"),
    Row("staff_skills", "staff.manage", 200, 303, "staff"),
    Row("staff_areas", "staff.manage", 200, 303, "staff"),
    Row("staff_session_end", "staff.manage", 200, 303, "session"),
    Row("totp_ask", "staff.manage", 200, (303, 422), "staff"),
    Row("totp_approve", "staff.manage", 200, (303, 422), "reset"),
    Row("grant_new", "staff.manage", 200, 422, "staff"),
    Row("grant_end", "staff.manage", 200, 422, "grant"),
    Row("post_list", "staff.manage"),
    Row("post_new", "staff.manage", 200, 422),
    Row("post", "staff.manage", 200, 422, more={"code": "front_desk"}),
    Row("token_list", "staff.manage"),
    Row("token_new", "staff.manage", 200, 422),
    Row("token_end", "staff.manage", 200, 303, "token"),
    # --- the machine door, without a token ---
    Row("api_root", None, 404, 404),
    Row("api_nowhere", None, 404, 404, more={"rest": "x"}),
    Row("api:openapi-json", None, 200, 200),
]

EXPORTS = (
    "case_list", "order_list", "unit_list", "person_list", "kpi_rows", "staff_list", "post_list", "token_list",
    "category_list", "kpi_list", "answer_list", "audit_list", "phrase_list", "building_list", "space_list", "import_list", "notice_list",
    "letter_list", "duty_list", "payment_list", "meter_list", "material_list",
)  # fmt: skip
"""Lists that leave the house as CSV or Excel: only with ``data.export``, and on record."""

NO_EXPORT = ("feed_list",)
"""No list of the house's work: the keys to one's own calendar."""


@dataclass(frozen=True)
class Operation:
    """One operation of the API; ``{key}`` stands for the row of ``key``.

    ``body`` is sent as JSON, a picture in the field ``file`` of a form.
    """

    method: str
    path: str
    right: str
    own: Codes = 200
    key: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    file: str = ""

    @property
    def id(self) -> str:
        return f"{self.method} {self.path}"


SEE = "case.see|complaint.see"
OPERATIONS: list[Operation] = [
    Operation("post", "/cases", "case.register", 201, body={"kind": "inquiry", "category": "fee", "title": "问", "place": "东门"}),
    Operation("post", "/photos", "case.register", 201, file="photo"),
    Operation("get", "/cases", SEE),
    Operation("get", "/cases/{key}", SEE, key="case"),
    Operation("get", "/cases/{key}/timeline", SEE, key="case"),
    Operation("post", "/cases/{key}/moves/{move}", "case.register", key="case", body={"move": "urge"}),
    Operation("get", "/orders", "order.see"),
    Operation("get", "/orders/{key}", "order.see", key="order"),
    Operation("post", "/orders/{key}/moves/{move}", "order.dispatch", 422, key="order", body={"move": "assign"}),
    Operation("get", "/units", "estate.see"),
    Operation("get", "/units/{key}", "estate.see", key="unit"),
    Operation("get", "/persons", "estate.see"),
    Operation("get", "/categories", ""),
    Operation("get", "/spaces", "estate.see|case.register"),
    Operation("get", "/duties", SEE),
]  # fmt: skip
