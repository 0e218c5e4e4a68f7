"""The words, tones and drawings of the view models, and the pages drawn with sample contexts."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from shouwen.front import look
from shouwen.front.drawing import cell, clock, clock_why, mark, sentence
from tests.front.gallery_pages import pages

M, H, D = 60, 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0秒"),
        (45, "45秒"),
        (272, "4分32秒"),
        (240, "4分"),
        (22 * M + 59, "22分"),
        (65 * M, "1时05分"),
        (4 * H, "4时"),
        (D, "1天"),
        (D + 6 * H, "1天6时"),
        (9 * D + 6 * H, "9天"),
        (-125 * M, "2时05分"),
    ],
)
def test_a_length_of_time_in_words(seconds: int, words: str) -> None:
    assert look.duration(seconds) == words


@pytest.mark.parametrize(
    ("left", "total", "tone"),
    [
        (-1, H, "over"),
        (2 * H - 1, 8 * H, "soon"),
        (2 * H, 8 * H, "running"),
        (24 * M - 1, 2 * H, "soon"),
        (24 * M, 2 * H, "running"),
        (5 * M, 30 * M, "soon"),
        (18 * M, 30 * M, "running"),
    ],
)
def test_a_clock_turns_amber_under_two_hours_or_in_the_last_fifth(left: int, total: int, tone: str) -> None:
    assert look.clock_tone(left, total) == tone


def test_a_running_clock_says_what_is_left_and_a_late_one_by_how_much() -> None:
    assert look.running_clock(65 * M, 3 * H).words == "剩 1时05分"
    assert look.running_clock(18 * M, 30 * M, suffix="接单").words == "剩 18分接单"
    late = look.running_clock(-18 * M, H)
    assert (late.words, late.used, late.tone) == ("超 18分", 100, "over")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812346021", "138****6021"),
        ("021-5555 6021", "021****6021"),
        ("8001", "****8001"),
        ("", ""),
        ("无", ""),
    ],
)
def test_a_telephone_is_masked(number: str, shown: str) -> None:
    assert look.masked_phone(number) == shown


def test_counts_stop_at_999() -> None:
    assert [look.capped(n) for n in (0, 999, 1000)] == ["0", "999", "999+"]


def test_nobody_is_a_dashed_circle_with_words_for_screen_readers() -> None:
    assert look.hand("  ").shape == "nobody"
    assert 'aria-label="还没有人经手"' in mark(look.hand(""))
    assert 'aria-label="首问 鲍晓"' in mark(look.seal("鲍晓"))


def test_what_people_typed_is_never_markup() -> None:
    nasty = '<img src=x onerror="alert(1)">'
    drawn = "".join(
        [
            mark(look.seal(nasty)),
            clock(look.held_clock(nasty)),
            clock_why(
                look.running_clock(1, 2, title=nasty, why=((nasty, nasty),), source=nasty, ladder=nasty)
            ),
            sentence([look.Part(nasty, strong=True), look.Part(nasty, url="/x"), look.Part(nasty)]),
            cell(look.Cell(nasty, sub=nasty, tag=nasty), "/x"),
        ]
    )
    assert "<img" not in drawn
    assert 'onerror="' not in drawn


def test_a_comma_follows_a_name_without_a_space() -> None:
    assert (
        sentence([look.Part("文建国", strong=True), look.Part("，约 09:20 到场")])
        == "<b>文建国</b>，约 09:20 到场"
    )


def test_a_spark_of_equal_or_no_values_is_drawn() -> None:
    assert look.Spark((5.0, 5.0)).line == "2.0,36.0 96.0,36.0"
    assert look.Spark(()).area == ""


def test_hours_scale_to_the_next_four() -> None:
    hours = look.Hours((1, 13), (0, 10), now=1.5)
    assert hours.top == 16
    assert hours.table == (("00:00", 1, 0), ("01:00", 13, 10))


class Audit(HTMLParser):
    """Collects what the security policy forbids, and ids that stand twice."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.wrong += [
            f"{tag} {name}" for name in given if name == "style" or name.startswith(("on", "hx-on"))
        ]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.wrong.append(tag)
        if any("javascript:" in (value or "") or (value or "").startswith("js:") for value in given.values()):
            self.wrong.append(f"{tag} javascript")
        if given.get("id"):
            self.ids.append(str(given["id"]))


def test_every_page_keeps_the_security_policy_and_has_no_id_twice() -> None:
    for name, template, context in pages():
        audit = Audit()
        audit.feed(render_to_string(template, context, RequestFactory().get(f"/{name}")))
        assert audit.wrong == [], name
        assert len(audit.ids) == len(set(audit.ids)), (name, [i for i in audit.ids if audit.ids.count(i) > 1])


def test_no_template_has_words_outside_translation() -> None:
    """Chinese in a template stands in a translate tag or in a comment; nothing else reaches a screen."""
    folder = Path(look.__file__).parent.parent / "templates" / "front"
    bare = {}
    for path in folder.rglob("*.html"):
        text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", path.read_text(encoding="utf8"), flags=re.DOTALL)
        text = re.sub(r"{%\s*(el)?if .*?%}", "", text)  # a condition asks for a value and reaches no screen
        text = re.sub(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", "", text, flags=re.DOTALL)
        text = re.sub(r"{%\s*translate.*?%}|_\(\"[^\"]*\"\)", "", text, flags=re.DOTALL)
        if found := re.findall(r"[\u4e00-\u9fff]+", text):
            bare[path.name] = found
    assert bare == {}
