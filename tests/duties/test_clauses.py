"""The clauses of the house load, say what they mean; one that could raise is refused with file, line and sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from shouwen.duties import words
from shouwen.duties.clauses import FOLDER, ClauseError, book, compile_book, spoken, texts_of
from shouwen.people.rights import POSTS

BOOK = """
[matter.case]
opens = "case:registered"
[matter.task]
opens = "task:given"
[[set]]
name = "lent"
title = "借出的钥匙"
opens = { fact = "occasion:noted", where = { kind = "key" } }
closes = { fact = "occasion:closed", where = { kind = "key" } }
[[policy]]
key = "shift.model"
title = "班次"
source = "E-1.1.1"
kind = "shifts"
preset = "08:00-20:00 20:00-08:00"
[[policy]]
key = "profile"
title = "业务"
source = "A-1.1"
kind = "list"
preset = "estate"
options = { estate = "住宅", sales = "售楼" }
[facts]
"case:registered" = "登记"
"case:replied" = "答复投诉人"
"case:done" = "办完"
"order:paused" = "停表"
"order:resumed" = "继续"
"task:given" = "交办"
"task:done" = "办完任务"
"occasion:noted" = "登记事由"
"""
AFTER = """
chapter = "投诉"
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
EVERY = """
chapter = "巡查"
[[clause]]
code = "patrol.corridor"
source = ["B-BB.10"]
title = "楼道巡查"
owner = "building_butler"
version = 1
every = "week"
due = "tue wed"
"""
CHAIN = """
chapter = "报告"
[[clause]]
code = "report.quarter"
source = "C-4.3a.1.A"
title = "管理服务报告"
owner = "cs_supervisor"
version = 1
every = "quarter"
due = "month 1 day 15"
[[clause.step]]
name = "draft"
title = "编制"
owner = "cs_supervisor"
[[clause.step]]
name = "approve"
title = "审批"
owner = "branch_leader"
[[clause.step]]
name = "finance"
title = "财务审批"
owner = "finance"
after_step = "draft"
[[clause.step]]
name = "post"
title = "挂网"
owner = "back_office"
due = "day 18"
after_step = ["approve", "finance"]
"""


def compiled(clause: str, head: str = BOOK):
    return compile_book({"book.toml": head, "x.toml": clause})


def test_a_good_clause_loads() -> None:
    clause = compiled(AFTER).clauses["complaint.reply"]
    assert [(str(r), r.level) for r in clause.rungs] == [("80%", 1), ("100%", 2), ("150%", 3)]
    assert [r.level for r in compiled(EVERY).clauses["patrol.corridor"].rungs] == [2]


def test_a_chain_is_one_clause_for_each_step() -> None:
    made = compiled(CHAIN).clauses
    assert list(made) == [f"report.quarter.{name}" for name in ("draft", "approve", "finance", "post")]
    assert [c.step.after for c in made.values() if c.step] == [
        (),
        ("draft",),
        ("draft",),
        ("approve", "finance"),
    ]
    assert [c.periodic for c in made.values()] == [True, False, False, False]


AFTER_FAULTS = [
    ('until = "case:replied"', 'until = "case:repliied"', "没有哪个模块会写"),
    ('after = "case:registered"', "after = 7", "没有哪个模块会写"),
    ('where = { kind = "complaint" }', 'where = { colour = "red" }', "没有“colour”这个字段"),
    ('where = { kind = "complaint" }', "where = { kind = 1.5 }", "where 只能比较"),
    ('where = { kind = "complaint" }', 'where = "complaint"', "where 要写成"),
    ('preset = "P3D"', "", "“preset”要写一段文字"),
    ('preset = "P3D"', 'preset = "3 days"', "时长"),
    ('preset = "P3D"', 'preset = "-P3D"', "在过去"),
    ('preset = "P3D"', 'preset = "P3D"\nkind = "colour"', "没有“colour”这种取值"),
    ('preset = "P3D"', 'preset = "P3D"\npresets = { F = "P1D" }', "A 到 E"),
    ('preset = "P3D"', 'preset = "P3D"\npresets = { A = "soon" }', "时长"),
    ('preset = "P3D"', 'preset = "P3D"\noptions = { a = "b" }', "choice 和 list"),
    ('preset = "P3D"', 'preset = "20%"\nkind = "share"', "不是 span"),
    ('within = "@complaint.reply"', 'within = "@nobody.knows"', "没有“nobody.knows”这个取值"),
    ('within = "@complaint.reply"', 'within = "@complaint.reply.{colour}"', "没有“colour”这个字段"),
    ('within = "@complaint.reply"', 'within = "soon"', "时长"),
    ('within = "@complaint.reply"', "", "within、due、remind 要写一个"),
    ('within = "@complaint.reply"', 'within = "P1D"\nremind = "P1D"', "只写一个"),
    ('within = "@complaint.reply"', 'due = "fact.colour"', "没有“colour”这个字段"),
    ('within = "@complaint.reply"', 'due = "month +1 day 3"', "先写 from"),
    ('within = "@complaint.reply"', 'due = "tue"', "只能和 every 一起写"),
    ('within = "@complaint.reply"', 'due = "someday"', "不是时点"),
    ('clock = "calendar"', 'clock = "lunar"', "不能是“lunar”"),
    ('clock = "calendar"', 'every = "day"', "只写一个"),
    ('clock = "calendar"', 'share = "20%"', "只能和 every 一起写"),
    ('clock = "calendar"', 'colour = "red"', "没有“colour”这个写法"),
    ('clock = "calendar"', 'pause = [["order:paused"]]', "成对"),
    ('clock = "calendar"', 'ladder = ["150%", "100%"]', "一级比一级晚"),
    ('clock = "calendar"', 'ladder = ["later"]', "不是一级提醒"),
    ('clock = "calendar"', 'warn = "120%"', "一级比一级晚"),
    ('clock = "calendar"', 'only = { households = "..9" }', "只能和 every 一起用"),
    ('clock = "calendar"', 'only = { "complaint.reply" = "P3D" }', "也不是可选的取值"),
    ('clock = "calendar"', 'only = { profile = "circus" }', "没有“circus”这个选项"),
    ('clock = "calendar"', 'hold = "P1D"\ngrace = "-P1D"', "在过去"),
    ('clock = "calendar"', 'void = "case:cancelled"', "没有“case:cancelled”的说法"),
    ('clock = "calendar"', 'from = "start"', "from 要写 fact.字段"),
    ('owner = "handler"', 'owner = "7"', "既不是岗位代码"),
    ('owner = "handler"', 'owner = "owner"\nwithout = 1', "没有“without”这个写法"),
    (
        'source = "E-1.5.2"\ntitle = "投诉答复"\nowner',
        'title = "投诉答复"\nsource = "F-1"\nowner',
        "不是出处",
    ),
    ("version = 1", 'version = "1"', "版本"),
    ("version = 1", "version = 99999", "版本"),
    ('matter = "case"', 'matter = "dream"', "没有“dream”"),
    ('code = "complaint.reply"', 'code = "Complaint Reply!"', "不是代码"),
    ('chapter = "投诉"', "", "“chapter”要写一段文字"),
    ("[[clause]]", "[[clauses]]", "没有“clauses”这个写法"),
    ("[[clause]]", "[[clause]", "Expected"),
]
EVERY_FAULTS = [
    ('every = "week"', 'every = "fortnight"', "不是周期"),
    ('every = "week"\ndue = "tue wed"', 'every = "@nobody.knows"', "没有“nobody.knows”这个取值"),
    ('every = "week"\ndue = "tue wed"', 'every = "@profile"', "不是 period"),
    ('every = "week"', 'every = "season skiing"', "星期几只能"),
    ('every = "week"', 'every = "day"', "星期几只能"),
    ('due = "tue wed"', 'due = "day 15"', "没有几号"),
    ('due = "tue wed"', 'due = "fact.on"', "只能和 after 一起写"),
    ('due = "tue wed"', 'due = "tue"\nwithin = "P1D"', "只能写一个"),
    ('due = "tue wed"', 'windows = ["am", "tea"]', "am、pm"),
    ('due = "tue wed"', 'windows = ["am"]', "只属于一天"),
    ('due = "tue wed"', 'window = ["end -PT1H"]', "开始和结束"),
    ('due = "tue wed"', 'window = ["day 3", "end"]', "不是一段时间的端点"),
    ('due = "tue wed"', 'per = "moon"', "没有“moon”这个集合"),
    ('due = "tue wed"', "count = 0", "要写数量"),
    ('due = "tue wed"', 'share = "20%"', "over 或 of"),
    ('due = "tue wed"', 'share = "20%"\nover = "stars"', "没有“stars”这个基数"),
    ('due = "tue wed"', 'over = "households"', "没有 count、share 或 sum"),
    ('due = "tue wed"', 'draw = { share = "20%" }', "share 和 of"),
    ('due = "tue wed"', 'draw = { share = "20%", of = "case:done" }\ncarry = true', "抽查不能再写"),
    ('due = "tue wed"', "count = 2\ncarry = true", "结转不能再写"),
    ('due = "tue wed"', "surprise = 1", "true 或 false"),
    ('due = "tue wed"', 'remind = "P1D"', "只能和 after 一起写"),
    ('due = "tue wed"', 'only = { households = "many" }', "不是范围"),
    ('due = "tue wed"', 'only = { households = "..P1Y" }', "范围写法不对"),
    ('due = "tue wed"', 'roll = "sideways"', "不能是“sideways”"),
    ('owner = "building_butler"', 'owner = "handler"', "由岗位负责"),
]
CHAIN_FAULTS = [
    ('name = "post"', 'name = "approve"', "写了两次"),
    ('after_step = "draft"', 'after_step = "sleep"', "前面没有“sleep”这一步"),
    ('due = "day 18"', 'due = "tue"', "步骤的时点"),
    ('due = "month 1 day 15"', "count = 3", "有步骤的条款不能再写数量"),
    ('title = "挂网"', 'title = ""', "“title”要写一段文字"),
]


@pytest.mark.parametrize(
    ("good", "old", "new", "why"),
    [
        *((AFTER, *fault) for fault in AFTER_FAULTS),
        *((EVERY, *fault) for fault in EVERY_FAULTS),
        *((CHAIN, *fault) for fault in CHAIN_FAULTS),
    ],
)
def test_a_clause_that_could_raise_is_refused_with_file_and_line(
    good: str, old: str, new: str, why: str
) -> None:
    assert old in good
    text = good.replace(old, new)
    with override("zh-hans"), pytest.raises(ClauseError, match=re.escape(why)) as refused:
        compiled(text)
    lines = text.splitlines()
    wrong = _place_of_fault(new, old, why)
    line = 1 if wrong == "first" else len(lines) - lines[::-1].index(wrong)  # the last of equal ones
    assert (refused.value.file, refused.value.line) == ("x.toml", line)
    assert str(refused.value).startswith(f"x.toml:{line}: ")


def _place_of_fault(new: str, old: str, why: str) -> str:
    """The line that is wrong: the last of what was written in, unless the fault shows elsewhere."""
    elsewhere = {
        "“preset”要写一段文字": "[[policy]]",
        "“chapter”要写一段文字": "first",
        "within、due、remind 要写一个": "[[clause]]",
        "不是 span": 'within = "@complaint.reply"',
        "没有“dream”": 'after = "case:registered"',
        "星期几只能": 'due = "tue wed"',
        "只能写一个": 'due = "tue"',
        "不是出处": 'source = "F-1"',
        "只写一个": 'after = "case:registered"' if "every" in new else "",
        "抽查不能再写": new.splitlines()[0] if new else "",
        "有步骤的条款不能再写数量": "[[clause]]",
        "要么写 opens 和 closes": 'name = "lent"',
    }
    if "remind" in new and "within" in new:
        return new.splitlines()[0]
    return elsewhere.get(why, (new or old).splitlines()[-1])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('closes = { fact = "occasion:closed", where = { kind = "key" } }', "", "要么写 opens 和 closes"),
        ('opens = "task:given"', 'opens = "task:dreamt"', "没有哪个模块会写"),
        ('name = "lent"', 'name = "lent"\nstock = "castles"', "要么写 opens 和 closes"),
        ('preset = "08:00-20:00 20:00-08:00"', 'preset = "day and night"', "不是班次"),
        ('preset = "estate"', 'preset = "circus"', "不在可选项里"),
    ],
)
def test_a_fault_in_the_book_itself_is_refused(old: str, new: str, why: str) -> None:
    with pytest.raises(ClauseError, match=re.escape(why)) as refused:
        compiled(AFTER, BOOK.replace(old, new))
    assert refused.value.file == "book.toml"


def test_a_code_stands_once() -> None:
    with pytest.raises(ClauseError, match="两次"):
        compile_book({"book.toml": BOOK, "x.toml": EVERY, "y.toml": EVERY})


def test_every_clause_names_a_source_clause_and_a_post_that_exists() -> None:
    posts = {post.code for post in POSTS}
    for clause in book().clauses.values():
        assert clause.owner in {*words.OWNERS, *posts}, clause.code
        named = {*clause.copy, *(post for rung in clause.rungs for post in rung.to)}
        assert named <= posts, clause.code


def test_every_text_of_the_clause_files_is_for_the_catalogue() -> None:
    texts = {text for _file, text in spoken()}
    assert {clause.title for clause in book().clauses.values()} <= texts
    assert {seed.title for seed in book().policies.values()} <= texts
    assert set(book().facts.values()) <= texts
    assert {option for seed in book().policies.values() for option in seed.options.values()} <= texts


def test_one_file_for_each_chapter() -> None:
    assert Path(__file__).resolve().parents[2] / "clauses" == FOLDER
    assert {"book.toml", "a3-repair.toml", "c4-complaint.toml"} <= set(texts_of(FOLDER))
    assert all(book().chapters.values())
