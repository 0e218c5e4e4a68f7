"""The clauses of the house load, say what they mean, and a clause that could raise is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from shouwen.duties import words
from shouwen.duties.clauses import FOLDER, book, compile_book
from shouwen.duties.grammar import ClauseError
from shouwen.duties.words import sentence
from shouwen.people.rights import POSTS

BOOK = """
[matter.case]
opens = "case:registered"
[facts]
"case:registered" = "登记"
"case:replied" = "答复投诉人"
"order:paused" = "停表"
"order:resumed" = "继续"
"""
GOOD = """
matter = "case"
[[policy]]
key = "complaint.reply"
title = "投诉答复"
source = "E-1.5.2"
preset = "P3D"
[[clause]]
code = "complaint.reply"
source = "E-1.5.2"
title = "投诉答复"
owner = "handler"
version = 1
after = "case:registered"
where = { kind = "complaint" }
within = "@complaint.reply"
clock = "calendar"
until = "case:replied"
"""


def compiled(clause: str, head: str = BOOK):
    return compile_book({"book.toml": head, "x.toml": clause})


def test_a_good_clause_loads() -> None:
    made = compiled(GOOD)
    assert made.clauses["complaint.reply"].rungs == (80, 100, 150)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('until = "case:replied"', 'until = "case:repliied"', "no room declares"),
        ('after = "case:registered"', "after = 7", "no room declares"),
        ('where = { kind = "complaint" }', 'where = { colour = "red" }', "does not declare"),
        ('where = { kind = "complaint" }', "where = { kind = 1.5 }", "where compares"),
        ('where = { kind = "complaint" }', 'where = "complaint"', "where is a table"),
        ('preset = "P3D"', "", "text is missing"),
        ('preset = "P3D"', 'preset = "3 days"', "时长"),
        ('preset = "P3D"', 'preset = "-P3D"', "past"),
        ('within = "@complaint.reply"', 'within = "@nobody.knows"', "no preset"),
        ('within = "@complaint.reply"', 'within = "@complaint.reply.{colour}"', "does not declare"),
        ('within = "@complaint.reply"', 'within = "soon"', "时长"),
        ('within = "@complaint.reply"', "", "lacks"),
        ('clock = "calendar"', 'clock = "lunar"', "clock"),
        ('clock = "calendar"', 'every = "day"', "not yet"),
        ('clock = "calendar"', 'share = "20%"', "not yet"),
        ('clock = "calendar"', 'colour = "red"', "unknown keys"),
        ('clock = "calendar"', 'pause = [["order:paused"]]', "pairs"),
        ('clock = "calendar"', 'ladder = ["150%", "100%"]', "rising"),
        ('clock = "calendar"', 'warn = "120%"', "rising"),
        ('clock = "calendar"', 'void = "case:cancelled"', "no words"),
        ('owner = "handler"', 'owner = "7"', "neither"),
        ("version = 1", 'version = "1"', "version"),
        ("version = 1", "version = 99999", "version"),
        ('matter = "case"', 'matter = "dream"', "no matter"),
        ('code = "complaint.reply"', 'code = "Complaint Reply!"', "a code like"),
        ("[[clause]]", "[[clauses]]", "unknown keys"),
        ("[[clause]]", "[[clause]", "x.toml"),
    ],
)
def test_a_clause_that_could_raise_is_refused(old: str, new: str, why: str) -> None:
    assert old in GOOD
    with pytest.raises(ClauseError, match=re.escape(why)):
        compiled(GOOD.replace(old, new))


def test_a_code_stands_once() -> None:
    with pytest.raises(ClauseError, match="twice"):
        compile_book({"book.toml": BOOK, "x.toml": GOOD, "y.toml": GOOD})


def test_every_clause_names_a_source_clause_and_a_post_that_exists() -> None:
    posts = {post.code for post in POSTS}
    for clause in book().clauses.values():
        assert all(re.fullmatch(r"[A-E]-[A-Za-z0-9.]+", s) for s in clause.source), clause.source
        assert clause.owner in {*words.OWNERS, *posts}
        assert set(clause.copy) <= posts
    for policy in book().policies.values():
        assert re.fullmatch(r"[A-E]-[A-Za-z0-9.]+", policy.source)


def test_every_text_of_the_clause_files_is_in_the_catalogue() -> None:
    with override("zh-hans"):
        titles = {t.title for t in (*book().clauses.values(), *book().policies.values())}
        assert titles == {str(t) for t in words.CLAUSE_TEXTS}
        assert set(book().facts.values()) == {str(t) for t in words.FACT_TEXTS}
        assert {v for many in book().values.values() for v in many.values()} == {
            str(t) for t in words.VALUE_TEXTS
        }


def test_a_clause_prints_itself_as_one_sentence() -> None:
    with override("zh-hans"):
        said = {code: sentence(clause) for code, clause in book().clauses.items()}
    assert said["complaint.reply"] == (
        "登记或改类型（投诉）后 3 天 内，由经办人完成：答复投诉人；按自然日计；"
        "改类型或取消事项或住户满意或未确认关闭则作废；用时 80% 提醒本人、100% 报上一级、150% 再报上一级。"
    )
    assert "停表到继续之间不计时" in said["repair.arrive"]
    assert "公共区" in said["repair.inspect"]
    assert "按分类" in said["complaint.solve"]
    assert all(s.endswith("。") and "None" not in s and ":" not in s for s in said.values())


def test_one_file_for_each_chapter() -> None:
    assert Path(__file__).resolve().parents[2] / "clauses" == FOLDER
    assert {p.name for p in FOLDER.glob("*.toml")} >= {"book.toml", "a3-repair.toml", "c4-complaint.toml"}
