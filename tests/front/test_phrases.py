"""Common sentences: kept by right, filled for a case on the server, offered to whoever may see the case."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases.phrases.actions import add_phrase, edit_phrase
from shouwen.cases.phrases.models import Phrase
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.works import actions as works
from tests.cases.test_actions import take
from tests.cast import Cast
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db
ALL = "{称呼}，{维修人}师傅 {时间} 到 {房号}，单号 {单号}。"


@pytest.fixture
def phrase(cast: Cast) -> Phrase:
    return add_phrase(cast.community.pk, actor=cast.actor(cast.alice), name="约上门", words=ALL)


def offered(client: Client, case: object) -> dict[str, tuple[str, str]]:
    found = client.get(reverse("case_phrases", args=[case.pk])).context["phrases"]  # type: ignore[attr-defined]
    return {name: (words, find) for name, words, find in found}


def test_every_gap_is_filled_from_the_case(cast: Cast, phrase: Phrase, client: Client) -> None:
    cast.mei.gender = "f"
    cast.mei.save()
    order = leak(cast, person_id=cast.mei.pk)
    works.claim(order.pk, actor=cast.actor(cast.wen))
    client.force_login(cast.bob)
    words, find = offered(client, order.case)["约上门"]
    assert words.startswith(f"梅女士，{cast.wen.name}师傅 ")
    assert words.endswith(f" 到 3-1-1201，单号 {order.case.number}。")
    assert "[" not in words
    assert find == "约上门 ysm"


def test_a_gap_that_nothing_is_known_for_stays_for_the_writer(
    cast: Cast, phrase: Phrase, client: Client
) -> None:
    case = leak(cast, asker="梅先生的邻居").case
    client.force_login(cast.bob)
    words = offered(client, case)["约上门"][0]
    assert words.startswith("梅先生的邻居，[维修人]师傅 ")


def test_only_those_in_use_of_the_same_community_are_offered(
    cast: Cast, phrase: Phrase, client: Client
) -> None:
    case = take(cast, cast.bob)
    add_phrase(cast.other.pk, actor=cast.actor(cast.charlie), name="别处的", words="x")
    client.force_login(cast.bob)
    assert set(offered(client, case)) == {"约上门"}
    edit_phrase(phrase.pk, actor=cast.actor(cast.alice), name="约上门", words=ALL, active=False)
    assert not offered(client, case)
    client.force_login(cast.charlie)
    assert client.get(reverse("case_phrases", args=[case.pk])).status_code == 404


def test_who_edits_settings_writes_them_and_it_is_on_record(cast: Cast, phrase: Phrase) -> None:
    alice = cast.actor(cast.alice)
    with pytest.raises(NotAllowed):
        add_phrase(cast.community.pk, actor=cast.actor(cast.bob), name="x", words="x")
    with pytest.raises(NotFound):
        edit_phrase(phrase.pk, actor=cast.actor(cast.charlie), name="x", words="x")
    with pytest.raises(Refused, match=r"没有“\{电话\}”这一项"):
        edit_phrase(phrase.pk, actor=alice, name="约上门", words="打 {电话}")
    with pytest.raises(Refused, match="已有叫这个名称的常用语"):
        add_phrase(cast.community.pk, actor=alice, name="约上门", words="x")
    edit_phrase(phrase.pk, actor=alice, name="约时间", words=ALL)
    facts = Entry.objects.filter(subject_kind="phrase").order_by("id")
    assert [(e.verb, e.data.get("fields")) for e in facts] == [
        ("phrase:added", None),
        ("phrase:changed", "name"),
    ]


def test_the_page_of_settings_keeps_what_was_typed(cast: Cast, alice: Client) -> None:
    answer = alice.post(reverse("phrase_new"), {"name": "等配件", "words": "到货就装，{师傅}会去"})
    assert answer.status_code == 422
    assert "没有“{师傅}”这一项" in answer.content.decode()
    assert answer.context["form"]["words"].value() == "到货就装，{师傅}会去"
    alice.post(reverse("phrase_new"), {"name": "等配件", "words": "到货就装"})
    assert "等配件" in alice.get(reverse("phrase_list")).content.decode()


def test_the_words_of_a_move_and_of_a_note_know_where_to_ask(cast: Cast, client: Client) -> None:
    case = take(cast, cast.bob)
    client.force_login(cast.bob)
    url = f'data-phrases="{reverse("case_phrases", args=[case.pk])}"'
    for page in (reverse("case", args=[case.pk]), reverse("case_move", args=[case.pk, "answer"])):
        assert url in client.get(page).content.decode()
