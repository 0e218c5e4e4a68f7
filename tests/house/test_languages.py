"""Every page of both doors in the reader's language: what is left of Chinese is what people wrote, and no simplified
character stands in a traditional page but theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import translation

from shouwen.cases.models import Category
from shouwen.cases.phrases.models import GAP, Phrase
from shouwen.kernel.text import seeded, to_traditional
from shouwen.people.models import Post, Staff
from shouwen.people.rights import POSTS
from shouwen.site import i18n
from tests.house import test_residents as home
from tests.house.matrix import ROWS, Row
from tests.house.residents import HOME_ROWS, HomeRow, Street, build_street
from tests.house.test_matrix import METHODS, Visit, allows

pytestmark = pytest.mark.django_db
CHINESE = re.compile("[\u3400-\u9fff]")
SILENT = {"script", "style"}
READ = {"aria-label", "aria-description", "title", "placeholder", "alt", "value", "label", "content"}
LANGUAGES = {word for _code, name in settings.LANGUAGES for word in (str(name),)} | {"首", "问"}
"""A language is called by its own name, and the seal of the house stays as it is."""
NAMED = ("category-leak", "post-front_desk")
"""Where a name that the house gave is changed, the field holds the name itself."""
CONVERTED = (
    "category_list", "category", "post_list", "post", "staff_list", "staff", "calendar", "holiday_year", "case", "case_list", "desk",
    "board", "order", "overview", "intake", "audit_finding", "import_run", "phrase", "my_absence_new", "case_move",
)  # fmt: skip
RIGHT = str.maketrans("台伙", "臺夥")
"""Characters that the conversion would change and that are right as they are."""
Says = Callable[[str], bool]


class Spoken(HTMLParser):
    """What a page says: its texts, and the attributes that are read aloud or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        self.said += [v for name, v in attrs if v and (name in READ or name.startswith("data-"))]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.said.append(data.strip())


@pytest.fixture(scope="module")
def street(django_db_setup: None, django_db_blocker: Any) -> Iterator[Street]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_street()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def written(street: Street, django_db_blocker: Any) -> re.Pattern[str]:
    """Whatever people wrote into rows, longest first, with the hands of staff and the masked names of residents.

    The names that the house gave are none of it.
    """
    with django_db_blocker.unblock():
        texts = {text for model in apps.get_models() for text in _texts(model)} - {n for _, n in i18n.seeds()}
        texts |= {
            part for words in Phrase.objects.values_list("words", flat=True) for part in GAP.split(words)
        } - {""}
        texts |= {name[0] for name in Staff.objects.values_list("name", flat=True)} | LANGUAGES
        return re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True))) + r"|\w\*\*|\{\w+\}")


def _texts(model: type[models.Model]) -> Iterator[str]:
    kinds = (models.CharField, models.TextField)
    names = [f.name for f in model._meta.concrete_fields if isinstance(f, kinds)]
    for row in model._default_manager.values_list(*names) if names else ():
        yield from (str(text) for text in row if text and CHINESE.search(str(text)))


def pages(
    street: Street, language: str, rows: Sequence[Row], homes: Sequence[HomeRow]
) -> Iterator[tuple[str, str]]:
    """Pages, and what a form says that was sent empty: (name of the address, what it says)."""
    visit = Visit(street.world)
    for row in rows:
        for method in _asked(row):
            staff = street.world.with_all()
            staff.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            _status, content, response = visit.answer(staff, visit.url(row), method)
            if "html" in response.headers.get("Content-Type", ""):
                yield row.id, content.decode()
    for found in homes:
        for method in _asked(found):
            yield f"portal:{found.id}", _home(street, home.url(street, found), method, found.data, language)


def _asked(row: Row | HomeRow) -> tuple[str, ...]:
    return METHODS if allows(row.post, 422) else METHODS[:1]


def _home(street: Street, address: str, method: str, data: dict[str, Any], language: str) -> str:
    client = street.visitor("owner")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    with transaction.atomic():
        response: Any = getattr(client, method)(address, data if method == "post" else None)
        content = "" if response.streaming else response.content.decode(errors="ignore")
        transaction.set_rollback(True)
    return content if "html" in response.headers.get("Content-Type", "") else ""


def foreign(seen: Iterator[tuple[str, str]], written: re.Pattern[str], wrong: Says) -> dict[str, str]:
    """What is said in another language than the reader's, with a page that says it."""
    found: dict[str, str] = {}
    for name, content in seen:
        reader = Spoken()
        reader.feed(content)
        given = {n for _, n in i18n.seeds()} if name in NAMED else set()
        for text in reader.said:
            if text not in given and wrong(rest := written.sub("", text)):
                found.setdefault(rest, name)
    return found


def test_english_pages_are_english(street: Street, written: re.Pattern[str]) -> None:
    seen = pages(street, "en", ROWS, HOME_ROWS)
    assert foreign(seen, written, lambda text: bool(CHINESE.search(text))) == {}


def test_traditional_pages_are_traditional(street: Street, written: re.Pattern[str]) -> None:
    """English shows every text that has no translation; of the converted ones, the pages with names of the house."""
    rows, homes = (
        [r for r in ROWS if r.name in CONVERTED],
        [r for r in HOME_ROWS if r.name in ("home", "report")],
    )
    seen = pages(street, "zh-hant", rows, homes)
    assert (
        foreign(seen, written, lambda text: to_traditional(text.translate(RIGHT)) != text.translate(RIGHT))
        == {}
    )


def test_a_name_of_the_house_is_said_in_the_readers_language_until_the_office_changes_it() -> None:
    post, own = Post(code="front_desk", name="客服中心前台接待"), Post(code="greeter", name="迎宾")
    with translation.override("en"):
        assert (str(post), str(own)) == ("Front desk", "迎宾")
        assert seeded("保存") == "保存", "the words of a button are no name of the house"
    with translation.override("zh-hant"):
        assert (str(post), str(own)) == ("客服中心前臺接待", "迎宾")
    with translation.override("zh-hans"):
        assert str(post) == post.name


def test_every_name_in_the_rows_of_a_new_house_is_known(db: None) -> None:
    names = {n for _place, n in i18n.seeds()}
    codes = {code for rows in i18n.kinds().values() for code in rows}
    assert set(Post.objects.filter(pk__in=[p.code for p in POSTS]).values_list("name", flat=True)) <= names
    assert set(Category.objects.filter(pk__in=codes).values_list("name", flat=True)) <= names


@pytest.mark.parametrize(
    ("page", "text", "code"), [("post_list", "front d", "front_desk"), ("category_list", "leak", "leak")]
)
def test_a_list_finds_names_as_they_are_shown(
    db: None, street: Street, page: str, text: str, code: str
) -> None:
    for asked, language in ((text, "en"), (kept_name(page, code), "zh-hans")):
        staff = street.world.with_all()
        staff.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        rows = staff.get(reverse(page), {"q": asked}).context["table"].rows
        assert any(row.url.endswith(f"/{code}/") for row in rows), asked
        assert len(rows) < 10


def kept_name(page: str, code: str) -> str:
    return (Post if page == "post_list" else Category).objects.get(pk=code).name
