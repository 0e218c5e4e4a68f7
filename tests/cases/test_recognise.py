"""What a text is proposed to be: category, kind, urgency, and the words that say so; nothing when unsure."""

import pytest

from shouwen.cases.models import Category, Kind
from shouwen.cases.recognise import suggest


@pytest.fixture
def seeded(cast) -> list[Category]:
    """The categories that every house starts with, as the migration made them."""
    return list(Category.objects.exclude(code="idea"))


@pytest.mark.parametrize(
    ("text", "kind", "category"),
    [
        ("厨房下水道堵了，水都漫出来了", Kind.REPAIR, "drain"),
        ("楼上天天半夜打麻将，吵得睡不着，你们管不管", Kind.COMPLAINT, "noise"),
        ("请问物业费可以按季度交吗", Kind.INQUIRY, "fee"),
        ("建议在东门加装几盏路灯", Kind.SUGGESTION, "facility"),
        ("3-1-1201 業主來電，電梯按鍵失靈", Kind.REPAIR, "lift"),
    ],
)
def test_kind_and_category_are_proposed_with_evidence(seeded, text, kind, category):
    found = suggest(text, seeded)
    assert (found.kind, found.category.code) == (kind, category)
    assert found.evidence
    assert 0.6 <= found.confidence <= 1


@pytest.mark.parametrize("text", ["", "你好", "？？？", "13800001234", "就是那个事情", "😀😀"])
def test_nothing_is_proposed_when_unsure(seeded, text):
    assert suggest(text, seeded) is None


def test_danger_is_proposed_as_urgent_however_unsure_the_rest_is(seeded):
    found = suggest("救命！！", seeded)
    assert found.urgent
    assert found.danger == ("救命",)


def test_a_category_that_is_always_urgent_stays_so(seeded):
    found = suggest("卫生间顶上渗水，滴了一晚上", seeded)
    assert (found.category.code, found.urgent, found.danger) == ("leak", True, ())
    assert not suggest("楼道灯不亮了", seeded).urgent


def test_only_what_is_in_use_is_proposed(seeded):
    Category.objects.filter(code="drain").update(active=False)
    found = suggest("马桶堵了，冲不下去")
    assert found is None or found.category.code != "drain"
    assert suggest("马桶堵了", [c for c in seeded if c.kind == Kind.INQUIRY]) is None


def test_the_house_s_own_category_is_heard_by_its_own_words(seeded):
    pool = Category.objects.create(code="pool", name="游泳池", kind=Kind.REPAIR, words="泳池 救生圈")
    found = suggest("泳池的救生圈破了两个", [*seeded, pool])
    assert found.category == pool
    assert set(found.evidence[:2]) == {"泳池", "救生圈"}
    assert suggest("楼道灯不亮了", [*seeded, pool]).category.code == "lamp"


def test_a_word_given_to_a_known_category_counts(seeded):
    text = "三期的小红帽停摆了"
    assert suggest(text, seeded) is None
    lift = next(c for c in seeded if c.code == "lift")
    lift.words += " 小红帽"
    assert suggest(text, seeded).category == lift
