"""Every page of the staff door in a real browser: it opens, axe has nothing to say, no content is blocked, no error is logged."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from shouwen.cases import actions as cases
from shouwen.cases.intake import Intake, register
from shouwen.duties.sweep import sweep
from shouwen.estate.models import ImportRun
from shouwen.kernel import clock
from shouwen.kernel.deliveries import deliver
from shouwen.notices.models import Notice
from shouwen.people.models import Post, SignIn, Staff
from shouwen.people.rights import RIGHTS
from shouwen.people.viewers import StaffActor
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.browser.steps import press
from tests.browser.telephone import TELEPHONE
from tests.browser.test_board import opened
from tests.cast import make_staff
from tests.house.addresses import Address, addresses
from tests.house.world import World, build

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")

PAGES: dict[str, str] = {
    "desk": "code=received", "case_list": "", "rating_link": "key=case", "intake": "", "case": "key=case", "case_move": "key=case name=note",
    "order_move": "key=order name=assign", "search": "", "notice_list": "", "order_list": "", "board": "", "my_orders": "",
    "order": "key=order", "unit_list": "", "unit_new": "", "unit": "key=unit", "unit_edit": "key=unit", "unit_split": "key=unit",
    "unit_merge": "key=unit", "chronicle_new": "key=unit", "move_in": "key=unit", "community_edit": "", "community_new": "",
    "building_list": "", "building_new": "", "building": "key=building", "building_edit": "key=building", "space_list": "", "space_new": "",
    "space_edit": "key=space", "person_list": "", "person_new": "", "person": "key=person", "person_edit": "key=person",
    "person_merge": "key=person", "contact_new": "key=person", "identity_reveal": "key=person", "phone_reveal": "key=contact",
    "contact_edit": "key=contact", "contact_remove": "key=contact",
    "contact_confirm": "key=contact", "home_door": "key=unit", "vehicle_remove": "key=vehicle",
    "occupancy_edit": "key=occupancy", "move_out": "key=occupancy", "vehicle_new": "", "vehicle_edit": "key=vehicle",
    "payment_list": "", "meter_list": "", "material_list": "",
    "import_list": "", "import_new": "", "import_run": "key=run", "overview": "", "kpi_list": "", "kpi": "code=timeliness",
    "kpi_rows": "code=timeliness", "compliance": "", "compliance_duties": "", "compliance_communities": "", "compliance_sheet": "",
    "duty_list": "", "manual": "", "duty": "key=duty", "duty_sign": "key=duty",
    "audit_list": "", "audit_new": "", "audit": "key=audit", "audit_finding": "key=audit duty=sampled",
    "duty_excuse": "key=duty", "duty_hand": "key=duty", "duty_begin": "", "task_give": "", "occasion_note": "",
    "calendar": "", "feed_list": "", "absence_new": "key=staff", "absence_edit": "key=absence", "absence_end": "key=absence",
    "my_absences": "", "my_absence_new": "",
    "occasion_close": "key=occasion", "policies": "", "policy": "key=policy", "policy_compare": "", "policy_adopt": "",
    "settings": "", "fallback": "", "staff_list": "",
    "staff_new": "", "staff": "key=staff", "staff_edit": "key=staff", "staff_password": "key=staff", "staff_leave": "key=staff",
    "staff_hand_over": "key=staff",
    "staff_return": "key=gone", "totp_ask": "key=staff", "grant_new": "key=staff", "staff_skills": "key=staff",
    "staff_areas": "key=staff", "grant_end": "key=grant", "staff_session_end": "key=session", "totp_approve": "key=reset",
    "post_list": "", "post_new": "", "post": "code=front_desk", "token_list": "", "token_new": "", "token_end": "key=token",
    "hours": "", "hours_edit": "", "hours_day": "", "hours_day_end": "key=day", "holiday_import": "",
    "holiday_year": "year=2026", "holiday_day": "year=2026", "holiday_back": "year=2026", "category_list": "", "category_new": "",
    "category": "code=leak", "change_password": "", "sessions": "", "mail": "", "mail_edit": "", "mail_test": "", "wording": "code=duty.late",
    "wording_drop": "code=duty.late", "letter_list": "", "notice_ways": "", "sms_edit": "", "sms_test": "",
    "answer_list": "", "answer_new": "", "answer": "key=answer", "phrase_list": "", "phrase_new": "", "phrase": "key=phrase",
}  # fmt: skip
"""Each page with what its address needs: a key of the world, or the word itself."""
NOT_PAGES: dict[str, str] = {
    "my_absence_edit": "as absence_edit, of one's own", "my_absence_end": "as absence_end, of one's own",
    "healthz": "for machines", "readyz": "for machines", "set_language": "a press", "home": "leads on", "switch": "leads on",
    "events_grant": "for the gate", "live_rail": "a part", "photo": "a picture", "save_view": "a press", "notices_read": "a press",
    "notice": "leads on", "board_assign": "a press", "order_sheets": "a PDF", "order_sheet": "a PDF", "order_photos": "a press",
    "order_call": "a press", "pocket": "for a telephone's script", "app_manifest": "for a telephone",
    "app_worker": "for a telephone", "order_signature": "a picture", "without_line": "without a line, in test_offline",
    "import_template": "a workbook",
    "import_problems": "a workbook", "sign_out": "a press", "session_end": "a press", "sign_in": "without signing in, below",
    "feed_new": "a press", "feed_end": "a press", "feed": "for a telephone",
    "letters_retry": "a press", "home_slip": "a press", "home_slip_void": "a press", "home_sign_in_end": "a press",
    "totp": "in the middle of signing in, below", "drop_view": "a press", "case_bulk": "a press",
    "case_phrases": "a part", "case_call": "a press", "draft": "for the script", "order_bulk": "a press",
}  # fmt: skip
VARIANTS = (
    ("desk", "?case={case}"), ("intake", "?unit={unit}&person={person}"), ("intake", "?q=mrl"), ("search", "?q=3-1"),
    ("case_list", "?kind=repair"), ("board", "?by=state"), ("board", "?by=trade"), ("overview", "?days=7"),
    ("compliance", "?clause=case.answer&at=9999-12-31"), ("compliance", "?period=day"),
    ("calendar", "?year=2026"),
)  # fmt: skip
"""The same pages as they look with something in them."""
TEN = ("desk", "case", "case_list", "intake", "board", "order", "overview", "unit", "duty_list", "settings")
"""Looked at in every theme, by who sees all of them."""
THEMES = ("dark", "contrast")
"""Beside the light one, in which everything is looked at."""

BEYOND = {
    ("technician", "case_move"), ("technician", "order_move"), ("technician", "order"), ("technician", "settings"),
    ("front desk", "settings"),
}  # fmt: skip
"""Open to all, but not on a row that is none of theirs."""

WATCH = """
window.blocked = [];
addEventListener("securitypolicyviolation", (e) => blocked.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`));
"""
LOOK = """async (levels) => {
  const found = await axe.run(document, {runOnly: levels, resultTypes: ["violations"], preload: false});
  const said = (v) => `${v.id}: ${v.nodes.length} × ${v.nodes[0].target.join(" ")} ${v.nodes[0].failureSummary}`;
  return found.violations.map(said);
}"""
# On a telephone: no page is wider than the glass; a cell says what it is, by the head of its column, by being the row's
# name or title, or by chip and icon; and no line can begin with the mark between two particulars.
WIDE = {"width": 1440, "height": 900}
NARROW = """() => {
  const wrong = [], wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) wrong.push(`${wide} px too wide`);
  const cells = [...document.querySelectorAll(".table-wrap > .table > tbody > tr > td:not(.tick, .press)")];
  for (const cell of cells.filter((one) => one.checkVisibility() && one.textContent.trim())) {
    const first = cell.matches(":first-child, .tick + td");
    const before = getComputedStyle(cell, "::before").content;
    if (!first && before === "none" && !cell.querySelector("a, b, .icon, .mark, .tag, .clock")) wrong.push(`bare: ${cell.outerHTML}`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    if (parentElement.checkVisibility() && /(?<!\\u00a0)[•·]\\s/.test(data)) wrong.push(`may begin a line: ${data.trim()}`);
  }
  return wrong;
}"""
SHAPE = """() => document.querySelector("main").innerHTML.replace(/value="[^"]*"|[0-9a-f-]{8,}|\\d+/g, "")"""


def staff_doors() -> dict[str, Address]:
    return {a.name: a for a in addresses() if not a.space and a.name and not a.name.startswith("api_")}


def world() -> World:
    """One row of everything, a case in each state, and what the duties made of them."""
    made = build()
    cast, bob, wen = made.cast, made.cast.actor(made.cast.bob), made.cast.actor(made.cast.wen)
    for kind, category in (
        ("inquiry", "fee"),
        ("complaint", "noise"),
        ("repair", "lamp"),
        ("repair", "door"),
    ):
        asked = Intake(
            cast.community.pk,
            kind,
            category,
            f"{category} 一件",
            unit_id=cast.unit.pk,
            urgent=kind == "repair",
        )
        made.keys[category] = register(asked, actor=bob).pk
    cases.answer(made.keys["fee"], actor=bob, words="按建筑面积")
    order = Order.objects.get(case_id=made.keys["lamp"])
    works.assign(order.pk, actor=bob, technician_id=cast.wen.pk)
    works.accept(order.pk, actor=wen)
    deliver()
    with clock.standing_at(clock.now() + timedelta(days=2)):
        sweep()
    gone = make_staff("gone", "已离职", "front_desk", cast.community)
    Staff.objects.filter(pk=gone.pk).update(is_active=False)
    run = ImportRun.objects.create(
        community=cast.community, source="units", name="房屋.xlsx", state="checked", counts={"unit": {"added": 3}},
        created_at=clock.now(), ended_at=clock.now(),
    )  # fmt: skip
    Notice.objects.create(
        community=cast.community, staff=cast.wen, code="order.offered", at=clock.now(), data={}
    )
    from shouwen.duties.clauses import book

    made.keys |= {"gone": gone.pk, "run": run.pk, "policy": next(iter(book().policies))}
    return made


def visitor(made: World, who: str) -> Staff:
    """Wen, Bob, or a supervisor who holds every right there is."""
    if who != "supervisor":
        return {"front desk": made.cast.bob, "technician": made.cast.wen}[who]
    Post.objects.create(code="head", name="主管", rights=sorted(RIGHTS), sort=999)
    staff = make_staff("head", "易主管", "head", made.cast.community)
    SignIn.objects.create(staff=staff, session_key="s" * 32, at=clock.now())
    return staff


def address(made: World, name: str) -> str:
    pairs = dict(word.split("=") for word in PAGES[name].split())
    return reverse(name, kwargs={k: made.keys.get(v, v) for k, v in pairs.items()})


def pages_of(staff: Staff) -> list[str]:
    """The pages that this visitor holds the right for."""
    held = set().union(*StaffActor.of(staff).rights.values())
    doors = staff_doors()
    asked = {name: {*getattr(doors[name].view, "right", "").split("|")} for name in PAGES}
    return [name for name, rights in asked.items() if rights == {""} or rights & held]


class Walk:
    """A browser page that remembers all that went wrong, with its address."""

    def __init__(self, page: Any, root: str, seen: set[str]) -> None:
        self.page, self.root, self.seen = page, root, seen
        self.wrong: list[str] = []
        self.at = ""
        page.context.add_init_script(WATCH)
        page.context.add_init_script(path=AXE)
        page.emulate_media(reduced_motion="reduce")  # a colour on its way is no colour
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.wrong.append(f"{self.at} script: {error}"))

    def hear(self, message: Any) -> None:
        """Errors only, not the status of the page itself; the stream of events is the gate's, who is not here."""
        quiet = (
            urlsplit(message.location["url"]).path in ("/events", "/events/here")
            or message.location["url"] == self.page.url
        )
        if message.type == "error" and not (quiet and "Failed to load" in message.text):
            self.wrong.append(f"{self.at} console: {message.text}")

    def look(self, url: str, mode: str = "", status: int = 200) -> None:
        """Open a page and inspect it."""
        self.at = f"{mode} {url}"
        answer = self.page.goto(self.root + url, wait_until="load")
        if answer.status != status:
            self.wrong.append(f"{self.at} status {answer.status}")
        else:
            self.inspect(mode)

    def inspect(self, mode: str = "") -> None:
        """What stands on the page now. What was drawn before is not given to axe again."""
        shape = mode + self.page.evaluate(SHAPE)
        if shape not in self.seen:
            self.seen.add(shape)
            self.wrong += [f"{self.at} axe: {one}" for one in self.page.evaluate(LOOK, LEVELS)]
        self.wrong += [f"{self.at} blocked: {one}" for one in self.page.evaluate("window.blocked")]

    def fold(self) -> None:
        """The same page on a telephone."""
        self.page.set_viewport_size(TELEPHONE)
        self.wrong += [f"{self.at} 390: {one}" for one in self.page.evaluate(NARROW)]
        self.page.set_viewport_size(WIDE)


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """What the main parts of the pages looked like that were checked already."""
    if not AXE.exists():
        pytest.skip("没有安装 axe-core / no axe-core: npm ci")
    return set()


def test_every_address_is_a_page_here_or_says_why_not() -> None:
    named = set(staff_doors())
    assert named == set(PAGES) | set(NOT_PAGES)
    assert not set(PAGES) & set(NOT_PAGES)


@pytest.mark.parametrize("who", ["supervisor", "front desk", "technician"])
def test_every_page_opens_clean(
    who: str, transactional_db: None, live_server: Any, chromium: Any, seen: set[str]
) -> None:
    made = world()
    staff = visitor(made, who)
    walk = Walk(opened(chromium, live_server.url, staff), live_server.url, seen)
    mine = pages_of(staff)
    assert len(mine) >= {"supervisor": len(PAGES), "front desk": 25, "technician": 5}[who]
    for name in mine:
        if (who, name) not in BEYOND:
            walk.look(address(made, name))
            if who == "supervisor" and (name.endswith("_list") or name in TEN):
                walk.fold()
    for name, query in VARIANTS:
        if name in mine and (who, name) not in BEYOND:
            walk.look(address(made, name) + query.format(**made.keys))
    for theme in THEMES if who == "supervisor" else ():
        walk.page.context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
        for name in TEN:
            walk.look(address(made, name), mode=theme)
    walk.page.context.close()
    assert not walk.wrong, "\n".join(walk.wrong)


def test_pages_before_signing_in(
    transactional_db: None, live_server: Any, chromium: Any, seen: set[str]
) -> None:
    walk = Walk(chromium.new_context(locale="zh-CN").new_page(), live_server.url, seen)
    walk.look(reverse("sign_in"))
    walk.page.context.close()
    assert not walk.wrong, "\n".join(walk.wrong)


def test_what_opens_on_a_page_is_clean(
    transactional_db: None, live_server: Any, chromium: Any, seen: set[str]
) -> None:
    """The form of a move, the list of keys, the why of a clock, a menu, errors on a form, a page not found."""
    made = world()
    page = opened(chromium, live_server.url, made.cast.bob)
    walk = Walk(page, live_server.url, set())
    walk.look(reverse("totp"))
    walk.look("/nowhere/", status=404)
    walk.look(f"{reverse('desk', args=['pool'])}?case={made.keys['case']}")
    press(page, "D")
    page.locator("#act form").wait_for()
    walk.at = "form of a move"
    walk.inspect("act")
    press(page, "Escape")
    press(page, "?")
    page.locator("#keys").wait_for()
    walk.at = "list of keys"
    walk.inspect("keys")
    press(page, "Escape")
    page.locator(".bar .right details.menu > summary").click()
    page.locator(".bar .right details.menu[open]").wait_for()
    walk.at = "menu"
    walk.inspect("menu")
    press(page, "Escape")
    page.locator("[data-hover]").first.hover()
    page.locator(".pop:popover-open").wait_for()
    walk.at = "why"
    walk.inspect("why")
    walk.look(f"{reverse('intake')}?unit={made.keys['unit']}")
    page.locator(".intake-form .btn.primary").click()
    page.locator("[aria-invalid=true]").first.wait_for()
    walk.at = "errors of a form"
    walk.inspect("errors")
    page.set_viewport_size(TELEPHONE)
    for name in ("desk", "board", "intake"):
        walk.look(address(made, name), mode="390")
    page.context.close()
    assert not walk.wrong, "\n".join(walk.wrong)


def test_the_watch_sees_what_is_wrong(
    transactional_db: None, live_server: Any, chromium: Any, seen: set[str]
) -> None:
    """A page with a field without a name, a picture from elsewhere and a script in the page is not clean."""
    walk = Walk(chromium.new_context(locale="zh-CN").new_page(), live_server.url, set())
    bad = '<main><input><script>1</script><img alt="" src="http://elsewhere.invalid/x.png"></main></body>'

    def spoil(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</body>", bad).replace("<main", "<div", 1))

    walk.page.route("**/sign-in/", spoil)
    walk.look(reverse("sign_in"))
    walk.page.context.close()
    said = "\n".join(walk.wrong)
    assert "axe: label" in said
    assert "script-src" in said
    assert "img-src" in said
