"""Translations: Simplified Chinese is the source; English is written by people, Traditional Chinese is converted.

``shouwen i18n extract`` brings the catalogues up to date, ``compile`` makes what Django reads, ``check`` fails when a
sentence of the house has no translation.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from shouwen.cases import importing
from shouwen.cases.phrases.models import GAPS
from shouwen.duties.book.rules import spoken_rules
from shouwen.duties.clauses import spoken
from shouwen.estate.imports.sources import sources
from shouwen.estate.public import feasts
from shouwen.kernel.text import SEEDED, to_traditional, with_terms
from shouwen.people.rights import POSTS

HOUSE = Path(__file__).resolve().parent.parent
LOCALE = HOUSE.parent / "locale"
LANGUAGES = {"en": "en", "zh_Hant": "zh_TW"}
KEYWORDS = {
    "_": None, "_now": None, "gettext": None, "gettext_lazy": None, "lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
FIXED = datetime(2026, 1, 1, tzinfo=UTC)
FIELD = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}")


def messages() -> Iterator[tuple[str, int, object, str | None]]:
    """Every sentence of the house: (file, line, message, context)."""
    for path in sorted(HOUSE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _from_python(path, path.read_text(encoding="utf-8"))
    for path in sorted(HOUSE.rglob("templates/**/*.html")):
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        yield from _from_python(path, source)
    for place, name in seeds():
        yield place, 0, name, SEEDED
    for name, words in (*spoken(), *spoken_rules()):
        yield f"clauses/{name}", 0, words, None


def kinds() -> dict[str, dict[str, list[str]]]:
    """The categories that a house starts with, by kind and code: the name comes first."""
    return tomllib.loads((HOUSE / "cases" / "categories.toml").read_text(encoding="utf-8"))


def seeds() -> Iterator[tuple[str, str]]:
    """Every name that the house puts into rows or files of its own, which `text.seeded` shows: (where it is declared, name)."""
    yield from (("shouwen/people/rights.py", post.name) for post in POSTS)
    for rows in kinds().values():
        yield from (("shouwen/cases/categories.toml", name) for name, *_rest in rows.values())
    yield from (("shouwen/estate/public.py", name) for name in feasts().values())
    yield from (("shouwen/cases/phrases/models.py", gap) for gap in GAPS)
    for headers in (importing.HEADS, *(source.headers() for source in sources())):
        yield from (("shouwen/estate/imports", header) for _field, header in headers)


def _from_python(path: Path, source: str) -> Iterator[tuple[str, int, object, str | None]]:
    found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS)
    name = str(path.relative_to(HOUSE.parent))
    for line, message, _comments, context in found:
        yield name, line, message, context


def template() -> Catalog:
    """All messages without translations. Places are left out: they would change with every line."""
    catalog = Catalog(project="Shouwen", charset="utf-8", fuzzy=False)
    for _file, _line, message, context in messages():
        catalog.add(message, context=context)  # type: ignore[arg-type]
    return catalog


def po_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands; an empty one where there is none."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=LANGUAGES[language])
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGES[language])


def fresh(language: str) -> Catalog:
    """The catalogue brought up to date with the house; Traditional Chinese is converted where nobody wrote it."""
    catalog = read(language)
    catalog.update(template(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    _head(catalog)
    if language == "zh_Hant":
        for message in catalog:
            if message.id:
                said = message.string if message.string and any(message.string) else None
                message.string = (
                    _traditional(message.id, catalog.num_plurals) if said is None else _mended(said)
                )
    return catalog


def _head(catalog: Catalog) -> None:
    """The same head at every extraction: a date in it would make two people's changes collide."""
    catalog.header_comment = (
        "# 首问 Shouwen: translations. Made by `shouwen i18n extract`; edit the msgstr only."
    )
    catalog.project, catalog.version, catalog.fuzzy = "Shouwen", "1", False
    catalog.creation_date = catalog.revision_date = FIXED
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = "Shouwen"


def _traditional(text: object, plurals: int) -> str | tuple[str, ...]:
    if isinstance(text, (list, tuple)):
        return tuple(to_traditional(str(text[-1])) for _ in range(plurals))
    return to_traditional(str(text))


def _mended(said: object) -> Any:
    """What was converted before a word of the trade had its line in the table."""
    return tuple(map(with_terms, said)) if isinstance(said, (list, tuple)) else with_terms(str(said))


def extract_all() -> dict[str, int]:
    """Write the catalogues; returns how many sentences each still lacks."""
    missing = {}
    for language in LANGUAGES:
        catalog = fresh(language)
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, sort_output=True, omit_header=False, width=110, no_location=True)
        missing[language] = len(untranslated(catalog))
    return missing


def compile_all() -> None:
    """Make the ``.mo`` files that Django reads."""
    for language in LANGUAGES:
        path = po_file(language)
        if path.exists():
            with path.with_suffix(".mo").open("wb") as file:
                write_mo(file, read(language))


def untranslated(catalog: Catalog) -> list[str]:
    """The messages without a translation, or whose translation lost a field."""
    return [str(m.id) for m in catalog if m.id and not _complete(m.id, m.string)]


def _complete(source: object, translated: object) -> bool:
    sources = source if isinstance(source, (list, tuple)) else (source,)
    strings = translated if isinstance(translated, (list, tuple)) else (translated,)
    if not all(strings):
        return False
    wanted = set(FIELD.findall(str(sources[-1])))
    return all(set(FIELD.findall(str(s))) == wanted for s in strings)


def check() -> list[str]:
    """What is wrong: stale catalogues and sentences without a translation; empty when all is well."""
    faults = []
    wanted = {(m.id if isinstance(m.id, str) else tuple(m.id), m.context) for m in template() if m.id}
    for language in LANGUAGES:
        catalog = read(language)
        have = {(m.id if isinstance(m.id, str) else tuple(m.id), m.context) for m in catalog if m.id}
        faults += [f"{language}: not in the catalogue: {m[0]}" for m in sorted(wanted - have, key=str)]
        faults += [f"{language}: not translated: {m}" for m in untranslated(catalog)]
    return faults
