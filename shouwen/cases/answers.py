"""常见问答: what a community is often asked. Written by the desk, shown to residents before they send a matter."""

from __future__ import annotations

from collections.abc import Iterable

from shouwen.cases.category_actions import heard
from shouwen.cases.models import Category, KnownAnswer
from shouwen.estate.saving import allow, fetch, put, save
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import clean, clean_line, fold

ANSWER = "case.answer"
SHOWN = 3


def add_answer(
    community_id: int, *, actor: Actor, question: str, answer: str, words: str, category: str = ""
) -> KnownAnswer:
    """A question that this community is often asked, with what the desk answers."""
    with frame(actor):
        allow(actor, ANSWER, community_id)
        row = KnownAnswer(community_id=community_id)
        _fill(row, question=question, answer=answer, words=words, category=category)
        save(row)
        record("answer:added", row)
    return row


def edit_answer(
    key: int, *, actor: Actor, question: str, answer: str, words: str, category: str = "", active: bool = True
) -> KnownAnswer:
    """Another wording, or out of use: residents see the change at once."""
    with frame(actor):
        row: KnownAnswer = fetch(KnownAnswer.objects, key, actor=actor, right=ANSWER)
        fields = _fill(row, question=question, answer=answer, words=words, category=category, active=active)
        if fields:
            save(row)
            record("answer:changed", row, fields=fields)
    return row


def _fill(
    row: KnownAnswer, *, question: str, answer: str, words: str, category: str, active: bool = True
) -> str:
    if category and not Category.objects.filter(pk=category).exists():
        raise NotFound("not_found")
    values = {
        "question": clean_line(question), "answer": clean(answer), "words": heard(words),
        "category_id": category or None, "active": active,
    }  # fmt: skip
    return put(row, values)


def likely(text: str, category: str, answers: Iterable[KnownAnswer]) -> list[KnownAnswer]:
    """The answers that the text asks for: by the words heard in it, then by its category; the best first."""
    said = fold(text)
    scored = []
    for one in answers:
        heard_words = sum(len(w) for w in one.words.split() if fold(w) in said)
        if heard_words or (category and one.category_id == category and not one.words):
            scored.append((-heard_words, one.pk, one))
    return [one for _score, _key, one in sorted(scored, key=lambda s: s[:2])[:SHOWN]]
