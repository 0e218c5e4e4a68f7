"""A clause as a manual says it: a newcomer reads who does what until when, what proves it, and who hears otherwise."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from shouwen.duties import rulings, words
from shouwen.duties.clauses import book
from shouwen.duties.sentences import sentence
from shouwen.kernel import clock
from tests.cast import Cast


def test_a_clause_reads_as_a_manual_says_it() -> None:
    """Who does what until when, how time counts, what proves it, what makes it void, who hears otherwise."""
    with override("zh-hans"):
        assert sentence(book().clauses["complaint.reply"]) == (
            "“事项登记”或“改了类型”（投诉）后，经办人在 3 天内完成“投诉答复”。按自然日算，休息日也算。"
            "系统里有“已答复投诉人”的记录，就算办到。又有“改了类型”的记录，就按新的算。"
            "有“事项已取消”、“已并入另一件”、“住户满意”或“未经确认关闭”的记录后不用再办。"
            "用到时限的 80%，提醒本人；到期没办，报上一级；用到时限的 150%，再报上一级。"
        )
        assert sentence(book().clauses["team.plan"]) == (
            "每年，客服部主管在 1 月 31 日前完成“团队建设计划”。遇休息日顺延到下一个工作日。"
            "办完后写明经过、附上《团队建设计划》的照片或文件并签认，才算办到。到期没办，报上一级。"
        )
        assert "记够才算办到" in sentence(book().clauses["interview.month"])
    with override("en"):
        assert sentence(book().clauses["key.back"]).startswith(
            "After “Key lent” is noted, the Front-desk assistant completes “Getting lent keys back” on the same day. "
            "The record “returned” proves it."
        )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("code", list(book().clauses))
def test_every_clause_says_who_does_what_and_what_proves_it(code: str, language: str) -> None:
    clause = book().clauses[code]
    with override(language):
        words_of = sentence(clause)
        assert words.owner_words(clause.owner) in words_of
        assert words.said(clause.title) in words_of
        proof = "办到" if language == "zh-hans" else "prove|proof|counts as done|it is done"
    assert any(one in words_of for one in proof.split("|"))
    assert words_of[-1] in "。."
    assert not {one for one in ("None", "@", "fact.", "  ", "( ", "%(") if one in words_of}, words_of
    assert language != "en" or not re.search("[\u3000-\u9fff\uff00-\uffef]", words_of), words_of


@pytest.mark.django_db
def test_a_clause_that_a_community_silenced_says_so(cast: Cast) -> None:
    rulings.forget()
    clause = book().clauses["report.quarter.draft"]
    ask = rulings.asking(cast.community.pk, clock.now(), supposing={"report.type": "none"})
    with override("zh-hans"):
        assert "本项目不执行：要“定期报告”选了" in sentence(clause, ask)
        assert "执行：" not in sentence(clause, rulings.asking(cast.community.pk, clock.now()))
        off = rulings.asking(cast.community.pk, clock.now(), supposing={"visit.new_household": "off"})
        assert "本项目不执行：“新业户首次走访”选了不执行" in sentence(book().clauses["visit.first"], off)
    rulings.forget()
