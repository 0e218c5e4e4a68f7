"""Three telephones and two desks take twenty matters from the first word to satisfied, over lines that are cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from shouwen.cases.models import Case
from shouwen.kernel.models import Entry
from shouwen.people.models import Skill, Staff, Trade
from shouwen.portal.doors import COOKIE, ROOT
from shouwen.works.models import Order, State
from tests.browser.line import Line, product_line
from tests.browser.steps import after, arrive, before, crowd, finish, press
from tests.browser.telephone import TELEPHONE, Signal, Telephone
from tests.browser.test_board import opened
from tests.cast import Cast, make_owner, make_person, make_staff, make_unit
from tests.house.world import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]
__all__ = ["crowd"]
MINE, HOMES, REPORTED = "/orders/mine", 14, 6
LIFE = Counter(
    {
        "case:registered": 1, "order:dispatched": 1, "order:accepted": 1, "order:arrived": 1, "case:photographed": 2,
        "order:finished": 1, "follow_up:tried": 1, "case:satisfied": 1,
    }
)  # fmt: skip


@pytest.fixture
def line(crowd: Cast) -> Iterator[Line]:
    with product_line() as line:
        yield line


class Field:
    """A technician with a telephone behind a signal of its own."""

    def __init__(self, staff: Staff, telephone: Telephone, signal: Signal) -> None:
        self.staff, self.telephone, self.signal = staff, telephone, signal
        telephone.sign_in(staff)

    def orders(self) -> list[Order]:
        return list(Order.objects.filter(technician=self.staff).order_by("id"))

    def accepts(self) -> None:
        """Everything that was assigned, on a good line; then every page is kept."""
        for order in self.orders():
            self.telephone.go(reverse("order", args=[order.pk]))
            self.telephone.page.locator(".stand:visible").get_by_role("button", name="接单").click()
            taken = Order.objects.filter(pk=order.pk, state=State.ACCEPTED)
            self.telephone.until(taken.exists, "the acceptance")
        self.telephone.empty()
        self.telephone.go(MINE)
        self.telephone.ready()

    def works(self) -> None:
        """In the cellar: arrives, takes a picture, finishes with a signature, one order after the other."""
        for order in self.orders():
            self.telephone.go(reverse("order", args=[order.pk]))
            for step in (arrive, before, after, finish):
                waiting = len(self.telephone.pocket())
                step(self.telephone.page)
                self.telephone.until(lambda was=waiting: len(self.telephone.pocket()) > was, step.__name__)


def reports(page: Any, url: str, number: int) -> None:
    """Three presses of a resident."""
    page.goto(f"{url}/my/")
    page.fill("#report-text", f"厨房水管漏水 {number}")
    page.locator(".report .big").click()
    page.locator(".check .big").click()
    page.locator(".said").wait_for()


def takes_down(page: Any, url: str, person: Any, number: int) -> None:
    """The desk writes down what a household says."""
    home = person.occupancies.get().unit
    page.goto(f"{url}{reverse('intake')}?kind=repair&unit={home.pk}&person={person.pk}")
    page.locator("#id_category").select_option("leak")
    page.locator("#id_title").fill(f"卫生间漏水 {number}")
    page.locator(".intake-form .btn.primary").click()
    page.locator(".toast", has_text="你是首问责任人").wait_for()


def sends(page: Any, url: str, case: Case, technician: Staff) -> None:
    page.goto(f"{url}{reverse('desk', args=['pool'])}?case={case.pk}")
    press(page, "D")
    page.locator("#act").get_by_label(technician.name).check()
    press(page, "Control+Enter")
    page.locator(".toast", has_text=f"已派给{technician.name}").wait_for()


def asks(page: Any, url: str, case: Case) -> None:
    """The first responder calls back; the household is satisfied."""
    page.goto(f"{url}{reverse('desk', args=['done'])}?case={case.pk}")
    press(page, "F")
    act = page.locator("#act")
    act.get_by_label("接通").check()
    act.get_by_label("满意，关闭", exact=True).check()
    act.locator("[name=words]").fill("修好了")
    press(page, "Control+Enter")
    page.locator(".toast", has_text="住户满意，已关闭").wait_for()


def households(crowd: Cast) -> list[Any]:
    people = []
    for n in range(HOMES):
        person = make_person(crowd.community, f"住户{n}", f"1390000{2000 + n}")
        make_owner(make_unit(crowd.community, f"3-1-{(n // 4 + 1):d}{n % 4 + 1:02d}"), person)
        people.append(person)
    return people


def test_twenty_matters_from_the_first_word_to_satisfied(
    crowd: Cast, line: Line, chromium: Any, tmp_path: Path
) -> None:
    li = make_staff("li", "李师傅", "engineering", crowd.community)
    Skill.objects.create(staff=li, trade=Trade.PLUMBING)
    with ExitStack() as over:
        field = []
        for staff in (crowd.wen, li):
            signal = Signal(line.url)
            over.callback(signal.close)
            telephone = Telephone(
                chromium.browser_type, tmp_path / staff.username, f"http://localhost:{signal.port}"
            )
            over.callback(telephone.kill)
            field.append(Field(staff, telephone, signal))
        desks = {staff: opened(chromium, line.url, staff) for staff in (crowd.bob, crowd.alice)}
        for page in desks.values():
            over.callback(page.context.close)
        _row, secret = sign_in(crowd.unit, crowd.mei)
        home = chromium.new_context(viewport=TELEPHONE, locale="zh-CN")
        over.callback(home.close)
        home.add_cookies([{"name": COOKIE, "value": secret, "url": line.url + ROOT}])
        resident = home.new_page()

        desks[crowd.bob].goto(f"{line.url}{reverse('desk', args=['pool'])}")
        for n in range(REPORTED):
            reports(resident, line.url, n)
        last = Case.objects.latest("id")
        resident.evaluate("window.stayed = true")
        desks[crowd.bob].locator(f"#row-{last.pk}").wait_for()
        line.cut()
        for n, person in enumerate(households(crowd)):
            takes_down(desks[(crowd.bob, crowd.alice)[n % 2]], line.url, person, n)
        cases = list(Case.objects.order_by("id"))
        assert len(cases) == HOMES + REPORTED
        line.mend()
        for n, case in enumerate(cases):
            sends(desks[(crowd.alice, crowd.bob)[n % 2]], line.url, case, (crowd.wen, li)[n % 2])
        resident.locator(f"#matter-{last.pk} .steps .current", has_text="已派人").wait_for(timeout=10_000)
        assert resident.evaluate("window.stayed"), "the household's page moved by itself"
        for one in field:
            one.accepts()
            one.signal.cut()
            one.works()
        assert not Order.objects.filter(finished_at__isnull=False).exists(), "nothing came through yet"
        field[0].telephone.restart(MINE)
        for one in field:
            one.signal.mend()
            one.telephone.go(MINE)
            one.telephone.empty()
        assert not Order.objects.exclude(state=State.CLOSED).exists()
        for case in cases:
            asks(desks[case.first_responder], line.url, case)
        for case in cases:
            lived = Counter(Entry.objects.filter(matter_id=case.pk).values_list("verb", flat=True))
            assert {verb: lived[verb] for verb in LIFE} == LIFE, case.title
        assert set(Case.objects.values_list("state", "satisfied")) == {("satisfied", True)}
        resident.goto(f"{line.url}/my/matters/")
        assert resident.get_by_text("厨房水管漏水").count() == REPORTED
