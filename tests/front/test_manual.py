"""The manual: all rules with what carries each out, as a command and as a page."""

from __future__ import annotations

import json
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from shouwen.duties.actions import set_policy
from shouwen.duties.book.places import ClauseError
from shouwen.duties.book.rules import DATED, RULES, load_rules
from shouwen.duties.clauses import book, texts_of
from shouwen.duties.rulings import forget
from shouwen.front.manual.ties import exists, rules
from shouwen.site.management.commands.clauses import without_test
from tests.cast import Cast
from tests.duties.test_dated import SOURCES

MANUALS = {"A": 99, "B": 85, "C": 45, "D": 56, "E": 49}
"""How many rules each of the five manuals has."""


def told() -> list[dict[str, str]]:
    out = StringIO()
    call_command("clauses", "--json", stdout=out)
    found: list[dict[str, str]] = json.loads(out.getvalue())
    return found


def test_the_command_lists_every_rule_once_with_its_state_and_its_proof() -> None:
    found = told()
    assert len({one["source"] for one in found}) == len(found) == 334
    assert Counter(one["source"][0] for one in found) == MANUALS
    for one in found:
        assert one["zh"].endswith("。"), one
        assert one["en"].endswith((".", "?")), one
        assert one["en"] != one["zh"], one
        if one["state"] == "not_yet":
            assert (one["by"], one["test"]) == ([], ""), one
        else:
            assert one["by"], one
            assert one["test"].startswith("tests/"), one
            assert bool(one["missing"]) == (one["state"] == "partly"), one
    assert {one["state"] for one in found} == {"carried_out", "partly", "not_yet"}


def test_every_named_test_is_there() -> None:
    assert not list(without_test(rules().values(), settings.BASE_DIR))
    named = {
        rule.test.partition("[")[2].rstrip("]") for rule in rules().values() if f"/{DATED}[" in rule.test
    }
    assert named <= set(SOURCES)
    assert set(SOURCES) <= set(rules())


def test_a_rule_whose_test_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "tests" / "duties").mkdir(parents=True)
    (tmp_path / "tests" / "duties" / "test_dated.py").write_text("def test_another() -> None: ...\n")
    assert any(line.startswith("E-1.5.2 ") for line in without_test(rules().values(), tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("flow:case.promise", "flow:case.dream", "没有“flow:case.dream”"),
        ("register:task_give clause:task.done", "register:nowhere", "没有“register:nowhere”"),
        ("right:case.supervise", "right:king", "没有“right:king”"),
        ("report:timeliness", "report:luck", "没有“report:luck”"),
        ("report:timeliness", "luck:timeliness", "没有“luck:timeliness”"),
        ('kind = "workflow"', 'kind = "dance"', "要是已知的"),
        ('room = "works"', 'room = "cellar"', "要是已知的"),
        ("says = ", "sagt = ", "没有“sagt”这个写法"),
        (', test = "[A-0.8]"', "", "要写 test"),
        ('"A-1.2" = ', '"A-1.1" = ', "overwrite"),
        ('"A-1.2" = ', '"F-1.2" = ', "不是出处"),
        ('"A-5.2.2.1" = ', '"A-9.9" = ', "手册里没有“A-5.2.2.1”这一条"),
    ],
)
def test_a_fault_in_a_rule_is_refused_with_file_and_line(old: str, new: str, why: str) -> None:
    texts = texts_of(RULES)
    name = next(name for name, text in texts.items() if old in text)
    line = texts[name][: texts[name].index(old)].count("\n") + 1
    texts[name] = texts[name].replace(old, new, 1)
    with pytest.raises(ClauseError, match=why) as refused:
        load_rules(book(), exists, texts)
    if "手册里没有" not in why:
        assert (refused.value.file, refused.value.line) == (name, line)


# --- the page -----------------------------------------------------------------------------------------------------


def seen(client: Client, **question: str) -> list[str]:
    page = client.get(reverse("manual"), question).content.decode()
    return re.findall(r'<li id="([A-E]-[^"]+)">', page)


@pytest.fixture
def bob(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


@pytest.mark.django_db
def test_rules_are_found_by_words_by_initials_and_by_source(bob: Client) -> None:
    assert seen(bob, q="空置房 钥匙") == ["A-3.2.6", "A-5.3.1", "B-6.5"]
    assert "A-5.3.1" in seen(bob, q="kzfysyx")  # 空置房钥匙要先……
    assert seen(bob, q="e-1.5.2") == ["E-1.5.2"]
    assert seen(bob, q="《业户走访记录表》") == ["A-3.4.8", "A-5.4.2.1", "A-5.4.2.4", "A-5.4.2.6", "D-1.3.1"]
    assert "没有这样的条款" in bob.get(reverse("manual"), {"q": "飞碟"}).content.decode()


@pytest.mark.django_db
def test_filters_narrow_and_nonsense_filters_nothing(bob: Client) -> None:
    assert seen(bob, chapter="C-3") == ["C-3.0"]
    found = seen(bob, chapter="E", state="carried_out", kind="obligation")
    assert found
    assert all(
        rules()[source].state == "carried_out" and rules()[source].kind == "obligation" for source in found
    )
    assert seen(bob, room="assistant") == [r.source for r in rules().values() if r.room == "assistant"]
    assert seen(bob, state="glorious", page="+nowhere") == seen(bob)


@pytest.mark.django_db
def test_pages_show_every_rule_once_there_and_back(bob: Client) -> None:
    pages, mark = [seen(bob)], ""
    while len(pages[-1]) == 50:
        mark = f"+{pages[-1][-1]}"
        pages.append(seen(bob, page=mark))
    assert [source for page in pages for source in page] == list(rules())
    assert seen(bob, page=f"-{pages[2][0]}") == pages[1]


@pytest.mark.django_db
def test_a_dated_rule_shows_what_this_community_chose_and_leads_on(client: Client, cast: Cast) -> None:
    def page(who: str) -> str:
        client.force_login(getattr(cast, who))
        forget()
        return client.get(reverse("manual"), {"q": "E-1.5.2"}).content.decode()

    assert "（投诉）后，经办人在 3 天内完成" in page("bob")
    set_policy(cast.community.pk, "complaint.reply", "P2D", actor=cast.actor(cast.alice), reason="从严")
    assert "（投诉）后，经办人在 2 天内完成" in page("bob")
    assert "（投诉）后，经办人在 3 天内完成" in page("charlie")
    leads = (
        reverse("kpi", args=["complaint_reply"]),
        f"{reverse('compliance_duties')}?clause=complaint.reply",
        reverse("policy", args=["complaint.reply"]),
    )
    for url in leads:
        assert url not in page("bob"), "who may not open the page reads words only"
        assert url in page("alice")
        assert client.get(url, follow=True).status_code == 200


@pytest.mark.django_db
def test_it_prints_and_speaks_english(bob: Client) -> None:
    paper = bob.get(reverse("manual"), {"chapter": "E-1", "print": "1"}).content.decode()
    assert "《手册》" in paper
    assert paper.count("<tr>") == 1 + len([s for s in rules() if s.startswith("E-1.")])
    english = bob.get(
        reverse("manual"), {"q": "satisfied"}, headers={"accept-language": "en"}
    ).content.decode()
    assert "until the person is satisfied" in english
    assert "Carried out" in english


@pytest.mark.django_db
def test_a_fault_in_a_rule_is_said_on_the_page_with_file_and_line(
    bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty() -> None:
        raise ClauseError("e.toml", 7, "E-1.5.2：没有“flow:case.dream”")

    monkeypatch.setattr("shouwen.front.manual.ties.rules", faulty)
    said = bob.get(reverse("manual"))
    assert said.status_code == 422
    assert "e.toml:7" in said.content.decode()
