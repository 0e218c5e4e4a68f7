"""《派工单》 on paper."""

from __future__ import annotations

import pytest

from shouwen.works import actions as works
from shouwen.works.models import Order
from shouwen.works.sheet import RELATED, _sheet, _words, compile_pdf, number_of, printed
from tests.cast import PHONE, Cast
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


def sent(cast: Cast, **changes: object) -> Order:
    order = leak(cast, **({"person_id": cast.mei.pk, "words": "昨晚开始滴水，怕漏电。"} | changes))
    works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    return Order.objects.select_related(*RELATED).get(pk=order.pk)


def test_a_sheet_is_a_pdf_of_one_page(cast: Cast) -> None:
    pdf = printed([sent(cast)], cast.actor(cast.bob))
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page ") <= 1


def test_it_says_what_the_workshop_needs(cast: Cast) -> None:
    order = sent(cast)
    said = _sheet(order, cast.actor(cast.bob))
    facts = dict(said["facts"])
    assert said["company"] == "安居物业"
    assert said["number"] == number_of(order) == f"{order.case.number}-1"
    assert facts["地点"] == "3-1-1201"
    assert facts["报修人"] == "梅若兰"
    assert facts["首问责任人"] == "鲍勃"
    assert facts["维修人"] == "文师傅"
    assert said["content"] == "天花渗水\n昨晚开始滴水，怕漏电。"
    assert said["signatures"][-1] == "住户确认"


def test_the_telephone_is_masked_on_paper_and_the_name_for_who_sees_no_estate(cast: Cast) -> None:
    facts = dict(_sheet(sent(cast), cast.actor(cast.wen))["facts"])
    assert facts["报修人"] == "梅**"
    assert PHONE not in str(facts)
    assert facts["电话"].endswith(PHONE[-4:])


def test_public_work_is_signed_by_whoever_inspects_it(cast: Cast) -> None:
    order = sent(cast, unit_id=None, space_id=cast.space.pk, person_id=None)
    assert _sheet(order, cast.actor(cast.bob))["signatures"][-1] == "验收人"


@pytest.mark.parametrize(
    "words", ['#panic("x")', "]]}} $x$ *a* _b_ \\ ` #import", "漏水" * 2000, "🚿\u202eabc\x07", "a\n\n\n= b"]
)
def test_what_residents_write_never_becomes_code(cast: Cast, words: str) -> None:
    one = _sheet(sent(cast), cast.actor(cast.bob)) | {"content": words}
    assert compile_pdf({"sheets": [one, one], "words": _words()}).startswith(b"%PDF-")
