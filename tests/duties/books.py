"""Small books of clauses for tests: the head of the house's own book, and the clauses that a test is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from shouwen.duties import clauses, rulings
from shouwen.duties.book.values import read_value
from shouwen.duties.clauses import Book, compile_book
from shouwen.duties.grammar import Clause

HEAD = """
[matter.case]
opens = "case:registered"
[matter.occasion]
opens = "occasion:noted"
[matter.task]
opens = "task:given"
[matter.duty]
opens = []
[occasion.key]
title = "借出钥匙"
[[set]]
name = "renovating"
title = "装修单元"
opens = { fact = "occasion:noted", where = { kind = "renovation" } }
closes = { fact = "occasion:closed" }
[[set]]
name = "vacant"
title = "空置房"
stock = "vacant_units"
[[set]]
name = "fees"
title = "收费项目"
policy = "billing.items"
[[policy]]
key = "billing.items"
title = "收费项目"
source = "B-FD.27"
kind = "list"
preset = "fee water"
options = { fee = "物业费", water = "水费", car = "车辆费" }
[[policy]]
key = "shift.model"
title = "班次"
source = "E-1.1.1"
kind = "shifts"
preset = "08:00-20:00 20:00-08:00"
[[policy]]
key = "festivals"
title = "节日"
source = "A-5.4.3"
kind = "list"
preset = "spring mid_autumn"
options = { spring = "春节", mid_autumn = "中秋" }
[[policy]]
key = "season.heating"
title = "采暖季"
source = "D-1.4.2"
kind = "season"
preset = "11-15..03-15"
[[policy]]
key = "survey.cycle"
title = "调查周期"
source = "B-BB.21"
kind = "period"
preset = "half-year"
[[policy]]
key = "vacancy.day"
title = "空置房检查日"
source = "A-5.3.3"
kind = "point"
preset = "last day"
[[policy]]
key = "notice.lead"
title = "停供提前告知"
source = "C-4.2.2.D"
preset = "P1D"
[[policy]]
key = "visit.first"
title = "首次走访"
source = "A-5.4.2.1"
preset = "P1M"
[[policy]]
key = "interview.share"
title = "访谈覆盖"
source = "C-4.4.3"
kind = "share"
preset = "80%"
[[policy]]
key = "report.type"
title = "报告"
source = "C-4.3a.2.A"
kind = "choice"
preset = "report"
options = { report = "季报", briefing = "简报" }
[facts]
"case:registered" = "登记"
"case:replied" = "答复"
"case:done" = "办理完成"
"case:satisfied" = "满意"
"case:cancelled" = "取消"
"order:finished" = "完工"
"order:paused" = "停表"
"order:resumed" = "继续"
"follow_up:tried" = "回访"
"occasion:noted" = "登记事由"
"occasion:closed" = "了结事由"
"duty:attested" = "签认"
"task:given" = "交办"
"task:done" = "办完任务"
"task:withdrawn" = "撤回"
"""


@lru_cache(maxsize=256)
def book_of(text: str) -> Book:
    """A book with the head above; the clauses of ``text`` belong to cases."""
    return compile_book({"book.toml": HEAD, "x.toml": f'chapter = "章"\nmatter = "case"\n{text}'})


def clause_of(text: str, **more: Any) -> Clause:
    """The one clause of a few lines: its code, owner and the like are filled in."""
    [clause] = book_of(lines(text, **more)).clauses.values()
    return clause


def lines(text: str, code: str = "some.clause", owner: str = "cs_supervisor", source: str = "A-1.1") -> str:
    """A clause table with all that every clause needs."""
    return f'[[clause]]\ncode = "{code}"\nsource = "{source}"\ntitle = "条款"\nowner = "{owner}"\nversion = 1\n{text}\n'


def presets(**chosen: str) -> Any:
    """What a community answers that chose nothing but these (dots written as two underscores)."""
    seeds = book_of("").policies
    texts = {key: seed.preset for key, seed in seeds.items()} | {
        k.replace("__", "."): v for k, v in chosen.items()
    }
    return lambda key: read_value(seeds[key].kind, texts[key], tuple(seeds[key].options))


@contextmanager
def house_of(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    """The house has these clauses and no others."""
    (folder / "book.toml").write_text(HEAD, encoding="utf-8")
    (folder / "x.toml").write_text(f'chapter = "章"\nmatter = "case"\n{text}', encoding="utf-8")
    monkeypatch.setattr(clauses, "FOLDER", folder)
    clauses.book.cache_clear()
    rulings.forget()
    try:
        yield clauses.book()
    finally:
        monkeypatch.undo()
        clauses.book.cache_clear()
        rulings.forget()
