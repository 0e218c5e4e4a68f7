"""The manual: all rules with what carries each out, as a command and as a page."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from shouwen.duties.book.places import ClauseError
from shouwen.duties.book.rules import DATED, RULES, load_rules
from shouwen.duties.clauses import book, texts_of
from shouwen.front.manual.ties import exists, rules
from shouwen.site.management.commands.clauses import without_test
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
