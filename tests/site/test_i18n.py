"""The catalogues: complete, current, with every field kept; and pages that speak the language asked for."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real

from shouwen.kernel.text import joined, to_traditional
from shouwen.people.rights import RIGHTS
from shouwen.site import i18n
from tests.cast import Cast
from tests.house.world import World

HOUSE = Path(settings.BASE_DIR) / "shouwen"
CHINESE = re.compile("[\u3400-\u9fff]")
PLACES = re.compile(r"%\([a-z_]+\)[-0-9.]*[a-z]|%[-0-9.]*[sdf]|\{[a-z_]*\}|%%")
BRAND = {"首", "问"}
"""The seal beside the name of the house stays Chinese in every language."""

HTML = {"zh-hans": "zh-CN", "zh-hant": "zh-TW", "en": "en"}


def sentences(language: str) -> Iterator[tuple[Message, str, str]]:
    """(message, source, translation), one for each plural form."""
    for message in i18n.read(language):
        if message.id:
            sources = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
            strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
            for string in strings:
                yield message, str(sources[-1]), str(string)


def test_the_catalogues_are_complete_and_current() -> None:
    assert i18n.check() == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_catalogues_hold_nothing_that_is_gone(language: str) -> None:
    wanted = {(str(m.id), m.context) for m in i18n.fresh(language)}
    assert {(str(m.id), m.context) for m in i18n.read(language)} - wanted == set()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_field_of_a_sentence_is_kept(language: str) -> None:
    for message, source, string in sentences(language):
        assert sorted(PLACES.findall(string)) == sorted(PLACES.findall(source)), message.id


def test_english_is_english() -> None:
    left = [s for _message, source, s in sentences("en") if CHINESE.search(s) and source not in BRAND]
    assert left == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_translation_can_break_out_of_an_attribute(language: str) -> None:
    """Translations stand unescaped in attributes, where a straight quotation mark would end the value."""
    assert [s for _message, source, s in sentences(language) if set('"<>') & set(s) - set(source)] == []


def test_traditional_chinese_has_no_simplified_characters() -> None:
    """A character that the conversion would still change was forgotten; 台, 伙 and their like are right as they are."""
    kept = set("台伙")
    for _message, _source, string in sentences("zh_Hant"):
        simple = {a for a, b in zip(string, to_traditional(string), strict=False) if a != b} - kept
        assert not simple, string
    everything = "".join(string for _message, _source, string in sentences("zh_Hant"))
    assert not set("这们个为对时报户单维应办门间电话号码") & set(everything) - set("報戶號碼")


def test_compiled_catalogues_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "LOCALE", _copy(tmp_path))
    i18n.compile_all()
    for language in i18n.LANGUAGES:
        with i18n.po_file(language).with_suffix(".mo").open("rb") as file:
            read = gettext.GNUTranslations(file)
        assert read.gettext("保存") != "保存", language
    assert read.gettext("保存") == "儲存"


def test_days_are_counted_in_english(fresh_catalogues: None) -> None:
    with translation.override("en"):
        words = [translation.ngettext("%(n)d 天", "%(n)d 天", n) % {"n": n} for n in (1, 2)]
    assert words == ["1 day", "2 days"]


@pytest.fixture
def fresh_catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django reads catalogues compiled now, not what happens to lie in ``locale``."""
    place = _copy(tmp_path)
    monkeypatch.setattr(i18n, "LOCALE", place)
    i18n.compile_all()
    monkeypatch.setattr(settings, "LOCALE_PATHS", [place])
    monkeypatch.setattr(trans_real, "_translations", {})
    monkeypatch.setattr(trans_real, "_default", None)


def _copy(place: Path) -> Path:
    for language in i18n.LANGUAGES:
        target = place / language / "LC_MESSAGES" / "django.po"
        target.parent.mkdir(parents=True)
        target.write_bytes(i18n.po_file(language).read_bytes())
    return place


class Navigation(HTMLParser):
    """The words inside ``<nav>``."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag == "nav"
        if self.depth:
            given = dict(attrs)
            self.words += [str(given[name]) for name in ("aria-label", "title") if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "nav"

    def handle_data(self, data: str) -> None:
        if self.depth and data.strip():
            self.words.append(data.strip())


def navigation(client: Client, address: str, language: str) -> list[str]:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    assert f'<html lang="{HTML[language]}"' in answer.content.decode()
    reader = Navigation()
    reader.feed(answer.content.decode())
    return reader.words


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["case_list", "overview", "settings", "unit_list"])
def test_the_navigation_speaks_the_language_asked_for(cast: Cast, fresh_catalogues: None, page: str) -> None:
    client = World(cast).visitor(cast.community, frozenset(RIGHTS) - {"order.work"})
    english = navigation(client, reverse(page), "en")
    assert {"Due today", "All cases", "Dispatch board", "Settings"} <= set(english)
    assert [word for word in english if CHINESE.search(word)] == []
    traditional = navigation(client, reverse(page), "zh-hant")
    assert {"今日應辦", "全部事項", "派工台", "設定"} <= set(traditional)
    assert "全部事项" in navigation(client, reverse(page), "zh-hans")


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "3 号楼、5 号楼"), ("zh-hant", "3 号楼、5 号楼"), ("en", "3 号楼, 5 号楼")],
)
def test_parts_are_joined_as_the_reader_joins_them(language: str, words: str) -> None:
    with translation.override(language):
        assert joined(["3 号楼", "5 号楼"]) == words


def test_no_page_joins_with_a_chinese_comma_by_itself() -> None:
    """``kernel.text.joined`` asks the language; who speaks Chinese only (the demo, the command line) need not."""
    apart = ("demo", "management", "bench")
    files = [f for f in HOUSE.rglob("*.py") if not set(apart) & set(f.parts)]
    found = [f.name for f in files for mark in "、，；" if f'"{mark}".join(' in f.read_text(encoding="utf-8")]
    assert found == ["settings_hours.py"], "what a form takes back is written in one way only"


@pytest.mark.parametrize(
    ("words", "english"),
    [
        ("登记", {"page": "Intake", "kind of rule": "Register", "": "Log"}),
        ("事项", {"several": "Cases", "tab": "Matters", "in a chronicle": "Event", "": "Case"}),
        ("项目", {"of a form": "Field", "": "Community"}),
        ("岗位", {"one": "Post", "": "Posts"}),
        ("住户", {"one person": "Resident", "": "Residents"}),
        ("受理", {"group of queues": "Intake", "": "Received"}),
    ],
)
def test_one_chinese_word_has_the_english_of_its_place(words: str, english: dict[str, str]) -> None:
    with translation.override("en"):
        found = {
            place: translation.pgettext(place, words) if place else translation.gettext(words)
            for place in english
        }
    assert found == english
