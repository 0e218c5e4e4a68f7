"""Every fact and every refusal has one sentence, and every sentence has its fact or refusal."""

from __future__ import annotations

import ast
import re
from string import Formatter

import pytest
from django.apps import apps

from shouwen.cases.flow import CASE
from shouwen.kernel import refusals
from shouwen.kernel.journal import Verb, verb, verbs
from shouwen.kernel.refusals import Refused, refusal_codes
from shouwen.site import i18n
from shouwen.works.flow import ORDER
from tests.house.source import files, name, strings, tree

REFUSING = {"Refused", "NotAllowed", "NotFound", "Busy"}


def _refusing() -> set[str]:
    """`Refused` and every class made from it."""
    found, todo = set(REFUSING), [Refused]
    while todo:
        for child in todo.pop().__subclasses__():
            found.add(child.__name__)
            todo.append(child)
    return found


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _first_texts(node: ast.Call) -> list[str]:
    """The constant texts that a call may pass first: one, or the two of a conditional."""
    first = node.args[0] if node.args else None
    told = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return [n.value for n in told if isinstance(n, ast.Constant) and isinstance(n.value, str)]


@pytest.mark.parametrize("declared", verbs(), ids=lambda v: v.name)
def test_a_verb_has_one_sentence_and_declares_what_it_says(declared: Verb) -> None:
    assert re.fullmatch(r"[a-z_]+:[a-z_]+", declared.name)
    assert str(declared.sentence).strip()
    named = {field for _text, field, _spec, _conversion in Formatter().parse(str(declared.sentence)) if field}
    assert named <= {*declared.fields, "actor"}
    assert len(set(declared.fields)) == len(declared.fields)


def test_every_recorded_verb_is_declared_and_every_declared_one_recorded() -> None:
    recorded = {
        text
        for file in files()
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and _called(node) in ("record", "_record")
        for text in _first_texts(node)
        if ":" in text
    }
    moves = {m.fact for flow in (CASE, ORDER) for m in flow.moves}
    for found in recorded | moves:
        assert verb(found)
    used = set().union(*(strings(f) for f in files() if f.name != "words.py"))
    assert {v.name for v in verbs()} - used == set(), "declared, but nothing writes it"


def test_a_move_records_only_what_its_verb_declares() -> None:
    """The keywords of every ``record("verb", …)`` are fields of the verb: before any of them runs."""
    plain = {"at", "was", "now"}
    for file in files():
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and _called(node) == "record" and (texts := _first_texts(node)):
                given = {k.arg for k in node.keywords if k.arg} - plain
                for text in texts:
                    assert given <= set(verb(text).fields), f"{name(file)}:{node.lineno}"


def test_every_refusal_that_is_raised_has_a_sentence() -> None:
    kinds = _refusing()
    for file in files():
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and _called(node) in kinds:
                for code in _first_texts(node):
                    assert code in refusal_codes(), f"{name(file)}:{node.lineno} {code}"


def test_every_sentence_of_a_refusal_is_raised_somewhere() -> None:
    used = set().union(*(strings(f) for f in files() if f.name != "words.py"))
    database = {
        f"{m._meta.db_table}_{f.column}_key"
        for m in apps.get_models()
        for f in m._meta.concrete_fields
        if f.unique
    }
    constraints = {c.name for m in apps.get_models() for c in m._meta.constraints}
    assert refusal_codes() - used - database - constraints == set(), "a sentence that nobody hears"


def test_a_code_is_not_its_own_sentence() -> None:
    for code in refusal_codes():
        assert str(refusals._SENTENCES[code]) not in ("", code)


def test_no_sentence_is_told_twice() -> None:
    told: dict[str, str] = {}
    for code in sorted(refusal_codes()):
        told.setdefault(str(refusals._SENTENCES[code]), code)
    assert len(told) >= len(refusal_codes()) * 0.9, "many codes with one sentence: are they one refusal?"


def test_no_f_string_hides_a_sentence_from_the_catalogues() -> None:
    """Before Python 3.12 an f-string is one word to the extraction: what it calls inside would never be translated."""
    hidden = [
        f"{name(file)}:{call.lineno}"
        for file in files()
        for text in ast.walk(tree(file))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and _called(call) in i18n.KEYWORDS
    ]
    assert hidden == []
